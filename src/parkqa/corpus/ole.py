"""The streams of a compound file, in which Office 97 and WPS Office keep their documents ([MS-CFB])."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Set

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of a compound file."""
_FREE, _END, _LAST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFF9
"""In the table of sectors: a free one, the end of a stream, the last number of a sector."""
_SMALL = 4096
"""Streams of fewer bytes are stored otherwise and are not read here; those that hold a document are longer."""

DAMAGED = (struct.error, IndexError, KeyError, ValueError)
"""What is raised for a damaged file, or one without a stream, or where no sector is free to write to."""


class Container:
    """The streams at the top of a compound file, with a copy of its bytes to write into.

    Attributes:
        data: the bytes.

    Raises:
        DAMAGED: it is damaged; so do all methods.
    """

    def __init__(self, raw: bytes) -> None:
        self.data = bytearray(raw)
        self._sector = 1 << self._numbers(30, "H")[0]
        self._places = [
            (block + 1) * self._sector + 4 * n for block in self._blocks() for n in range(self._sector // 4)
        ]
        self._next = [self._numbers(place)[0] for place in self._places]
        self._entries = dict(self._directory(self._chain(self._numbers(48)[0])))

    def _numbers(self, place: int, form: str = "I") -> tuple[int, ...]:
        return struct.unpack_from(f"<{form}", self.data, place)

    def _blocks(self) -> list[int]:
        """Return the sectors of the table of sectors: 109 are named in the head, more of a large file in a chain."""
        blocks, following = [*self._numbers(76, "109I")], self._numbers(68)[0]
        while following <= _LAST and len(blocks) * self._sector < len(self.data):
            more = self._numbers((following + 1) * self._sector, f"{self._sector // 4}I")
            blocks += more[:-1]
            following = more[-1]
        return [block for block in blocks if block <= _LAST]

    def _directory(self, sectors: list[int]) -> Iterator[tuple[str, int]]:
        """Yield the name of each stream and folder at the top, and where its entry is."""
        places = [(sector + 1) * self._sector + 128 * n for sector in sectors for n in range(self._sector // 128)]
        waiting, seen = [self._numbers(places[0] + 76)[0]], set[int]()
        while waiting:
            number = waiting.pop()
            if number <= _LAST and number not in seen:
                seen.add(number)
                place = places[number]
                waiting += self._numbers(place + 68, "2I")
                length = self._numbers(place + 64, "H")[0]
                yield bytes(self.data[place : place + max(length - 2, 0)]).decode("utf-16-le"), place

    def _chain(self, sector: int) -> list[int]:
        found: list[int] = []
        while sector <= _LAST and len(found) <= len(self._next):
            found.append(sector)
            sector = self._next[sector]
        return found

    @property
    def names(self) -> Set[str]:
        """The names of the streams and folders at the top."""
        return self._entries.keys()

    def read(self, name: str) -> bytes:
        """Return a stream."""
        start, size = self._numbers(self._entries[name] + 116, "2I")
        if size < _SMALL:
            raise ValueError(name)
        sectors = (self.data[(s + 1) * self._sector : (s + 2) * self._sector] for s in self._chain(start))
        return b"".join(sectors)[:size]

    def write(self, name: str, place: int, content: bytes) -> None:
        """Write into a stream, or behind its end, which then moves."""
        entry = self._entries[name] + 116
        start, size = self._numbers(entry, "2I")
        chain = self._chain(start)
        while len(chain) * self._sector < place + len(content):
            chain.append(self._added(chain[-1]))
        for number, byte in enumerate(content, place):
            self.data[(chain[number // self._sector] + 1) * self._sector + number % self._sector] = byte
        struct.pack_into("<I", self.data, entry + 4, max(size, place + len(content)))

    def _added(self, last: int) -> int:
        """Add a sector behind the last one of a stream; return its number."""
        new: int = len(self.data) // self._sector - 1
        if len(self.data) % self._sector or self._next[new] != _FREE:
            raise ValueError("no free sector")
        self.data += bytes(self._sector)
        for sector, following in ((last, new), (new, _END)):
            self._next[sector] = following
            struct.pack_into("<I", self.data, self._places[sector], following)
        return new
