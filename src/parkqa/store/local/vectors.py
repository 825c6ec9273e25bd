"""The nearest vectors, by FAISS: exactly for thousands, through a graph for tens of thousands, then through lists.

The file is mapped, not read. What is found through a graph or lists is weighed again by the vectors themselves, so
that its cosines are exact; how many of the true ten nearest it finds is measured when it is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from parkqa.store.content import Precision
from parkqa.store.local.mmap import load_array, load_bytes, prefetched
from parkqa.types import FaissKind, Vectors

VECTORS, EXACT = "passages.faiss", "passages.npy"
HNSW_FROM, IVF_FROM = 20_000, 100_000
"""Passages from which a graph takes the place of the exact search, and lists that of the graph."""
RECALL, TEN = 0.99, 10
"""What share of the true ten nearest has to be found."""
PROBES = 200
"""Vectors that are looked for to measure it."""


_LINKS, _BUILD_EFFORT = 32, 80
_EFFORT = {"hnsw": 64, "ivf": 16}
_MOST = 1024
_TRAIN, _ROUNDS = 48, 10


def kind_for(count: int, wanted: FaissKind = "auto") -> str:
    """Return ``flat``, ``hnsw`` or ``ivf``: the one wanted, or what fits the count."""
    if wanted != "auto" and count:
        return wanted
    return "flat" if count < HNSW_FROM else "hnsw" if count < IVF_FROM else "ivf"


def kept_as(kind: str) -> Precision:
    """Return the precision in which vectors are kept beside an index of this kind: at size, half."""
    return np.float32 if kind == "flat" else np.float16


def write_vector_index(folder: Path, vectors: Vectors, kind: str, probes: Vectors) -> dict[str, str | float]:
    """Write the index of ``vectors``, shape (n, dimension), and return what the manifest tells of it.

    That is its ``kind``, the ``effort`` to search with (0: all are looked at) and the ``recall`` it then has with
    ``probes``, shape (m, dimension).

    Raises:
        OSError: the disk is full or cannot be written.
    """
    with one_thread():  # Several threads would link another graph each time.
        made = _made(vectors, kind)
    import faiss

    # Not by faiss itself: on Windows it cannot open a path with Chinese characters in it.
    (folder / VECTORS).write_bytes(faiss.serialize_index(made).data)
    if kind == "flat":
        return {"kind": kind, "effort": 0, "recall": 1.0}
    np.save(folder / EXACT, vectors.astype(np.float16))
    effort, recall = _tuned(made, kind, vectors, probes)
    return {"kind": kind, "effort": effort, "recall": round(recall, 4)}


def read_vectors(folder: Path) -> Vectors:
    """Return all vectors that were written, shape (n, dimension)."""
    if (folder / EXACT).exists():
        exact: npt.NDArray[np.float16] = np.load(folder / EXACT)
        return exact.astype(np.float32)
    import faiss

    flat = faiss.deserialize_index(np.fromfile(folder / VECTORS, dtype=np.uint8))
    found: Vectors = flat.reconstruct_n(0, flat.ntotal)
    return found


class VectorIndex:
    """An open index of vectors; ``faiss`` is what the manifest tells of it. Many threads may search it."""

    def __init__(self, folder: Path, faiss: Mapping[str, str | float]) -> None:
        self._bytes = load_bytes(folder / VECTORS)
        self._index = _faiss_on(self._bytes)
        self._exact: npt.NDArray[np.float16] | None = None
        if faiss["kind"] != "flat":
            self._exact = load_array(folder / EXACT)
            _search_with(self._index, str(faiss["kind"]), int(faiss["effort"]))

    def search(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Return cosines and rows of at least ``k`` passages (of all, where there are fewer) for one of length 1.

        Best first; of equally near ones none is left out but by an index that is not exact.
        """
        return self._all_equal(vector, k) if self._exact is None else self._weighed(vector, k)

    def prefetched(self, rows: Iterable[int]) -> AbstractContextManager[None]:
        """Have the vectors of these rows fetched, as long as the context lasts (``mapped.prefetched``)."""
        return nullcontext() if self._exact is None else prefetched(self._exact, ((row, row + 1) for row in rows))

    def vector(self, row: int) -> Vectors:
        """Return the vector of a row, shape (dimension,)."""
        if self._exact is not None:
            kept: Vectors = self._exact[row].astype(np.float32)
            return kept
        found: Vectors = self._index.reconstruct(row)
        return found

    def _weighed(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Twice as many as are wanted, in the order of their exact cosines."""
        assert self._exact is not None
        with one_thread():
            rows = self._index.search(vector[None], min(2 * k, self._index.ntotal))[1][0]
        rows = rows[rows >= 0]
        with self.prefetched(rows.tolist()):
            cosines = self._exact[rows].astype(np.float32) @ vector
        order = np.lexsort((rows, -cosines))
        return cosines[order], rows[order]

    def _all_equal(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """More until one is further off than the last wanted: of passages equally near, FAISS keeps any."""
        count = k
        while True:
            count = min(2 * count, self._index.ntotal)
            with one_thread():
                scores, rows = self._index.search(vector[None], count)
            if count == self._index.ntotal or scores[0, -1] < scores[0, k - 1]:
                return scores[0], rows[0]


@contextmanager
def one_thread() -> Iterator[None]:
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


def _made(vectors: Vectors, kind: str) -> Any:
    import faiss

    dimension = vectors.shape[1]
    if kind == "hnsw":
        made: Any = faiss.IndexHNSWFlat(dimension, _LINKS, faiss.METRIC_INNER_PRODUCT)
        made.hnsw.efConstruction = _BUILD_EFFORT
    elif kind == "ivf":
        made = _lists(dimension, len(vectors))
        made.train(vectors[:: max(1, len(vectors) // (_TRAIN * made.nlist))])
    else:
        made = faiss.IndexFlatIP(dimension)
    made.add(vectors)
    return made


def _lists(dimension: int, count: int) -> Any:
    """Inverted lists, about 4 √n of them, with a byte for each number of a vector."""
    import faiss

    lists = max(1, min(2 ** round(math.log2(4 * math.sqrt(max(count, 1)))), count // 39 or 1))
    made: Any = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    made.cp.niter, made.cp.max_points_per_centroid = _ROUNDS, _TRAIN
    made.cp.min_points_per_centroid = 1
    return made


def _tuned(index: Any, kind: str, vectors: Vectors, probes: Vectors) -> tuple[int, float]:
    """The least effort, doubled from the usual one, with which recall is high enough, and that recall."""
    truth = _truly_nearest(vectors, probes)
    effort = _EFFORT[kind]
    while True:
        _search_with(index, kind, effort)
        found = index.search(probes, min(2 * TEN, len(vectors)))[1]
        recall = _recall(found, truth, vectors, probes)
        if recall >= RECALL or effort >= _MOST:
            return effort, recall
        effort *= 2


def _recall(found: npt.NDArray[np.int64], truth: npt.NDArray[np.float32], vectors: Vectors, probes: Vectors) -> float:
    """The share of the ten found that are as near as the tenth nearest: equal ones count alike."""
    hits = 0
    for rows, cosines, probe in zip(found, truth, probes, strict=True):
        best = np.sort(vectors[rows[rows >= 0]] @ probe)[::-1][: len(cosines)]
        hits += int((best >= cosines[-1] - 1e-6).sum())
    return hits / max(truth.size, 1)


def _truly_nearest(vectors: Vectors, probes: Vectors, step: int = 65536) -> Vectors:
    """The cosines of the ten vectors nearest to each probe, best first, shape (m, 10)."""
    best = np.empty((len(probes), 0), dtype=np.float32)
    for start in range(0, len(vectors), step):
        best = np.concatenate([best, probes @ vectors[start : start + step].T], axis=1)
        best = -np.sort(-best, axis=1)[:, :TEN] if best.shape[1] > TEN else -np.sort(-best, axis=1)
    return best


def _search_with(index: Any, kind: str, effort: int) -> None:
    if kind == "hnsw":
        index.hnsw.efSearch = effort
    else:
        index.nprobe = effort


def _faiss_on(raw: npt.NDArray[np.uint8]) -> Any:
    """An index whose vectors stay where they are: ``raw`` must live as long as it does."""
    import faiss

    return faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(raw), raw.size))  # type: ignore[attr-defined]
