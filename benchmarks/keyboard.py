"""How many strokes a question takes at a stand: ``python benchmarks/keyboard.py CORPUS QUESTIONS.jsonl …``.

Serves a corpus with the stub encoder and types, in Chromium, every question of the files that is 6 to 10 Chinese
characters and nothing else but punctuation, as ``tests/typists.py`` says. Each set gets a line: how many questions,
their mean length, the median of strokes, and which share takes at most 16.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browsers import BOX, chromium  # noqa: E402
from parkqa.text.characters import HAN  # noqa: E402
from parkqa.text.segmentation import Segmenter  # noqa: E402
from programs import stub  # noqa: E402
from typists import strokes  # noqa: E402

SCREEN = {"width": 1920, "height": 1080}
GOAL = 16
_PLAIN = re.compile(rf"([{HAN}]{{6,10}})[？?。！]?")


def questions(file: Path) -> list[str]:
    """The questions of a set that are typed, each once, without punctuation."""
    asked = (json.loads(line)["question"].strip() for line in file.read_text(encoding="utf-8").splitlines() if line)
    return list(dict.fromkeys(found[1] for each in asked if (found := _PLAIN.fullmatch(each))))


def main() -> None:
    """Print a line for each set."""
    corpus, *files = map(Path, sys.argv[1:])
    cut = Segmenter(["园区"]).cut
    with (
        tempfile.TemporaryDirectory() as folder,
        stub(Path(folder), corpus=corpus.absolute()) as base,
        chromium() as browser,
    ):
        page = browser.new_page(viewport=SCREEN, has_touch=True)
        page.goto(f"{base}/chat/?mode=event")
        page.wait_for_function("'parkqaPinyin' in window && parkqaPage.arrived")
        page.locator(BOX).tap()
        page.wait_for_function("parkqaPinyin.follow('').length > 3")
        for file in files:
            taken = strokes(page, questions(file), cut)
            length = statistics.mean(map(len, taken))
            within = sum(each <= GOAL for each in taken.values()) / len(taken)
            median = statistics.median(taken.values())
            told = f"{len(taken)} questions, {length:.1f} characters, median {median}, <= {GOAL}: {within:.0%}"
            print(f"{file}: {told}")


if __name__ == "__main__":
    main()
