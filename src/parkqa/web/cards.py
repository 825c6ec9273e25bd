"""The cards: what a page shows of each quote, worked out here and drawn by ``render``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from unicodedata import east_asian_width
from urllib.parse import quote as encode

from parkqa.answer.quoting import RECOGNIZED, expired, place
from parkqa.corpus.passages import headings
from parkqa.text.characters import language
from parkqa.text.sentences import clauses, sentences
from parkqa.types import Document, Quote, Span
from parkqa.web.languages import Tongue

SPARED = 40
"""Minimum number of code points that folding a quote must spare; chosen by hand: about two lines on a phone."""
LARGE = 80
"""Maximum number of marked code points that are set large; chosen by hand: about four lines on a phone."""
SAME = 4
"""A quote with so many code points besides its answer, or fewer, is itself what is set large; chosen by hand."""
SHORT_SHA = 16
"""Hexadecimal digits of a SHA-256 in a link: of the document (``v``) and of the quote (``q``)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text, marked or not.

    ``first`` is set on the first marked run of a page, the target of ``#quote``; ``rest`` on what a card folds away.
    """

    text: str
    marked: bool
    first: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class CardView:
    """The data of a quote card.

    ``parts`` are those of the quote and ``language`` is its language. ``chips`` are the items of a list that is marked
    as a whole, else empty. ``answer`` are the words that answer, shown large above the quote; empty where they are the
    whole quote, or not known. ``marked`` are the marked parts if they make up less than half of the quote, else empty:
    what the stand shows large where no answer is known. ``long`` tells that too much is marked to be set large.
    ``translation`` are the parts of the reference translation, empty if there is none or the reader reads Chinese;
    ``translated_chips`` are its items if ``chips`` are those of the quote. ``link`` is for use on this page,
    ``permalink`` for sharing. ``expired`` is the last day of validity if that is past, else "".
    ``said`` tells that the answer is all that is not folded away. ``columns`` is the width of what is set large.
    ``recognized`` tells that the text was recognised from a picture.
    """

    parts: tuple[Part, ...]
    chips: tuple[str, ...]
    answer: tuple[str, ...]
    marked: tuple[str, ...]
    long: bool
    language: str
    translation: tuple[Part, ...]
    translated_chips: tuple[str, ...]
    where: str
    citation: str
    link: str
    permalink: str
    expired: str
    count: int | None
    said: bool
    columns: int
    recognized: bool = False


def source_link(quote: Quote, base: str = "") -> str:
    """Return the URL of a quote in its source page; ``base`` is a path prefix or a base URL."""
    return _link(quote.document, quote.sha256, (quote.start, quote.end), quote.text, base)


def _link(path: str, version: str, span: Span, text: str, base: str) -> str:
    short = hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT_SHA]
    query = f"v={version[:SHORT_SHA]}&start={span[0]}&end={span[1]}&q={short}"
    return f"{source_address(path, base)}?{query}#quote"


def source_address(path: str, base: str) -> str:
    """Return the address of the source page of the document at ``path``, without the place of any quote.

    >>> source_address("园区 介绍.md", "https://p.cn")
    'https://p.cn/source/%E5%9B%AD%E5%8C%BA%20%E4%BB%8B%E7%BB%8D.md'
    """
    return f"{base}/source/{encode(path, safe='/')}"


def cite(document: Document, mark: Span, base: str) -> tuple[str, str]:
    """Return the citation of a slice of a document: (title, date and headings; URL below ``base``).

    ``mark`` is the slice, in code points of the document.
    """
    start, end = mark
    words = "，".join(part for part in (dated(document.title, document.date), heading_at(document, start)) if part)
    return words, _link(document.path, document.sha256, mark, document.text[start:end], base)


def dated(title: str, date: str | None, reader: Tongue = "zh-CN") -> str:
    """Return a title with the date of the document, if it has one."""
    if not date:
        return title
    return f"{title} ({date})" if reader == "en" else f"{title}（{date}）"


def heading_at(document: Document, offset: int) -> str:
    """Return the headings above an offset of a document, outermost first, joined by " › "."""
    blocks = zip(document.blocks, headings(document), strict=True)
    return " › ".join(next((path for block, path in blocks if block.end > offset), ()))


def cut(text: str, offset: int, marks: Sequence[Span]) -> tuple[Part, ...]:
    """Split ``text`` at the marked spans; the parts, joined, give ``text`` again.

    ``offset`` is where ``text`` begins in its document; ``marks`` are document spans in code points, ordered and
    disjoint, of which those outside ``text`` are ignored.
    """
    parts: list[Part] = []
    position = 0
    for start, end in marks:
        first, last = max(start - offset, position), min(end - offset, len(text))
        if first >= last:
            continue
        parts += [Part(text[position:first], False), Part(text[first:last], True)]
        position = last
    parts.append(Part(text[position:], False))
    return tuple(part for part in parts if part.text)


def folded(parts: Sequence[Part], text: str, found: Sequence[Span] = ()) -> tuple[Part, ...]:
    """Return the parts of a text with ``rest`` set on what a card folds away.

    That is the sentences that have nothing marked or, if too much is marked to be set large, all but the clauses that
    hold the answer ``found``, in code points of the text. Nothing is folded if that would spare less than SPARED code
    points.
    """
    marked, place = [], 0
    for part in parts:
        if part.marked:
            marked.append((place, place + len(part.text)))
        place += len(part.text)
    narrow = bool(found) and sum(end - start for start, end in marked) > LARGE
    kept = list(found) if narrow else marked
    near = [unit for unit in (clauses(text) if narrow else _units(text)) if _meets(unit, kept)]
    if not kept:
        return tuple(parts)
    first, last = min(start for start, _ in (*near, *kept)), max(end for _, end in (*near, *kept))
    return tuple(_split(parts, first, last)) if len(text) - (last - first) >= SPARED else tuple(parts)


def shortened(parts: Sequence[Part], text: str, share: tuple[float, float]) -> tuple[Part, ...]:
    """Return the parts of a translation with ``rest`` set on what a card folds away, as ``folded`` does.

    ``share`` is where the answer begins and ends in the original, as shares of its length. Of a translation too
    long to be set large (LARGE, Latin letters counting half) the sentences are shown that are marked. Where that is all
    or nothing, those from the one share to the other are: a translation says things in much the same order. This is a
    guess, so nothing is marked by it.
    """
    if len(text) <= 2 * LARGE:
        return tuple(parts)
    marked = folded(parts, text)
    if any(part.rest for part in marked):
        return marked
    first, last = (round(place * len(text)) for place in share)
    for units in (sentences(text), clauses(text)):
        near = [unit for unit in units if _meets(unit, [(first, max(last, first + 1))])]
        if near and len(text) - (near[-1][1] - near[0][0]) >= 2 * SPARED:
            return tuple(_split(parts, near[0][0], near[-1][1]))
    return tuple(parts)


def _meets(unit: Span, spans: Iterable[Span]) -> bool:
    return any(start < unit[1] and unit[0] < end for start, end in spans)


def _split(parts: Iterable[Part], first: int, last: int) -> Iterator[Part]:
    """Yield the parts cut at ``first`` and ``last``, those outside with ``rest`` set."""
    place = 0
    for part in parts:
        ends = sorted(
            {max(place, min(place + len(part.text), cut)) for cut in (first, last)} | {place + len(part.text)}
        )
        begin = place
        for end in ends:
            if begin < end:
                inside = first <= begin and end <= last
                yield replace(part, text=part.text[begin - place : end - place], rest=not inside)
            begin = end
        place += len(part.text)


def answers(quote: Quote) -> tuple[str, ...]:
    """Return the words of a quote that answer; empty if they are not known or are the whole quote."""
    texts = tuple(quote.text[start - quote.start : end - quote.start] for start, end in quote.answer)
    return texts if sum(map(len, texts)) + SAME < len(quote.text) else ()


def _share(quote: Quote) -> tuple[float, float]:
    """Where the answer of a quote begins and ends, or else what is marked, as shares of the quote's length."""
    spans, size = quote.answer or quote.spans, len(quote.text)
    return (min(start for start, _ in spans) - quote.start) / size, (max(end for _, end in spans) - quote.start) / size


