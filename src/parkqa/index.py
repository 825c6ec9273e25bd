"""The store on one machine: FAISS over passage vectors, BM25 over words, the vectors of sentences, the passages."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from parkqa.errors import IndexMismatch
from parkqa.lines import Documents, Lines, write_lines
from parkqa.manifest import Manifest, digest, prove, steadily
from parkqa.mapped import at_hand, is_mapped, load_array
from parkqa.nearest import PROBES, Nearest, Precision, kept_as, kind_for, read_vectors, write_nearest
from parkqa.types import Document, FaissKind, Match, Passage, Vectors

SENTENCES, FIRST, KEYS, PAIRS = "sentences.npy", "first.npy", "keys.npy", "translations.npy"
DOCUMENTS, PASSAGES, BM25 = "documents.jsonl", "passages.jsonl", "bm25"

BM25_METHOD, K1, B = "lucene", 1.5, 0.75
"""Lucene's idf is never negative; k1 and b lie in the ranges that Robertson and Zaragoza (2009) found good."""

_DOCUMENT, _PASSAGE = TypeAdapter(Document), TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class Row:
    """A passage, what is embedded for it and for each of its sentences and clauses (``passages.pieces``), its words."""

    passage: Passage
    text: str
    sentences: tuple[str, ...]
    tokens: tuple[str, ...]


