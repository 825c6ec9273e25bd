"""Recency: among hits that match a question equally well, the newer document comes first.

Two hits match equally well if their best units differ in figures only (two yearly reports), if they say something
alike in two versions of one document (the measures of 2023 and of 2025), or if their scores differ by less than
``TIE``. Among these, the later date comes first, or the earlier one if the question asks for what was before; if the
question names a year, hits of that year come before all others. Documents without a date keep their places. A document
that has none of its own has the year in its title, in its path or in its number at the top (〔2025〕).
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

ALIKE = 0.5
"""The same as SAME, for two versions of one document, in which a rule is often worded anew.

Chosen by hand: 首次取得注册证的，每张奖励120万元 and 取得注册证的，每张奖励200万元 are at .8, two different rules of
the same measures mostly below .4.
"""
BEHIND = 4.0
"""Difference of two scores, in log-odds, below which a rule may have replaced another. Chosen by hand: with a larger
value another rule of a later day takes the place of the one that is asked for."""
TOP = 120
"""Code points at the beginning of a document in which its number stands."""

_FIGURES = re.compile(r"\d[\d.,%]*")
_EDITION = re.compile(r"[（(\[【〔][^）)\]】〕]*[）)\]】〕]|\d+|[年版第届号]|修[订正改]|新版|旧版|试行|[\W_]")
"""What the titles of two versions of one document may differ in."""
_NUMBER = re.compile(r"[〔\[（(]((?:19|20)\d\d)[〕\]）)年]")
_FROM = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月(?:(\d{1,2})日)?(?:起|开始)(?!至)")
"""Since when something has been in force."""
_BEFORE = re.compile(
    r"以前|之前|原来|过去|从前|旧(?!址|城|区|货)|老(?:办法|政策|标准|规定|版)|上一版"
    r"|\b(?:previous|old|former|earlier|used to)\b"
)


def newest_first(query: Query, hits: Sequence[Hit], documents: Mapping[str, Document]) -> list[Hit]:
    """Return the hits with each group that matches equally well reordered by date, newest first.

    A group keeps the places that it occupies together, and hits without a date keep theirs.
    """
    dates = {path: date_of(documents[path]) for path in {hit.passage.document for hit in hits}}
    before = bool(_BEFORE.search(query.search))
    ordered = list(hits)
    remaining = [place for place, hit in enumerate(hits) if dates[hit.passage.document]]
    while remaining:
        first = hits[remaining[0]]
        places = [place for place in remaining if place == remaining[0] or equal(first, hits[place], documents)]
        group = sorted(
            (hits[place] for place in places), key=lambda hit: dates[hit.passage.document], reverse=not before
        )
        group.sort(key=lambda hit: _of_year(query, hit, documents), reverse=True)
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


def contradicting(hits: Sequence[Hit], documents: Mapping[str, Document]) -> int | None:
    """Return the place of the first hit that contradicts the best one; None if there is none.

    It says something alike in a document of another date, with other figures. What the two say of different years, as
    two yearly reports do, is no contradiction.
    """
    if not hits:
        return None
    first, day = _best_unit(hits[0]), date_of(documents[hits[0].passage.document])
    for place, hit in enumerate(hits[1:], 1):
        other, dated = _best_unit(hit), date_of(documents[hit.passage.document])
        differ = day and dated and day != dated and set(_FIGURES.findall(first)) != set(_FIGURES.findall(other))
        if differ and set(YEAR.findall(first)) == set(YEAR.findall(other)) and _alike(hits[0], hit, documents):
            return place
    return None


def replaced(query: Query, hits: Sequence[Hit]) -> int | None:
    """Return the place of the hit that has replaced the best one: it has been in force since later; None if none has.

    Both say since when (自2024年2月1日起), and the later has all that the question and the earlier have in common. A
    question that names a year, or asks for what was before, means what it says.
    """
    if not hits or query.years or _BEFORE.search(query.search) or not (first := _since(hits[0])):
        return None
    days = [_since(hit) for hit in hits]
    texts = [folded_whole(hit.passage) for hit in hits]
    told = [words for words in query.concepts if any(word in texts[0] for word in words)]
    later = [
        place
        for place, (day, text) in enumerate(zip(days, texts, strict=True))
        if day > first and hits[0].score - hits[place].score < BEHIND
        if told and all(any(word in text for word in words) for words in told)
    ]
    return max(later, key=lambda place: days[place], default=None)


def _since(hit: Hit) -> tuple[int, ...]:
    """The latest day since when something in a passage has been in force; () if it does not say."""
    found = _FROM.findall(folded_whole(hit.passage))
    return max((tuple(int(number or 1) for number in each) for each in found), default=())


def equal(one: Hit, other: Hit, documents: Mapping[str, Document]) -> bool:
    """Return whether two hits of different documents match the question equally well."""
    if one.passage.document == other.passage.document:
        return False
    return abs(one.score - other.score) < TIE or _alike(one, other, documents)


def _alike(one: Hit, other: Hit, documents: Mapping[str, Document]) -> bool:
    """Whether the best units of two hits of different documents say something alike, figures aside."""
    if one.passage.document == other.passage.document:
        return False
    versions = _work(documents[one.passage.document]) == _work(documents[other.passage.document])
    return _ratio(_unit_without_figures(one), _unit_without_figures(other)) >= (ALIKE if versions else SAME)


def _work(document: Document) -> str:
    """The title of a document without what tells its versions apart; its path if nothing else is left."""
    return _EDITION.sub("", document.title) or document.path


def _unit_without_figures(hit: Hit) -> str:
    """The best unit of a hit, folded, without its figures."""
    return _FIGURES.sub("", _best_unit(hit))


def _best_unit(hit: Hit) -> str:
    """The best unit of a hit, folded."""
    return folded(part(hit.passage, units(hit.passage)[best_unit(hit)]))


@lru_cache(maxsize=4096)
def _ratio(one: str, other: str) -> float:
    # The two quick ratios are upper bounds of the ratio and much cheaper.
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0.0


def date_of(document: Document) -> tuple[int, ...]:
    """Return the numbers in the date of a document, year first; () if nothing tells it."""
    if document.date:
        return tuple(int(number) for number in re.findall(r"\d+", document.date))
    told = YEAR.findall(folded(document.title)) or YEAR.findall(document.path) or _NUMBER.findall(document.text[:TOP])
    return (int(told[-1]),) if told else ()


def _of_year(query: Query, hit: Hit, documents: Mapping[str, Document]) -> bool:
    """Whether a hit is of a year that the question names: a year in its text, or else in its document's date."""
    named = YEAR.findall(folded_whole(hit.passage)) or [
        str(year) for year in date_of(documents[hit.passage.document])[:1]
    ]
    return bool(set(named) & set(query.years))