def columns(text: str) -> int:
    """Return the width of a text, with two columns for a Chinese character.

    >>> columns("园区 2003")
    9
    """
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def chips(quote: Quote) -> tuple[str, ...]:
    """Return the items if the quote is a list of at least two, each marked and nothing besides; else an empty tuple."""
    texts = tuple(quote.text[start - quote.start : end - quote.start] for start, end in quote.spans)
    return texts if len(texts) > 1 and "\n".join(texts) == quote.text else ()


def aligned(quote: Quote) -> tuple[Span, ...]:
    """Return the spans of a quote's translation that translate its marked spans, as offsets of the translation.

    Sentence stands beside sentence, item beside item. Where the two have not the same number of them nothing is
    marked: it would be a guess.
    """
    text, there = quote.text, quote.translation or ""
    ours, theirs = _units(text), _units(there)
    if len(ours) != len(theirs):
        return ()
    marks = [(start - quote.start, end - quote.start) for start, end in quote.spans]
    pairs = zip(ours, theirs, strict=True)
    return tuple(span for unit, span in pairs if any(a < unit[1] and unit[0] < b for a, b in marks))


def _units(text: str) -> tuple[Span, ...]:
    """The sentences of a text line by line, so that the items of a list without full stops count one by one."""
    units: list[Span] = []
    start = 0
    for line in text.split("\n"):
        units += sentences(text, start, start + len(line))
        start += len(line) + 1
    return tuple(units)


