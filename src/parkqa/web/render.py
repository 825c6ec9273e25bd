"""Draws the pages of the web interface as HTML; the turns of a conversation are drawn by ``turns``.

Documents are inserted unchanged, whitespace included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from markupsafe import Markup

from parkqa.answer import quoting
from parkqa.corpus.curation.park import Park
from parkqa.errors import ParkqaError
from parkqa.query.request import LONGEST
from parkqa.types import Document, Span
from parkqa.web import assets
from parkqa.web.boxes import Sheet
from parkqa.web.cards import Part, cut
from parkqa.web.languages import Tongue, chosen
from parkqa.web.templating import chinese_of, render


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
    messages: bool = False,
) -> str:
    """Return the frame of the chat page: header, empty conversation, source panel, and a form to ask with.

    It works before Gradio's components have come, and without any script. ``recorded`` adds the notice that questions
    are recorded; ``suggested`` is None as long as the engine is not ready; ``invited`` tells that another
    site led here, so that a question in the address is not asked before the visitor sends it.
    """
    return render(
        "shell.html",
        park=park,
        root=root,
        recorded=recorded,
        reader_of_page=reader,
        chinese=chinese_of(reader),
        suggested=suggested,
        invited=invited,
        messages=messages,
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

    ``turn`` is the answer, trusted HTML of ``turns.turn`` or ``notice``, or "" before a question; then ``suggested``
    are offered.
    """
    return render(
        "ask.html",
        park=park,
        root=root,
        question=question,
        turn=Markup(turn),
        suggested=suggested,
        reader=reader,
        recorded=recorded,
    )


def notice(error: ParkqaError, reader: Tongue = "zh-CN") -> str:
    """Return an error message as HTML, in both languages."""
    return render("notice.html", chinese=chinese_of(reader), zh=error.zh, en=error.en)


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
    recognized = any(start < mark[1] and mark[0] < end for mark in marks for start, end in document.recognized)
    live = quoting.live(document.url, document.text[slice(*marks[0])]) if document.url and marks else document.url
    return render(
        "source.html",
        chinese=chinese_of(reader),
        document=document,
        blocks=views,
        state=state,
        citation=citation,
        recognized=recognized,
        live=live,
        looks=looks,
    )


def source_bar(park: Park, root: str, heading: str, reader: Tongue = "zh-CN") -> str:
    """Return what stands above a source page: the park's name, the ``heading`` of the quote, and a way to ask."""
    return render(
        "source_bar.html", chinese=chinese_of(reader), reader_of_page=reader, park=park, root=root, heading=heading
    )


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
    return render(
        "embed.html",
        chinese=chinese_of(reader),
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
    return render("api.html", chinese=chinese_of(reader), document=document, operations=operations, root=root)


def desk(template: str, /, **values: object) -> str:
    """Return a page of the desk: the template ``desk/<template>.html``, in the language ``reader``."""
    return render(f"desk/{template}.html", **values)


def message(template: str, /, **values: object) -> str:
    """Return what belongs to leaving a message: the template ``message/<template>.html``, in the language ``reader``.

    ``body`` is trusted HTML, as this returns it.
    """
    return render(f"message/{template}.html", **values)


def page(title: str, body: str, root: str, language: str, canonical: str = "") -> str:
    """Return a complete HTML page.

    ``body`` is trusted HTML, rendered by this module, and is not escaped; ``root`` is the path prefix; ``language`` is
    the value of ``<html lang>``; ``canonical`` is the address that search engines are to know it by, if any.
    """
    style = assets.address("plain.css", root)
    shown = {"title": title, "body": Markup(body), "root": root, "language": language, "style": style}
    return render("page.html", canonical=canonical, **shown)
