"""The only maker of HTML. Everything goes through Jinja2 with escaping on; a quotation is set as it stands."""

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
from parkqa.web.qr import Takeaway, takeaway

SHORT_SHA = 16
"""Characters of a SHA-256 in a link: of the document (``v``) and of the quote (``q``)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text, marked or not; ``first`` is the first marked one of its page."""

    text: str
    marked: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class CardView:
    """A quote as the card shows it; ``chips`` are the items of a list that is marked whole.

    ``answer`` are the marked parts where they are the smaller part of the quote, to be set large above it.

    ``translation`` is the reference translation, "" where there is none; ``english`` when the question was. ``link``
    is for this page, ``permalink`` for other people. ``expired`` is the last day of its validity once that is past.
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


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block of a document as the source page shows it."""

    kind: str
    level: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a JSON object as the page of the API shows it; ``indent`` counts the objects it stands in."""

    name: str
    kind: str
    required: bool
    zh: str
    en: str
    indent: int


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation of the API; ``command`` calls it, ``errors`` holds (status, Chinese, English)."""

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
    """Where links lead: ``root`` is the path prefix of this server, ``public`` the address that visitors use.

    ``phones`` gives the address that a phone can open at present, "" while there is none.
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
    """Return the address of a quote in its source, below ``base``."""
    return _link(quote.document, quote.sha256, (quote.start, quote.end), quote.text, base)


def _link(path: str, version: str, span: Span, text: str, base: str) -> str:
    short = hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT_SHA]
    query = f"v={version[:SHORT_SHA]}&start={span[0]}&end={span[1]}&q={short}"
    return f"{base}/source/{encode(path, safe='/')}?{query}#quote"


def cite(document: Document, mark: Span, base: str) -> tuple[str, str]:
    """Return what a slice of a document is cited by: title, date and headings, and its address below ``base``."""
    start, end = mark
    blocks = zip(document.blocks, headings(document), strict=True)
    path = next((path for block, path in blocks if block.end > start), ())
    title = f"{document.title}（{document.date}）" if document.date else document.title
    words = "，".join(part for part in (title, " › ".join(path)) if part)
    return words, _link(document.path, document.sha256, mark, document.text[start:end], base)


def cut(text: str, offset: int, marks: Sequence[Span]) -> tuple[Part, ...]:
    """Cut ``text``, which begins at ``offset`` of its document, at the marks (document offsets, ordered, disjoint)."""
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
    """Return title, date, heading path and page (slide, sheet) of a quote on one line."""
    title = f"{quote.title}（{date}）" if date else quote.title
    return " › ".join(part for part in (title, quote.heading, place(quote, "en" if english else "zh")) if part)


def chips(quote: Quote) -> tuple[str, ...]:
    """Return the items of a list that is marked whole and holds nothing else; else nothing."""
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
    )


def meant(answer: Answer) -> str:
    """Return how the question was understood where mending or completing has changed it; else nothing."""
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
    """Return the HTML of one exchange.

    ``judged`` puts 有用 and 没用 on the first quote's card; for a ``stand`` what is marked is set large above the
    quote, and a QR code takes it along.
    """
    english = language(answer.question) == "en"
    return _render(
        "turn.html",
        answer=answer,
        meant=meant(answer),
        judged=answer.answer_id if judged else "",
        refusal=_headed(answer.message),
        stand=stand,
        take=_takeaway(answer.quotes[0], documents, links, english) if stand and answer.quotes else None,
        contact=park.contact,
        quotes=[_card(quote, documents, links, english) for quote in answer.quotes],
        related=[_card(quote, documents, links, english) for quote in answer.related],
    )


def _takeaway(quote: Quote, documents: Mapping[str, Document], links: Links, english: bool) -> Takeaway:
    document = documents.get(quote.document)
    base = links.phones()
    line = where(quote, document.date if document else None, english)
    return takeaway(quote, line, source_link(quote, base) if base else "")


def _headed(message: str) -> tuple[str, str]:
    """The first sentence of a message of ours, which heads its card (without its full stop), and the rest."""
    spans = sentences(message) or ((0, 0),)
    return message[: spans[0][1]].rstrip("。."), message[spans[0][1] :].strip()


def shell(park: Park, *, recorded: bool = False) -> str:
    """Return the frame of the chat page: header, the empty conversation, the source panel.

    ``recorded`` says that questions are.
    """
    return _render("shell.html", park=park, recorded=recorded)


def notice(error: ParkqaError) -> str:
    """Return an error as a line of the conversation."""
    return _render("notice.html", zh=error.zh, en=error.en)


def source(document: Document, marks: Sequence[Span], state: str, citation: tuple[str, str] | None = None) -> str:
    """Return a document as an article with ``marks``; ``state`` is one of ``source.check``'s, or "" for none.

    ``citation`` is what ``cite`` gives, to be shown under it.
    """
    outermost = min((block.level for block in document.blocks if block.kind == "heading"), default=1)
    views = []
    marked = False
    for block in document.blocks:
        parts = cut(document.text[block.start : block.end], block.start, marks)
        if not marked and any(part.marked for part in parts):
            parts, marked = _anchored(parts), True
        views.append(BlockView(block.kind, min(block.level - outermost + 2, 6), parts))
    return _render("source.html", document=document, blocks=views, state=state, citation=citation)


def _anchored(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Make the first marked part the one that links lead to."""
    first = next(place for place, part in enumerate(parts) if part.marked)
    return (*parts[:first], replace(parts[first], first=True), *parts[first + 1 :])


def embed(address: str, public: bool, origins: Sequence[str], colour: str, root: str) -> str:
    """Return the webmaster's page; ``address`` is the one to embed from, ``public`` when the operator has named it."""
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
    """Return the page of the REST API, of which ``document`` is the OpenAPI document."""
    return _render("api.html", document=document, operations=operations, root=root)


def page(title: str, body: str, root: str, language: str) -> str:
    """Return a whole page around ``body``, which is HTML made here; ``language`` is that of its own words."""
    return _render("page.html", title=title, body=Markup(body), root=root, language=language)