def where(quote: Quote, documents: Mapping[str, Document], reader: Tongue = "zh-CN") -> str:
    """Return title, date, headings and page, slide or sheet of a quote as one line, for readers of a language.

    For readers of English title and headings are those of the translation, if the quote has one.
    """
    document = documents.get(quote.document)
    title, heading, date = quote.title, quote.heading, document.date if document else None
    if reader == "en" and quote.translated_in:
        path, heading = quote.translated_in
        title = documents[path].title if path in documents else title
    spot = place(quote, "en" if reader == "en" else "zh")
    return " › ".join(part for part in (dated(title, date, reader), heading, spot) if part)


def card(
    quote: Quote, documents: Mapping[str, Document], root: str, public: str, reader: Tongue, near: bool = False
) -> CardView:
    """Return the card of a quote; ``root`` is the path prefix, ``public`` the server's public URL or "".

    ``near`` tells that it does not answer, so that its translation is not shortened to the place of an answer.
    """
    document = documents.get(quote.document)
    title = dated(quote.title, document.date if document else None)
    old = f"有效期至 {quote.valid_until}" if expired(quote) else ""
    read = RECOGNIZED["zh"] if quote.recognized else ""
    found = [(start - quote.start, end - quote.start) for start, end in quote.answer] if answers(quote) else []
    parts = folded(cut(quote.text, quote.start, quote.spans), quote.text, found)
    marked = tuple(part.text for part in parts if part.marked)
    items = chips(quote)
    translation = cut(quote.translation or "", 0, aligned(quote)) if reader == "en" else ()
    if not items:
        translation = shortened(translation, quote.translation or "", (0, 1) if near else _share(quote))
    shown = "".join(part.text for part in parts if not part.rest)
    large = answers(quote) or (shown,)
    lines = "".join(part.text for part in translation).split("\n")
    return CardView(
        parts=parts,
        answer=() if items else answers(quote),
        marked=marked if 2 * sum(map(len, marked)) < len(quote.text) else (),
        long=sum(map(len, marked)) > LARGE,
        chips=items,
        language="en" if language(quote.text) == "en" else "zh-CN",
        translation=translation,
        translated_chips=tuple(lines) if translation and len(lines) == len(items) else (),
        where=where(quote, documents, reader),
        citation=f"“{quote.text}” ——"
        + "，".join(part for part in (title, quote.heading, place(quote), old, read) if part),
        link=source_link(quote, root),
        permalink=source_link(quote, public or root),
        expired=quote.valid_until or "" if expired(quote) else "",
        count=quote.count,
        said=bool(answers(quote)) and columns("".join(large)) + SAME >= columns(shown),
        columns=columns("".join(part.text for part in translation if not part.rest) or "".join(large)),
        recognized=quote.recognized,
    )
