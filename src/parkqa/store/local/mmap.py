"""Arrays of an index as they lie on disk: small files are read, large ones mapped."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

READ = 16 * 1024**2
"""Bytes of a file at most that is read whole: what was proven at opening then stays, whatever befalls the disk.

A larger one is mapped: it opens at once, takes no memory that others could not have, and must be left as it is.
"""


def is_mapped(path: Path) -> bool:
    """Return whether a file is so large that it is mapped."""
    return path.stat().st_size > READ


def load_array(path: Path) -> npt.NDArray[Any]:
    """Return the array that ``np.save`` wrote. Raises OSError, ValueError as ``np.load`` does."""
    if is_mapped(path):
        return _sparsely(np.load(path, mmap_mode="r"))
    return np.asarray(np.load(path))


def load_bytes(path: Path) -> npt.NDArray[np.uint8]:
    """Return the bytes of a file, shape (size,). Raises OSError."""
    if is_mapped(path):
        return _sparsely(np.memmap(path, mode="r", dtype=np.uint8))
    return np.fromfile(path, dtype=np.uint8)


@contextmanager
def prefetched(array: npt.NDArray[Any], stretches: Iterable[tuple[int, int]]) -> Iterator[None]:
    """Have the system fetch stretches (first, after the last) of an array's first axis, all at once, and then let go.

    Of a mapped file that is not in memory each would else be waited for when it is used, one after the other; and what
    has been looked at, with much around it, would count as this process's memory for good.
    """
    held = array.base
    if not isinstance(held, np.memmap) or not hasattr(mmap, "MADV_WILLNEED"):
        yield
        return
    file: mmap.mmap = held._mmap  # type: ignore[attr-defined]
    ahead, width = held.offset % mmap.ALLOCATIONGRANULARITY, array.strides[0]
    for first, after in stretches:
        start = (ahead + first * width) // mmap.PAGESIZE * mmap.PAGESIZE
        file.madvise(mmap.MADV_WILLNEED, start, ahead + after * width - start)
    try:
        yield
    finally:
        # It stays in the system's own memory. A thread that reads it at this moment maps it again.
        file.madvise(mmap.MADV_DONTNEED)


def _sparsely(array: Any) -> npt.NDArray[Any]:
    """Of a mapped file, a row here and a row there is read: the system shall not read on for what nobody asked."""
    if hasattr(mmap, "MADV_RANDOM"):  # not on Windows
        array._mmap.madvise(mmap.MADV_RANDOM)
    return np.asarray(array)
