"""Draws a turn of a conversation as HTML: a question, and the answer or refusal.

Quotes are inserted unchanged, whitespace included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from parkqa.corpus.curation.contact import LABELS
from parkqa.corpus.curation.park import Park
from parkqa.errors import BadQuestion
from parkqa.query.request import check
from parkqa.text.folding import folded
from parkqa.text.sentences import sentences
from parkqa.types import Answer, Document, Quote
from parkqa.web.cards import card, source_link, where
from parkqa.web.languages import Tongue, of_answer, traditional
from parkqa.web.qr import QuoteCode, quote_code, svg
from parkqa.web.templating import render

Look = Literal["chat", "stand", "plain"]


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
    return render(
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
        messages=park.messages,
        office=[(key, LABELS[key], text) for key, text in office.items() if key != "map"],
        picture=links.picture(office.get("map", "")),
        quotes=[views(quote) for quote in answer.quotes],
        related=[views(quote, near=True) for quote in answer.related],
    )


def _quote_code(quote: Quote, documents: Mapping[str, Document], links: Links, reader: Tongue) -> QuoteCode:
    base = links.phones()
    return quote_code(quote, where(quote, documents, reader), source_link(quote, base) if base else "")


def phone(url: str, reader: Tongue) -> str:
    """Return the code that leads a phone to the chat page at ``url``."""
    return render("phone.html", svg=svg(url), reader=reader)


def _headed(message: str) -> tuple[str, str]:
    """Split a fixed message into its first sentence, without the full stop, as the card's heading, and the rest."""
    spans = sentences(message) or ((0, 0),)
    return message[: spans[0][1]].rstrip("。."), message[spans[0][1] :].strip()
