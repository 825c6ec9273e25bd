"""Renders all HTML of the web interface, except Gradio's own.

Everything goes through Jinja2 templates with autoescaping. Quotes are inserted unchanged, whitespace included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote as encode
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from parkqa.answer.quoting import expired, place
from parkqa.corpus.curation.park import Park
from parkqa.corpus.passages import headings
from parkqa.errors import BadQuestion, ParkqaError
from parkqa.query.request import check
from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.text.sentences import sentences
from parkqa.types import Answer, Document, Quote, Span
from parkqa.web.qr import QuoteCode, quote_code

SHORT_SHA = 16
"""Hexadecimal digits of a SHA-256 in a link: of the document (``v``) and of the quote (``q``)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text, marked or not; ``first`` is set on the first marked run of a page, the target of ``#quote``."""

    text: str
    marked: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class CardView:
    """The data of a quote card.

    ``chips`` are the items of a list that is marked as a whole, else empty. ``answer`` are the marked parts if they
    make up less than half of the quote, else empty; the stand shows them large above it. ``translation`` is the
    reference translation or ""; ``english`` tells that the question was in English. ``link`` is for use on this page,
    ``permalink`` for sharing. ``expired`` is the last day of validity if that is past, else "".
    """

    parts: tuple[Part, ...]
    chips: tuple[str, ...]
    answer: tuple[str, ...]
    language: str
    translation: str
    english: bool
    where: str
    citation: str
    link: str
    permalink: str
    expired: str
    count: int | None


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block of a document on the source page; ``level`` is that of its HTML heading, ``label`` its number."""

    kind: str
    level: int
    parts: tuple[Part, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a JSON object on the API page; ``indent`` is its nesting depth."""

    name: str
    kind: str
    required: bool
    zh: str
    en: str
    indent: int


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation on the API page; ``command`` is a curl call, ``errors`` are (status, Chinese, English)."""

    method: str
    path: str
    name: str
    summary: tuple[str, str]
    command: str
    takes: tuple[FieldView, ...]
    gives: tuple[FieldView, ...]
    example: str
    errors: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Links:
    """Base addresses of links: ``root`` is the path prefix of this server, ``public`` its public URL or "".

    ``phones`` returns the base URL that phones can open at present, or "".
    """

    root: str = ""
    public: str = ""
    phones: Callable[[], str] = str


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("parkqa.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


def source_link(quote: Quote, base: str = "") -> str:
    """Return the URL of a quote in its source page; ``base`` is a path prefix or a base URL."""
    return _link(quote.document, quote.sha256, (quote.start, quote.end), quote.text, base)


def _link(path: str, version: str, span: Span, text: str, base: str) -> str:
    short = hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT_SHA]
    query = f"v={version[:SHORT_SHA]}&start={span[0]}&end={span[1]}&q={short}"
    return f"{base}/source/{encode(path, safe='/')}?{query}#quote"


def cite(document: Document, mark: Span, base: str) -> tuple[str, str]:
    """Return the citation of a slice of a document: (title, date and headings; URL below ``base``).

    ``mark`` is the slice, in code points of the document.
    """
    start, end = mark
    blocks = zip(document.blocks, headings(document), strict=True)
    path = next((path for block, path in blocks if block.end > start), ())
    title = f"{document.title}（{document.date}）" if document.date else document.title
    words = "，".join(part for part in (title, " › ".join(path)) if part)
    return words, _link(document.path, document.sha256, mark, document.text[start:end], base)


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


def where(quote: Quote, date: str | None, english: bool = False) -> str:
    """Return title, date, heading path and page, slide or sheet of a quote as one line."""
    title = f"{quote.title}（{date}）" if date else quote.title
    return " › ".join(part for part in (title, quote.heading, place(quote, "en" if english else "zh")) if part)


def chips(quote: Quote) -> tuple[str, ...]:
    """Return the items if the quote is a list of at least two, each marked and nothing besides; else an empty tuple."""
    texts = tuple(quote.text[start - quote.start : end - quote.start] for start, end in quote.spans)
    return texts if len(texts) > 1 and "\n".join(texts) == quote.text else ()


def _card(quote: Quote, documents: Mapping[str, Document], links: Links, english: bool) -> CardView:
    document = documents.get(quote.document)
    date = document.date if document else None
    title = f"{quote.title}（{date}）" if date else quote.title
    old = f"有效期至 {quote.valid_until}" if expired(quote) else ""
    parts = cut(quote.text, quote.start, quote.spans)
    marked = tuple(part.text for part in parts if part.marked)
    return CardView(
        parts=parts,
        answer=marked if 2 * sum(map(len, marked)) < len(quote.text) else (),
        chips=chips(quote),
        language="en" if language(quote.text) == "en" else "zh-CN",
        translation=quote.translation or "",
        english=english,
        where=where(quote, date, english),
        citation=f"“{quote.text}” ——" + "，".join(part for part in (title, quote.heading, place(quote), old) if part),
        link=source_link(quote, links.root),
        permalink=source_link(quote, links.public or links.root),
        expired=quote.valid_until or "" if expired(quote) else "",
        count=quote.count,
    )


def meant(answer: Answer) -> str:
    """Return the question as understood if it was corrected or completed from the history; else ""."""
    try:
        asked = check(answer.question)
    except BadQuestion:
        asked = answer.question
    same = answer.kind == "smalltalk" or folded(answer.understood) == folded(asked).strip()
    return "" if same else answer.understood


def turn(
    answer: Answer,
    park: Park,
    documents: Mapping[str, Document],
    links: Links,
    *,
    judged: bool = False,
    stand: bool = False,
) -> str:
    """Return the HTML of one turn: question, interpretation, answer or refusal, and suggestions.

    ``judged`` adds feedback buttons to the card of the first quote. ``stand`` shows the marked part large above the
    quote and adds a QR code.
    """
    english = language(answer.question) == "en"
    return _render(
        "turn.html",
        answer=answer,
        meant=meant(answer),
        judged=answer.answer_id if judged else "",
        refusal=_headed(answer.message),
        stand=stand,
        take=_quote_code(answer.quotes[0], documents, links, english) if stand and answer.quotes else None,
        contact=park.contact,
        quotes=[_card(quote, documents, links, english) for quote in answer.quotes],
        related=[_card(quote, documents, links, english) for quote in answer.related],
    )


def _quote_code(quote: Quote, documents: Mapping[str, Document], links: Links, english: bool) -> QuoteCode:
    document = documents.get(quote.document)
    base = links.phones()
    line = where(quote, document.date if document else None, english)
    return quote_code(quote, line, source_link(quote, base) if base else "")


def _headed(message: str) -> tuple[str, str]:
    """Split a fixed message into its first sentence, without the full stop, as the card's heading, and the rest."""
    spans = sentences(message) or ((0, 0),)
    return message[: spans[0][1]].rstrip("。."), message[spans[0][1] :].strip()


