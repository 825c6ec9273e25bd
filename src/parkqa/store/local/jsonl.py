"""Random access to the lines of a JSON Lines file: lines are parsed when they are accessed.

Opening a file parses nothing, and only a bounded number of parsed values is kept, so that a corpus of a million
passages opens quickly and needs little memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache, partial
from pathlib import Path
from typing import Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from parkqa.store.local.mmap import load_array, load_bytes, prefetched
from parkqa.types import Document

KEPT = 65536
"""Largest number of parsed values in the cache of one file."""

T = TypeVar("T")


def write_json_lines(path: Path, kind: TypeAdapter[T], values: Iterable[T]) -> None:
    """Write values as JSON Lines, and the byte offsets of the lines to a second file, ``starts_of(path)``.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    lengths = [0]
    with path.open("wb") as file:
        lengths += (file.write(kind.dump_json(value) + b"\n") for value in values)
    np.save(starts_of(path), np.cumsum(lengths, dtype=np.int64))


def starts_of(path: Path) -> Path:
    """Return the path of the file with the line offsets of ``path``.

    >>> starts_of(Path("passages.jsonl")).name
    'passages.starts.npy'
    """
    return path.with_suffix(".starts.npy")


class JsonLines(Sequence[T], Generic[T]):
    """The values of a file that ``write_json_lines`` wrote, as an immutable sequence. Thread-safe.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path, kind: TypeAdapter[T]) -> None:
        self._starts: npt.NDArray[np.int64] = load_array(starts_of(path))
        self._bytes = load_bytes(path)
        # The cached function must not refer to self: the cycle would keep the files mapped until garbage collection.
        self._read = lru_cache(KEPT)(partial(_line, self._bytes, self._starts, kind))

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        places = range(len(self))[place]
        return self._read(places) if isinstance(places, int) else [self._read(each) for each in places]

    def prefetched(self, places: Iterable[int]) -> AbstractContextManager[None]:
        """Prefetch these lines for the duration of the context (``mmap.prefetched``)."""
        return prefetched(self._bytes, ((int(self._starts[place]), int(self._starts[place + 1])) for place in places))

    def __iter__(self) -> Iterator[T]:
        return (self._read(place) for place in range(len(self)))


def _line(raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], kind: TypeAdapter[T], place: int) -> T:
    return kind.validate_json(raw[starts[place] : starts[place + 1]].tobytes())


class Documents(Mapping[str, Document]):
    """Documents by path; ``paths[i]`` is the path of ``lines[i]``."""

    def __init__(self, paths: Iterable[str], lines: Sequence[Document]) -> None:
        self._places = {path: place for place, path in enumerate(paths)}
        self._lines = lines

    def __getitem__(self, path: str) -> Document:
        return self._lines[self._places[path]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
