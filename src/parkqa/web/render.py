"""The only maker of HTML. Everything goes through Jinja2 with escaping on; a quotation is set as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote as encode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from parkqa.park import Park
from parkqa.text import sentences
from parkqa.types import Answer, Document, Quote, Span

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
    """A quote as the card shows it; ``chips`` are the items of a list that is marked whole."""

    parts: tuple[Part, ...]
    chips: tuple[str, ...]
    where: str
    link: str
    citation: str


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block of a document as the source page shows it."""

    kind: str
    level: int
    parts: tuple[Part, ...]


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


def source_link(quote: Quote, root: str = "") -> str:
    """Return the address of a quote in its source, below ``root``."""
    path = encode(quote.document, safe="/")
    text = hashlib.sha256(quote.text.encode("utf-8")).hexdigest()[:SHORT_SHA]
    return f"{root}/source/{path}?v={quote.sha256[:SHORT_SHA]}&start={quote.start}&end={quote.end}&q={text}#quote"


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


def where(quote: Quote, dates: dict[str, str | None]) -> str:
    """Return title, date and heading path of a quote on one line."""
    date = dates.get(quote.document)
    title = f"{quote.title}（{date}）" if date else quote.title
    return " › ".join(part for part in (title, quote.heading) if part)


def _card(quote: Quote, dates: dict[str, str | None], root: str) -> CardView:
    place, link = where(quote, dates), source_link(quote, root)
    listed = len(quote.spans) > 1 and quote.spans[0][0] == quote.start and quote.spans[-1][1] == quote.end
    texts = tuple(quote.text[start - quote.start : end - quote.start] for start, end in quote.spans)
    chips = texts if listed and "\n".join(texts) == quote.text else ()
    parts = cut(quote.text, quote.start, quote.spans)
    return CardView(parts, chips, place, link, f"“{quote.text}”\n——{place}")


def turn(answer: Answer, park: Park, documents: Mapping[str, Document], root: str = "") -> str:
    """Return the HTML of one exchange; ``root`` is the path prefix of the links."""
    dates = {path: document.date for path, document in documents.items()}
    changed = answer.understood != answer.question.strip()
    return _render(
        "turn.html",
        answer=answer,
        understood=answer.understood if changed and answer.kind != "smalltalk" else "",
        refusal=_sentences(answer.message),
        contact=park.contact,
        quotes=[_card(quote, dates, root) for quote in answer.quotes],
        related=[_card(quote, dates, root) for quote in answer.related],
    )


def _sentences(message: str) -> tuple[str, str]:
    """The first sentence of a message of ours, which heads its card, and the rest."""
    spans = sentences(message) or ((0, 0),)
    return message[: spans[0][1]], message[spans[0][1] :].strip()


def shell(park: Park, suggestions: Sequence[str]) -> str:
    """Return the frame of the chat page: header, the empty conversation, the source panel."""
    return _render("shell.html", name=park.name, suggestions=suggestions)


def notice(text: str) -> str:
    """Return a line of our own in the conversation, such as an error."""
    return str(Markup('<div class="pq-say pq-notice">{}</div>').format(text))


def source(document: Document, marks: Sequence[Span], state: str) -> str:
    """Return a document as an article with ``marks``; ``state`` is one of ``source.check``'s, or "" for none."""
    blocks = []
    seen = False
    for block in document.blocks:
        parts = list(cut(document.text[block.start : block.end], block.start, marks))
        for place, part in enumerate(parts):
            if part.marked and not seen:
                parts[place] = Part(part.text, True, True)
                seen = True
        blocks.append(BlockView(block.kind, min(block.level + 1, 6), tuple(parts)))
    return _render("source.html", document=document, blocks=blocks, state=state)


def page(title: str, body: str, root: str = "") -> str:
    """Return a whole page around ``body``, which is HTML made here."""
    return _render("page.html", title=title, body=Markup(body), root=root)  # noqa: S704 - made above, escaped
