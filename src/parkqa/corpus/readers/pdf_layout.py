"""The layout of a PDF page: lines and tables in reading order, for one or two columns.

Lengths are in points, or in ems (multiples of the font size). The constants below were chosen by hand on the PDFs of
the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from parkqa.corpus.readers.draft import joined
from parkqa.corpus.readers.pdf_marks import Fault, Mark, fault, is_pictured, parted, settled, turned
from parkqa.corpus.readers.pdf_text import clean, line_text
from parkqa.corpus.readers.tables import Cell, Rows
from parkqa.text.characters import NUMERAL

GAP = 2.0
"""Ems of blank up to which two parts of a line belong together. A larger value joins cells of tables without rules, a
smaller one splits lines set with wide spaces."""
NARROW = 0.9
"""Ems of blank that may be the gutter between two columns; a smaller value cuts more lines, which ``_rejoined`` then
has to join again."""
COLUMN = 12
"""Least average length, in code points, of the lines in a column of text; shorter lines are taken for labels side by
side."""
LINES = 2
"""Least number of lines in the left one of two columns."""
MARK = 0.6
"""Largest size of a drawn bullet, in ems."""
BEFORE = 2.5
"""Largest distance of a drawn bullet from its line, in ems."""
RAISED = 0.75
"""A character smaller than this, in ems of its neighbour, may be raised or lowered."""
LABEL = 6.0
"""Ems of blank up to which text hangs beside its number."""
EDGED, OUT = 0.4, 0.1
"""Share of the lines of a column that show where its right edge is although others (at most OUT) stick out."""
_NUMBER = re.compile(
    rf"[（(]?(?:\d{{1,3}}(?:\.\d{{1,3}})*|[{NUMERAL}]{{1,3}}|第[{NUMERAL}\d]+[条章节款])[）)、.．]?|[①-⑳]"
)
"""A number that stands by itself."""
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


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table; ``edges`` are the vertical edges of its columns, in whole points."""

    rows: Rows
    x0: float
    x1: float
    top: float
    bottom: float
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A grid of ruled lines: its cells and its box, each as (x0, top, x1, bottom)."""

    cells: Sequence[tuple[float, float, float, float]]
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its number, its height in points, its parts in reading order, why text cannot be read, and its marks.

    ``width`` is in points, too; ``turn`` are the degrees clockwise by which it was turned to be upright; ``pictured``
    tells that pictures fill it.
    """

    number: int
    height: float
    parts: tuple[Line | Table, ...]
    fault: Fault = ""
    marks: tuple[Mark, ...] = ()
    width: float = 0.0
    turn: int = 0
    pictured: bool = False


def read_page(page: Any, number: int) -> Page:
    """Return the layout of a pdfplumber page, and close the page to free its memory.

    A page on which most text is turned is turned back.
    """
    try:
        if turn := turned(page.chars):
            page.page_obj.rotate = page.page_obj.attrs["Rotate"] = (page.page_obj.rotate + turn) % 360
            page.close()
            page = type(page)(page.pdf, page.page_obj, page.page_number, page.initial_doctop)
        once = page.dedupe_chars()  # some programs print text twice, slightly shifted, to make it bold
        chars, marks = parted(settled(once.chars))
        size = float(page.height), float(page.width)
        empty = Page(number, size[0], (), marks=marks, width=size[1], turn=turn, pictured=is_pictured(page))
        wrong = fault(page, chars)
        if wrong not in ("", "picture"):
            return replace(empty, fault=wrong)
        dots = [mark for mark in (*page.curves, *page.rects) if mark["width"] and mark["height"]]
        return laid_out(replace(empty, fault=wrong), chars, once.find_tables(), dots)
    finally:
        page.close()


def laid_out(page: Page, chars: Sequence[Any], grids: Sequence[Any], dots: Sequence[Any] = ()) -> Page:
    """Return a page with its lines and tables in reading order.

    Args:
        page: the page without them.
        chars: the characters of its text as pdfplumber has them, ``settled``.
        grids: its ruled tables, each with ``cells`` and ``bbox`` (``Found``).
        dots: drawn shapes that may be bullets.
    """
    tables = [table for found in grids if (table := _table(found, chars))]
    free = [char for char in chars if not any(_inside(char, (t.x0, t.top, t.x1, t.bottom)) for t in tables)]
    lines = [replace(line, marked=any(_marks(dot, line) for dot in dots)) for line in _lines(free)]
    return replace(page, parts=tuple(_in_order(lines, tables, page.width)))


def _inside(char: Any, box: Sequence[float]) -> bool:
    """Return whether the centre of a character is in a box (x0, top, x1, bottom)."""
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _marks(mark: Any, line: Line) -> bool:
    """Return whether a drawn shape is the bullet of a line."""
    small = max(mark["width"], mark["height"]) <= MARK * line.size
    beside = line.x0 - BEFORE * line.size < mark["x0"] < mark["x1"] < line.x0
    return bool(small and beside and line.top < (mark["top"] + mark["bottom"]) / 2 < line.bottom)


