"""What a store is built of, whichever it is, and what any store hands out for a question."""

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
"""How long a build waits for another one to end."""

Precision = type[np.float32] | type[np.float16]
"""In which vectors are kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage, what is embedded for it and for each of its sentences and clauses (``passages.pieces``), its words."""

    passage: Passage
    text: str
    sentences: tuple[str, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be built: the documents, a row for each passage of them, and a note that is kept with them.

    Raises:
        ValueError: a passage is not the slice of its document that it says, or has not one text for each sentence.
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
    """What a build wrote; ``embedded`` and ``reused`` count different texts (of passages and sentences)."""

    manifest: Manifest
    embedded: int
    reused: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A build that nobody is shown yet: ``open`` opens it, ``publish`` adds to its note and makes it the current one.

    One that is not published leaves nothing behind.
    """

    open: Callable[[], Store]
    publish: Callable[[Mapping[str, str]], Built]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of all passages, then of all their sentences, shape (n, dimension), and the key of each, (n, 16).

    ``new`` and ``known`` count the different texts that were embedded now, and those taken over.
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
    """Embed what is not ``known`` (vectors of length 1 by key); ``kept`` is the precision of what is given back.

    Raises:
        ModelError: the encoder gave something else than vectors.
    """
    texts = [*(row.text for row in rows), *(text for row in rows for text in row.sentences)]
    keys = [_key(text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    vectors = _stacked(keys, {**known, **_embedded(new, encoder, progress)}, encoder.dimension, kept)
    return Embedded(vectors, _as_array(keys), len(new), len(set(keys)) - len(new))


def _key(text: str) -> bytes:
    """What an embedded text is known by from build to build: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).digest()[:16]


def _as_array(keys: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 16)


def _embedded(new: Mapping[bytes, str], encoder: Encoder, progress: Progress | None) -> dict[bytes, Vectors]:
    """The vectors of texts, at length 1."""
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
    """Return the manifest of a build; ``vectors`` tells of the vector index, ``files`` are SHA-256 by name."""
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
    """Return a match for each row of two searches, dense and lexical, by row; with its other side where ``both``."""
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
    """Return vectors of shape (n, dimension) at length 1, contiguous, float32; one of length 0 stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def pairs(passages: Sequence[Passage]) -> list[tuple[int, int]]:
    """Return the row of each passage that is translated, and the row of its translation."""
    rows = {passage.id: row for row, passage in enumerate(passages)}
    return [
        (rows[passage.original], row)
        for row, passage in enumerate(passages)
        if passage.original and passage.kind != "question"
    ]
