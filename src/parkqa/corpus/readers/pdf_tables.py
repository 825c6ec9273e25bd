"""Rows of tables that the end of a page cuts in two are put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from parkqa.corpus.readers.draft import END, joined
from parkqa.corpus.readers.pdf_layout import Table
from parkqa.corpus.readers.pdf_lines import Line
from parkqa.corpus.readers.tables import Cell, Rows

BROKEN = 8
"""Least length of a text, in code points, that can be broken off; shorter ones are values. Chosen by hand: a larger
value leaves cut rows apart, a smaller one joins rows of short texts."""

Placed = tuple[Line | Table, int]
"""A part of a page and the number of the page."""


def whole_rows(parts: Sequence[Placed]) -> list[Placed]:
    """Return the parts of all pages with the rows that go on overleaf in one piece, on the page where they begin."""
    whole: list[Placed] = []
    for part, number in parts:
        last, page = whole[-1] if whole else (None, 0)
        rest = part
        if isinstance(part, Table) and isinstance(last, Table) and number == page + 1 and part.edges == last.edges:
            skip = _repeated(part.rows, last.rows)
            if len(part.rows) > skip and _goes_on(last.rows[-1], part.rows[skip]):
                whole[-1] = (replace(last, rows=[*last.rows[:-1], _together(last.rows[-1], part.rows[skip])]), page)
                rest = replace(part, rows=[*part.rows[:skip], *part.rows[skip + 1 :]])
        if not isinstance(rest, Table) or rest.rows:
            whole.append((rest, number))
    return whole


def _repeated(rows: Rows, above: Rows) -> int:
    """Return how many rows at the top of a table are those of the table on the page before: its heads."""
    alike = ([c.text for c in row] == [c.text for c in head] for row, head in zip(rows, above, strict=False))
    return sum(1 for _ in takewhile(bool, alike))


def _goes_on(row: Sequence[Cell], after: Sequence[Cell]) -> bool:
    """Return whether a row is the rest of the one before: it has no first cell, and a text above it is broken off."""
    above = {cell.column: cell.text for cell in row}
    rest = [cell for cell in after if cell.text]
    if not rest or rest[0].column == 0 or any(not above.get(cell.column) for cell in rest):
        return False
    return any(len(above[cell.column]) >= BROKEN and not END.search(above[cell.column]) for cell in rest)


def _together(row: Sequence[Cell], rest: Sequence[Cell]) -> list[Cell]:
    more = {cell.column: cell.text for cell in rest if cell.text}
    return [replace(c, text=joined([c.text, more[c.column]])) if c.column in more else c for c in row]
