"""Builds many short documents, changes one, and measures the build that a watching server would do.

python benchmarks/rebuild.py --documents 1000
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from pathlib import Path

from parkqa.engine import Engine
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.settings import load_settings
from parkqa.web.serving.background_build import rebuild

WORDS = "船舶 钢构 物流 新能源 智能制造 码头 仓储 环保 研发 港机".split()


def write(folder: Path, number: int, dice: random.Random) -> None:
    """A document of two passages that no other document has."""
    facts = (
        f"企业{number}从事{dice.choice(WORDS)}和{dice.choice(WORDS)}，{dice.randrange(1990, 2026)}年入园。",
        f"它的编号是{dice.randrange(10**6)}，占地{dice.randrange(10, 900)}亩。",
    )
    (folder / f"企业{number}.md").write_text(f"# 企业{number}\n\n" + "\n\n".join(facts) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    dice = random.Random(20031123)
    with tempfile.TemporaryDirectory(prefix="parkqa-rebuild-") as name:
        settings = load_settings(corpus=Path(name, "corpus"), index=Path(name, "index"))
        settings.corpus.mkdir()
        for number in range(given.documents):
            write(settings.corpus, number, dice)
        encoder, reranker = load_encoder(settings), load_reranker(settings)
        first = Engine.build(settings, encoder=encoder)
        print(f"first build: {first.documents} documents, {first.embedded} texts embedded, {first.seconds:.1f} s")
        for _ in range(given.times):
            write(settings.corpus, dice.randrange(given.documents), dice)
            began = time.perf_counter()
            report = rebuild(settings, encoder, threading.Event())
            built = time.perf_counter()
            Engine.open(settings, encoder, reranker)
            opened = time.perf_counter()
            print(
                f"one changed: {report.embedded} embedded, built in {built - began:.1f} s (another process, its start "
                f"included), opened in {opened - built:.1f} s"
            )


if __name__ == "__main__":
    main()
