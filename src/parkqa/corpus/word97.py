"""Word 97 files (.doc) that end in a table get a paragraph behind it, since LibreOffice loses such a table otherwise.

Word always writes that paragraph; LibreOffice itself and other programs do not. Only the list of pieces is written
anew, behind what the file holds: the piece that is added points to the mark of another paragraph outside of tables. The
format is described in [MS-DOC]; the offsets below are its.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from parkqa.corpus import file_checks
from parkqa.corpus.ole import DAMAGED, Container

_WORD, _ENCRYPTED, _TABLE1 = 0xA5EC, 0x0100, 0x0200
_CCP_TEXT, _BTE_PAPX, _CLX = 0x4C, 0x102, 0x1A2
"""Where the head of the file has the length of the text, and the place of the paragraphs' formats and of the pieces."""
_PAGE = 512
_IN_TABLE = b"\x16\x24\x01"
_CELL, _MARK = "\x07", "\r"
_COMPRESSED = 0x40000000
"""The flag of a piece with one byte a character."""


def with_last_paragraph(raw: bytes) -> bytes:
    """Return a Word 97 file with a paragraph behind the table that it ends in; any other file as it is.

    Raises:
        Unreadable: the file is protected by a password.
    """
    try:
        return _Word(Container(raw)).closed()
    except DAMAGED:
        return raw  # LibreOffice is to say what is wrong with it


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of characters: its length, where it stands (with the flag _COMPRESSED), and its format."""

    length: int
    place: int
    before: bytes
    after: bytes

    def at(self, number: int) -> int:
        """Return the place of one of its characters in the stream, in bytes."""
        place = self.place & ~_COMPRESSED
        return place // 2 + number if self.place & _COMPRESSED else place + 2 * number

    def part(self, start: int, end: int) -> _Piece:
        """Return some of its characters as a piece."""
        # The place of compressed characters is given in half bytes: two a character, as with the others.
        return replace(self, length=end - start, place=self.place + 2 * start)


class _Word:
    """The main stream of a Word 97 file and the stream with its tables."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._main = container.read("WordDocument")
        ident, flags = struct.unpack_from("<H", self._main)[0], struct.unpack_from("<H", self._main, 10)[0]
        if ident != _WORD:
            raise ValueError("no Word file")
        if flags & _ENCRYPTED:
            raise file_checks.encrypted()
        self._tables = "1Table" if flags & _TABLE1 else "0Table"
        self._table = container.read(self._tables)

    def closed(self) -> bytes:
        """Return the file with a paragraph behind its text, if that ends in a table."""
        length: int = struct.unpack_from("<I", self._main, _CCP_TEXT)[0]
        pieces, rest = self._pieces()
        text, more = self._parted(pieces, length)
        plain = next(self._plain(text), None)
        if self._characters(text[-1])[-1] != _CELL or plain is None:
            return bytes(self._container.data)
        content = self._clx([*text, plain, *more], rest)
        place = len(self._table)
        self._container.write(self._tables, place, content)
        self._container.write("WordDocument", _CLX, struct.pack("<II", place, len(content)))
        self._container.write("WordDocument", _CCP_TEXT, struct.pack("<I", length + 1))
        return bytes(self._container.data)

    def _pieces(self) -> tuple[list[_Piece], bytes]:
        """Return the pieces, and what stands before them in their list."""
        place, size = struct.unpack_from("<II", self._main, _CLX)
        clx, start = self._table[place : place + size], 0
        while clx[start] == 1:
            start += 3 + struct.unpack_from("<H", clx, start + 1)[0]
        count = (struct.unpack_from("<I", clx, start + 1)[0] - 4) // 12
        ends = struct.unpack_from(f"<{count + 1}I", clx, start + 5)
        formats = start + 5 + 4 * (count + 1)
        pieces = []
        for number in range(count):
            each = clx[formats + 8 * number : formats + 8 * number + 8]
            spot = struct.unpack_from("<I", each, 2)[0]
            pieces.append(_Piece(ends[number + 1] - ends[number], spot, each[:2], each[6:]))
        return pieces, clx[:start]

    def _clx(self, pieces: list[_Piece], rest: bytes) -> bytes:
        """Return the list of pieces as it is stored."""
        ends = [0]
        for piece in pieces:
            ends.append(ends[-1] + piece.length)
        formats = b"".join(piece.before + struct.pack("<I", piece.place) + piece.after for piece in pieces)
        body = struct.pack(f"<{len(ends)}I", *ends) + formats
        return rest + b"\x02" + struct.pack("<I", len(body)) + body

    @staticmethod
    def _parted(pieces: list[_Piece], length: int) -> tuple[list[_Piece], list[_Piece]]:
        """Return the pieces of the text, and those of notes and headers behind it."""
        text: list[_Piece] = []
        more: list[_Piece] = []
        for piece in pieces:
            left = min(piece.length, length)
            length -= left
            text += [piece.part(0, left)] if left else []
            more += [piece.part(left, piece.length)] if left < piece.length else []
        return text, more

    def _characters(self, piece: _Piece) -> str:
        raw = self._main[piece.at(0) : piece.at(piece.length)]
        return raw.decode("cp1252" if piece.place & _COMPRESSED else "utf-16-le", "replace")

    def _plain(self, pieces: list[_Piece]) -> Iterator[_Piece]:
        """Yield the marks of paragraphs that are outside of tables, each as a piece."""
        for piece in pieces:
            for number, character in enumerate(self._characters(piece)):
                if character == _MARK and _IN_TABLE not in self._format(piece.at(number)):
                    yield piece.part(number, number + 1)

    def _format(self, place: int) -> bytes:
        """Return the format of the paragraph whose mark is at a place of the stream; it is in a table if unknown."""
        start, size = struct.unpack_from("<II", self._main, _BTE_PAPX)
        count = (size - 4) // 8
        bounds = struct.unpack_from(f"<{count + 1}I{count}I", self._table, start)
        page = next((bounds[count + 1 + n] for n in range(count) if bounds[n] <= place < bounds[n + 1]), None)
        if page is None:
            return _IN_TABLE
        block = self._main[(page & 0x3FFFFF) * _PAGE :][:_PAGE]
        runs = block[_PAGE - 1]
        ends = struct.unpack_from(f"<{runs + 1}I", block)
        run = next((n for n in range(runs) if ends[n] <= place < ends[n + 1]), None)
        if run is None:
            return _IN_TABLE
        spot = 2 * block[4 * (runs + 1) + 13 * run]
        if not spot:
            return b""
        length = block[spot]
        return block[spot + 1 : spot + 2 * length] if length else block[spot + 2 : spot + 2 + 2 * block[spot + 1]]
