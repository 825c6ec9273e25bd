"""Notes on an answer, in fixed words: what is quoted differs from the question, or from another document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from parkqa.query.question_words import TRAILING
from parkqa.search import recency
from parkqa.search.pipeline import Ranking
from parkqa.types import Document, Language, Note, Query, Quote

_HOW_LONG = re.compile(
    r"(?:多少|几)年(?:了|历史|[的]?时间)|多[久长](?:时间)?了|多大(?:了|年纪|岁数)|几岁|[几多少]+年(?=[?!。]*$)"
    r"|\bhow (?:long|many years) (?:ago|has|have|is it since)\b|\bhow old\b"
)
_DATE = re.compile(
    r"(?:19|20)\d\d\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号])?)?"
    r"|(?:\d{1,2} [A-Z][a-z]+ |[A-Z][a-z]+ )?(?:19|20)\d\d\b"
)
_DURATION = re.compile(r"(?<!\d)\d{1,3} ?(?:多|余)?年|[一二三四五六七八九十百两]+(?:多|余)?年|\byears?\b")

_SAID: Mapping[str, Mapping[Language, str]] = {
    "since": {
        "zh": "资料里写的是“{found}”，没有写到现在有多久。截至今天是{today}。",
        "en": "The documents say “{found}”; they do not say how long ago that is. Today is {today}.",
    },
    "version": {
        "zh": "两份资料写得不一样，先引用的是{order}的；《{title}》写的是“{found}”。",
        "en": "Two documents differ; the {order} one is quoted first. “{title}” says “{found}”.",
    },
}
_DIFFERS: Mapping[Language, str] = {
    "zh": "您问的是“{asked}”，资料里写的是“{found}”。",
    "en": "You asked about “{asked}”; the documents say “{found}”.",
}
_ORDER = {"newer": {"zh": "较新", "en": "newer"}, "older": {"zh": "较早", "en": "older"}}


def since(query: Query, quote: Quote, document: Document) -> tuple[Note, ...]:
    """Return a note if a question asks how long ago something was and the quotation only dates it.

    The number of years is not in the documents, so it is not said.
    """
    if not _HOW_LONG.search(query.search):
        return ()
    read = [(start, end) for start, end in quote.spans if not _DURATION.search(document.text, start, end)]
    dates = [found for span in read for found in _DATE.finditer(document.text, *span)]
    if len(read) < len(quote.spans) or not dates:
        return ()
    first = dates[0]
    return (Note("since", "", first[0], document.path, first.span()),)


def version(
    query: Query, ranking: Ranking, quotes: Sequence[Quote], documents: Mapping[str, Document]
) -> tuple[Note, ...]:
    """Return a note if the second quotation says otherwise than the first in another version of its document.

    The question must not choose between the two by a year. ``asked`` tells which is first, newer or older.
    """
    if query.years or len(quotes) < 2 or recency.contradicting(ranking.hits[:2], documents) != 1:
        return ()
    one, other = quotes[:2]
    start, end = (other.answer or other.spans)[0]
    newer = recency.date_of(documents[one.document]) > recency.date_of(documents[other.document])
    found = documents[other.document].text[start:end]
    return (Note("version", "newer" if newer else "older", found, other.document, (start, end)),)


def said(
    notes: Iterable[Note], language: Language, documents: Mapping[str, Document], today: date | None = None
) -> str:
    """Return notes as a message, "" for none.

    Args:
        notes: the notes.
        language: language of the message.
        documents: the documents by path.
        today: the current date unless given.

    >>> said([Note("number", "八类", "六类", "a.md", (0, 2))], "zh", {})
    '您问的是“八类”，资料里写的是“六类”。'
    """
    day = today or date.today()
    lines = []
    for note in notes:
        words = _SAID.get(note.kind, _DIFFERS)[language]
        title = documents[note.document].title if note.document in documents else note.document
        lines.append(
            words.format(
                asked=note.asked,
                found=TRAILING.sub("", note.found),
                title=title,
                order=_ORDER.get(note.asked, {}).get(language, ""),
                today=f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat(),
            )
        )
    return ("" if language == "zh" else " ").join(lines)
