"""Picks one of several: the third item of a list, the latest entry of a chronicle, the entry before the one shown.

What is picked is quoted whole and marked; the ranking keeps its confidence, since the list answers the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from parkqa.answer.quoting import items
from parkqa.corpus.passages import part
from parkqa.query.ordinals import Place
from parkqa.search.passage_texts import units
from parkqa.search.pipeline import Ranking
from parkqa.text.folding import folded
from parkqa.types import Hit, Passage, Span, Store

_DATE = re.compile(
    r"\W*(?:\d{1,2} [a-z]+ )?((?:19|20)\d\d)(?!\d)(?:\s*[年./-]\s*(\d{1,2}))?(?:\s*[月./-]\s*(\d{1,2}))?"
)
"""A date at the beginning of a folded text; of an English one the year counts."""
CHRONICLE = 3
"""Smallest number of dated entries under one heading that make a chronicle. Chosen by hand: two are a coincidence."""
NEAR = 3
"""Number of best hits among which an entry of the chronicle must be for an order by date to mean it."""

CLOSE = 0.25
"""Probability that an entry answers, over that of the best one, from which it is among those asked for.

Chosen by hand. A larger value takes an earlier award for the latest; a smaller one takes anything for an award.
"""


class _Item(NamedTuple):
    """An item of a list, or an entry: its row, its passage and its place in the document."""

    row: int
    passage: Passage
    span: Span


def pick(place: Place, question: str, ranking: Ranking, store: Store) -> Ranking | None:
    """Return the ranking with what stands at a place of its list first; None if its first hit is in no list.

    A list that is shorter is returned as it is.

    Args:
        place: the place; a step is one from the first hit.
        question: the folded question that was ranked.
        ranking: its ranking.
        store: the open index.

    Raises:
        StoreError: the index cannot be read.
    """
    if not ranking.answers:
        return None
    if place.by_date:
        return _by_date(place, ranking, store)
    first = ranking.hits[0]
    found = _items(first, store)
    named = first.passage.kind == "list" or any(folded(head) in question for head in first.passage.heading[-1:])
    if len(found) < 2 or not (named or place.step):
        return None
    at = place.number - 1 if place.number > 0 else len(found) + place.number
    if place.step:
        at = next((i for i, item in enumerate(found) if item.row == first.row), -len(found)) + place.step
        if first.passage.kind == "list" or not 0 <= at < len(found):
            return None
    return _led(ranking, found[at]) if 0 <= at < len(found) else ranking


def _by_date(place: Place, ranking: Ranking, store: Store) -> Ranking | None:
    """The ranking with the latest or the earliest entry first, of all entries or of those that answer."""
    for hit in ranking.hits[:NEAR]:
        dated = [(date, item) for item in _items(hit, store) if (date := _date(item))]
        if len(dated) < CHRONICLE:
            continue
        if not place.any:
            least = CLOSE * ranking.confidence_in(hit.row)
            dated = [each for each in dated if ranking.confidence_in(each[1].row) >= least > 0]
        backwards = dated and dated[0][0] > dated[-1][0]
        ordered = sorted(reversed(dated) if backwards else dated, key=lambda each: each[0])
        return _led(ranking, ordered[-1 if place.number < 0 else 0][1]) if ordered else None
    return None


def _items(hit: Hit, store: Store) -> list[_Item]:
    """The items of the list or the entries among which a hit is, in order: they share kind, headings and document."""
    like = _kin(hit.passage)

    def near(rows: Sequence[int]) -> list[int]:
        return list(takewhile(lambda row: _kin(store.passages[row]) == like, rows))

    before = near(range(hit.row - 1, -1, -1))
    after = near(range(hit.row + 1, len(store.passages)))
    rows = [*reversed(before), hit.row, *after]
    passages = [(row, store.passages[row]) for row in rows]
    if hit.passage.kind == "list":
        return [_Item(row, passage, span) for row, passage in passages for span in items(passage)]
    return [_Item(row, passage, (passage.start, passage.end)) for row, passage in passages]


def _kin(passage: Passage) -> tuple[str, tuple[str, ...], str, str | None]:
    return passage.document, passage.heading, passage.kind, passage.original and "translated"


def _date(item: _Item) -> tuple[int, ...]:
    """The numbers of the date at the beginning of an item, the year first; () if there is none."""
    found = _DATE.match(folded(part(item.passage, item.span)))
    return tuple(int(number) for number in found.groups() if number) if found else ()


def _led(ranking: Ranking, item: _Item) -> Ranking:
    """The ranking with an item first, marked."""
    first = ranking.hits[0]
    scores = (first.score,) * len(units(item.passage))
    marked = replace(first, row=item.row, passage=item.passage, unit_scores=scores, marks=(item.span,))
    rest = [hit for hit in ranking.hits if hit.row != item.row]
    return replace(ranking, hits=(marked, *rest))
