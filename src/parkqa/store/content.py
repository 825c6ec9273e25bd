"""What both stores share: the input of a build, embedding with reuse of known vectors, and the result types."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import pieces
from parkqa.errors import ModelError
from parkqa.store.bm25 import K1, METHOD, B
from parkqa.store.manifest import FORMAT, Manifest
from parkqa.types import Document, Encoder, Match, Passage, Progress, Store, Vectors

WAIT_SECONDS = 300.0
"""How many seconds a build waits for another one to finish."""

Precision = type[np.float32] | type[np.float16]
"""The type of the components in which vectors are stored."""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage with the texts to embed and the words to index.

    Attributes:
        passage: the passage.
        text: the text to embed for the passage as a whole.
        sentences: the texts to embed for its sentences and clauses (``corpus.passages.pieces``).
        tokens: its words for the lexical search, with repetitions.
    """

    passage: Passage
    text: str
    sentences: tuple[str, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The input of a build.

    Attributes:
        documents: the documents.
        rows: one row per passage; their order defines the row numbers of the index.
        note: strings to store with the index, by key.

    Raises:
        ValueError: a passage is not a slice of its document, or a row does not have one text per sentence and clause.
    """

    documents: Sequence[Document]
    rows: Sequence[Row]
    note: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        texts = {document.path: document.text for document in self.documents}
        for passage, sentences in ((row.passage, row.sentences) for row in self.rows):
            if texts.get(passage.document, "")[passage.start : passage.end] != passage.text:
                raise ValueError(f"passage {passage.id} is no slice of {passage.document}")
            if len(sentences) != len(pieces(passage)):
                raise ValueError(f"passage {passage.id} has {len(pieces(passage))} pieces, {len(sentences)} are given")


@dataclass(frozen=True, slots=True)
class Built:
    """The result of a build.

    Attributes:
        manifest: the manifest of the published build.
        embedded: number of distinct texts (passages, sentences and clauses) that were embedded.
        reused: number of distinct texts whose vectors were taken from the previous build.
    """

    manifest: Manifest
    embedded: int
    reused: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished build that is not yet the current one. If it is never published, it is removed.

    Attributes:
        open: opens the draft as a store.
        publish: adds strings to the note and makes the draft the current build.
    """

    open: Callable[[], Store]
    publish: Callable[[Mapping[str, str]], Built]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of a build.

    Attributes:
        vectors: the vectors of all passages, then those of all sentences and clauses; shape (n, dimension).
        keys: the key of the text of each vector (``_key``); shape (n, 16).
        new: number of distinct texts that were embedded.
        known: number of distinct texts whose vectors were reused.
    """

    vectors: npt.NDArray[np.floating[Any]]
    keys: npt.NDArray[np.uint8]
    new: int
    known: int


def embedded(
    rows: Sequence[Row],
    known: Mapping[bytes, Vectors],
    encoder: Encoder,
    progress: Progress | None = None,
    kept: Precision = np.float32,
) -> Embedded:
    """Return the vectors of all texts of the rows; texts with known vectors are not embedded again.

    Args:
        rows: the rows of the build.
        known: vectors of length 1 by the key of their text.
        encoder: the embedding model.
        progress: called with the number of texts embedded so far and the number to embed.
        kept: precision of the result.

    Raises:
        ModelError: the embedding model returned an array of the wrong shape or values that are not finite.
    """
    texts = [*(row.text for row in rows), *(text for row in rows for text in row.sentences)]
    keys = [_key(text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    vectors = _stacked(keys, {**known, **_embedded(new, encoder, progress)}, encoder.dimension, kept)
    return Embedded(vectors, _as_array(keys), len(new), len(set(keys)) - len(new))


def _key(text: str) -> bytes:
    """The key under which the vector of a text is reused by later builds: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).digest()[:16]


def _as_array(keys: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 16)


def _embedded(new: Mapping[bytes, str], encoder: Encoder, progress: Progress | None) -> dict[bytes, Vectors]:
    """The vectors of texts by key, normalised to length 1."""
    if not new:
        return {}
    vectors = encoder.encode_passages(list(new.values()), progress)
    if vectors.shape != (len(new), encoder.dimension) or not np.isfinite(vectors).all():
        raise ModelError(
            "向量模型给出的不是可用的向量，请换一个模型（PARKQA_EMBEDDER）后重建。",
            "The embedding model gave no usable vectors; choose another one (PARKQA_EMBEDDER) and build again.",
        )
    return dict(zip(new, unit(vectors), strict=True))


def _stacked(
    keys: Sequence[bytes], vectors: Mapping[bytes, Vectors], dimension: int, kept: Precision
) -> npt.NDArray[np.floating[Any]]:
    stacked = np.empty((len(keys), dimension), dtype=kept)
    for place, key in enumerate(keys):
        stacked[place] = vectors[key]
    return stacked


def describe(
    content: Content, encoder: Encoder, vectors: Mapping[str, str | float], files: Mapping[str, str]
) -> Manifest:
    """Return the manifest of a build.

    Args:
        content: the input of the build.
        encoder: the embedding model.
        vectors: description of the vector index (``Manifest.vectors``).
        files: SHA-256 of each file by name.
    """
    return Manifest(
        format=FORMAT,
        parkqa=version("parkqa"),
        encoder=encoder.fingerprint,
        dimension=encoder.dimension,
        bm25={"method": METHOD, "k1": K1, "b": B},
        vectors=dict(vectors),
        documents={document.path: document.sha256 for document in content.documents},
        passages=len(content.rows),
        sentences=sum(len(row.sentences) for row in content.rows),
        note=dict(content.note),
        files=dict(files),
    )


class _Vectors(Protocol):
    """What ``matches_of`` needs of an open index."""

    @property
    def passages(self) -> Sequence[Passage]: ...
    @property
    def translations(self) -> Mapping[int, int]: ...
    @property
    def originals(self) -> Mapping[int, int]: ...
    def vector(self, row: int) -> Vectors: ...
    def sentence_vectors(self, row: int) -> Vectors: ...


def matches_of(
    index: _Vectors, vector: Vectors, found: tuple[Sequence[tuple[int, float]], Sequence[tuple[int, float]]], both: bool
) -> list[Match]:
    """Return the results of two searches as matches, ordered by row.

    Args:
        index: the open index.
        vector: embedding of the question, shape (dimension,), length 1.
        found: the results (row, score) of the dense and of the lexical search.
        both: also return the translation or the original of each result.
    """
    dense, lexical = dict(found[0]), dict(found[1])
    rows = dense.keys() | lexical.keys()
    if both:
        sides = (index.translations, index.originals)
        rows |= {side[row] for row in rows for side in sides if row in side}
    return [
        Match(
            row=row,
            passage=index.passages[row],
            dense=dense[row] if row in dense else float(index.vector(row) @ vector),
            lexical=lexical.get(row, 0.0),
            pieces=index.sentence_vectors(row) @ vector,
        )
        for row in sorted(rows)
    ]


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Return vectors normalised to length 1, as a contiguous float32 array; zero vectors are unchanged.

    Args:
        vectors: shape (n, dimension).

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def pairs(passages: Sequence[Passage]) -> list[tuple[int, int]]:
    """Return pairs of the row of a translated passage and the row of its translation."""
    rows = {passage.id: row for row, passage in enumerate(passages)}
    return [
        (rows[passage.original], row)
        for row, passage in enumerate(passages)
        if passage.original and passage.kind != "question"
    ]
