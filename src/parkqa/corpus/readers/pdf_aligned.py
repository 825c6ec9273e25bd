"""Tables without vertical rules: cells that stand below each other in columns, as in three-line tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest

from parkqa.corpus.readers.draft import END, joined
from parkqa.corpus.readers.pdf_lines import Line
from parkqa.text.characters import HAN, NUMERAL

COLUMNS, ROWS = 3, 3
"""Least number of columns and of rows. Chosen by hand: two columns, which are as often a page of two columns, must be
labels and their values."""
APART, EVEN = 2.0, 0.5
"""Of two columns, in ems: least blank between them, and how far the left edges of one may differ. Chosen by hand."""
LABEL = 10
"""Most characters that a label has on average. Chosen by hand."""
SHORT = 12
"""Most characters that a cell has on average; more are columns of running text. Chosen by hand."""
DOWN, CLOSE = 2.0, 0.8
"""Of the height of a line: how far the next row may be below, and how far a line below that goes on in its cell. Chosen
by hand."""

DOWNWARDS = 4
"""Least number of characters below each other that are text. Chosen by hand."""
_NUMBER = re.compile(rf"[（(]?[\d{NUMERAL}.]{{1,4}}[）)、.．]?|[①-⑳]|第[\d{NUMERAL}]+[条章节]")
_COUNTS = re.compile(rf"[\d{NUMERAL}]|免费|面议")
"""What values have: a number, or that there is none."""

Row = Sequence[Line]
Edges = Sequence[tuple[float, float]]
"""The left and right edges of columns, from the left."""


def aligned(lines: Sequence[Line]) -> Iterator[tuple[list[Row], list[list[Row]]]]:
    """Yield each run of lines that stand in columns: its rows, each from left to right, and the lines of each row.

    >>> list(aligned([]))
    []
    """
    run: list[list[Row]] = []
    edges: Edges = ()
    rows = _rows(lines)
    above: list[Row] = []
    for row, after in zip_longest(rows, rows[1:], fillvalue=()):
        if _begins_cell(row, after) or (run and _begins_row(row, after, _last(run), edges)):
            above = [row]
            continue
        wider = columns([*edges, *((line.x0, line.x1) for line in row)])
        fits = bool(run) and _below(_last(run), (*above, row)[0]) and _fits(row, edges, wider)
        fits = fits and not len(edges) < COLUMNS <= len(row)
        if fits and _goes_on(_last(run), row, edges, wider):
            run[-1].append(row)
            continue
        if not fits or len(row) == 1:
            yield from _whole(run, edges)
            run, edges = [], ()
        if len(row) > 1:
            edges = wider if run else columns((line.x0, line.x1) for line in row)
            run.append([row, *above])
        above = []
    yield from _whole(run, edges)


def _begins_cell(row: Row, after: Row) -> bool:
    """Return whether a row is the first line of a value whose label stands in its middle, in the row close below."""
    if len(row) != 1 or len(after) != COLUMNS - 1 or END.search(row[0].text):
        return False
    close = after[0].top - row[0].bottom < CLOSE * (row[0].bottom - row[0].top)
    return close and abs(row[0].x0 - after[1].x0) < EVEN * row[0].size


def _begins_row(row: Row, after: Row, before: Row, edges: Edges) -> bool:
    """Return whether a row is the first line of cells whose label stands in their middle, in the row ``after``.

    It has no cell in the first column, in which that one begins, and overlaps with it, but not with the row ``before``.
    """
    places = [_place(line, edges) for line in row]
    if not after or None in places or 0 in places or len(set(places)) < len(row) or _place(after[0], edges) != 0:
        return False
    return after[0].top < row[0].bottom and row[0].top > max(line.bottom for line in before)


def _place(line: Line, edges: Edges) -> int | None:
    """Return the number of the column that a cell begins in; None if in none."""
    return next((place for place, (left, right) in enumerate(edges) if left - 1 <= line.x0 <= right), None)


def _last(run: Sequence[list[Row]]) -> Row:
    """Return the lowest row of a run."""
    return max(run[-1], key=lambda row: row[-1].bottom)


def columns(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return columns, given the left and right edges of cells: those that overlap across are in one.

    >>> columns([(100, 140), (10, 50), (20, 60)])
    [(10, 60), (100, 140)]
    """
    found: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def column_of(line: Line, edges: Edges) -> int:
    """Return the number of the column that a cell is in."""
    return next(place for place, (left, right) in enumerate(edges) if left <= line.x0 <= right)


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Return lines row by row, from the top; all of a row have the same top.

    But a label in the middle of a value of two lines is in one row with the second of them.
    """
    ordered = sorted(lines, key=lambda line: (line.top, line.x0))
    rows: list[Row] = []
    for row in [list(row) for _, row in groupby(ordered, key=lambda line: line.top)]:
        if (
            len(rows) > 1
            and all(len(each) == 1 for each in (*rows[-2:], row))
            and _splits(rows[-2][0], rows[-1][0], row[0])
        ):
            rows[-1] = [*rows[-1], *row]
        else:
            rows.append(row)
    return rows


def _splits(upper: Line, label: Line, lower: Line) -> bool:
    """Return whether a line stands before the two lines of a value, in their middle."""
    em = label.size
    return (
        abs(upper.x0 - lower.x0) < EVEN * em
        and upper.x0 - label.x1 > APART * em
        and abs((label.top - upper.top) - (lower.top - label.top)) < EVEN * em
        and lower.top - upper.top < DOWN * em
    )


def _below(row: Row, after: Row) -> bool:
    high = row[0].bottom - row[0].top
    return -high < after[0].top - max(line.bottom for line in row) < DOWN * high


def _fits(row: Row, edges: Edges, wider: Edges) -> bool:
    """Return whether no two cells of a row are in one column, and it joins none of those that there were."""
    return len(wider) >= len(edges) and len({column_of(line, wider) for line in row}) == len(row)


def _goes_on(above: Row, row: Row, edges: Edges, wider: Edges) -> bool:
    """Return whether a row is the rest of the cells above it: close below them, with none in the first column."""
    close = row[0].top - above[0].bottom < CLOSE * (above[0].bottom - above[0].top)
    return close and len(row) < len(edges) == len(wider) and column_of(row[0], wider) > 0


def _whole(run: Sequence[list[Row]], edges: Edges) -> Iterator[tuple[list[Row], list[list[Row]]]]:
    """Yield a run if it is a table: enough rows and columns, short cells, and most rows full."""
    cells = [line for rows in run for row in rows for line in row]
    labelled = len(edges) == COLUMNS - 1 and _are_labelled([rows[0] for rows in run])
    if len(run) < ROWS or not (labelled or len(edges) >= COLUMNS):
        return
    if not labelled and sum(len(line.text) for line in cells) > SHORT * len(cells):
        return
    if sum(len(rows[0]) == len(edges) for rows in run) * 2 > len(run):
        yield [_joined(rows, edges) for rows in run], list(run)


def _are_labelled(rows: Sequence[Row]) -> bool:
    """Return whether two columns are labels and their values: those end in a colon, or most of these hold a number."""
    if any(len(row) != COLUMNS - 1 for row in rows):
        return False
    labels, values = zip(*rows, strict=True)
    em = max(line.size for line in labels)
    even = all(max(line.x0 for line in side) - min(line.x0 for line in side) < EVEN * em for side in (labels, values))
    apart = all(value.x0 - label.x1 > APART * em for label, value in rows[1:])
    named = all(re.search(r"[^\W\d_]", line.text) and not _NUMBER.fullmatch(line.text) for line in labels)
    if not (even and apart and named) or sum(len(line.text) for line in labels) > LABEL * len(labels):
        return False
    counted = sum(bool(_COUNTS.search(line.text)) and len(line.text) <= 2 * SHORT for line in values[1:])
    return all(line.text.endswith(("：", ":")) for line in labels) or 2 * counted > len(values[1:])


def upright(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Return lines without those of text that runs down the page, and that text: one line for each run of characters.

    A run stands beside all other lines, and at least one of its characters on no line of theirs.
    """
    tops = Counter(line.top for line in lines)
    longer = [line for line in lines if len(line.text) > 1]
    edges = min((line.x0 for line in longer), default=0.0), max((line.x1 for line in longer), default=0.0)
    single = [line for line in lines if len(line.text) == 1 and re.match(f"[{HAN}]", line.text)]
    single = [line for line in single if not edges[0] < (line.x0 + line.x1) / 2 < edges[1]]
    runs: list[list[Line]] = []
    for line in sorted(single, key=lambda line: (round(line.x0), line.top)):
        last = runs[-1][-1] if runs else None
        if last is not None and abs(line.x0 - last.x0) < 1 and line.bottom - last.bottom < DOWN * line.size:
            runs[-1].append(line)
        else:
            runs.append([line])
    runs = [run for run in runs if len(run) >= DOWNWARDS and any(tops[line.top] == 1 for line in run)]
    taken = {id(line) for run in runs for line in run}
    whole = [replace(run[0], text="".join(line.text for line in run), bottom=run[-1].bottom) for run in runs]
    return [line for line in lines if id(line) not in taken], whole


def _joined(rows: Sequence[Row], edges: Edges) -> Row:
    """Return the cells of a row with the lines in which they go on."""
    cells: dict[int, Line] = {}
    for line in sorted((line for row in rows for line in row), key=lambda line: line.top):
        place = column_of(line, edges)
        if place not in cells:
            cells[place] = line
        else:
            cell = cells[place]
            sides = (min(cell.x0, line.x0), max(cell.x1, line.x1))
            cells[place] = replace(
                cell, text=joined([cell.text, line.text]), x0=sides[0], x1=sides[1], bottom=line.bottom
            )
    return [cells[place] for place in sorted(cells)]
