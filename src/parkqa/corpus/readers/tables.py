"""Tables of all formats: turns a grid of cells, which may span rows and columns, into pieces for heads and rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parkqa.corpus.readers.draft import END, SHORT, Piece
from parkqa.types import Page

DEEP = 6
"""Level of headings in a table: the deepest there is, so that none of the document's headings ends with them."""
LONG_HEAD = 20
"""Longest column head, in code points, in the second column of a two-column table without marked heads. Chosen by hand:
a larger value takes descriptions for heads, a smaller one heads for data."""
WIDE = 1000
"""Most columns of a table, the limit of the HTML standard for the columns that one cell spans. Without it, a few cells
that span much would make a large table."""

_NUMBER = re.compile(r"[-+¥$￥]?[\d,，.]+\s*[%％‰万亿元]*")
_YEAR = re.compile(r"(?:19|20)\d\d(?:年.*)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, its first column (from 0), and how many columns and rows it spans."""

    text: str
    column: int
    width: int = 1
    height: int = 1


Rows = Sequence[Sequence[Cell]]
"""A table: for each row, the cells that begin in it, from left to right."""


def pieces(rows: Rows, page: Page = None, heads: tuple[str, ...] = (), headed: bool | None = None) -> Iterator[Piece]:
    """Yield the pieces of a table: titles that span it, column heads, rows, and a final break.

    The text of a cell that spans several rows stands in the first of them only; for the others it is added to the
    column heads. A table of one column gives paragraphs.

    Args:
        rows: the table; rows without text are ignored.
        page: what the pieces have as their page.
        heads: the column heads, if the table continues one on the page before; () otherwise.
        headed: whether the first rows are heads; None to judge by their form.

    >>> rows = [[Cell("企业", 0), Cell("年份", 1)], [Cell("扬子江", 0, height=2), Cell("2005", 1)], [Cell("2006", 1)]]
    >>> for piece in pieces(rows):
    ...     print(piece.kind, piece.text, piece.columns)
    columns 企业 | 年份 ('企业', '年份')
    row 扬子江 | 2005 ('企业', '年份')
    row 2006 ('企业：扬子江', '年份')
    break  ()
    """
    rows = _bounded([row for row in rows if any(cell.text for cell in row)], len(heads))
    width = max((cell.column + cell.width for row in rows for cell in row), default=0)
    if width < 2:
        yield from (Piece("paragraph", cell.text, page=page) for row in rows for cell in row)
        return
    while rows and _spanning(rows[0], width):
        yield _title(rows[0], page)
        rows = rows[1:]
    if heads and rows and tuple(_line(rows[0])) == tuple(head for head in heads if head):
        rows = rows[1:]
    elif not heads:
        count = _head_rows(rows, headed)
        heads = _heads(rows[:count], width)
        yield from (Piece("columns", " | ".join(_line(row)), page=page, columns=heads) for row in rows[:count])
        rows = rows[count:]
    yield from _body(rows, width, heads, page)
    yield Piece("break", level=DEEP)


def _bounded(rows: Rows, least: int) -> Rows:
    """Return rows whose cells span only columns in which a cell begins, or the first ``least``, and at most WIDE.

    Of a wider table the columns in which no cell begins are left out; what is then beyond WIDE is joined to one cell.
    """
    starts = sorted({cell.column for row in rows for cell in row})
    width = max(least, starts[-1] + 1) if starts else 0
    if width <= WIDE:
        return [[_clipped(cell, cell.column, width) for cell in row] for row in rows]
    places = {column: min(place, WIDE - 1) for place, column in enumerate(starts)}
    narrow = []
    for row in rows:
        ends = [bisect_left(starts, cell.column + cell.width) - bisect_left(starts, cell.column) for cell in row]
        cells = [replace(c, width=end) for c, end in zip(row, ends, strict=True) if places[c.column] < WIDE - 1]
        rest = [cell.text for cell in row if places[cell.column] == WIDE - 1 and cell.text]
        last = [Cell(" | ".join(rest), WIDE - 1)] if rest else []
        narrow.append([*(_clipped(cell, places[cell.column], WIDE) for cell in cells), *last])
    return narrow


def _clipped(cell: Cell, column: int, width: int) -> Cell:
    """Return a cell in another column, which ends with the table at the latest."""
    return Cell(cell.text, column, min(cell.width, width - column), cell.height)


def columns(rows: Rows, headed: bool | None = None) -> tuple[str, ...]:
    """Return the column heads of a table, one text for each column; () if it has none."""
    return next((p.columns for p in pieces(rows, headed=headed) if p.kind == "columns"), ())


def _body(rows: Rows, width: int, heads: tuple[str, ...], page: Page) -> Iterator[Piece]:
    """Yield the rows below the heads; ``merged`` has the cells that span rows, with how many rows are still to come."""
    merged: dict[int, tuple[str, int]] = {}
    for row in rows:
        above = {column: text for column, (text, left) in merged.items() if left > 0}
        merged = {column: (text, left - 1) for column, (text, left) in merged.items() if left > 1}
        merged |= {cell.column: (cell.text, cell.height - 1) for cell in row if cell.height > 1}
        if _spanning(row, width):
            yield _title(row, page)
            continue
        yield Piece("row", _row(row, width, above), page=page, columns=_row_heads(heads, above))


def _row_heads(heads: tuple[str, ...], above: dict[int, str]) -> tuple[str, ...]:
    """Return the column heads of a row, to which the texts of cells that span into it from ``above`` are added."""
    if not heads:
        return tuple(above[column] for column in sorted(above))
    if not any(above.values()):
        return heads
    return tuple(f"{head}：{above[place]}" if above.get(place) else head for place, head in enumerate(heads))


def _row(row: Sequence[Cell], width: int, above: dict[int, str]) -> str:
    """Return the cells of a row joined by " | ", with empty ones, but without columns that other cells cover."""
    held = {cell.column: cell for cell in row}
    covered = {cell.column + more for cell in row for more in range(1, cell.width)} | set(above)
    texts = [held[place].text if place in held else "" for place in range(width) if place not in covered]
    return " | ".join(texts).strip()


def _line(row: Sequence[Cell]) -> list[str]:
    """Return the texts of the cells that are not empty."""
    return [cell.text for cell in row if cell.text]


def _spanning(row: Sequence[Cell], width: int) -> bool:
    """Return whether a row is a single cell across the whole table."""
    return len(row) == 1 and row[0].width == width


def _title(row: Sequence[Cell], page: Page) -> Piece:
    text = row[0].text
    return Piece("heading", text, DEEP, page) if is_title(text) else Piece("paragraph", text, page=page)


def is_title(text: str) -> bool:
    """Return whether a text that spans a table or precedes it is its title and not a note, by length and punctuation.

    >>> is_title("2023年重点企业名录"), is_title("以上数据截至2023年底。")
    (True, False)
    """
    return len(text) <= SHORT and not END.search(text)


def _head_rows(rows: Rows, headed: bool | None) -> int:
    """Return the number of head rows: one, or the first row's greatest height where a cell of it spans columns."""
    if headed is False or len(rows) < 2 or (headed is None and not _looks_headed(rows[0])):
        return 0
    wide = any(cell.width > 1 for cell in rows[0])
    return min(max(cell.height for cell in rows[0]), len(rows) - 1) if wide else 1


def _looks_headed(row: Sequence[Cell]) -> bool:
    """Return whether a first row looks like column heads.

    Heads are not numbers, except years. With two columns, the second must not look like a value of the first
    (电话 | 0523-…).
    """
    texts = [cell.text for cell in row]
    if any(_NUMBER.fullmatch(text) and not _YEAR.fullmatch(text) for text in texts):
        return False
    if len(texts) != 2:
        return True
    value = texts[1]
    return len(value) <= LONG_HEAD and (not re.search(r"\d", value) or bool(_YEAR.fullmatch(value)))


def _heads(rows: Rows, width: int) -> tuple[str, ...]:
    """Return one text for each column: the heads above it, outermost first, without repetitions."""
    heads: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for cell in row:
            for place in range(cell.column, cell.column + cell.width):
                if cell.text and cell.text not in heads[place]:
                    heads[place].append(cell.text)
    return tuple(" ".join(texts) for texts in heads) if rows else ()
