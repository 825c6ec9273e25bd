"""The lines of a PDF page, from its characters.

Lengths are in points, or in ems (multiples of the font size). The constants below were chosen by hand on the PDFs of
the tests; no measurement stands behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from parkqa.corpus.readers.figures import ORNAMENT
from parkqa.corpus.readers.pdf_text import line_text

NARROW = 0.9
"""Ems of blank that may be the gutter between two columns; a smaller value cuts more lines, which the
layout then has to join again."""
ORNATE = 1.2
"""How many times as large as its title an ornament is, at least."""
RAISED = 0.75
"""A character smaller than this, in ems of its neighbour, may be raised or lowered."""
_BOLD = ("bold", "black", "heavy", "hei", "demi")
"""Parts of the names of bold fonts; "hei" is as in SimHei."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; coordinates are in points from the upper left corner of the page.

    ``size`` is its font size, ``left`` and ``right`` are the edges of its column. A line further below than ``pitch``
    begins another paragraph. ``marked`` lines have a drawn bullet; ``cell`` lines stand beside others, as in a table
    without rules.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    left: float = 0.0
    right: float = 0.0
    pitch: float = 0.0
    marked: bool = False
    cell: bool = False


def lines_of(chars: Sequence[Any]) -> list[Line]:
    """Group characters into lines, from the top, by their ``bottom``; a line is cut at wide blanks."""
    rows: list[list[Any]] = []
    for char in sorted(chars, key=lambda char: (char["bottom"], char["x0"])):
        if rows and char["bottom"] < rows[-1][0]["bottom"] + _reach(char["size"], rows[-1][0]["size"]):
            rows[-1].append(char)
        else:
            rows.append([char])
    return [line for row in rows for line in _row(row) if line.text]


def _reach(one: float, other: float) -> float:
    """Return how far apart the baselines of two characters on one line may be; more for raised and lowered ones."""
    small, large = sorted((one, other))
    return small / 2 if small > RAISED * large else large * 0.45


def _row(row: Sequence[Any]) -> Iterator[Line]:
    """Yield the parts of a line of the page; all get its top and bottom, so that sorting by height keeps the order.

    Ornaments, which are much higher than what stands beside them, are a line of their own.
    """
    parts = [_line(part) for part in _cut(sorted(row, key=lambda char: char["x0"]))]
    high = [any(larger(part, other) for other in parts) and is_ornament(part) for part in parts]
    for part, is_high in zip(parts, high, strict=True):
        alike = [other for other, its in zip(parts, high, strict=True) if its == is_high]
        yield replace(part, top=min(line.top for line in alike), bottom=max(line.bottom for line in alike))


def is_ornament(line: Line) -> bool:
    """Return whether a line is the number of a title or a step, as slides have them: 01."""
    return bool(ORNAMENT.fullmatch(line.text))


def larger(line: Line, other: Line) -> bool:
    """Return whether a line is so much larger than another as an ornament is."""
    return line.size > ORNATE * other.size


def _cut(row: Sequence[Any]) -> Iterator[list[Any]]:
    """Cut the characters of a line where a blank is wider than NARROW."""
    part: list[Any] = []
    for char in row:
        if not char["text"].strip() and not part:
            continue
        last = next((c for c in reversed(part) if c["text"].strip()), None)
        if last is not None and char["text"].strip() and char["x0"] - last["x1"] > NARROW * char["size"]:
            yield part
            part = []
        part.append(char)
    if part:
        yield part


def _line(chars: Sequence[Any]) -> Line:
    """Make a line of characters."""
    inked = [char for char in chars if char["text"].strip()] or list(chars)
    size = Counter(round(char["size"] * 2) / 2 for char in inked).most_common(1)[0][0]
    bold = sum(any(name in char["fontname"].lower() for name in _BOLD) for char in inked) * 2 > len(inked)
    edges = (min(c["x0"] for c in inked), max(c["x1"] for c in inked))
    text = line_text(chars)
    return Line(text, *edges, min(c["top"] for c in inked), max(c["bottom"] for c in inked), size, bold)