def shell(park: Park, *, recorded: bool = False) -> str:
    """Return the frame of the chat page: header, empty conversation and source panel.

    ``recorded`` adds the notice that questions are recorded.
    """
    return _render("shell.html", park=park, recorded=recorded)


def notice(error: ParkqaError) -> str:
    """Return an error message as HTML, in both languages."""
    return _render("notice.html", zh=error.zh, en=error.en)


def source(document: Document, marks: Sequence[Span], state: str, citation: tuple[str, str] | None = None) -> str:
    """Return a document as an HTML article.

    ``marks`` are the spans to mark, in code points of the document; ``state`` is the result of ``pages.source.check``;
    ``citation``, the result of ``cite``, is shown above the text.
    """
    outermost = min((block.level for block in document.blocks if block.kind == "heading"), default=1)
    views = []
    marked = False
    for block in document.blocks:
        parts = cut(document.text[block.start : block.end], block.start, marks)
        if not marked and any(part.marked for part in parts):
            parts, marked = _anchored(parts), True
        views.append(BlockView(block.kind, min(block.level - outermost + 2, 6), parts, block.label))
    return _render("source.html", document=document, blocks=views, state=state, citation=citation)


def _anchored(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Flag the first marked part as the link target."""
    first = next(place for place, part in enumerate(parts) if part.marked)
    return (*parts[:first], replace(parts[first], first=True), *parts[first + 1 :])


def embed(address: str, public: bool, origins: Sequence[str], colour: str, root: str) -> str:
    """Return the page on which webmasters configure the widget.

    ``address`` is the base URL from which sites load the widget; ``public`` tells that it is configured rather than
    taken from the request. ``origins`` are the sites allowed to embed; ``colour`` is the park's; ``root`` is the path
    prefix.
    """
    parts = urlsplit(address)
    return _render(
        "embed.html",
        address=address,
        origin=f"{parts.scheme}://{parts.netloc}",
        public=public,
        origins=origins,
        colour=colour,
        root=root,
    )


def api(document: Mapping[str, object], operations: Sequence[OperationView], root: str) -> str:
    """Return the documentation of the REST API; ``document`` is its OpenAPI document, ``root`` the path prefix."""
    return _render("api.html", document=document, operations=operations, root=root)


def page(title: str, body: str, root: str, language: str) -> str:
    """Return a complete HTML page.

    ``body`` is trusted HTML, rendered by this module, and is not escaped; ``root`` is the path prefix; ``language`` is
    the value of ``<html lang>``.
    """
    return _render("page.html", title=title, body=Markup(body), root=root, language=language)
