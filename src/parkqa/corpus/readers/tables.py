"""Tables of any format: cells with their spans in, the pieces of their heads and rows out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parkqa.corpus.readers.draft import END, SHORT, Piece
from parkqa.types import Page

DEEP = 6
"""Level of the headings within a table; none stands below them."""
LONG_HEAD = 20
"""Code points above which a cell of a table of two columns is no column head."""

_NUMBER = re.compile(r"[-+¥$￥]?[\d,，.]+\s*[%％‰万亿元]*")
_YEAR = re.compile(r"(?:19|20)\d\d(?:年.*)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its first column (from 0) and how many columns and rows it spans."""

    text: str
    column: int
    width: int = 1
    height: int = 1


Rows = Sequence[Sequence[Cell]]
"""The rows of a table, each the cells that begin in it, from left to right."""


def pieces(rows: Rows, page: Page = None, heads: tuple[str, ...] = (), headed: bool | None = None) -> Iterator[Piece]:
    """Tell the heads, the rows and what spans the table.

    ``heads`` are those of the table on the page before that goes on here; ``headed`` says whether the first rows are
    heads, None that their form tells. A cell that spans rows is text once, and for the others goes to their columns.
    """
    rows = [row for row in rows if any(cell.text for cell in row)]
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


def columns(rows: Rows, headed: bool | None = None) -> tuple[str, ...]:
    """Return the column heads of a table, () when it has none."""
    return next((p.columns for p in pieces(rows, headed=headed) if p.kind == "columns"), ())


def _body(rows: Rows, width: int, heads: tuple[str, ...], page: Page) -> Iterator[Piece]:
    merged: dict[int, tuple[str, int]] = {}
    for row in rows:
        above = {column: text for column, (text, left) in merged.items() if left > 0}
        merged = {column: (text, left - 1) for column, (text, left) in merged.items() if left > 1}
        merged |= {cell.column: (cell.text, cell.height - 1) for cell in row if cell.height > 1}
        if _spanning(row, width):
            yield _title(row, page)
            continue
        yield Piece("row", _row(row, width, above), page=page, columns=_told(heads, above))


def _told(heads: tuple[str, ...], above: dict[int, str]) -> tuple[str, ...]:
    """The heads, those of cells that go on from a row above with what these say."""
    if not heads:
        return tuple(above[column] for column in sorted(above))
    return tuple(f"{head}：{above[place]}" if above.get(place) else head for place, head in enumerate(heads))


def _row(row: Sequence[Cell], width: int, above: dict[int, str]) -> str:
    """The cells of a row as they stand, empty ones between them too."""
    held = {cell.column: cell for cell in row}
    covered = {cell.column + more for cell in row for more in range(1, cell.width)} | set(above)
    texts = [held[place].text if place in held else "" for place in range(width) if place not in covered]
    return " | ".join(texts).strip()


def _line(row: Sequence[Cell]) -> list[str]:
    return [cell.text for cell in row if cell.text]


def _spanning(row: Sequence[Cell], width: int) -> bool:
    return len(row) == 1 and row[0].width == width


def _title(row: Sequence[Cell], page: Page) -> Piece:
    text = row[0].text
    return Piece("heading", text, DEEP, page) if is_title(text) else Piece("paragraph", text, page=page)


def is_title(text: str) -> bool:
    """Whether what spans a table or stands above it is its title (2023年重点企业名录) and no note."""
    return len(text) <= SHORT and not END.search(text)


def _head_rows(rows: Rows, headed: bool | None) -> int:
    """How many rows are heads: as many as the first row's tallest cell spans, where one of them spans columns."""
    if headed is False or len(rows) < 2 or (headed is None and not _looks_headed(rows[0])):
        return 0
    wide = any(cell.width > 1 for cell in rows[0])
    return min(max(cell.height for cell in rows[0]), len(rows) - 1) if wide else 1


def _looks_headed(row: Sequence[Cell]) -> bool:
    """Whether a first row names columns: no numbers but years; of two, no value beside its name (电话 | 0523-…)."""
    texts = [cell.text for cell in row]
    if any(_NUMBER.fullmatch(text) and not _YEAR.fullmatch(text) for text in texts):
        return False
    if len(texts) != 2:
        return True
    value = texts[1]
    return len(value) <= LONG_HEAD and (not re.search(r"\d", value) or bool(_YEAR.fullmatch(value)))


def _heads(rows: Rows, width: int) -> tuple[str, ...]:
    """One text a column: the heads above it, outermost first."""
    heads: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for cell in row:
            for place in range(cell.column, cell.column + cell.width):
                if cell.text and cell.text not in heads[place]:
                    heads[place].append(cell.text)
    return tuple(" ".join(texts) for texts in heads) if rows else ()