def _table(found: Any, chars: Sequence[Any]) -> Table | None:
    """Return a ruled table, None if it has fewer than two rows, columns or filled cells (a frame around text)."""
    xs = sorted({round(x) for cell in found.cells for x in (cell[0], cell[2])})
    ys = sorted({round(y) for cell in found.cells for y in (cell[1], cell[3])})
    held = [char for char in chars if _inside(char, found.bbox)]
    if len(xs) < 3 or len(ys) < 3 or not held:
        return None
    rows: list[list[Cell]] = [[] for _ in ys[1:]]
    for cell in sorted(found.cells, key=lambda cell: cell[0]):
        left, top, right, bottom = (axis.index(round(edge)) for axis, edge in zip((xs, ys, xs, ys), cell, strict=True))
        text = joined(line.text for line in _lines([char for char in held if _inside(char, cell)]))
        rows[top].append(Cell(text, left, right - left, bottom - top, cell))
    if sum(bool(cell.text) for row in rows for cell in row) < 2:
        return None
    box = [float(edge) for edge in found.bbox]
    return Table(rows, x0=box[0], top=box[1], x1=box[2], bottom=box[3], edges=tuple(xs))


def _lines(chars: Sequence[Any]) -> list[Line]:
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
    """Yield the parts of a line of the page; all get its top and bottom, so that sorting by height keeps the order."""
    inked = [char for char in row if char["text"].strip()]
    if inked:
        top, bottom = min(char["top"] for char in inked), max(char["bottom"] for char in inked)
        for part in _cut(sorted(row, key=lambda char: char["x0"])):
            yield replace(_line(part), top=top, bottom=bottom)


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


def _in_order(lines: Sequence[Line], tables: Sequence[Table], width: float) -> list[Line | Table]:
    """Return the parts of a page in reading order: from the top, but where there are two columns, first the left one.

    Parts that cross the gutter separate the sections of the page that are read column by column.
    """
    gutter = _gutter(lines, width)
    parts: list[Line | Table] = []
    left: list[Line | Table] = []
    right: list[Line | Table] = []
    every: list[Line | Table] = [*lines, *tables]
    for part in sorted(every, key=lambda part: (round(part.top), part.x0)):
        if gutter and part.x1 <= gutter:
            left.append(part)
        elif gutter and part.x0 >= gutter:
            right.append(part)
        else:
            parts += [*_edged(left), *_edged(right), *_edged([part])] if gutter else [part]
            left, right = [], []
    parts += [*_edged(left), *_edged(right)]
    return parts if gutter else _edged(parts)


def _gutter(lines: Sequence[Line], width: float) -> float:
    """Return where the right one of two columns begins, in points; 0 if there is one column.

    Candidates are the commonest left edges of lines in the body's size around the middle of the page.
    """
    sizes = Counter(line.size for line in lines for _ in line.text)
    lines = [line for line in lines if line.size == sizes.most_common(1)[0][0]]
    for edge, _ in Counter(round(line.x0) for line in lines if 0.4 * width < line.x0 < 0.7 * width).most_common(3):
        right = [line for line in lines if line.x0 >= edge - 1]
        left = [line for line in lines if line.x1 <= edge and any(abs(line.top - r.top) < 1.5 * r.size for r in right)]
        if len(left) >= LINES and _prose(left) and _prose(right):
            free = max(line.x1 for line in left)
            return min((line.x0 for line in lines if free <= line.x0 < edge), default=edge) - 1.0
    return 0.0


def _prose(lines: Sequence[Line]) -> bool:
    """Return whether lines are long enough on average to be a column of text."""
    return sum(len(line.text) for line in lines) >= COLUMN * len(lines)


def _rejoined(parts: Sequence[Line | Table]) -> list[Line | Table]:
    """Join lines again that were cut at a blank which is not the gutter."""
    whole: list[Line | Table] = []
    for part in parts:
        last = whole[-1] if whole else None
        if isinstance(last, Line) and isinstance(part, Line) and _beside(last, part):
            longer = max(last, part, key=lambda line: len(line.text))
            text = clean(f"{last.text} {part.text}")
            whole[-1] = replace(last, text=text, x1=part.x1, size=longer.size, bold=longer.bold)
        else:
            whole.append(part)
    return whole


def _beside(last: Line, line: Line) -> bool:
    """Return whether a line follows another on the same line of the page, after a blank of at most GAP.

    Between a number at the edge and the text that hangs beside it the blank may be wider.
    """
    room = LABEL if _NUMBER.fullmatch(last.text) else GAP
    return last.top == line.top and 0 <= line.x0 - last.x1 <= room * line.size


def _edged(parts: Sequence[Line | Table]) -> list[Line | Table]:
    """Set the edges and the pitch of the lines of a column: paragraphs are further apart than lines usually are."""
    parts = _rejoined(parts)
    lines = [part for part in parts if isinstance(part, Line)]
    if not lines:
        return parts
    left, right = min(line.x0 for line in lines), _right(lines)
    gaps = [after.top - line.bottom for line, after in pairwise(lines) if after.top > line.bottom]
    usual = median(gaps) if gaps else 0.0
    tops = Counter(line.top for line in lines)
    return [
        replace(
            p,
            left=left,
            right=right,
            pitch=max(usual * 1.5, usual + 0.3 * p.size),
            cell=tops[p.top] > 1,
        )
        if isinstance(p, Line)
        else p
        for p in parts
    ]


def _right(lines: Sequence[Line]) -> float:
    """Return the right edge of a column: where its longest lines end, but for a few that stick out."""
    ends = sorted((line.x1 for line in lines), reverse=True)
    em = median(line.size for line in lines)
    for end in ends[: int(OUT * len(ends)) + 1]:
        if sum(end - em <= other <= end for other in ends) >= EDGED * len(ends):
            return end
    return ends[0]
