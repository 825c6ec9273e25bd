"""Renders all HTML of the web interface, except Gradio's own.

Everything goes through Jinja2 templates with autoescaping. Quotes are inserted unchanged, whitespace included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Literal
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from parkqa.corpus.curation.contact import LABELS
from parkqa.corpus.curation.park import Park
from parkqa.errors import BadQuestion, ParkqaError
from parkqa.query.request import LONGEST, check
from parkqa.text.folding import folded
from parkqa.text.sentences import sentences
from parkqa.types import Answer, Document, Quote, Span
from parkqa.web import assets
from parkqa.web.boxes import Sheet
from parkqa.web.cards import Part, card, cut, source_link, where
from parkqa.web.languages import Tongue, chosen, of_answer, traditional
from parkqa.web.qr import QuoteCode, quote_code, svg

Look = Literal["chat", "stand", "plain"]


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block of a document on the source page; ``level`` is that of its HTML heading, ``label`` its number.

    ``first`` is set on the first one that is marked.
    """

    kind: str
    level: int
    parts: tuple[Part, ...]
    label: str = ""
    first: bool = False


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

    ``phones`` returns the base URL that phones can open at present, or ""; ``picture`` whether there is a picture of
    this name in the corpus.
    """

    root: str = ""
    public: str = ""
    phones: Callable[[], str] = str
    picture: Callable[[str], bool] = lambda _: False


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("parkqa.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(t=_in_language, in_variant=lambda text, reader: chosen(text, text, reader))
    return made


@pass_context
def _in_language(context: Context, zh: str, en: str) -> str:
    """The template function ``t``: words of ours in the language ``reader``, or else in both.

    Of two languages the style sheet shows the one that <html lang> names; the Chinese is that of ``chinese``.
    """
    if reader := context.get("reader"):
        return chosen(zh, en, reader)
    chinese: Tongue = context.get("chinese", "zh-CN")
    both = Markup('<span class="pq-t" lang="{}">{}</span><span class="pq-t" lang="en">{}</span>')
    return both.format(chinese, chosen(zh, en, chinese), en)


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


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
    look: Look = "chat",
    page: Tongue = "zh-CN",
) -> str:
    """Return the HTML of one turn: question, interpretation, answer or refusal, and suggestions.

    All words of ours are in one language: that of the question, Chinese as on the ``page``. ``judged`` adds feedback
    buttons. A ``look`` of "stand" shows the marked part large above the quote and adds a QR code; "plain" leaves out
    what only works with scripts.
    """
    reader = of_answer(answer, page)
    message = traditional(answer.message) if reader == "zh-TW" else answer.message
    line, office = park.reached("en" if reader == "en" else "zh")
    views = partial(card, documents=documents, root=links.root, public=links.public, reader=reader)
    return _render(
        "turn.html",
        reader=reader,
        answer=answer,
        message=message,
        meant=meant(answer),
        judged=answer.answer_id if judged and look != "plain" else "",
        refusal=_headed(message),
        stand=look == "stand",
        plain=look == "plain",
        root=links.root,
        take=_quote_code(answer.quotes[0], documents, links, reader) if look == "stand" and answer.quotes else None,
        contact=line,
        office=[(key, LABELS[key], text) for key, text in office.items() if key != "map"],
        picture=links.picture(office.get("map", "")),
        quotes=[views(quote) for quote in answer.quotes],
        related=[views(quote) for quote in answer.related],
    )


def _quote_code(quote: Quote, documents: Mapping[str, Document], links: Links, reader: Tongue) -> QuoteCode:
    base = links.phones()
    return quote_code(quote, where(quote, documents, reader), source_link(quote, base) if base else "")


def phone(url: str, reader: Tongue) -> str:
    """Return the code that leads a phone to the chat page at ``url``."""
    return _render("phone.html", svg=svg(url), reader=reader)


def _headed(message: str) -> tuple[str, str]:
    """Split a fixed message into its first sentence, without the full stop, as the card's heading, and the rest."""
    spans = sentences(message) or ((0, 0),)
    return message[: spans[0][1]].rstrip("。."), message[spans[0][1] :].strip()


