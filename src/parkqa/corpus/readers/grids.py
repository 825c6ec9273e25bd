"""The tables of a sheet, or of a CSV file: rows in, pieces out; titles and notes are told from tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from parkqa.corpus.readers.draft import Draft, Piece, assemble
from parkqa.corpus.readers.tables import DEEP, Cell, columns, is_title, pieces, remarks

Row = list[Cell]
Run = Sequence[Row]
"""Rows without an empty one between them; ``Cell.column`` counts the columns of the sheet."""

ASIDE = 2
"""Least number of columns, and of rows, of each of two tables side by side. Chosen by hand: with 1, a column that
someone left empty would cut a table in two."""
SEPARATORS = ",\t;"
_SNIFFED = 20
"""Lines that are looked at for the separator."""


def read_csv(source: str) -> Draft:
    """Read a text file with one row a line, its cells separated by commas, tabs or semicolons.

    >>> read_csv("项目,标准\\n停车,每小时3元\\n").text
    '项目 | 标准\\n停车 | 每小时3元'
    """
    rows = csv.reader(io.StringIO(source), delimiter=_separator(source))
    numbered = (
        (number, [Cell(t, n) for n, text in enumerate(row) if (t := _one_line(text))])
        for number, row in enumerate(rows)
    )
    return assemble(laid_out(list(runs((number, row) for number, row in numbered if row))))


def _one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text).strip()


def _separator(source: str) -> str:
    """Return the separator: the one that most lines have equally often."""
    lines = source.splitlines()[:_SNIFFED]
    return max(
        SEPARATORS,
        key=lambda sign: (
            min((line.count(sign) for line in lines if line.strip()), default=0) * 100
            + source.count(sign) / (len(source) + 1)
        ),
    )


def runs(rows: Iterable[tuple[int, Row]]) -> Iterator[list[Row]]:
    """Yield rows, each given with its number, in runs of consecutive numbers."""
    run: list[Row] = []
    last = 0
    for number, row in rows:
        if run and number > last + 1:
            yield run
            run = []
        run.append(row)
        last = number
    if run:
        yield run


def laid_out(found: Sequence[Run], page: str | None = None) -> Iterator[Piece]:
    """Yield the pieces of the runs of one sheet: its tables with the titles above and the notes below them.

    Rows that continue the table above, after an empty row, get its column heads ``heads``.
    """
    first, heads = 0, tuple[str, ...]()
    found = [part for run in found for part in _side_by_side(run)]
    for run, after in pairwise([*found, []]):
        above, table, below = _parted(run)
        heading = bool(table) or (len(above) == 1 and any(len(row) > 1 for row in after))
        yield from (_alone(row[0], page, heading) for row in above)
        if table:
            if above or not _goes_on(table, first, heads):
                first, heads = min(cell.column for row in table for cell in row), ()
            placed = [[replace(cell, column=cell.column - first) for cell in row] for row in table]
            yield from pieces(placed, page, heads)
            heads = heads or columns(placed)
        yield from (_alone(row[0], page, False) for row in below)


def _side_by_side(run: Run) -> list[Run]:
    """Return a run as one, or as the tables that an empty column separates, with what stands above and below them."""
    above, table, below = _parted(run)
    used = {place for row in table for cell in row for place in range(cell.column, cell.column + cell.width)}
    gaps = [place for place in range(min(used, default=0), max(used, default=0)) if place not in used]
    for gap in gaps:
        left = [[cell for cell in row if cell.column < gap] for row in table]
        right = [[cell for cell in row if cell.column > gap] for row in table]
        if left[0] and right[0] and _is_table(left) and _is_table(right):
            tables = [[row for row in side if row] for side in (left, right)]
            return [*([above] if above else []), tables[0], *_side_by_side(tables[1]), *([below] if below else [])]
    return [run]


def _is_table(side: Run) -> bool:
    """Return whether rows make a table of their own."""
    wide = {cell.column for row in side for cell in row}
    return len(wide) >= ASIDE and sum(len(row) > 1 for row in side) >= ASIDE


def _alone(cell: Cell, page: str | None, heading: bool) -> Piece:
    """Return the only cell of a row as a heading, if it may be one and looks like one, or as a paragraph."""
    if heading and is_title(cell.text) and not remarks(cell.text):
        return Piece("heading", cell.text, DEEP - 1, page)
    return Piece("paragraph", cell.text, page=page)


def _parted(run: Run) -> tuple[Run, Run, Run]:
    """Split a run of rows into single cells above a table, the table, and single cells below it.

    The table reaches from the first to the last row with several cells, and as far down as their merged cells.
    """
    wide = [place for place, row in enumerate(run) if len(row) > 1]
    if not wide:
        return run, [], []
    end = max(place + cell.height for place, row in enumerate(run) if len(row) > 1 for cell in row)
    last = max(wide[-1] + 1, min(end, len(run)))
    return run[: wide[0]], run[wide[0] : last], run[last:]


def _goes_on(table: Run, first: int, heads: tuple[str, ...]) -> bool:
    """Return whether rows below an empty row continue the table above: they fit its columns and have no heads."""
    places = [cell.column - first for row in table for cell in row]
    if not heads or min(places) < 0 or max(places) >= len(heads):
        return False
    numbers = [any(re.search(r"\d", cell.text) for cell in row) for row in table]
    return not (len(table[0]) == len(heads) and not numbers[0] and any(numbers))
