"""A page of a PDF: its lines and tables in the order in which they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from parkqa.readers import joined
from parkqa.readers.tables import Cell, Rows

GAP = 2.0
"""Ems of blank within a line from which it is two."""
COLUMN = 8
"""Code points that lines of a column have on average at least."""
LINES = 4
"""Lines that a column has at least."""
_BOLD = ("bold", "black", "heavy", "hei", "demi")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in points from the page's upper left corner, ``left`` and ``right`` the edges of its column.

    ``pitch`` is the blank below it from which what follows is another paragraph.
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
        return Page(number, float(page.height), tuple(_in_order(_lines(free), tables, float(page.width))), False)
    finally:
        page.close()


def _inside(char: Any, box: Sequence[float]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


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
    return [line for row in rows for part in _cut(sorted(row, key=lambda c: c["x0"])) if (line := _line(part)).text]


def _middle(row: Sequence[Any]) -> float:
    return float(row[0]["top"] + row[0]["bottom"]) / 2


def _cut(row: Sequence[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for char in row:
        if not char["text"].strip() and not part:
            continue
        last = next((c for c in reversed(part) if c["text"].strip()), None)
        if last is not None and char["text"].strip() and char["x0"] - last["x1"] > GAP * char["size"]:
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
    return Line(words.strip(), *edges, min(c["top"] for c in inked), max(c["bottom"] for c in inked), size, bold)


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
    """Where the right one of two columns begins, 0 where there is one column."""
    for edge, _ in Counter(round(line.x0) for line in lines if 0.4 * width < line.x0 < 0.7 * width).most_common(3):
        left = [line for line in lines if line.x1 <= edge]
        right = [line for line in lines if line.x0 >= edge - 1]
        beside = [a for a in right if any(abs(a.top - b.top) < a.size for b in left)]
        crossing = len(lines) - len(left) - len(right)
        if min(len(left), len(beside)) >= LINES and crossing <= len(right) and _prose(left) and _prose(right):
            return edge - 1.0
    return 0.0


def _prose(lines: Sequence[Line]) -> bool:
    return sum(len(line.text) for line in lines) >= COLUMN * len(lines)


def _edged(parts: Sequence[Line | Table]) -> list[Line | Table]:
    """Tell each line the edges of its column, and how far apart its paragraphs are."""
    lines = [part for part in parts if isinstance(part, Line)]
    if not lines:
        return list(parts)
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    gaps = [after.top - line.bottom for line, after in pairwise(lines) if after.top > line.bottom]
    usual = median(gaps) if gaps else 0.0
    return [
        replace(p, left=left, right=right, pitch=max(usual * 1.5, usual + 0.3 * p.size)) if isinstance(p, Line) else p
        for p in parts
    ]
