"""The local store: FAISS for passage vectors, BM25 for words, and mapped files for everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from parkqa.store.content import Precision, Row, matches_of, pairs, unit
from parkqa.store.local.bm25_files import largest, load_bm25, write_bm25
from parkqa.store.local.jsonl import Documents, JsonLines, write_json_lines
from parkqa.store.local.mmap import load_array, prefetched
from parkqa.store.local.vectors import PROBES, VectorIndex, kept_as, kind_for, read_vectors, write_vector_index
from parkqa.store.local.versions import prove, steadily
from parkqa.store.manifest import Manifest, digest
from parkqa.types import Document, FaissKind, Match, Passage, Vectors

SENTENCES, FIRST, KEYS, PAIRS = "sentences.npy", "first.npy", "keys.npy", "translations.npy"
DOCUMENTS, PASSAGES, BM25 = "documents.jsonl", "passages.jsonl", "bm25"

_DOCUMENT, _PASSAGE = TypeAdapter(Document), TypeAdapter(Passage)


class Index:
    """An open version of a local index; implements ``types.Store``. Immutable, hence thread-safe."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.note = manifest.note
        self.version = digest(manifest.to_bytes())
        self.documents: Mapping[str, Document] = Documents(
            sorted(manifest.documents), JsonLines(folder / DOCUMENTS, _DOCUMENT)
        )
        self.passages = JsonLines(folder / PASSAGES, _PASSAGE)
        self.translations: Mapping[int, int] = dict(np.load(folder / PAIRS).tolist())
        self.originals: Mapping[int, int] = {row: original for original, row in self.translations.items()}
        self._nearest = VectorIndex(folder, manifest.vectors)
        self._sentences: Vectors = load_array(folder / SENTENCES)
        self._first: npt.NDArray[np.int64] = load_array(folder / FIRST)
        self._bm25 = load_bm25(folder / BM25) if self.passages else None
        self._words: Mapping[str, int] = self._bm25.vocab_dict if self._bm25 else {}

    def dense(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Return the ``k`` nearest passages as pairs (row, cosine), best first, equal ones by row.

        Args:
            vector: shape (dimension,); it is normalised and must not be zero.
            k: largest number of results.
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
        """Return the vectors of the first ``count`` passages, shape (count, dimension)."""
        return np.stack([self.vector(row) for row in range(count)])

    def sentence_vectors(self, row: int) -> Vectors:
        """Return the vectors of a passage's sentences and clauses, shape (len(pieces(passage)), dimension)."""
        return self._sentences[self._first[row] : self._first[row + 1]].astype(np.float32, copy=False)

    def lexical(self, tokens: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Return at most ``k`` passages that contain any of the tokens, as pairs (row, BM25 score).

        Best first, equal ones by row. A token that is given twice counts twice.
        """
        known = [self._words[token] for token in tokens if token and token in self._words]
        if self._bm25 is None or not known or k < 1:
            return []
        weights = self._bm25.get_scores_from_ids(known)
        rows = largest(weights, k)
        return list(zip(rows.tolist(), weights[rows].tolist(), strict=True))

    def frequencies(self, tokens: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each token."""
        return {token: self._frequency(token) for token in tokens}

    def _frequency(self, token: str) -> int:
        place = self._words.get(token) if token else None
        if self._bm25 is None or place is None:
            return 0
        starts = self._bm25.scores["indptr"]
        return int(starts[place + 1] - starts[place])

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return the union of ``dense`` and ``lexical`` with all scores, ordered by row; see ``types.Store.search``."""
        found = self.dense(vector, k), self.lexical(tokens, k)
        rows = {row for hits in found for row, _ in hits}
        pieces = ((int(self._first[row]), int(self._first[row + 1])) for row in rows)
        with self._nearest.prefetched(rows), self.passages.prefetched(rows), prefetched(self._sentences, pieces):
            return matches_of(self, vector, found, translated)


def open_index(directory: Path, encoder: str | None = None) -> Index:
    """Open the current version after verifying all its files.

    Args:
        directory: the index folder.
        encoder: fingerprint of the embedding model that it must have been built with; None accepts any.

    Raises:
        IndexMissing: no index has been built.
        IndexDamaged: a file is missing or was altered.
        IndexMismatch: it has a different format version or was built with a different model.
    """
    return steadily(directory, lambda folder, manifest: _open(folder, manifest, encoder))


def _open(folder: Path, manifest: Manifest, encoder: str | None) -> Index:
    manifest.check_encoder(encoder)
    prove(folder, manifest)
    return Index(folder, manifest)


def write_files(
    folder: Path,
    documents: Sequence[Document],
    rows: Sequence[Row],
    vectors: npt.NDArray[np.floating[Any]],
    keys: npt.NDArray[np.uint8],
    wanted: FaissKind = "auto",
) -> dict[str, str | float]:
    """Write all files of a version except the manifest.

    Args:
        folder: where to write them.
        documents: the documents.
        rows: the passages.
        vectors: the vectors of the passages, then those of their sentences and clauses; shape (n, dimension).
        keys: the keys of the vectors (``content.Embedded``), shape (n, 16).
        wanted: kind of the FAISS index; ``auto`` chooses by the number of passages.

    Returns:
        The description of the vector index for the manifest (``Manifest.vectors``).

    Raises:
        OSError: the disk is full or cannot be written.
    """
    kind = kind_for(len(rows), wanted)
    kept = kept_as(kind)
    sentences = vectors[len(rows) :]
    probes = (sentences if len(sentences) else vectors)[:: max(1, len(vectors) // PROBES)][:PROBES]
    # Large indexes store half precision. The index is built from the rounded vectors, so that a later build that reuses
    # them gives the same index.
    described = write_vector_index(folder, _rounded(vectors[: len(rows)], kept), kind, _rounded(probes, np.float32))
    np.save(folder / SENTENCES, sentences.astype(kept, copy=False))
    np.save(folder / FIRST, np.cumsum([0, *(len(row.sentences) for row in rows)], dtype=np.int64))
    np.save(folder / KEYS, keys)
    np.save(folder / PAIRS, np.array(pairs([row.passage for row in rows]), dtype=np.int64).reshape(-1, 2))
    write_json_lines(folder / DOCUMENTS, _DOCUMENT, sorted(documents, key=lambda document: document.path))
    write_json_lines(folder / PASSAGES, _PASSAGE, (row.passage for row in rows))
    if rows:
        write_bm25(folder / BM25, [row.tokens for row in rows])
    return described


def read_all_vectors(folder: Path) -> tuple[Vectors, npt.NDArray[np.uint8]]:
    """Return all vectors of a version, shape (n, dimension), and their keys, shape (n, 16), for reuse by a build.

    The order is that of ``write_files``.
    """
    sentences = np.load(folder / SENTENCES).astype(np.float32, copy=False)
    return np.concatenate([read_vectors(folder), sentences]), np.load(folder / KEYS)


def _rounded(vectors: npt.NDArray[Any], kept: Precision) -> Vectors:
    """Vectors rounded to the precision ``kept``, as float32."""
    return np.ascontiguousarray(vectors.astype(kept, copy=False), dtype=np.float32)
