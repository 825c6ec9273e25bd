"""A page of a PDF: its lines and tables in the order in which they are read."""

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
"""Ems of blank within a line from which it is two."""
NARROW = 0.9
"""Ems of blank from which it may be that of a gutter."""
COLUMN = 12
"""Code points that lines of a column have on average at least."""
LINES = 2
"""JsonLines that a column has at least."""
MARK = 0.6
"""Ems that a drawn bullet measures at most."""
BEFORE = 2.5
"""Ems before its line in which it stands."""
_RADICALS = str.maketrans(
    "⺁⺝⺟⺠⺩⺫⺬⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "厂月母民王目示虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
) | {place: unicodedata.normalize("NFKC", chr(place)) for place in range(0x2F00, 0x2FD6)}
"""The hanzi for radicals: a font has one shape for both, and what makes the PDF may name the wrong one (⼯ for 工)."""
_BOLD = ("bold", "black", "heavy", "hei", "demi")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in points from the page's upper left corner, ``left`` and ``right`` the edges of its column.

    ``pitch`` is the blank below it from which what follows is another paragraph; ``marked`` lines have a drawn bullet.
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
    """A table with its rows; ``edges`` are those of its columns."""

    rows: Rows
    x0: float
    x1: float
    top: float
    bottom: float
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page; ``scanned`` when there are pictures on it and no text that could be read."""

    number: int
    height: float
    parts: tuple[Line | Table, ...]
    scanned: bool


def read_page(page: Any, number: int) -> Page:
    """Read a page of pdfplumber's, and let go of what it holds in memory."""
    try:
        once = page.dedupe_chars()  # what is printed twice, a hair apart, to look bold
        chars = [char for char in once.chars if char["upright"]]
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
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _marks(mark: Any, line: Line) -> bool:
    """Whether a shape is the bullet of a line."""
    small = max(mark["width"], mark["height"]) <= MARK * line.size
    beside = line.x0 - BEFORE * line.size < mark["x0"] < mark["x1"] < line.x0
    return bool(small and beside and line.top < (mark["top"] + mark["bottom"]) / 2 < line.bottom)


def _table(found: Any, chars: Sequence[Any]) -> Table | None:
    """A ruled table of at least two rows and columns; a frame around text is none."""
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
    """Characters by the line they stand on, cut where a wide blank stands."""
    rows: list[list[Any]] = []
    for char in sorted(chars, key=lambda char: ((char["top"] + char["bottom"]) / 2, char["x0"])):
        middle = (char["top"] + char["bottom"]) / 2
        if rows and middle < max(_middle(rows[-1]) + min(char["size"], rows[-1][0]["size"]) / 2, 0):
            rows[-1].append(char)
        else:
            rows.append([char])
    return [line for row in rows for line in _row(row) if line.text]


def _row(row: Sequence[Any]) -> Iterator[Line]:
    """The lines on one line of the page; all begin at its top, so that they stay in their order."""
    inked = [char for char in row if char["text"].strip()]
    if inked:
        top, bottom = min(char["top"] for char in inked), max(char["bottom"] for char in inked)
        for part in _cut(sorted(row, key=lambda char: char["x0"])):
            yield replace(_line(part), top=top, bottom=bottom)


def _middle(row: Sequence[Any]) -> float:
    return float(row[0]["top"] + row[0]["bottom"]) / 2


def _cut(row: Sequence[Any]) -> Iterator[list[Any]]:
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
    """The characters of a line as text; a gap between Latin letters is a blank that was not printed."""
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
    """Down the page; between what crosses the gutter of two columns, the left one and then the right one."""
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
    """Where the right one of two columns of the page's body begins, 0 where there is one column."""
    sizes = Counter(line.size for line in lines for _ in line.text)
    lines = [line for line in lines if line.size == sizes.most_common(1)[0][0]]
    for edge, _ in Counter(round(line.x0) for line in lines if 0.4 * width < line.x0 < 0.7 * width).most_common(3):
        right = [line for line in lines if line.x0 >= edge - 1]
        left = [line for line in lines if line.x1 <= edge and any(abs(line.top - r.top) < 1.5 * r.size for r in right)]
        if len(left) >= LINES and _prose(left) and _prose(right):
            return edge - 1.0
    return 0.0


def _prose(lines: Sequence[Line]) -> bool:
    return sum(len(line.text) for line in lines) >= COLUMN * len(lines)


def _rejoined(parts: Sequence[Line | Table]) -> list[Line | Table]:
    """Put lines together again that a narrow blank parts which is no gutter's."""
    whole: list[Line | Table] = []
    for part in parts:
        last = whole[-1] if whole else None
        if isinstance(last, Line) and isinstance(part, Line) and _beside(last, part):
            whole[-1] = replace(last, text=f"{last.text} {part.text}", x1=part.x1)
        else:
            whole.append(part)
    return whole


def _beside(last: Line, line: Line) -> bool:
    return last.top == line.top and 0 <= line.x0 - last.x1 <= GAP * line.size


def _edged(parts: Sequence[Line | Table]) -> list[Line | Table]:
    """Tell each line the edges of its column, and how far apart its paragraphs are."""
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
