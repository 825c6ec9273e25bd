"""The value types shared by all of parkqa, and the interfaces (``Encoder``, ``Reranker``, ``Store``) of its parts.

All offsets are half-open ranges of code points of ``Document.text``: ``text[start:end]``. The classes here are frozen
dataclasses without behaviour, so that every other module can import them without importing a model or a store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Span = tuple[int, int]
Vectors = npt.NDArray[np.float32]
Language = Literal["zh", "en"]
BlockKind = Literal["heading", "paragraph", "item", "columns", "row", "caption", "break"]
PassageKind = Literal["paragraph", "list", "entry", "row", "caption", "question"]
AnswerKind = Literal["answer", "refusal", "smalltalk"]
Mode = Literal["chat", "event", "widget", "api", "cli"]
FaissKind = Literal["auto", "flat", "hnsw", "ivf"]
Page = int | str | None
"""A page or slide number (from 1), or the name of a spreadsheet's sheet; None where the format has neither."""
Progress = Callable[[int, int], None]
"""A progress callback; it is called with the number of items done and the total number of items."""


@dataclass(frozen=True, slots=True)
class Block:
    """A structural element of a document: a heading, a paragraph, a list item, a table row and the like.

    Attributes:
        kind: what the element is. A ``columns`` block is the header row of a table. A ``break`` is empty
            (``start == end``) and ends all open headings of its ``level`` or deeper.
        level: nesting depth of a heading, list item or break (1 is the outermost); 0 for all other kinds.
        start: offset of the first code point.
        end: offset after the last code point.
        page: the page, slide or sheet that the element is on.
        columns: the header cells of the table that a ``row`` belongs to, and of a ``columns`` block itself.
        label: the number that the file gives the element by automatic numbering (第二条, 一、), as its program shows it
            before the text. It is no part of the text.
    """

    kind: BlockKind
    level: int
    start: int
    end: int
    page: Page = None
    columns: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a page looks like: a page of a PDF, a scan or a picture in a file, with the places of its lines.

    Lengths are in points, from the upper left corner of the page as it is shown: turned and straightened.

    Attributes:
        number: number of the page from 1, or of the picture in its file.
        width: width in points.
        height: height in points.
        member: where a package (.docx, .pptx) holds the picture; "" where the page is one of the file itself.
        turn: degrees by which the page is turned clockwise to be upright: 0, 90, 180 or 270.
        skew: degrees by which it is then turned counter-clockwise to be straight.
        confidence: how sure the recogniser was of its text, from 0 to 1; None where the text was not recognised.
        lines: the places of its lines, six numbers each: first offset in the document's text and length, then left,
            upper, right and lower edge.
    """

    number: int
    width: int
    height: int
    member: str = ""
    turn: int = 0
    skew: float = 0.0
    confidence: float | None = None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the corpus, converted to plain text.

    Attributes:
        path: POSIX path relative to the corpus folder; identifies the document.
        title: title for display.
        text: the whole plain text; every offset in parkqa refers to it.
        sha256: SHA-256 of ``text`` in hexadecimal.
        blocks: the structure of the text, in order.
        date: date of the document as given in its front matter or in park.yaml, such as ``2024`` or ``2024-05-01``.
        valid_until: last day on which the document is valid, in ISO format (``2026-12-31``).
        translation_of: path or file name of the original if this document is a translation.
        also_in: paths of further files with the same text.
        converted: whether LibreOffice turned the file into one that parkqa reads; ``text`` is then of what it made.
        recognized: the parts of the text that were recognised from pictures (OCR) and may hold wrong characters.
        leaves: its pages of which a picture can be shown, in order.
        file: SHA-256 of the file's bytes if there are ``leaves``, by which it is known again; else "".
    """

    path: str
    title: str
    text: str
    sha256: str
    blocks: tuple[Block, ...]
    date: str | None = None
    valid_until: str | None = None
    translation_of: str | None = None
    also_in: tuple[str, ...] = ()
    converted: bool = False
    recognized: tuple[Span, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval and quotation: a slice of a document, ``text == document.text[start:end]``.

    Passages with an ``original`` are searched but never quoted; a hit on one of them quotes its original instead. There
    are two sorts: passages of a translation, and passages of kind ``question``, which are the entries of faq.yaml (the
    slice that answers the question, with the question itself as its only heading). The latter are the last rows of an
    index.

    Attributes:
        id: 16 hexadecimal digits, the same in every build.
        document: path of the document.
        start: offset of the first code point.
        end: offset after the last code point.
        text: the text of the slice.
        kind: what the passage was made of.
        heading: the headings above the passage, outermost first.
        spans: its sentences, or the items of a list, as document offsets.
        page: the page, slide or sheet that it starts on.
        original: id of the passage that is quoted in place of this one; None if this one can be quoted itself.
        title: title of the document if it is searched with the passage, above its headings; "" if it is not.
    """

    id: str
    document: str
    start: int
    end: int
    text: str
    kind: PassageKind
    heading: tuple[str, ...]
    spans: tuple[Span, ...]
    page: Page = None
    original: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A named thing in a question: a place, a park, a company, a building.

    Attributes:
        text: the name as it stands in the folded question, or as it was typed in English; for display.
        variants: the folded texts any of which is the name in a passage; of an English name, its first own word.
        strict: whether only passages that are about the thing can answer (parks, companies, buildings). Of another
            name it is enough that the documents have it somewhere.
    """

    text: str
    variants: tuple[str, ...]
    strict: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question after query understanding.

    Attributes:
        question: the question as it was typed.
        understood: the question with misspellings corrected and, if it is a follow-up, completed; for display.
        search: ``understood`` folded and without polite phrases; this is the text that is embedded.
        language: language of the question.
        concepts: the content words of ``search``, each with its synonyms from the glossary, the typed word first.
        tokens: all words of ``concepts``, segmented for the lexical search.
        years: the four-digit years that the question names.
        asks: name of the expected answer type (``question_words.ANSWER_TYPES``), "" if it is unknown.
        repairs: the spelling corrections, as pairs (typed, corrected).
        names: what the question names, except the park itself.
    """

    question: str
    understood: str
    search: str
    language: Language
    concepts: tuple[tuple[str, ...], ...] = ()
    tokens: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    asks: str = ""
    repairs: tuple[tuple[str, str], ...] = ()
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A search result of a store, with its raw scores.

    Attributes:
        row: row of the passage in the index.
        passage: the passage.
        dense: cosine similarity of the question and the passage.
        lexical: BM25 score; 0 if the passage is not among the results of the lexical search.
        pieces: cosine similarities of the question and each sentence, then each clause, of the passage; shape
            (len(corpus.passages.pieces(passage)),).
    """

    row: int
    passage: Passage
    dense: float
    lexical: float
    pieces: Vectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage in a ranking.

    Attributes:
        row: row of the passage in the index.
        passage: the passage.
        score: score of its best unit; a difference of two scores is the log-odds that the one answers rather than the
            other.
        dense: cosine similarity of the question and the passage.
        lexical: BM25 score; 0 if the lexical search did not find the passage.
        unit_scores: one score per unit (``search.passage_texts.units``: the sentences, or a list as a whole); -inf for
            a unit that was not scored.
        marks: the spans to highlight if they are known without ranking (faq.yaml gives them); otherwise empty.
    """

    row: int
    passage: Passage
    score: float
    dense: float
    lexical: float
    unit_scores: tuple[float, ...] = ()
    marks: tuple[Span, ...] = ()


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


class Encoder(Protocol):
    """An embedding model. Vectors are float32, of length 1, in an array of shape (len(texts), dimension)."""

    @property
    def fingerprint(self) -> str:
        """Identifies the weights: encoders with equal fingerprints return equal vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return the vectors of texts to be searched; ``progress`` counts texts."""
        ...


class Reranker(Protocol):
    """A cross-encoder: scores pairs of a question and a text."""

    @property
    def fingerprint(self) -> str:
        """Identifies the weights: rerankers with equal fingerprints return equal scores."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one score per text, shape (len(texts),); the higher, the better the text answers the question."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a reranker read in a text: how well it answers, and where in it the answer may stand.

    Attributes:
        score: the score of the text, as ``Reranker.score`` returns it.
        offsets: the code points of the text that each of its tokens stands for, shape (tokens, 2), in order.
        ends: for each token the log-odds, up to constants, that the answer starts with it and that it ends with it;
            shape (tokens, 2).
    """

    score: float
    offsets: npt.NDArray[np.intp]
    ends: Vectors


@runtime_checkable
class SpanReranker(Reranker, Protocol):
    """A reranker that also finds the answer within a text."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what was read in each text; the scores are those of ``score``."""
        ...


class Store(Protocol):
    """An open, read-only index. Rows number the passages from 0. All methods are thread-safe."""

    @property
    def note(self) -> Mapping[str, str]:
        """The strings that the build stored with the index, by key."""
        ...

    @property
    def version(self) -> str:
        """Identifies the content of the index; a build that changed anything has a different version."""
        ...

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by path."""
        ...

    @property
    def passages(self) -> Sequence[Passage]:
        """The passages by row."""
        ...

    @property
    def translations(self) -> Mapping[int, int]:
        """Maps the row of each translated passage to the row of its translation."""
        ...

    @property
    def originals(self) -> Mapping[int, int]:
        """Maps the row of each translation to the row of the passage that it translates."""
        ...

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return the union of a dense and a lexical search, ordered by row.

        Args:
            vector: embedding of the question, shape (dimension,), length 1.
            tokens: words for the lexical search.
            k: number of results of each search: the ``k`` passages with the highest cosine similarity, and at most
                ``k`` passages that contain any of the tokens, those with the highest BM25 scores.
            translated: also return the translation or the original of each result, even if neither search found it.

        Raises:
            StoreError: the index cannot be read.
        """
        ...

    def vectors(self, count: int) -> Vectors:
        """Return the vectors of the first ``count`` passages, shape (count, dimension)."""
        ...

    def frequencies(self, tokens: Sequence[str]) -> Mapping[str, int]:
        """Return the document frequency of each token: the number of passages that contain it."""
        ...
