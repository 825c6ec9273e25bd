"""Measure the recognition of scans, and print the table of ``docs/scans.md``.

    pip install -c constraints.txt -e ".[documents,ocr,dev]"
    python benchmarks/ocr.py

The scans are made here (``tests/scans.py``): a notice and a set of rules, at 100, 200 and 300 dpi, straight and 2.5
degrees askew; the worse ones have more noise. ``found`` is the share of the characters that come out in order,
``digits`` that of the digits; ``added`` how many characters in a hundred are too many or wrong.
"""

from __future__ import annotations

import difflib
import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import scans
from parkqa.corpus.documents import read_with_notes
from parkqa.corpus.limits import Limits
from parkqa.corpus.recognition import Recogniser, version

SCANS = (
    (100, 2.5, 12),
    (200, 0, 12),
    (200, 2.5, 12),
    (300, 2.5, 12),
    (60, 2.5, 60),
    (50, 2.5, 60),
    (45, 2.5, 60),
    (40, 2.5, 60),
)
"""Dots an inch, degrees askew, and noise (of 255)."""
PAGES = {"通知": scans.NOTICE, "办法": scans.RULES}


def main() -> None:
    print(f"{version()}\n")
    print("| page | dpi | skew | noise | found | digits | added | confidence | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in PAGES.items():
            for how in SCANS:
                _row(Path(folder), name, lines, how)


def _row(folder: Path, name: str, lines: tuple[tuple[str, str], ...], how: tuple[int, float, int]) -> None:
    dpi, skew, noise = how
    image = scans.Sheet(dpi).write(lines).scanned(skew, noise)
    path = folder / f"{name}-{dpi}-{skew}-{noise}.jpg"
    path.write_bytes(scans.as_file([image], "JPEG", dpi))
    began = _children()
    with Recogniser(folder / "cache", Limits()) as recogniser:
        document, _ = read_with_notes(path, folder, recogniser.of(name))
    text, confidence = "".join(document.text.split()), document.leaves[0].confidence
    spent = _children() - began
    truth = scans.words(lines)
    found, digits, added = _score(truth, text)
    shares = f"{found:.4f} | {digits:.3f} | {added:.1f}"
    print(f"| {name} | {dpi} | {skew}° | {noise} | {shares} | {confidence} | {spent:.1f} |", flush=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _score(truth: str, text: str) -> tuple[float, float, float]:
    blocks = difflib.SequenceMatcher(None, truth, text, autojunk=False).get_matching_blocks()
    kept = "".join(truth[block.a : block.a + block.size] for block in blocks)
    count = sum(char.isdigit() for char in truth)
    return (
        len(kept) / len(truth),
        sum(char.isdigit() for char in kept) / count,
        100 * (len(text) - len(kept)) / len(truth),
    )


if __name__ == "__main__":
    main()
