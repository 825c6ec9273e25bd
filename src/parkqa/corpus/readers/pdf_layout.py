"""The layout of a PDF page: lines and tables in reading order, for one or two columns.

Lengths are in points, or in ems (multiples of the font size). The constants below were chosen by hand on the PDFs of
the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from parkqa.corpus.readers.draft import BULLET, joined
from parkqa.corpus.readers.pdf_aligned import aligned, column_of, columns, upright
from parkqa.corpus.readers.pdf_cards import cards, text_of, with_ornaments, with_units
from parkqa.corpus.readers.pdf_lines import Line, lines_of
from parkqa.corpus.readers.pdf_marks import Fault, Mark, fault, is_pictured, parted, settled, turned
from parkqa.corpus.readers.pdf_text import clean
from parkqa.corpus.readers.tables import Cell, Rows
from parkqa.text.characters import NUMERAL

GAP = 2.0
"""Ems of blank up to which two parts of a line belong together. A larger value joins cells of tables without rules, a
smaller one splits lines set with wide spaces."""
COLUMN = 12
"""Least average length, in code points, of the lines in a column of text; shorter lines are taken for labels side by
side."""
LINES = 2
"""Least number of lines in the left one of two columns."""
MARK = 0.6
"""Largest size of a drawn bullet, in ems."""
BEFORE = 2.5
"""Largest distance of a drawn bullet from its line, in ems."""
LABEL = 6.0
"""Ems of blank up to which text hangs beside its number."""
EDGED, OUT = 0.4, 0.1
"""Share of the lines of a column that show where its right edge is although others (at most OUT) stick out."""
_NUMBER = re.compile(
    rf"[（(]?(?:\d{{1,3}}(?:\.\d{{1,3}})*|[{NUMERAL}]{{1,3}}|第[{NUMERAL}\d]+[条章节款])[）)、.．]?|[①-⑳]"
)
"""A number that stands by itself."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``edges`` are the vertical edges of its columns, in whole points, ``size`` that of most of its text."""

    rows: Rows
    x0: float
    x1: float
    top: float
    bottom: float
    edges: tuple[int, ...]
    size: float = 0.0


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
        _at_its_corner(page)
        if turn := turned(page.chars):
            page.page_obj.rotate = page.page_obj.attrs["Rotate"] = (page.page_obj.rotate + turn) % 360
            page.close()
            page = type(page)(page.pdf, page.page_obj, page.page_number, page.initial_doctop)
            _at_its_corner(page)
        once = page.dedupe_chars()  # some programs print text twice, slightly shifted, to make it bold
        chars, marks = parted(settled(once.chars))
        size = float(page.height), float(page.width)
        empty = Page(number, size[0], (), marks=marks, width=size[1], turn=turn, pictured=is_pictured(page))
        wrong = fault(page, chars)
        if wrong not in ("", "some glyphs", "picture"):
            return replace(empty, fault=wrong)
        dots = [mark for mark in (*page.curves, *page.rects) if mark["width"] and mark["height"]]
        return laid_out(replace(empty, fault=wrong), chars, once.find_tables(), dots)
    finally:
        page.close()


def _at_its_corner(page: Any) -> None:
    """Have a pdfplumber page count from its upper left corner, wherever in the plane its MediaBox lies."""
    page.mediabox = page.bbox = (0, 0, page.width, page.height)


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
    lines = [replace(line, marked=any(_marks(dot, line) for dot in dots)) for line in lines_of(free)]
    lines = with_ornaments(lines)
    lines = with_units(lines) if page.width > page.height else lines
    shown = list(cards(lines)) if page.width > page.height else []
    tables += map(_of_cards, shown)
    lines = _without(lines, (line for band in shown for card in band for line in card))
    columned = list(aligned(lines))
    tables += [_of_columns(rows) for rows, _ in columned]
    lines = _without(lines, (line for _, parts in columned for rows in parts for row in rows for line in row))
    lines, down = upright(lines)
    return replace(page, parts=(*_in_order(lines, tables, page.width), *(replace(line, cell=True) for line in down)))


def _without(lines: Sequence[Line], taken: Iterable[Line]) -> list[Line]:
    held = set(map(id, taken))
    return [line for line in lines if id(line) not in held]


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
        text = joined(line.text for line in lines_of([char for char in held if _inside(char, cell)]))
        rows[top].append(Cell(text, left, right - left, bottom - top, cell))
    if sum(bool(cell.text) for row in rows for cell in row) < 2:
        return None
    box = [float(edge) for edge in found.bbox]
    size = Counter(round(char["size"] * 2) / 2 for char in held).most_common(1)[0][0]
    return Table(rows, x0=box[0], top=box[1], x1=box[2], bottom=box[3], edges=tuple(xs), size=size)


def _of_cards(band: Sequence[Sequence[Line]]) -> Table:
    """Return cards beside each other as a table of one column, which gives a paragraph for each."""
    every = [line for card in band for line in card]
    left, right = min(line.x0 for line in every), max(line.x1 for line in every)
    bottom = max(line.bottom for line in every)
    boxes = [
        (min(c.x0 for c in card), card[0].top, max(c.x1 for c in card), max(c.bottom for c in card)) for card in band
    ]
    rows = [[Cell(text_of(card), 0, box=box)] for card, box in zip(band, boxes, strict=True)]
    size = min(line.size for line in every)
    return Table(rows, left, right, every[0].top, bottom, (round(left), round(right)), size)


def _of_columns(rows: Sequence[Sequence[Line]]) -> Table:
    """Return cells that stand in columns as a table."""
    edges = columns((line.x0, line.x1) for row in rows for line in row)
    cells = [
        [Cell(line.text, column_of(line, edges), box=(line.x0, line.top, line.x1, line.bottom)) for line in row]
        for row in rows
    ]
    top, bottom = rows[0][0].top, max(line.bottom for line in rows[-1])
    return Table(
        cells, edges[0][0], edges[-1][1], top, bottom, tuple(round(left) for left, _ in edges), rows[0][0].size
    )


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
            whole[-1] = replace(last, text=f"{last.text} {part.text}", x1=part.x1, size=longer.size, bold=longer.bold)
        else:
            whole.append(part)
    return [replace(part, text=clean(part.text)) if isinstance(part, Line) else part for part in whole]


def _beside(last: Line, line: Line) -> bool:
    """Return whether a line follows another on the same line of the page, after a blank of at most GAP.

    Between a number at the edge and the text that hangs beside it the blank may be wider.
    """
    room = LABEL if _NUMBER.fullmatch(last.text) else GAP
    near = last.top == line.top and 0 <= line.x0 - last.x1 <= room * line.size
    return near and not BULLET.match(line.text)


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
