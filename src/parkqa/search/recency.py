"""Newer beats older at equal fit.

Two passages fit equally well when their best units say the same but for figures (two yearly reports), or when their
scores differ by less than ``TIE``. Of these, that of the later date goes first; where the question names a year, first
of all one that names it or whose document is of it. A document without a date is neither newer nor older.
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
"""Difference of two scores (log-odds that the one is better) that says nothing: odds of 56 to 44."""
SAME = 0.9
"""Share of the characters, figures aside, that two texts have in common which say the same."""

_FIGURES = re.compile(r"\d[\d.,%]*")


def newest_first(query: Query, hits: Sequence[Hit], documents: Mapping[str, Document]) -> list[Hit]:
    """Return the hits with newer ones in the places of older ones that fit equally well; all else stays in place."""
    ordered = list(hits)
    left = [place for place, hit in enumerate(hits) if _date(hit, documents)]
    while left:
        places = [place for place in left if place == left[0] or equal(hits[left[0]], hits[place])]
        group = sorted(
            (hits[place] for place in places),
            key=lambda hit: (_of_year(query, hit, documents), _date(hit, documents)),
            reverse=True,
        )
        for place, hit in zip(places, group, strict=True):
            ordered[place] = hit
        left = [place for place in left if place not in places]
    return ordered


def distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those that say the same as the first: they do not compete with it."""
    return [*hits[:1], *(hit for hit in hits[1:] if not _same(hits[0], hit))]


def equal(one: Hit, other: Hit) -> bool:
    """Whether two hits of different documents fit equally well."""
    if one.passage.document == other.passage.document:
        return False
    return abs(one.score - other.score) < TIE or _same(one, other)


def _same(one: Hit, other: Hit) -> bool:
    """Whether the best units of two documents say the same but for figures."""
    texts = [_without_figures(part(hit.passage, units(hit.passage)[best_unit(hit)])) for hit in (one, other)]
    return one.passage.document != other.passage.document and _ratio(*texts) >= SAME


def _without_figures(text: str) -> str:
    return _FIGURES.sub("", folded(text))


@lru_cache(maxsize=4096)
def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= SAME and matcher.quick_ratio() >= SAME else 0.0


def _date(hit: Hit, documents: Mapping[str, Document]) -> tuple[int, ...]:
    """The date of a hit's document as numbers, the year first; () where it has none."""
    return tuple(int(number) for number in re.findall(r"\d+", documents[hit.passage.document].date or ""))


def _of_year(query: Query, hit: Hit, documents: Mapping[str, Document]) -> bool:
    """Whether a hit is of a year that the question names: by its own words, else by its document's date."""
    named = YEAR.findall(folded_whole(hit.passage)) or YEAR.findall(documents[hit.passage.document].date or "")
    return bool(set(named) & set(query.years))