class Index:
    """An open index. Nothing in it changes: it may be read from many threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.note = manifest.note
        self.version = digest(manifest.to_bytes())
        self.documents: Mapping[str, Document] = Documents(
            sorted(manifest.documents), Lines(folder / DOCUMENTS, _DOCUMENT)
        )
        self.passages = Lines(folder / PASSAGES, _PASSAGE)
        self.translations: Mapping[int, int] = dict(np.load(folder / PAIRS).tolist())
        self.originals: Mapping[int, int] = {row: original for original, row in self.translations.items()}
        self._nearest = Nearest(folder, manifest.faiss)
        self._sentences: Vectors = load_array(folder / SENTENCES)
        self._first: npt.NDArray[np.int64] = load_array(folder / FIRST)
        self._bm25 = _load_bm25(folder / BM25) if self.passages else None
        self._words: Mapping[str, int] = self._bm25.vocab_dict if self._bm25 else {}

    def dense(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Return (row, cosine) of the ``k`` passages nearest to ``vector`` of shape (dimension,).

        Best first, equal ones by row; ``vector`` may be of any length but 0.
        """
        k = min(k, len(self.passages))
        if k < 1:
            return []
        scores, rows = self._nearest.search(unit(vector[None])[0], k)
        found = sorted(zip(rows.tolist(), scores.tolist(), strict=True), key=lambda hit: (-hit[1], hit[0]))
        return found[:k]

    def vector(self, row: int) -> Vectors:
        """Return the vector of a passage, shape (dimension,)."""
        return self._nearest.vector(row)

    def vectors(self, count: int) -> Vectors:
        """Return the vectors of the first passages, shape (count, dimension)."""
        return np.stack([self.vector(row) for row in range(count)])

    def sentence_vectors(self, row: int) -> Vectors:
        """Return the vectors of a passage's sentences and clauses, shape (len(pieces(passage)), dimension)."""
        return self._sentences[self._first[row] : self._first[row + 1]].astype(np.float32, copy=False)

    def lexical(self, tokens: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Return (row, BM25 weight) of at most ``k`` passages that hold any of ``tokens``.

        Best first, equal ones by row; a token given twice counts twice.
        """
        known = [self._words[token] for token in tokens if token and token in self._words]
        if self._bm25 is None or not known or k < 1:
            return []
        weights = self._bm25.get_scores_from_ids(known)
        rows = _largest(weights, k)
        return list(zip(rows.tolist(), weights[rows].tolist(), strict=True))

    def frequency(self, token: str) -> int:
        """Return in how many passages a token stands."""
        place = self._words.get(token) if token else None
        if self._bm25 is None or place is None:
            return 0
        starts = self._bm25.scores["indptr"]
        return int(starts[place + 1] - starts[place])

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return what ``dense`` or ``lexical`` finds, by row; where ``translated``, with its other side too."""
        found = self.dense(vector, k), self.lexical(tokens, k)
        rows = {row for hits in found for row, _ in hits}
        pieces = ((int(self._first[row]), int(self._first[row + 1])) for row in rows)
        with self._nearest.at_hand(rows), self.passages.at_hand(rows), at_hand(self._sentences, pieces):
            return gathered(self, vector, found, translated)


class _Vectors(Protocol):
    @property
    def passages(self) -> Sequence[Passage]: ...
    @property
    def translations(self) -> Mapping[int, int]: ...
    @property
    def originals(self) -> Mapping[int, int]: ...
    def vector(self, row: int) -> Vectors: ...
    def sentence_vectors(self, row: int) -> Vectors: ...


def gathered(
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


def open_index(directory: Path, encoder: str | None = None) -> Index:
    """Open the current version, every file checked; ``encoder`` is the fingerprint that it must have been made with.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: it cannot be served; says why and what to do.
    """
    return steadily(directory, lambda folder, manifest: _open(folder, manifest, encoder))


def _open(folder: Path, manifest: Manifest, encoder: str | None) -> Index:
    if encoder is not None and encoder != manifest.encoder:
        raise IndexMismatch(
            f"建索引的模型（{manifest.encoder[:12]}）不是现在的模型（{encoder[:12]}），请运行 parkqa build 重建。",
            f"The index was made with another model ({manifest.encoder[:12]}) than the present one ({encoder[:12]}). "
            "Run parkqa build to rebuild it.",
        )
    prove(folder, manifest)
    return Index(folder, manifest)


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Return vectors of shape (n, dimension) at length 1, contiguous, float32; one of length 0 stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def write_files(
    folder: Path,
    documents: Sequence[Document],
    rows: Sequence[Row],
    vectors: npt.NDArray[np.floating[Any]],
    keys: npt.NDArray[np.uint8],
    wanted: FaissKind = "auto",
) -> dict[str, str | float]:
    """Write all files of a version but the manifest; return what that is to tell of FAISS (``nearest``).

    ``vectors`` and ``keys`` hold the passages first, then the sentences in their order.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    kind = kind_for(len(rows), wanted)
    kept = kept_as(kind)
    sentences = vectors[len(rows) :]
    probes = (sentences if len(sentences) else vectors)[:: max(1, len(vectors) // PROBES)][:PROBES]
    # At size they are kept rounded, and looked for as they are kept: a later build that takes them over finds the same.
    told = write_nearest(folder, _rounded(vectors[: len(rows)], kept), kind, _rounded(probes, np.float32))
    np.save(folder / SENTENCES, sentences.astype(kept, copy=False))
    np.save(folder / FIRST, np.cumsum([0, *(len(row.sentences) for row in rows)], dtype=np.int64))
    np.save(folder / KEYS, keys)
    np.save(folder / PAIRS, np.array(pairs([row.passage for row in rows]), dtype=np.int64).reshape(-1, 2))
    write_lines(folder / DOCUMENTS, _DOCUMENT, sorted(documents, key=lambda document: document.path))
    write_lines(folder / PASSAGES, _PASSAGE, (row.passage for row in rows))
    if rows:
        _write_bm25(folder / BM25, [row.tokens for row in rows])
    return told


def pairs(passages: Sequence[Passage]) -> list[tuple[int, int]]:
    """Return the row of each passage that is translated, and the row of its translation."""
    rows = {passage.id: row for row, passage in enumerate(passages)}
    return [
        (rows[passage.original], row)
        for row, passage in enumerate(passages)
        if passage.original and passage.kind != "question"
    ]


def read_all_vectors(folder: Path) -> tuple[Vectors, npt.NDArray[np.uint8]]:
    """Return all vectors of a version, passages first, then sentences, and their keys (see ``building``)."""
    sentences = np.load(folder / SENTENCES).astype(np.float32, copy=False)
    return np.concatenate([read_vectors(folder), sentences]), np.load(folder / KEYS)


def _rounded(vectors: npt.NDArray[Any], kept: Precision) -> Vectors:
    """Vectors as they are when kept in ``kept``, float32."""
    return np.ascontiguousarray(vectors.astype(kept, copy=False), dtype=np.float32)


def _largest(weights: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """The rows of the ``k`` largest weights above 0, largest first, equal ones by row."""
    rows = np.flatnonzero(weights > 0)
    if len(rows) > k:
        least = np.partition(weights[rows], -k)[-k]
        rows = rows[weights[rows] >= least]
    return rows[np.lexsort((rows, -weights[rows]))][:k]


def _bm25s() -> Any:
    import bm25s

    # It sets its own logger to DEBUG, which would get past the level that the program chose.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s


def _write_bm25(folder: Path, tokens: Sequence[Sequence[str]]) -> None:
    # Where no passage has any word, bm25s would divide by a mean length of 0: a wordless one counts as one empty word.
    filled = [[word for word in row if word] or [""] for row in tokens]
    # A vocabulary in a fixed order: bm25s numbers words in the order of a set, another one in every process.
    words = {word: place for place, word in enumerate(sorted({word for row in filled for word in row}))}
    model = _bm25s().BM25(method=BM25_METHOD, k1=K1, b=B, backend="numpy")
    model.index(
        ([[words[word] for word in row] for row in filled], words), create_empty_token=False, show_progress=False
    )
    model.save(folder, show_progress=False)


def _load_bm25(folder: Path) -> Any:
    mapped = any(is_mapped(path) for path in folder.glob("*.npy"))
    model = _bm25s().BM25.load(folder, mmap=mapped, show_progress=False)
    for name in ("data", "indices", "indptr"):
        model.scores[name] = np.asarray(model.scores[name])
    return model
