"""BM25 on one machine: the files of ``bm25s``, written and read, and the rows with the largest weights."""

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


def write_bm25(folder: Path, tokens: Sequence[Sequence[str]]) -> None:
    """Write the index of passages whose tokens are given, one list each.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    # Where no passage has any word, bm25s would divide by a mean length of 0: a wordless one counts as one empty word.
    filled = [[word for word in row if word] or [""] for row in tokens]
    # A vocabulary in a fixed order: bm25s numbers words in the order of a set, another one in every process.
    words = {word: place for place, word in enumerate(sorted({word for row in filled for word in row}))}
    model = _bm25s().BM25(method=METHOD, k1=K1, b=B, backend="numpy")
    model.index(
        ([[words[word] for word in row] for row in filled], words), create_empty_token=False, show_progress=False
    )
    model.save(folder, show_progress=False)


def load_bm25(folder: Path) -> Any:
    """Open what ``write_bm25`` wrote; large files are mapped."""
    mapped = any(is_mapped(path) for path in folder.glob("*.npy"))
    model = _bm25s().BM25.load(folder, mmap=mapped, show_progress=False)
    for name in ("data", "indices", "indptr"):
        model.scores[name] = np.asarray(model.scores[name])
    return model
