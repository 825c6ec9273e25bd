"""Turns hits into quotations. Nothing is generated: a quotation is a slice of a document, a refusal a fixed text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePath
from urllib.parse import quote as quote_plain

from parkqa.answer import extraction
from parkqa.corpus.passages import heading_path, part
from parkqa.corpus.readers.draft import CELLS, leads_in
from parkqa.query.question_words import asks_for_items
from parkqa.search.passage_texts import units
from parkqa.search.pipeline import Ranking
from parkqa.search.ranking import best_unit
from parkqa.types import Document, Hit, Language, Passage, Query, Quote, Span, Store

_SLIDES = frozenset((".pptx", ".ppt", ".pps", ".dps", ".odp"))
"""Suffixes of files whose pages are slides."""
ENDS = 20
"""Code points of its beginning and its end that name a long text in an address. Chosen by hand."""
QUOTES = 3
"""Largest number of quotations in an answer."""
MARKED = 80
"""Largest number of code points that two highlighted sentences of one quotation have together.

Chosen by hand. A larger value highlights a second sentence more often, and so more text that does not answer.
"""
FURTHER = 6
"""Number of hits that can be reached one after another by rejecting what is shown (不对, next).

Chosen by hand: twice QUOTES. A larger value offers passages that hardly answer; a smaller one gives up earlier.
"""

REFUSAL = {
    "zh": "园区资料里没有写到这个问题。我只引用现有资料，不会猜测。",
    "en": "The park's documents do not say. I only quote what they hold and never guess.",
}
NO_MORE = {
    "zh": "没有更多可以引用的原文了。请换个说法再问一次，或者问别的问题。",
    "en": "There are no more passages to quote. Please put the question differently, or ask another one.",
}
"""The refusal when every passage that might answer has been rejected."""
_MISSING = {
    "zh": "资料里没有提到{}。我只引用现有资料，不会猜测。",
    "en": "The documents do not mention {}. I only quote what they hold and never guess.",
}


RECOGNIZED = {
    "zh": "由扫描件识别，可能有错字",
    "en": "Recognised from a scan; characters may be wrong",
}
"""What stands with a quotation whose text was recognised from a picture, in place of the promise that it is word for
word."""


def refusal(language: Language, missing: Sequence[str] = (), *, more: bool = True) -> str:
    """Return the text of a refusal.

    Args:
        language: language of the text.
        missing: what the question names and the documents do not.
        more: False if every passage that might answer has been rejected.

    >>> refusal("zh", ["恒宇重工"])
    '资料里没有提到“恒宇重工”。我只引用现有资料，不会猜测。'
    """
    if not missing:
        return REFUSAL[language] if more else NO_MORE[language]
    return _MISSING[language].format(("、" if language == "zh" else ", ").join(f"“{name}”" for name in missing))


def quotes(query: Query, ranking: Ranking, store: Store, skip: int = 0) -> tuple[Quote, ...]:
    """Return quotations of the first QUOTES hits of a ranking, best first, with their translations.

    With ``skip``, so many of the best hits are left out, and of the others only those among the first FURTHER count.
    The items of lists are counted if the question asks for items.

    Raises:
        ValueError: see ``quote``.
        StoreError: the index cannot be read.
    """
    made, counted = [], asks_for_items(query.search)
    for hit in ranking.hits[skip : min(skip + QUOTES, FURTHER)]:
        row = store.translations.get(hit.row)
        translation = None if row is None else store.passages[row]
        spans = marks(hit, ranking.calibration.second)
        shown = quote(hit, store.documents[hit.passage.document], spans, translation)
        reading = ranking.readings.get((hit.row, best_unit(hit)))
        answer = extraction.answer(query, hit, spans, reading)
        made.append(replace(shown, answer=answer, count=_count(hit, store) if counted else None))
    return tuple(made)


def nearby(quotes: Sequence[Quote], documents: Mapping[str, Document]) -> tuple[Quote, ...]:
    """Return quotations to show with a refusal: those that say something, so no captions of pictures."""
    captions = [
        {(block.start, block.end) for block in documents[each.document].blocks if block.kind == "caption"}
        for each in quotes
    ]
    return tuple(each for each, spans in zip(quotes, captions, strict=True) if (each.start, each.end) not in spans)


def items(passage: Passage) -> tuple[Span, ...]:
    """Return the items of a list, as document offsets: its lines without those that lead in to others (材料：)."""
    found = tuple(span for span in passage.spans if not leads_in(part(passage, span).rstrip()))
    return found or passage.spans


def _count(hit: Hit, store: Store) -> int | None:
    """The number of items of a list; None for other passages and for a list of which a neighbour holds another part."""
    if hit.passage.kind != "list":
        return None
    rows = [row for row in (hit.row - 1, hit.row + 1) if 0 <= row < len(store.passages)]
    place = (hit.passage.document, hit.passage.heading, "list")
    if any((near.document, near.heading, near.kind) == place for near in map(store.passages.__getitem__, rows)):
        return None
    return len(items(hit.passage))


def quote(hit: Hit, document: Document, marks: Sequence[Span], translation: Passage | None = None) -> Quote:
    """Return the quotation of a hit's passage.

    Args:
        hit: the hit.
        document: the document of its passage.
        marks: the spans to highlight, as document offsets.
        translation: the passage of the translation to show with it.

    Raises:
        ValueError: the passage is not a slice of the document. Such an index must not be served.
    """
    passage = hit.passage
    if document.text[passage.start : passage.end] != passage.text:
        raise ValueError(f"{passage.document} {passage.start}-{passage.end} is not what the passage says")
    return Quote(
        text=passage.text,
        document=document.path,
        title=document.title,
        start=passage.start,
        end=passage.end,
        sha256=document.sha256,
        heading=heading_path(passage),
        page=passage.page,
        score=hit.score,
        spans=tuple(marks),
        translation=translation.text if translation else None,
        translated_in=(translation.document, heading_path(translation)) if translation else None,
        also_in=document.also_in,
        valid_until=document.valid_until,
        recognized=any(start < passage.end and passage.start < end for start, end in document.recognized),
        url=live(document.url, passage.text) if document.url else None,
    )


def live(address: str, text: str) -> str:
    """Return the address of a page on the web that browsers open at a text (``#:~:text=``).

    Of a long text, or one of several lines, the address has only the beginning and the end.

    >>> live("https://a.cn/1.html", "共 3-5 家。")
    'https://a.cn/1.html#:~:text=%E5%85%B1%203%2D5%20%E5%AE%B6%E3%80%82'
    """
    lines = [line.strip() for line in text.replace(CELLS, "\n").split("\n") if line.strip()]
    parts = [lines[0]] if len(lines) == 1 and len(text) <= 2 * ENDS else [lines[0][:ENDS], lines[-1][-ENDS:]]
    return f"{address}#:~:text={','.join(quote_plain(part, safe='').replace('-', '%2D') for part in parts)}"


def place(quote: Quote, language: Language = "zh") -> str:
    """Return the page, slide or sheet of a quotation as text for display; "" if the format has none."""
    if quote.page is None:
        return ""
    if isinstance(quote.page, str):
        return f"sheet {quote.page}" if language == "en" else f"工作表 {quote.page}"
    if PurePath(quote.document).suffix.lower() in _SLIDES:
        return f"slide {quote.page}" if language == "en" else f"第 {quote.page} 张"
    return f"page {quote.page}" if language == "en" else f"第 {quote.page} 页"


def expired(quote: Quote, today: date | None = None) -> bool:
    """Return whether the document of a quotation is no longer valid on ``today`` (by default, the current date)."""
    return quote.valid_until is not None and quote.valid_until < (today or date.today()).isoformat()


def marks(hit: Hit, second: float = 0.0) -> tuple[Span, ...]:
    """Return the spans of a hit to highlight, as document offsets in order.

    These are the marks of the hit if it has any, all items of a list, or else the best sentence. The second-best
    sentence is highlighted too if its score is within ``second`` of the best one's and the two have at most MARKED code
    points together, since either may be the answer.
    """
    passage = hit.passage
    if hit.marks or passage.kind == "list":
        return hit.marks or items(passage)
    best = best_unit(hit)
    spans = units(passage)
    room = MARKED - (spans[best][1] - spans[best][0])
    close = [
        unit
        for unit, score in enumerate(hit.unit_scores)
        if unit != best and hit.score - score < second and spans[unit][1] - spans[unit][0] <= room
    ]
    chosen = {best, *sorted(close, key=lambda unit: -hit.unit_scores[unit])[:1]}
    return tuple(spans[unit] for unit in sorted(chosen))
