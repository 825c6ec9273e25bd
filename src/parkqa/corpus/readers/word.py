"""Word (.docx): the body in document order.

It is read from the XML, since python-docx's paragraphs and tables leave out content controls, text boxes and tracked
insertions.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from parkqa.corpus.decoding import decoded, normalised
from parkqa.corpus.readers import html, plain
from parkqa.corpus.readers.draft import BULLET, Draft, Note, Piece, assemble, left_out, needed, unread
from parkqa.corpus.readers.ooxml import transitional
from parkqa.corpus.readers.tables import Cell, pieces
from parkqa.corpus.readers.word_headings import headed
from parkqa.corpus.readers.word_numbers import Numbers
from parkqa.corpus.readers.word_styles import Look, Style, Styles, value
from parkqa.corpus.readers.word_text import BOX, FALLBACK, W, text

LARGE = 0.2
"""Share of an A4 page from which a picture is named."""
_PAGE = 7_560_000 * 10_692_000
"""Area of an A4 page in square EMU, the unit of pictures' sizes: 914,400 an inch."""
_EXTENT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent"
_VML = "{urn:schemas-microsoft-com:vml}"
_IMAGES = ("{http://schemas.openxmlformats.org/drawingml/2006/main}blip", f"{_VML}imagedata")
_POINTS = re.compile(r"(?:width|height):([\d.]+)pt")
_POINT = 12_700
"""EMU in a point."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d+", re.IGNORECASE)
"""Styles of the entries in a table of contents."""
_ENTRY = re.compile(r".{1,60}?(?:\t|[.．…·‥_—]{2,}[.．…·‥\s]*|\s{4,})\d{1,4}", re.DOTALL)
"""An entry that was typed: its text, a tab or dots, and the number of a page."""
_HEAD_OF_CONTENTS = re.compile(r"目\s*[录次]|contents", re.IGNORECASE)
ENTRIES = 3
"""Least number of such lines that are a table of contents without saying so. Chosen by hand: a smaller one takes lines
with a tab and a figure for one."""
_ARTICLE = re.compile(r"第.+[编章节篇条]$|.+、$|（.+）$")
"""Automatic numbers of headings and articles; what has another one is an item of a list."""


def read(raw: bytes) -> Draft:
    """Read the bytes of a .docx: headings, lists, tables, text boxes, footnotes and endnotes.

    Headings are recognised by style or outline level; in a document that does not use these, by number, font and place.
    Automatic numbers are the ``label`` of their block. Hidden and deleted text, headers and footers, and the table of
    contents are left out.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what python-docx raises for a damaged file.
    """
    document = needed("docx").Document(io.BytesIO(transitional(raw)))
    reader = _Reader(document)
    found = [*reader.blocks(document.element.body), *reader.notes()]
    kept = _without_contents(found)
    shown = {id(piece) for piece in kept}
    remarks = [*reader.remarks, *_pictures(document.element.body, empty=not any(piece.text for piece in found))]
    remarks += left_out((piece.text for piece in found if id(piece) not in shown), "目录没有收", "contents left out")
    return assemble(headed(kept, {id(piece): look for piece, look in reader.looks}), notes=remarks)


def _without_contents(found: Sequence[Piece]) -> list[Piece]:
    """Drop a table of contents that was typed: several entries in a row, or any after 目录, with that line."""
    kept: list[Piece] = []
    for entry, run in groupby(found, key=lambda piece: piece.kind != "row" and bool(_ENTRY.fullmatch(piece.text))):
        lines = list(run)
        titled = bool(kept) and bool(_HEAD_OF_CONTENTS.fullmatch(kept[-1].text))
        if not entry or not (titled or len(lines) >= ENTRIES):
            kept += lines
        elif titled:
            kept.pop()
    return kept


def _pictures(body: Any, *, empty: bool) -> tuple[Note, ...]:
    """Return the note on pictures that may show text: large ones, or all of an ``empty`` document, by their number."""
    sizes = [_size(each) for each in body.iter(f"{W}drawing", f"{W}pict") if any(True for _ in each.iter(*_IMAGES))]
    return unread(
        [number for number, size in enumerate(sizes, 1) if empty or size >= LARGE * _PAGE],
        "图片（可能是扫描件）里的字没有读，请先做文字识别（OCR）",
        "text that the picture (a scan?) shows was not read; run OCR on it first",
        of=("幅", "picture"),
    )


def _size(drawing: Any) -> float:
    """Return the area of a picture in square EMU; older programs give its sides in points."""
    if (extent := drawing.find(f".//{_EXTENT}")) is not None:
        return float(extent.get("cx") or 0) * float(extent.get("cy") or 0)
    sides = [_POINTS.findall(shape.get("style") or "") for shape in drawing.iter(f"{_VML}shape")]
    return next((float(w) * float(h) * _POINT**2 for (w, h) in (side for side in sides if len(side) == 2)), 0.0)


class _Reader:
    """Reads one document; ``looks`` has its paragraphs, as pieces, with how they look, ``remarks`` the notes."""

    def __init__(self, document: Any) -> None:
        self._part = document.part
        self._styles = Styles(document.styles.element)
        self._numbers = Numbers(_numbering(document.part), self._styles.elements)
        self.looks: list[tuple[Piece, Look]] = []
        self.remarks: list[Note] = []

    def blocks(self, parent: Any) -> Iterator[Piece]:
        """Yield the pieces of the paragraphs and tables in an element."""
        for child in parent:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag == f"{W}altChunk":
                yield from self._chunk(child)
            elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo"):
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Piece]:
        style = self._styles.paragraph(paragraph)
        number, depth = self._list(paragraph, style)
        label = self._numbers.label(number, depth)
        words = text(paragraph)
        if words and not _CONTENTS.fullmatch(style.name):
            piece = self._piece(paragraph, words, style, label)
            self.looks.append((piece, self._styles.look(paragraph, style)))
            yield piece
        for box in _boxes(paragraph):
            yield from self.blocks(box)

    def _list(self, paragraph: Any, style: Style) -> tuple[str | None, int]:
        """Return the automatic list of a paragraph, None if it is in none, and its depth in it from 0."""
        number, depth = value(paragraph, "numId"), value(paragraph, "ilvl")
        number = style.number if number is None else number
        return (None if number == "0" else number), style.depth if depth is None else int(depth)

    def _piece(self, paragraph: Any, words: str, style: Style, label: str) -> Piece:
        """Return a paragraph as a piece."""
        outline = value(paragraph, "outlineLvl")
        level = int(outline) + 1 if outline is not None and int(outline) < 9 else style.level
        if level:
            return Piece("heading", words.replace("\n", " "), min(level, 6), label=label)
        listed = style.listed
        if paragraph.find(f"{W}pPr/{W}numPr") is not None:
            listed = 0 if value(paragraph, "numId") == "0" else int(value(paragraph, "ilvl") or 0) + 1
        if label and _ARTICLE.match(label):
            return Piece("paragraph", words, label=label)
        if listed or BULLET.match(words):
            return Piece("item", BULLET.sub("", words), listed or 1, label=label)
        return Piece("paragraph", words)

    def _chunk(self, chunk: Any) -> Iterator[Piece]:
        """Yield the pieces of a file that was merged into the document: HTML, text or another .docx."""
        part = self._part.rels[chunk.get(_RELATION)].target_part
        kind = f"{part.content_type} {part.partname}".lower()
        if "wordprocessingml" in kind:
            draft = read(part.blob)
        elif "html" in kind or "text/plain" in kind:
            draft = (html if "html" in kind else plain).read(normalised(decoded(part.blob)))
        else:
            zh = f"里面并入了一份读不了的文件（{part.partname}），请在 Word 里打开后另存为普通的 .docx。"
            self.remarks.append(
                Note(zh, f"it holds {part.partname}, which is not read; save it in Word as a plain .docx.")
            )
            return
        for block in draft.blocks:
            yield Piece(block.kind, draft.text[block.start : block.end], block.level, None, block.columns, block.label)

    def _table(self, table: Any) -> Iterator[Piece]:
        """Yield the pieces of a table; of a layout table, which holds other tables, the content of its cells."""
        nested = table.find(f".//{W}tc//{W}tbl")
        if nested is not None:
            for cell in table.iter(f"{W}tc"):
                if not any(above is not table and above.tag == f"{W}tbl" for above in _above(cell, table)):
                    yield from self.blocks(cell)
            return
        grid = [list(self._cells(row)) for row in table.iter(f"{W}tr")]
        yield from pieces(_merged(grid))

    def _cells(self, row: Any) -> Iterator[tuple[Cell, bool]]:
        """Yield the cells of a row, each with whether it continues a merged cell of the row above."""
        column = int(value(row, "gridBefore") or 0)
        for cell in row.iter(f"{W}tc"):
            width = int(value(cell, "gridSpan") or 1)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = merge is not None and merge.get(f"{W}val") in (None, "continue")
            text = " ".join(piece.text for piece in self.blocks(cell)).replace("\n", " ")
            yield Cell(text, column, width), goes_on
            column += width

    def notes(self) -> Iterator[Piece]:
        """Yield the footnotes and endnotes, after a break."""
        for relation in self._part.rels.values():
            if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes")):
                root = needed("docx.oxml").parse_xml(relation.target_part.blob)
                found = [piece for note in root if note.get(f"{W}type") is None for piece in self.blocks(note)]
                yield from ([Piece("break", level=1)] if found else [])
                yield from found


def _numbering(part: Any) -> Any:
    """Return the root of the numbering part of a document; None if it has none."""
    found = [each for each in part.rels.values() if not each.is_external and each.reltype.endswith("/numbering")]
    return needed("docx.oxml").parse_xml(found[0].target_part.blob) if found else None


def _merged(grid: list[list[tuple[Cell, bool]]]) -> list[list[Cell]]:
    """Return the cells with the number of rows they span, without the cells that continue others."""
    rows = []
    places = [_places(row) for row in grid]
    for place, row in enumerate(grid):
        cells = []
        for cell, goes_on in row:
            if not goes_on:
                height = 1
                while place + height < len(grid) and (cell.column, True) in places[place + height]:
                    height += 1
                cells.append(Cell(cell.text, cell.column, cell.width, height))
        rows.append(cells)
    return rows


def _places(row: list[tuple[Cell, bool]]) -> set[tuple[int, bool]]:
    return {(cell.column, goes_on) for cell, goes_on in row}


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, without the copies that files hold for older programs."""
    for box in paragraph.iter(BOX):
        if not any(above.tag in (FALLBACK, BOX) for above in _above(box, paragraph)):
            yield box


def _above(element: Any, top: Any) -> Iterator[Any]:
    """Yield the ancestors of an element below ``top``, innermost first."""
    while (element := element.getparent()) is not None and element is not top:
        yield element
