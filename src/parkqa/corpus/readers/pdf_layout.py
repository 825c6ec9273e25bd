"""The layout of a PDF page: lines and tables in reading order, for one or two columns.

Lengths are in points, or in ems (multiples of the font size). The constants below were chosen by hand on the PDFs of
the tests; no measurement stands behind them.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from parkqa.corpus.readers.draft import joined
from parkqa.corpus.readers.tables import Cell, Rows

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
_RADICALS = str.maketrans(
    "⺁⺝⺟⺠⺩⺫⺬⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "厂月母民王目示虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
) | {place: unicodedata.normalize("NFKC", chr(place)) for place in range(0x2F00, 0x2FD6)}
"""Characters by radical: fonts draw both with the same shape, and programs that make PDFs may record the radical (⼯
for 工)."""
_BOLD = ("bold", "black", "heavy", "hei", "demi")
"""Parts of the names of bold fonts; "hei" is as in SimHei."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; coordinates are in points from the upper left corner of the page.

    ``size`` is its font size, ``left`` and ``right`` are the edges of its column. A line further below than ``pitch``
    begins another paragraph. ``marked`` lines have a drawn bullet.
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
class Page:
    """A page: its number, its height in points, its parts in reading order, and whether it has pictures but no text."""

    number: int
    height: float
    parts: tuple[Line | Table, ...]
    scanned: bool


def read_page(page: Any, number: int) -> Page:
    """Return the layout of a pdfplumber page, and close the page to free its memory."""
    try:
        once = page.dedupe_chars()  # some programs print text twice, slightly shifted, to make it bold
        chars = [char for char in once.chars if char["upright"]]
        # (cid:…) stands for a character without a Unicode mapping: such text cannot be read.
        broken = sum(char["text"].startswith("(cid:") for char in chars)
        if not any(char["text"].strip() for char in chars) or broken * 2 > len(chars):
            return Page(number, float(page.height), (), bool(page.images) or broken > 0)
        tables = [table for found in once.find_tables() if (table := _table(found, chars))]
        free = [char for char in chars if not any(_inside(char, (t.x0, t.top, t.x1, t.bottom)) for t in tables)]
        marks = [mark for mark in (*page.curves, *page.rects) if mark["width"] and mark["height"]]
        lines = [replace(line, marked=any(_marks(mark, line) for mark in marks)) for line in _lines(free)]
        return Page(number, float(page.height), tuple(_in_order(lines, tables, float(page.width))), False)
    finally:
        page.close()


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
        rows[top].append(Cell(text, left, right - left, bottom - top))
    if sum(bool(cell.text) for row in rows for cell in row) < 2:
        return None
    box = [float(edge) for edge in found.bbox]
    return Table(rows, x0=box[0], top=box[1], x1=box[2], bottom=box[3], edges=tuple(xs))


def _lines(chars: Sequence[Any]) -> list[Line]:
    """Group characters into lines, from the top; a line is cut at wide blanks."""
    rows: list[list[Any]] = []
    for char in sorted(chars, key=lambda char: ((char["top"] + char["bottom"]) / 2, char["x0"])):
        middle = (char["top"] + char["bottom"]) / 2
        if rows and middle < max(_middle(rows[-1]) + min(char["size"], rows[-1][0]["size"]) / 2, 0):
            rows[-1].append(char)
        else:
            rows.append([char])
    return [line for row in rows for line in _row(row) if line.text]


def _row(row: Sequence[Any]) -> Iterator[Line]:
    """Yield the parts of a line of the page; all get its top and bottom, so that sorting by height keeps the order."""
    inked = [char for char in row if char["text"].strip()]
    if inked:
        top, bottom = min(char["top"] for char in inked), max(char["bottom"] for char in inked)
        for part in _cut(sorted(row, key=lambda char: char["x0"])):
            yield replace(_line(part), top=top, bottom=bottom)


def _middle(row: Sequence[Any]) -> float:
    """Return the height of the middle of a row's first character."""
    return float(row[0]["top"] + row[0]["bottom"]) / 2


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
    """Make a line of characters; a gap between ASCII characters becomes a blank, since PDFs may omit blanks."""
    words, last = "", None
    for char in chars:
        wide = last is not None and char["x0"] - last["x1"] > 0.2 * char["size"]
        if wide and words[-1:].isascii() and char["text"].isascii() and not (words[-1:] + char["text"]).count(" "):
            words += " "
        words += char["text"]
        last = char
    inked = [char for char in chars if char["text"].strip()] or list(chars)
    size = Counter(round(char["size"] * 2) / 2 for char in inked).most_common(1)[0][0]
    bold = sum(any(name in char["fontname"].lower() for name in _BOLD) for char in inked) * 2 > len(inked)
    edges = (min(c["x0"] for c in inked), max(c["x1"] for c in inked))
    return Line(
        words.strip().translate(_RADICALS),
        *edges,
        min(c["top"] for c in inked),
        max(c["bottom"] for c in inked),
        size,
        bold,
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
            return edge - 1.0
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
            whole[-1] = replace(last, text=f"{last.text} {part.text}", x1=part.x1)
        else:
            whole.append(part)
    return whole


def _beside(last: Line, line: Line) -> bool:
    """Return whether a line follows another on the same line of the page, after a blank of at most GAP."""
    return last.top == line.top and 0 <= line.x0 - last.x1 <= GAP * line.size


def _edged(parts: Sequence[Line | Table]) -> list[Line | Table]:
    """Set the edges and the pitch of the lines of a column: paragraphs are further apart than lines usually are."""
    parts = _rejoined(parts)
    lines = [part for part in parts if isinstance(part, Line)]
    if not lines:
        return parts
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    gaps = [after.top - line.bottom for line, after in pairwise(lines) if after.top > line.bottom]
    usual = median(gaps) if gaps else 0.0
    return [
        replace(p, left=left, right=right, pitch=max(usual * 1.5, usual + 0.3 * p.size)) if isinstance(p, Line) else p
        for p in parts
    ]
