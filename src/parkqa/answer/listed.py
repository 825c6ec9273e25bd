"""Picks one of several, or takes all together: the third item of a list, the latest entry of a chronicle, all entries.

What is picked is quoted whole and marked; the ranking keeps its confidence, since the list answers the question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import NamedTuple

from parkqa.answer.premise import PARK
from parkqa.answer.quoting import items
from parkqa.corpus.passages import part
from parkqa.query.ordinals import Place
from parkqa.query.question_words import asks_for_items
from parkqa.search.passage_texts import units
from parkqa.search.pipeline import Ranking
from parkqa.text.characters import numeral_value
from parkqa.text.folding import folded
from parkqa.types import Document, Hit, Passage, Query, Span, Store

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


LONGEST, MOST = 1200, 30
"""Code points and entries that are quoted together at most. Chosen by hand: about a screen of a laptop; what is longer
is quoted one entry at a time."""

_SAYS_NOTHING = re.compile(
    r"\w|[几一二三四五六七八九十多]*[件个项家条种类座位步]?[事人]?|[一总]共|合计|所有|全部|[拿得获]过|获得|取得|拿到"
)
"""A concept that does not tell what is asked for: a single character, 件事, 四家, 一共, 获得."""
_LABEL = re.compile(r"([^\n：:|]{1,24}?)(?=\s*(?:[：:]|\|))")
"""What stands before the colon of an entry, or in the first cell of a row."""

_NUMERAL = "[一二三四五六七八九十]{1,3}|[0-9]{1,2}"
_NUMBER = re.compile(rf"^[ \t]*[（(]?({_NUMERAL})(?:[）)、．]|\.(?!\d))|第({_NUMERAL})步[是，,：:、 ]", re.MULTILINE)
"""The number before an item that stands in a paragraph."""
_RIM = " \t\n；;，,"
"""What is left off at the end of such an item."""


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
    inside = _numbered(first)
    found = inside or _items(first, store)
    listed = bool(inside) or first.passage.kind == "list"
    named = listed or any(folded(head) in question for head in first.passage.heading[-1:])
    if len(found) < 2 or not (named or place.step):
        return None
    at = place.number - 1 if place.number > 0 else len(found) + place.number
    if place.step:
        at = next((i for i, item in enumerate(found) if item.row == first.row), -len(found)) + place.step
        if listed or not 0 <= at < len(found):
            return None
    return _led(ranking, found[at]) if 0 <= at < len(found) else ranking


def whole(query: Query, ranking: Ranking, documents: Mapping[str, Document], store: Store) -> Ranking:
    """Return the ranking with all entries or rows under a heading first where a question asks for what is listed there.

    The question has nothing that the headings and the title lack: 入驻企业有哪些 asks for all entries under 入驻企业,
    but 入驻企业有哪些做钢管 for some. Together they are one slice of the document; what names each is set off.

    Raises:
        StoreError: the index cannot be read.
    """
    if not ranking.answers or not asks_for_items(query.search) or query.years:
        return ranking
    first = ranking.hits[0]
    if first.passage.kind not in ("entry", "row", "paragraph") or not _asks_for_all(query, first.passage, documents):
        return ranking
    found = _items(first, store)
    if first.passage.kind == "paragraph" and not all(_begins_an_entry(item) for item in found):
        return ranking
    start, end = found[0].span[0], found[-1].span[1]
    text = documents[first.passage.document].text
    gaps = (text[one.span[1] : other.span[0]] for one, other in pairwise(found))
    if not 2 <= len(found) <= MOST or end - start > LONGEST or any(re.search(r"[^\W\d_]", gap) for gap in gaps):
        return ranking
    spans = tuple(item.span for item in found)
    passage = replace(first.passage, start=start, end=end, text=text[start:end], kind="list", spans=spans)
    rows = {item.row for item in found}
    hit = replace(first, passage=passage, unit_scores=(first.score,), marks=spans)
    return replace(ranking, hits=(hit, *(other for other in ranking.hits if other.row not in rows)))


def _begins_an_entry(item: _Item) -> bool:
    """Whether a paragraph is an entry by itself: it begins with what names it, or with a date."""
    return bool(_LABEL.match(part(item.passage, item.span)) or _date(item))


def any_of_them(query: Query, ranking: Ranking) -> bool:
    """Return whether the first hit is one of several rows or entries, and the question names none: 层高多少."""
    if not ranking.hits or ranking.hits[0].passage.kind not in ("row", "entry"):
        return False
    label = _LABEL.match(folded(ranking.hits[0].passage.text))
    return label is not None and not any(word in label[1] for words in query.concepts for word in words)


def beside(one: Ranking, other: Ranking) -> bool:
    """Return whether the first hits of two rankings are of the same rows or entries."""
    return _kin(one.hits[0].passage) == _kin(other.hits[0].passage)


def named(passage: Passage) -> tuple[Span, ...]:
    """Return of each entry of a list what names it, as document offsets: 云翼公司 of 云翼公司：2022年注册."""
    labels = [_LABEL.match(part(passage, span)) for span in passage.spans]
    if not all(labels):
        return passage.spans
    return tuple(
        (start, start + label.end(1)) for (start, _), label in zip(passage.spans, labels, strict=True) if label
    )


def _asks_for_all(query: Query, passage: Passage, documents: Mapping[str, Document]) -> bool:
    """Whether the headings of a passage and its document's title have all that a question is about."""
    above = folded("\n".join([documents[passage.document].title, *passage.heading]))
    concepts = [words for words in query.concepts if not _SAYS_NOTHING.fullmatch(words[0]) and not PARK & set(words)]
    under = folded("\n".join(passage.heading[-2:] if passage.kind == "row" else passage.heading[-1:]))
    return any(word in under for words in concepts for word in words) and all(
        any(word in above for word in words) for words in concepts
    )


