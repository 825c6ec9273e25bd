"""What the visitor gets: answers, with their quotations and notes, and the JSON of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from parkqa.types.documents import Page, Span

AnswerKind = Literal["answer", "refusal", "smalltalk"]
Mode = Literal["chat", "event", "widget", "api", "cli"]
"""Where a question was asked."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation: ``text == document.text[start:end]``, word for word what the document says unless ``recognized``.

    Attributes:
        text: the quoted text.
        document: path of the document.
        title: title of the document.
        start: offset of the first code point in the document's text.
        end: offset after the last code point.
        sha256: SHA-256 of the document's text, to check the offsets against.
        heading: the headings above the quotation, outermost first, joined by " › ".
        page: the page, slide or sheet that the quotation starts on.
        score: score in the ranking; comparable only among the quotations of one answer.
        spans: the sentences that answer the question, to be highlighted, as document offsets.
        answer: the shortest clauses of them that hold the answer, as document offsets; the items of a list.
        translation: the text of the translation, if the document has one; it is not a quotation.
        also_in: paths of further files with the same text.
        valid_until: last day on which the document is valid, in ISO format.
        translated_in: path of the document that ``translation`` is taken from, and the headings above it there, joined
            by " › "; for display, and no part of the JSON.
        count: number of items of a list that was asked for; None for anything else.
        part: number, from 1, of the part of the question that it answers (``Answer.parts``); None if there is only one.
        recognized: whether any of the text was recognised from a picture (OCR), so that characters may be wrong.
        url: address of the live page, at the quoted text, of a page that was fetched; None for anything else.

    >>> quote = Quote("2003年成立。", "park.md", "园区", 4, 12, "9f86d0", "简介", None, 2.5, ((4, 12),))
    >>> quote.to_dict()["spans"]
    [[4, 12]]
    """

    text: str
    document: str
    title: str
    start: int
    end: int
    sha256: str
    heading: str
    page: Page
    score: float
    spans: tuple[Span, ...]
    translation: str | None = None
    also_in: tuple[str, ...] = ()
    valid_until: str | None = None
    count: int | None = None
    translated_in: tuple[str, str] | None = None
    answer: tuple[Span, ...] = ()
    part: int | None = None
    recognized: bool = False
    url: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the quotation as a JSON-serialisable dict, as documented in the REST API; every key is present."""
        return {
            "text": self.text,
            "document": self.document,
            "title": self.title,
            "start": self.start,
            "end": self.end,
            "sha256": self.sha256,
            "heading": self.heading,
            "page": self.page,
            "score": self.score,
            "spans": [list(span) for span in self.spans],
            "answer": [list(span) for span in self.answer],
            "translation": self.translation,
            "also_in": list(self.also_in),
            "valid_until": self.valid_until,
            "count": self.count,
            "part": self.part,
            "recognized": self.recognized,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Note:
    """What the documents have otherwise than the question takes for granted, or than another document.

    Attributes:
        kind: ``year``, ``number`` or ``rank``: the question has another one. ``since``: it asks how long ago something
            was, and the document only dates it. ``version``: a document of another date says otherwise.
        asked: the value in the question; of ``version``, whether the first quotation is the ``newer`` or ``older``.
        found: the value in the document: ``text[span[0]:span[1]]`` of it.
        document: path of the document in the corpus.
        span: where the value stands, as offsets of the document.
    """

    kind: str
    asked: str
    found: str
    document: str
    span: Span

    def to_dict(self) -> dict[str, Any]:
        """Return the note as a JSON-serialisable dict."""
        return asdict(self) | {"span": list(self.span)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to a question: quotations that answer it, a refusal, or small talk.

    Attributes:
        id: the caller's id of the question, returned unchanged.
        answer_id: unique id of this answer, for feedback; 32 hexadecimal digits.
        question: the question as it was typed.
        understood: the question as it was understood, with misspellings corrected and follow-ups completed.
        repairs: the spelling corrections, as pairs (typed, corrected).
        kind: ``answer``, ``refusal`` or ``smalltalk``.
        message: the text of a refusal or of small talk; for an answer, its notes in words, or empty.
        confidence: estimated probability (0 to 1) that the first quotation answers the question.
        quotes: the quotations that answer, best first; empty unless ``kind`` is ``answer``.
        related: the passages closest to the question, best first; empty unless ``kind`` is ``refusal``.
        suggestions: further questions that have answers.
        elapsed_ms: processing time in milliseconds.
        missing: what the question names and the documents do not; then ``kind`` is ``refusal``.
        notes: what the first quotation, or that of each part, has otherwise than the question takes for granted.
        parts: the parts of a question that asks several things, as they were understood; each has one quotation.

    >>> answer = Answer(None, "5f0c", "你好", "你好", (), "smalltalk", "您好！", 1.0, (), (), (), 0.1)
    >>> answer.refused
    True
    >>> answer.to_dict()["kind"]
    'smalltalk'
    """

    id: str | int | float | None
    answer_id: str
    question: str
    understood: str
    repairs: tuple[tuple[str, str], ...]
    kind: AnswerKind
    message: str
    confidence: float
    quotes: tuple[Quote, ...]
    related: tuple[Quote, ...]
    suggestions: tuple[str, ...]
    elapsed_ms: float
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing is quoted as an answer; true for small talk as well."""
        return self.kind != "answer"

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as a JSON-serialisable dict, as documented in the REST API; every key is present."""
        return {
            "id": self.id,
            "answer_id": self.answer_id,
            "question": self.question,
            "understood": self.understood,
            "repairs": [list(pair) for pair in self.repairs],
            "kind": self.kind,
            "refused": self.refused,
            "message": self.message,
            "confidence": self.confidence,
            "quotes": [quote.to_dict() for quote in self.quotes],
            "related": [quote.to_dict() for quote in self.related],
            "suggestions": list(self.suggestions),
            "elapsed_ms": self.elapsed_ms,
            "missing": list(self.missing),
            "notes": [note.to_dict() for note in self.notes],
            "parts": list(self.parts),
        }
