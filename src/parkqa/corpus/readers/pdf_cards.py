"""Cards on slides that were saved as PDF: what stands below each other in columns, in several fonts.

The constants below were chosen by hand on the PDFs of the tests; no measurement stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from parkqa.corpus.readers.draft import BULLET, joined, short
from parkqa.corpus.readers.figures import UNIT, card_text, is_figure, is_number
from parkqa.corpus.readers.pdf_lines import Line, is_ornament, larger

NEAR = 3.0
"""Most blank between two parts of a card, as a share of the larger one's height."""
BEHIND = 1.5
"""Most blank between a number and its unit, in ems of the number."""
BESIDE = 1.5
"""Most blank between the number of a title and the title, in ems of the number."""
LONG = 16
"""Most characters that the lines of a row have on average; longer ones are columns of running text."""
ASIDE, MIDDLE = 1.0, 0.3
"""How far apart the left edges of the lines of a card may be, in ems, or their middles, as a share of the distance
between two columns."""

Row = Sequence[Line]
Card = Sequence[Line]


def cards(lines: Sequence[Line]) -> Iterator[list[Card]]:
    """Yield each band of cards beside each other: for each card its lines, from the top.

    >>> list(cards([]))
    []
    """
    ordered = sorted(lines, key=lambda line: (line.top, line.x0))
    band: list[Row] = []
    for row in [list(row) for _, row in groupby(ordered, key=lambda line: line.top)]:
        if band and not _goes_on(band, row):
            yield from _whole(band)
            band = []
        if band or (len(row) > 1 and _is_even(row)):
            band.append(row)
    yield from _whole(band)


def with_units(lines: Sequence[Line]) -> list[Line]:
    """Return lines with those joined that are a number and, in a smaller font, its unit close behind it."""
    whole: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.top, line.x0)):
        last = whole[-1] if whole else None
        if last is not None and _is_unit(last, line):
            whole[-1] = replace(last, text=last.text + line.text, x1=line.x1)
        else:
            whole.append(line)
    return whole


def with_ornaments(lines: Sequence[Line]) -> list[Line]:
    """Return lines with each ornament, the large number of a title (01), before its title."""
    titles: dict[int, Line] = {}
    numbers: dict[int, str] = {}
    for mark in lines:
        title = _titled(mark, lines)
        if title is not None and id(title) not in numbers:
            titles[id(mark)] = title
            numbers[id(title)] = mark.text
    return [
        replace(line, text=f"{numbers[id(line)]} {line.text}") if id(line) in numbers else line
        for line in lines
        if id(line) not in titles
    ]


def _titled(mark: Line, lines: Sequence[Line]) -> Line | None:
    """Return the title that a line is the ornament of, the largest beside it; None if it is none or has none."""
    if not is_ornament(mark):
        return None
    level = (line for line in lines if mark.top < (line.top + line.bottom) / 2 < mark.bottom)
    beside = (line for line in level if 0 < line.x0 - mark.x1 < BESIDE * mark.size and larger(mark, line))
    found = min(beside, key=lambda line: (-line.size, line.x0), default=None)
    return found if found is not None and short(found.text) and not is_figure(found.text) else None


def _is_unit(last: Line, line: Line) -> bool:
    close = last.top == line.top and 0 <= line.x0 - last.x1 < BEHIND * last.size
    return close and line.size < last.size and is_number(last.text) and bool(UNIT.fullmatch(line.text))


def text_of(card: Card) -> str:
    """Return the lines of a card, those of one look joined, but for items of a list."""
    parts: list[list[str]] = []
    for last, line in zip([None, *card], card, strict=False):
        if last is None or _look(last) != _look(line) or BULLET.match(line.text):
            parts.append([])
        parts[-1].append(BULLET.sub("", line.text))
    return card_text([joined(part) for part in parts])


def _look(line: Line) -> tuple[float, bool]:
    return line.size, line.bold


def _goes_on(band: Sequence[Row], row: Row) -> bool:
    """Return whether a row is part of the cards of a band: below it, in its columns, and not the top of others."""
    above, first = band[-1], band[0]
    near = row[0].top - above[0].bottom < NEAR * max(line.bottom - line.top for line in (*above, *row))
    alike = _look(row[0]) == _look(above[0])
    anew = _look(row[0]) == _look(first[0]) and not alike
    whole = len(row) == len(first) or (alike and len(row) < len(first))
    places = {_column(first, line) for line in row}
    return near and not anew and whole and _is_even(row) and len(places) == len(row) and None not in places


def _is_even(row: Row) -> bool:
    """Return whether the lines of a row are short and look alike."""
    return len(set(map(_look, row))) == 1 and sum(len(line.text) for line in row) <= LONG * len(row)


def _column(first: Row, line: Line) -> int | None:
    """Return in which column of the first row of a band a line stands; None if in none."""
    middles = [(top.x0 + top.x1) / 2 for top in first]
    apart = min(after - middle for middle, after in pairwise(middles))
    for place, (top, middle) in enumerate(zip(first, middles, strict=True)):
        at_edge = abs(line.x0 - top.x0) < ASIDE * max(line.size, top.size)
        if at_edge or abs((line.x0 + line.x1) / 2 - middle) < MIDDLE * apart:
            return place
    return None


def _whole(band: Sequence[Row]) -> Iterator[list[Card]]:
    """Yield the cards of a band, if it has parts that look different."""
    if len(list(groupby(_look(row[0]) for row in band))) < 2:
        return
    found: list[list[Line]] = [[] for _ in band[0]]
    for line in (line for row in band for line in row):
        place = _column(band[0], line)
        if place is not None:
            found[place].append(line)
    yield [*found]
