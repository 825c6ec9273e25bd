"""Where the lines of a document stand on the pages of a PDF that LibreOffice made of it.

The PDF is not read as a document: its lines are looked for in the text that is known. Only what is sure is kept: a
line that stands once in the text and once on the pages, and what goes on without a gap before or behind such a line.
A running head is in no text, and a short line that stands in several places may be any of these; neither gets a box.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from parkqa.corpus.readers.draft import BULLET, CELLS, CONTROL, Box, needed
from parkqa.types import Leaf

SURE = 8
"""Least length of a line that may stand in several places, if it stands as often in the text as on the pages: the
first place is then that of the first. Chosen by hand: shorter ones are cells and headings that stand in heads too."""
SHORT = 2
"""Least length of a line that is looked for where there is nothing before or behind it."""
APART, BACK, RISE = 2.0, 1.0, 0.5
"""Of the height of a character: how far behind the last one it may stand, or before its end, and how much higher or
lower, to be of the same line. Chosen by hand: cells stand further apart, and the words of justified text do not; both
letters of a ligature (fi) have the place of the whole."""
_MARK = re.compile(r"(?:[•·–▪■◆○➢✓\uf000-\uf0ff-]|\(?\d{1,3}[.)、)]|[a-z][.)])")
"""What LibreOffice draws before an item of a list, and is not in its text."""


@dataclass(frozen=True, slots=True)
class Written:
    """A block of a text: its offsets, the automatic number that stands before it, and whether it is a row of cells."""

    start: int
    end: int
    label: str = ""
    row: bool = False


@dataclass(slots=True)
class _Drawn:
    """A line as it is drawn: its page, its characters and their box, and where it begins in the letters once found."""

    page: int
    text: str
    box: Box
    start: int = field(default=-1)

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def lines_of(raw: bytes, text: str, written: Sequence[Written]) -> Iterator[Leaf]:
    """Yield the pages of a PDF on which lines of a text were found, with the places of these.

    Args:
        raw: the bytes of the PDF.
        text: the text of the document.
        written: its blocks.
    """
    letters, places = _letters(text, written)
    with needed("pypdfium2").PdfDocument(raw) as pdf:
        sizes = [pdf.get_page_size(number) for number in range(len(pdf))]
        drawn = [line for number in range(len(pdf)) for line in _lines(pdf[number], number)]
    _find(drawn, letters)
    for number, (width, height) in enumerate(sizes):
        found = [line for line in drawn if line.page == number and line.start >= 0]
        lines = tuple(value for line in found for value in _place(line, places))
        if lines:
            yield Leaf(number + 1, round(width), round(height), lines=lines)


def _letters(text: str, written: Sequence[Written]) -> tuple[str, list[int]]:
    """Return a text without blanks and in one form, with its automatic numbers; and the offset of each letter, or -1.

    >>> _letters("业主 应缴费。", [Written(0, 7, "第二条")])
    ('第二条业主应缴费。', [-1, -1, -1, 0, 1, 3, 4, 5, 6])
    """
    letters: list[str] = []
    places: list[int] = []
    for block in written:
        for char in _plain(block.label):
            letters.append(char)
            places.append(-1)
        shown = text[block.start : block.end]
        shown = shown.replace(CELLS, " " * len(CELLS)) if block.row else shown
        for offset, original in enumerate(shown, block.start):
            for char in _plain(original):
                letters.append(char)
                places.append(offset)
    return "".join(letters), places


def _plain(text: str) -> str:
    """Return characters in one form, without blanks and signs that are not seen."""
    return "".join(unicodedata.normalize("NFKC", CONTROL.sub("", text)).lower().split())


def _lines(page: Any, number: int) -> Iterator[_Drawn]:
    """Yield the lines of a page in the order in which they were drawn; cells side by side are lines of their own."""
    pdfium, ctypes = needed("pypdfium2.raw"), needed("ctypes")
    page_height, content = page.get_height(), page.get_textpage()
    rect = pdfium.FS_RECTF()
    line: _Drawn | None = None
    for index in range(content.count_chars()):
        code = pdfium.FPDFText_GetUnicode(content, index)
        char = _plain(chr(code)) if 32 < code < 0x110000 else ""
        if not char or not pdfium.FPDFText_GetLooseCharBox(content, index, ctypes.byref(rect)):
            continue
        box = (rect.left, page_height - rect.top, rect.right, page_height - rect.bottom)
        if line is not None and _goes_on(line.box, box):
            whole = (*map(min, line.box[:2], box[:2]), *map(max, line.box[2:], box[2:]))
            line = replace(line, text=line.text + char, box=whole)
            continue
        if line is not None:
            yield line
        line = _Drawn(number, char, box)
    if line is not None:
        yield line


def _goes_on(line: Box, char: Box) -> bool:
    """Return whether a character is the next one of a line."""
    high = max(char[3] - char[1], 1.0)
    return abs(char[3] - line[3]) < RISE * high and -BACK * high < char[0] - line[2] < APART * high


def _find(drawn: Sequence[_Drawn], letters: str) -> None:
    """Find the places of lines in the letters of a text, and note them in the lines."""
    free = bytearray(b"\1" * len(letters))
    for line in drawn:
        line.text = _without_mark(line.text, letters)
    _by_themselves(drawn, letters, free, SURE)
    _by_neighbours(drawn, letters, free)
    _by_themselves(drawn, letters, free, SHORT)
    _by_neighbours(drawn, letters, free)


def _without_mark(text: str, letters: str) -> str:
    """Return a line without what is drawn before an item, if the text has it only so."""
    bare = _MARK.sub("", BULLET.sub("", text), count=1) if text not in letters else text
    return bare if bare in letters else text


def _by_themselves(drawn: Sequence[_Drawn], letters: str, free: bytearray, least: int) -> None:
    """Place the lines of at least so many letters that stand as often on the pages as in the text, long ones first."""
    same: dict[str, list[_Drawn]] = defaultdict(list)
    for line in drawn:
        if line.start < 0 and len(line.text) >= least:
            same[line.text].append(line)
    for text in sorted(same, key=len, reverse=True):
        lines, starts = same[text], list(_starts(text, letters, free))
        if len(lines) == len(starts) and (len(lines) == 1 or len(text) >= SURE):
            for line, start in zip(lines, starts, strict=True):
                _set(line, start, free)


def _starts(text: str, letters: str, free: bytearray) -> Iterator[int]:
    """Yield where a line stands in the letters that belong to no other line."""
    start = letters.find(text)
    while start >= 0:
        if all(free[start : start + len(text)]):
            yield start
            start = letters.find(text, start + len(text))
        else:
            start = letters.find(text, start + 1)


def _by_neighbours(drawn: Sequence[_Drawn], letters: str, free: bytearray) -> None:
    """Place the lines that go on where the one drawn before ends, or end where the one drawn next begins.

    A head or a foot of the page may be drawn in between, unless it is a single letter that goes on.
    """
    for lines, onwards in ((drawn, True), (drawn[::-1], False)):
        known: _Drawn | None = None
        near = False
        for line in lines:
            if line.start < 0 and known is not None and (near or len(line.text) >= SHORT):
                start = known.end if onwards else known.start - len(line.text)
                if start >= 0 and letters.startswith(line.text, start) and all(free[start : start + len(line.text)]):
                    _set(line, start, free)
            near = line.start >= 0
            known = line if near else known


def _set(line: _Drawn, start: int, free: bytearray) -> None:
    line.start = start
    free[start : line.end] = bytes(len(line.text))


def _place(line: _Drawn, places: Sequence[int]) -> Iterator[int]:
    """Yield the six numbers of a line, see ``Leaf.lines``; none if it is nothing but an automatic number."""
    offsets = [place for place in places[line.start : line.end] if place >= 0]
    if offsets:
        yield from (offsets[0], offsets[-1] + 1 - offsets[0], *map(round, line.box))
