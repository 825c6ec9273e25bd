"""Loading of arrays from disk: small files are read, large ones are memory-mapped."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

READ = 16 * 1024**2
"""Largest size in bytes of a file that is read into memory.

What was verified on opening is then safe from later changes on disk. A larger file is mapped: it opens immediately and
occupies only page cache, but must not be altered while it is open.
"""


def is_mapped(path: Path) -> bool:
    """Return whether a file is large enough to be mapped.

    Raises:
        OSError: the file cannot be read.
    """
    return path.stat().st_size > READ


def load_array(path: Path) -> npt.NDArray[Any]:
    """Return the array that ``np.save`` wrote.

    Raises:
        OSError, ValueError: the file cannot be read, or is not such an array, as ``np.load`` finds.
    """
    if is_mapped(path):
        return _sparsely(np.load(path, mmap_mode="r"))
    return np.asarray(np.load(path))


def load_bytes(path: Path) -> npt.NDArray[np.uint8]:
    """Return the bytes of a file, shape (size,).

    Raises:
        OSError: the file cannot be read.
    """
    if is_mapped(path):
        return _sparsely(np.memmap(path, mode="r", dtype=np.uint8))
    return np.fromfile(path, dtype=np.uint8)


@contextmanager
def prefetched(array: npt.NDArray[Any], stretches: Iterable[tuple[int, int]]) -> Iterator[None]:
    """Prefetch parts of a mapped array for the duration of the context, and release its pages afterwards.

    Without prefetching, each part that is not in memory would be a page fault of its own, one after the other. Without
    the release, all pages ever touched would count as memory of this process. For an array that is not mapped, and on
    Windows, nothing happens.

    Args:
        array: the array, as ``load_array`` or ``load_bytes`` returns it.
        stretches: half-open ranges (start, stop) along its first axis.
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
        # The pages stay in the page cache; a thread that is still reading them simply maps them again.
        file.madvise(mmap.MADV_DONTNEED)


def _sparsely(array: Any) -> npt.NDArray[Any]:
    """Switch off read-ahead for a mapped array, because rows are accessed in random order."""
    if hasattr(mmap, "MADV_RANDOM"):  # not on Windows
        array._mmap.madvise(mmap.MADV_RANDOM)
    return np.asarray(array)
