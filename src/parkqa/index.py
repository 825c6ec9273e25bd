"""The store on one machine: FAISS over passage vectors, BM25 over words, the vectors of sentences, the passages."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from parkqa.errors import IndexMismatch
from parkqa.manifest import Manifest, prove, steadily
from parkqa.passages import pieces
from parkqa.types import Document, Passage, Vectors

VECTORS, SENTENCES, KEYS = "passages.faiss", "sentences.npy", "keys.npy"
DOCUMENTS, PASSAGES, BM25 = "documents.jsonl", "passages.jsonl", "bm25"

BM25_METHOD, K1, B = "lucene", 1.5, 0.75
"""Lucene's idf is never negative; k1 and b lie in the ranges that Robertson and Zaragoza (2009) found good."""

T = TypeVar("T")
_DOCUMENT, _PASSAGE = TypeAdapter(Document), TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class Row:
    """A passage, what is embedded for it and for each of its sentences and clauses (``passages.pieces``), its words."""

    passage: Passage
    text: str
    sentences: tuple[str, ...]
    tokens: tuple[str, ...]


class Index:
    """An open index, its arrays mapped from disk. Nothing in it changes: it may be read from many threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.documents: Mapping[str, Document] = {d.path: d for d in _read_lines(folder / DOCUMENTS, _DOCUMENT)}
        self.passages: Sequence[Passage] = _read_lines(folder / PASSAGES, _PASSAGE)
        rows = {passage.id: row for row, passage in enumerate(self.passages)}
        self.translations: Mapping[int, int] = {
            rows[passage.original]: row for row, passage in enumerate(self.passages) if passage.original
        }
        self.originals: Mapping[int, int] = {row: original for original, row in self.translations.items()}
        self._bytes = np.asarray(np.memmap(folder / VECTORS, mode="r", dtype=np.uint8))
        self._faiss = _faiss_on(self._bytes)
        self._sentences: Vectors = np.asarray(np.load(folder / SENTENCES, mmap_mode="r"))
        self._first = np.cumsum([0, *(len(pieces(passage)) for passage in self.passages)])
        self._bm25 = _load_bm25(folder / BM25) if self.passages else None
        self._words: Mapping[str, int] = self._bm25.vocab_dict if self._bm25 else {}

    def dense(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Return (row, cosine) of the ``k`` passages nearest to ``vector`` of shape (dimension,).

        Best first, equal ones by row; ``vector`` may be of any length but 0.
        """
        k = min(k, len(self.passages))
        if k < 1:
            return []
        scores, rows = self._nearest(unit(vector[None]), k)
        found = sorted(zip(rows.tolist(), scores.tolist(), strict=True), key=lambda hit: (-hit[1], hit[0]))
        return found[:k]

    def vector(self, row: int) -> Vectors:
        """Return the vector of a passage, shape (dimension,)."""
        found: Vectors = self._faiss.reconstruct(row)
        return found

    def sentence_vectors(self, row: int) -> Vectors:
        """Return the vectors of a passage's sentences and clauses, shape (len(pieces(passage)), dimension)."""
        return self._sentences[self._first[row] : self._first[row + 1]]

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

    def _nearest(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Scores and rows of at least ``k`` passages: more until one is further off than the last of them.

        Of passages equally near, FAISS keeps any.
        """
        count = k
        while True:
            count = min(2 * count, len(self.passages))
            with _one_thread():
                scores, rows = self._faiss.search(vector, count)
            if count == len(self.passages) or scores[0, -1] < scores[0, k - 1]:
                return scores[0], rows[0]


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
    folder: Path, documents: Sequence[Document], rows: Sequence[Row], vectors: Vectors, keys: npt.NDArray[np.uint8]
) -> None:
    """Write all files of a version but the manifest.

    ``vectors`` and ``keys`` hold the passages first, then the sentences in their order.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    import faiss

    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors[: len(rows)])
    # Not by faiss itself: on Windows it cannot open a path with Chinese characters in it.
    (folder / VECTORS).write_bytes(faiss.serialize_index(flat).data)
    np.save(folder / SENTENCES, vectors[len(rows) :])
    np.save(folder / KEYS, keys)
    _write_lines(folder / DOCUMENTS, _DOCUMENT, documents)
    _write_lines(folder / PASSAGES, _PASSAGE, (row.passage for row in rows))
    if rows:
        _write_bm25(folder / BM25, [row.tokens for row in rows])


def read_vectors(folder: Path) -> tuple[Vectors, npt.NDArray[np.uint8]]:
    """Return all vectors of a version, passages first, then sentences, and their keys (see ``building``)."""
    import faiss

    flat = faiss.deserialize_index(np.fromfile(folder / VECTORS, dtype=np.uint8))
    sentences = np.load(folder / SENTENCES)
    return np.concatenate([flat.reconstruct_n(0, flat.ntotal), sentences]), np.load(folder / KEYS)


def _faiss_on(raw: npt.NDArray[np.uint8]) -> Any:
    """An index whose vectors stay where they are: ``raw`` must live as long as it does."""
    import faiss

    return faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(raw), raw.size))  # type: ignore[attr-defined]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Several threads of FAISS wait for one another, and on a busy machine longer than one takes for a question.

    What is set holds for the calling thread only, and is put back: it may share its OpenMP with torch.
    """
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _largest(weights: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """The rows of the ``k`` largest weights above 0, largest first, equal ones by row."""
    rows = np.flatnonzero(weights > 0)
    if len(rows) > k:
        least = np.partition(weights[rows], -k)[-k]
        rows = rows[weights[rows] >= least]
    return rows[np.lexsort((rows, -weights[rows]))][:k]


def _write_lines(path: Path, kind: TypeAdapter[T], values: Iterable[T]) -> None:
    with path.open("wb") as file:
        file.writelines(kind.dump_json(value) + b"\n" for value in values)


def _read_lines(path: Path, kind: TypeAdapter[T]) -> list[T]:
    with path.open("rb") as file:
        return [kind.validate_json(line) for line in file]


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
    model = _bm25s().BM25.load(folder, mmap=True, show_progress=False)
    for name in ("data", "indices", "indptr"):
        model.scores[name] = np.asarray(model.scores[name])
    return model
