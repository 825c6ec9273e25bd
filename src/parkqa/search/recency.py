"""Recency: among hits that match a question equally well, the newer document comes first.

Two hits match equally well if their best units differ in figures only (two yearly reports), or if their scores differ
by less than ``TIE``. Among these, the later date comes first; if the question names a year, hits of that year come
before all others. Documents without a date keep their places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from parkqa.corpus.passages import part
from parkqa.search.passage_texts import folded_whole, units
from parkqa.search.ranking import best_unit
from parkqa.text.characters import YEAR
from parkqa.text.folding import folded
from parkqa.types import Document, Hit, Query

TIE = 0.25
"""Difference of two scores, in log-odds, below which the date decides; 0.25 corresponds to odds of 56 to 44.

Chosen by hand. If it were larger, newer documents would more often displace older ones that match better; if it were
smaller, the date would decide only between near duplicates.
"""
SAME = 0.9
"""Similarity (``difflib.SequenceMatcher.ratio``, 0 to 1) from which two texts without their figures count as the same.

Chosen by hand. If it were smaller, different statements with similar wording would be ordered by date and would no
longer count as competitors of the first hit (``distinct``); if it were larger, a small change of wording between two
yearly reports would keep the older one first.
"""

_FIGURES = re.compile(r"\d[\d.,%]*")


def newest_first(query: Query, hits: Sequence[Hit], documents: Mapping[str, Document]) -> list[Hit]:
    """Return the hits with each group that matches equally well reordered by date, newest first.

    A group keeps the places that it occupies together, and hits without a date keep theirs.
    """
    dates = {path: _date(documents[path]) for path in {hit.passage.document for hit in hits}}
    ordered = list(hits)
    remaining = [place for place, hit in enumerate(hits) if dates[hit.passage.document]]
    while remaining:
        places = [place for place in remaining if place == remaining[0] or equal(hits[remaining[0]], hits[place])]
        group = sorted(
            (hits[place] for place in places),
            key=lambda hit: (_of_year(query, hit, documents), dates[hit.passage.document]),
            reverse=True,
        )
        for place, hit in zip(places, group, strict=True):
            ordered[place] = hit
        remaining = [place for place in remaining if place not in places]
    return ordered


def distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those that repeat the first one: a duplicate is no reason to doubt it."""
    if not hits:
        return []
    first, document = _unit_without_figures(hits[0]), hits[0].passage.document
    rest = (
        hit for hit in hits[1:] if hit.passage.document == document or _ratio(first, _unit_without_figures(hit)) < SAME
    )
    return [hits[0], *rest]


def equal(one: Hit, other: Hit) -> bool:
    """Return whether two hits of different documents match the question equally well."""
    if one.passage.document == other.passage.document:
        return False
    return abs(one.score - other.score) < TIE or _same(one, other)


def _same(one: Hit, other: Hit) -> bool:
    """Whether the best units of two hits are in different documents and differ in figures only."""
    if one.passage.document == other.passage.document:
        return False
    return _ratio(_unit_without_figures(one), _unit_without_figures(other)) >= SAME


def _unit_without_figures(hit: Hit) -> str:
    """The best unit of a hit, folded, without its figures."""
    return _FIGURES.sub("", folded(part(hit.passage, units(hit.passage)[best_unit(hit)])))


@lru_cache(maxsize=4096)
def _ratio(one: str, other: str) -> float:
    # The two quick ratios are upper bounds of the ratio and much cheaper.
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= SAME and matcher.quick_ratio() >= SAME else 0.0


def _date(document: Document) -> tuple[int, ...]:
    """The numbers in the date of a document, year first; () if it has no date."""
    return tuple(int(number) for number in re.findall(r"\d+", document.date or ""))


def _of_year(query: Query, hit: Hit, documents: Mapping[str, Document]) -> bool:
    """Whether a hit is of a year that the question names: a year in its text, or else in its document's date."""
    named = YEAR.findall(folded_whole(hit.passage)) or YEAR.findall(documents[hit.passage.document].date or "")
    return bool(set(named) & set(query.years))