@dataclass(frozen=True, slots=True)
class Suggested:
    """The questions suggested at the start of a conversation, in Chinese and in English."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


def shell(
    park: Park,
    root: str = "",
    *,
    recorded: bool = False,
    reader: Tongue = "zh-CN",
    suggested: Suggested | None = None,
    invited: bool = False,
) -> str:
    """Return the frame of the chat page: header, empty conversation, source panel, and a form to ask with.

    It works before Gradio's components have come, and without any script. ``recorded`` adds the notice that questions
    are recorded; ``suggested`` is None as long as the engine is not ready; ``invited`` tells that another
    site led here, so that a question in the address is not asked before the visitor sends it.
    """
    return _render(
        "shell.html",
        park=park,
        root=root,
        recorded=recorded,
        reader_of_page=reader,
        chinese=_chinese(reader),
        suggested=suggested,
        invited=invited,
        longest=LONGEST,
        placeholder=chosen("请输入问题，中英文都可以", "Ask in English or Chinese", reader),
    )


def ask(
    park: Park,
    root: str,
    question: str,
    turn: str,
    suggested: Sequence[str],
    reader: Tongue,
    *,
    recorded: bool = False,
) -> str:
    """Return the page that answers without scripts.

    ``turn`` is the answer, trusted HTML of ``turn`` or ``notice``, or "" before a question; then ``suggested`` are
    offered.
    """
    return _render(
        "ask.html",
        park=park,
        root=root,
        question=question,
        turn=Markup(turn),
        suggested=suggested,
        reader=reader,
        recorded=recorded,
    )


def _chinese(reader: Tongue) -> Tongue:
    """The Chinese of a page in both languages."""
    return "zh-TW" if reader == "zh-TW" else "zh-CN"


def notice(error: ParkqaError, reader: Tongue = "zh-CN") -> str:
    """Return an error message as HTML, in both languages."""
    return _render("notice.html", chinese=_chinese(reader), zh=error.zh, en=error.en)


def source(
    document: Document,
    marks: Sequence[Span],
    state: str,
    citation: tuple[str, str] | None = None,
    reader: Tongue = "zh-CN",
    looks: Sequence[tuple[Sheet, str]] = (),
) -> str:
    """Return a document as an HTML article, with our own words in both languages.

    ``marks`` are the spans to mark, in code points of the document; ``state`` is the result of ``pages.source.check``;
    ``citation``, the result of ``cite``, is shown above the text. ``looks`` are the pages with the marks, each with the
    address of its picture.
    """
    outermost = min((block.level for block in document.blocks if block.kind == "heading"), default=1)
    views = []
    marked = False
    for block in document.blocks:
        parts = cut(document.text[block.start : block.end], block.start, marks)
        if not marked and any(part.marked for part in parts):
            parts, marked = _anchored(parts), True
        level = min(block.level - outermost + 2, 6)
        views.append(BlockView(block.kind, level, parts, block.label, any(part.first for part in parts)))
    chinese = _chinese(reader)
    recognized = any(start < mark[1] and mark[0] < end for mark in marks for start, end in document.recognized)
    return _render(
        "source.html",
        chinese=chinese,
        document=document,
        blocks=views,
        state=state,
        citation=citation,
        recognized=recognized,
        looks=looks,
    )


def source_bar(park: Park, root: str, heading: str, reader: Tongue = "zh-CN") -> str:
    """Return what stands above a source page: the park's name, the ``heading`` of the quote, and a way to ask."""
    return _render("source_bar.html", chinese=_chinese(reader), park=park, root=root, heading=heading)


def _anchored(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Flag the first marked part as the link target."""
    first = next(place for place, part in enumerate(parts) if part.marked)
    return (*parts[:first], replace(parts[first], first=True), *parts[first + 1 :])


def embed(address: str, public: bool, origins: Sequence[str], colour: str, root: str, reader: Tongue = "zh-CN") -> str:
    """Return the page on which webmasters configure the widget.

    ``address`` is the base URL from which sites load the widget; ``public`` tells that it is configured rather than
    taken from the request. ``origins`` are the sites allowed to embed; ``colour`` is the park's; ``root`` is the path
    prefix.
    """
    parts = urlsplit(address)
    return _render(
        "embed.html",
        chinese=_chinese(reader),
        address=address,
        origin=f"{parts.scheme}://{parts.netloc}",
        public=public,
        origins=origins,
        colour=colour,
        root=root,
    )


def api(
    document: Mapping[str, object], operations: Sequence[OperationView], root: str, reader: Tongue = "zh-CN"
) -> str:
    """Return the documentation of the REST API; ``document`` is its OpenAPI document, ``root`` the path prefix."""
    return _render("api.html", chinese=_chinese(reader), document=document, operations=operations, root=root)


def page(title: str, body: str, root: str, language: str) -> str:
    """Return a complete HTML page.

    ``body`` is trusted HTML, rendered by this module, and is not escaped; ``root`` is the path prefix; ``language`` is
    the value of ``<html lang>``.
    """
    style = assets.address("plain.css", root)
    return _render("page.html", title=title, body=Markup(body), root=root, language=language, style=style)
