"""Nearest-neighbour search with FAISS: exact search, an HNSW graph or inverted lists, depending on the size.

Large files are mapped. Results of the approximate kinds are rescored with the stored vectors, so that their cosines
are exact up to half precision; the recall of the ten nearest neighbours is measured at build time.
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
"""Numbers of passages from which an HNSW graph, and then inverted lists, are used (docs/scaling.md has timings)."""
RECALL, TEN = 0.99, 10
"""The required recall (0 to 1) of the TEN nearest neighbours."""
PROBES = 200
"""Number of query vectors that the recall is measured with."""


_LINKS, _BUILD_EFFORT = 32, 80
"""M and efConstruction of HNSW."""
_EFFORT = {"hnsw": 64, "ivf": 16}
"""Initial efSearch of HNSW, and initial number of lists to probe; doubled until the recall is reached."""
_MOST = 1024
"""Effort beyond which it is not doubled any more."""
_TRAIN, _ROUNDS = 48, 10
"""Training vectors per list and iterations of k-means for inverted lists."""


def kind_for(count: int, wanted: FaissKind = "auto") -> str:
    """Return the kind of index for ``count`` passages: ``flat``, ``hnsw`` or ``ivf``, unless one is ``wanted``.

    >>> kind_for(1_000), kind_for(50_000), kind_for(50_000, "flat")
    ('flat', 'hnsw', 'flat')
    """
    if wanted != "auto" and count:
        return wanted
    return "flat" if count < HNSW_FROM else "hnsw" if count < IVF_FROM else "ivf"


def kept_as(kind: str) -> Precision:
    """Return the precision of stored vectors: half for the approximate kinds, which are for large corpora."""
    return np.float32 if kind == "flat" else np.float16


def write_vector_index(folder: Path, vectors: Vectors, kind: str, probes: Vectors) -> dict[str, str | float]:
    """Build and write an index.

    Args:
        folder: where to write it.
        vectors: the vectors of the passages, shape (n, dimension), length 1.
        kind: ``flat``, ``hnsw`` or ``ivf``.
        probes: query vectors to measure the recall with, shape (m, dimension).

    Returns:
        The entry of the manifest: the ``kind``, the search ``effort`` (efSearch, or the number of lists to probe; 0 for
        ``flat``) and the ``recall`` measured with it.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    with one_thread():  # With several threads, every build would give a different graph.
        made = _made(vectors, kind)
    import faiss

    # Not with faiss.write_index, which cannot open paths with Chinese characters on Windows.
    (folder / VECTORS).write_bytes(faiss.serialize_index(made).data)
    if kind == "flat":
        return {"kind": kind, "effort": 0, "recall": 1.0}
    np.save(folder / EXACT, vectors.astype(np.float16))
    effort, recall = _tuned(made, kind, vectors, probes)
    return {"kind": kind, "effort": effort, "recall": round(recall, 4)}


def read_vectors(folder: Path) -> Vectors:
    """Return all vectors of an index, shape (n, dimension)."""
    if (folder / EXACT).exists():
        exact: npt.NDArray[np.float16] = np.load(folder / EXACT)
        return exact.astype(np.float32)
    import faiss

    flat = faiss.deserialize_index(np.fromfile(folder / VECTORS, dtype=np.uint8))
    found: Vectors = flat.reconstruct_n(0, flat.ntotal)
    return found


class VectorIndex:
    """An open vector index. Thread-safe.

    Args:
        folder: the folder that ``write_vector_index`` wrote to.
        faiss: the entry of the manifest that it returned.
    """

    def __init__(self, folder: Path, faiss: Mapping[str, str | float]) -> None:
        self._bytes = load_bytes(folder / VECTORS)
        self._index = _faiss_on(self._bytes)
        self._exact: npt.NDArray[np.float16] | None = None
        if faiss["kind"] != "flat":
            self._exact = load_array(folder / EXACT)
            _search_with(self._index, str(faiss["kind"]), int(faiss["effort"]))

    def search(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Return the cosines and rows of the nearest passages, best first.

        The result has at least ``k`` entries (all passages, if there are fewer). An exact index returns all passages
        whose cosine equals that of the last one; an approximate index may miss some, and may find fewer than ``k``.

        Args:
            vector: shape (dimension,), length 1.
            k: number of neighbours, from 1 to the number of passages.
        """
        return self._all_equal(vector, k) if self._exact is None else self._weighed(vector, k)

    def prefetched(self, rows: Iterable[int]) -> AbstractContextManager[None]:
        """Prefetch the vectors of these rows for the duration of the context (``mmap.prefetched``)."""
        return nullcontext() if self._exact is None else prefetched(self._exact, ((row, row + 1) for row in rows))

    def vector(self, row: int) -> Vectors:
        """Return the vector of a row, shape (dimension,)."""
        if self._exact is not None:
            kept: Vectors = self._exact[row].astype(np.float32)
            return kept
        found: Vectors = self._index.reconstruct(row)
        return found

    def _weighed(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Twice the number of neighbours wanted, rescored and sorted by their cosines."""
        assert self._exact is not None
        with one_thread():
            rows = self._index.search(vector[None], min(2 * k, self._index.ntotal))[1][0]
        rows = rows[rows >= 0]
        with self.prefetched(rows.tolist()):
            cosines = self._exact[rows].astype(np.float32) @ vector
        order = np.lexsort((rows, -cosines))
        return cosines[order], rows[order]

    def _all_equal(self, vector: Vectors, k: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Search further until the last result is worse than the k-th: FAISS returns arbitrary ones among equals."""
        count = k
        while True:
            count = min(2 * count, self._index.ntotal)
            with one_thread():
                scores, rows = self._index.search(vector[None], count)
            if count == self._index.ntotal or scores[0, -1] < scores[0, k - 1]:
                return scores[0], rows[0]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let FAISS use a single thread within the context.

    On a busy machine, waiting for other threads takes longer than a search on one. The setting affects the calling
    thread only and is restored afterwards, because FAISS may share its OpenMP runtime with torch.
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
    """An untrained index of about 4·√n inverted lists, with one byte per component (SQ8)."""
    import faiss

    lists = max(1, min(2 ** round(math.log2(4 * math.sqrt(max(count, 1)))), count // 39 or 1))
    made: Any = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    made.cp.niter, made.cp.max_points_per_centroid = _ROUNDS, _TRAIN
    made.cp.min_points_per_centroid = 1
    return made


def _tuned(index: Any, kind: str, vectors: Vectors, probes: Vectors) -> tuple[int, float]:
    """The smallest effort that reaches the required recall, doubling from the initial one; and that recall."""
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
    """The share of true neighbours found; a result counts if it is as near as the tenth, so that ties do not matter."""
    hits = 0
    for rows, cosines, probe in zip(found, truth, probes, strict=True):
        best = np.sort(vectors[rows[rows >= 0]] @ probe)[::-1][: len(cosines)]
        hits += int((best >= cosines[-1] - 1e-6).sum())
    return hits / max(truth.size, 1)


def _truly_nearest(vectors: Vectors, probes: Vectors, step: int = 65536) -> Vectors:
    """The cosines of each probe's ten nearest vectors, best first, shape (m, 10); computed in blocks of ``step``."""
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
    """An index that uses the bytes of ``raw`` in place; ``raw`` must outlive it."""
    import faiss

    return faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(raw), raw.size))  # type: ignore[attr-defined]
