"""The values that flow through parkqa, and the seams (``Encoder``, ``Reranker``, ``Store``) where parts are exchanged.

Offsets are code points of ``Document.text``, half-open: ``text[start:end]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

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
"""A page or slide number, or the name of a sheet; None where the format has none."""
Progress = Callable[[int, int], None]
"""Called with (done, total) while something long is at work."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document's structure.

    ``level`` is the depth of a heading or of a list item (1 is the outermost) and 0 otherwise. A ``break`` is empty
    (start == end): what follows it stands under no heading of that depth or deeper. ``columns`` are the column heads of
    a table, as a block and, cell by cell, with each of its rows.
    """

    kind: BlockKind
    level: int
    start: int
    end: int
    page: Page = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the corpus as plain text; ``path`` is POSIX, below the corpus folder; ``sha256`` is of ``text``."""

    path: str
    title: str
    text: str
    sha256: str
    blocks: tuple[Block, ...]
    date: str | None = None
    valid_until: str | None = None
    translation_of: str | None = None
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """What is found and quoted: `text == document.text[start:end]`; `spans` are its sentences (document offsets).

    A passage of a translation names the passage it translates (its id) as its ``original``; it is searched, not quoted.
    So does the slice that staff say answers a ``question``, which stands in its ``heading``; these come last, and what
    is quoted is the ``original`` that holds the slice.
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


@dataclass(frozen=True, slots=True)
class Query:
    """What the visitor meant.

    ``understood`` is the readable question; ``search`` is it folded, without fillers, as it is embedded; ``concepts``
    are its content words, each with the words that mean the same (folded, the visitor's own first); ``tokens`` are
    all of these cut for the lexical search; ``years`` are the years it names ("2006"); ``asks`` is the kind of
    thing asked for ("" when it cannot be told).
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


@dataclass(frozen=True, slots=True)
class Match:
    """A passage as a store finds it, before anything is made of it.

    ``dense`` is its cosine, ``lexical`` its BM25 weight (0 where it is not among the best by words), ``pieces`` the
    cosines of its sentences and clauses, shape (len(passages.pieces(passage)),).
    """

    row: int
    passage: Passage
    dense: float
    lexical: float
    pieces: Vectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage in a ranking.

    ``row`` is its place in the index, ``score`` that of its best unit, ``dense`` its cosine and ``lexical`` its BM25
    weight (0 where that search did not find it); ``unit_scores`` holds a score for each unit, which is each of
    ``passage.spans`` or the whole of a list; ``marks`` are the spans that answer where that is known beforehand.
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
    """A slice of a document: ``text == document.text[start:end]``. Keys as in the JSON contract."""

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

    def to_dict(self) -> dict[str, Any]:
        """Return the quote as the JSON contract has it."""
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
            "translation": self.translation,
            "also_in": list(self.also_in),
            "valid_until": self.valid_until,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or the refusal to give one. ``quotes`` best first; ``related`` only when refused."""

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

    @property
    def refused(self) -> bool:
        """True unless something is quoted as the answer."""
        return self.kind != "answer"

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as the JSON contract has it, every key present."""
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
        }


class Encoder(Protocol):
    """Text to vectors of unit length, float32, shape (len(texts), dimension)."""

    @property
    def fingerprint(self) -> str:
        """Names the weights: equal fingerprints give equal vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed what is to be found, reporting (done, total) texts."""
        ...


class Reranker(Protocol):
    """Reads a question and a text together."""

    @property
    def fingerprint(self) -> str:
        """Names the weights."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one number a text, higher is better, shape (len(texts),)."""
        ...


class Store(Protocol):
    """Where passages are found. Rows number the passages from 0; all methods may be called from many threads."""

    @property
    def note(self) -> Mapping[str, str]:
        """What the builder wanted kept."""
        ...

    @property
    def version(self) -> str:
        """What names this state of the index: another build that changed anything has another."""
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
        """The row of each passage's translation, by the row of the passage."""
        ...

    @property
    def originals(self) -> Mapping[int, int]:
        """The other way round: the row of the passage, by the row of its translation."""
        ...

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return what two searches find together, by row.

        They are the ``k`` passages nearest to ``vector`` (shape (dimension,), length 1), and at most ``k`` that hold
        any of ``tokens``, those with the largest BM25 weights. Where ``translated``, what each of these translates or
        is translated by is there too, whether that was found or not.
        """
        ...

    def vectors(self, count: int) -> Vectors:
        """Return the vectors of the first passages, shape (count, dimension)."""
        ...

    def frequencies(self, tokens: Sequence[str]) -> Mapping[str, int]:
        """Return in how many passages each token stands."""
        ...