def _by_date(place: Place, ranking: Ranking, store: Store) -> Ranking | None:
    """The ranking with the latest or the earliest entry first, of all entries or of those that answer."""
    for hit in ranking.hits[:NEAR]:
        dated = _dated(_items(hit, store))
        if place.any and len(dated) < CHRONICLE and hit.passage.kind == "paragraph":
            dated = _dated([_Item(hit.row, hit.passage, span) for span in hit.passage.spans])
        if len(dated) < CHRONICLE:
            continue
        if not place.any:
            least = CLOSE * ranking.confidence_in(hit.row)
            dated = [each for each in dated if ranking.confidence_in(each[1].row) >= least > 0]
        backwards = dated and dated[0][0] > dated[-1][0]
        ordered = sorted(reversed(dated) if backwards else dated, key=lambda each: each[0])
        at = place.number - 1 if place.number > 0 else len(ordered) + place.number
        return _led(ranking, ordered[at][1]) if 0 <= at < len(ordered) else None
    return None


def _dated(items: Sequence[_Item]) -> list[tuple[tuple[int, ...], _Item]]:
    """The items that begin with a date, each with its numbers."""
    return [(date, item) for item in items if (date := _date(item))]


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


def _numbered(hit: Hit) -> list[_Item]:
    """The items that a paragraph numbers itself, [] if it has none: （一）申请书；（二）执照 or 第一步，…"""
    passage = hit.passage
    marks = [] if passage.kind == "list" else [*_NUMBER.finditer(passage.text)]
    if len(marks) < 2 or [numeral_value(mark[1] or mark[2]) for mark in marks] != [*range(1, len(marks) + 1)]:
        return []
    bounds = [*(mark.start() for mark in marks), len(passage.text)]
    texts = [(start, passage.text[start:stop].rstrip(_RIM)) for start, stop in pairwise(bounds)]
    spans = [(passage.start + start, passage.start + start + len(text)) for start, text in texts]
    return [_Item(hit.row, passage, span) for span in spans]


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
