"""The BM25 index of the local store: writes and loads the files of ``bm25s``, and selects the best rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from parkqa.store.bm25 import K1, METHOD, B
from parkqa.store.local.mmap import is_mapped


def largest(weights: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """Return the rows of the ``k`` largest positive weights, largest first, equal ones by row.

    Args:
        weights: one weight per row, shape (n,).
        k: largest number of rows to return; at least 1.

    >>> largest(np.array([0.0, 1.0, 3.0, 1.0], dtype=np.float32), 2).tolist()
    [2, 1]
    """
    rows = np.flatnonzero(weights > 0)
    if len(rows) > k:
        least = np.partition(weights[rows], -k)[-k]
        rows = rows[weights[rows] >= least]
    return rows[np.lexsort((rows, -weights[rows]))][:k]


def _bm25s() -> Any:
    import bm25s

    # On import, bm25s sets its logger to DEBUG, which would override the level that the application chose.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s


def write_bm25(folder: Path, tokens: Sequence[Sequence[str]]) -> None:
    """Write a BM25 index; ``tokens`` holds the words of each passage.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    # A passage without words becomes one empty word: if there were no words at all, bm25s would divide by zero.
    filled = [[word for word in row if word] or [""] for row in tokens]
    # The vocabulary is sorted because bm25s would number the words in set order, which differs between processes.
    words = {word: place for place, word in enumerate(sorted({word for row in filled for word in row}))}
    model = _bm25s().BM25(method=METHOD, k1=K1, b=B, backend="numpy")
    model.index(
        ([[words[word] for word in row] for row in filled], words), create_empty_token=False, show_progress=False
    )
    model.save(folder, show_progress=False)


def load_bm25(folder: Path) -> Any:
    """Load an index that ``write_bm25`` wrote, as a ``bm25s.BM25``; large files are mapped."""
    mapped = any(is_mapped(path) for path in folder.glob("*.npy"))
    model = _bm25s().BM25.load(folder, mmap=mapped, show_progress=False)
    for name in ("data", "indices", "indptr"):
        model.scores[name] = np.asarray(model.scores[name])
    return model
