"""Word (.docx): the body in document order.

It is read from the XML, since python-docx's paragraphs and tables leave out content controls, text boxes and tracked
insertions.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from parkqa.corpus.decoding import decoded, normalised
from parkqa.corpus.readers import html, pictures, plain
from parkqa.corpus.readers.draft import BULLET, Draft, Note, Piece, assemble, left_out, needed, unread
from parkqa.corpus.readers.ooxml import transitional
from parkqa.corpus.readers.scans import Recognise, Recognition
from parkqa.corpus.readers.tables import DEEP, Cell, pieces
from parkqa.corpus.readers.word_contents import without_contents
from parkqa.corpus.readers.word_headings import headed
from parkqa.corpus.readers.word_numbers import Numbers
from parkqa.corpus.readers.word_styles import TITLES, Look, Style, Styles, value
from parkqa.corpus.readers.word_text import BOX, FALLBACK, W, on, text

LARGE, FILLED = 0.2, 0.5
"""Shares of an A4 page from which a picture is named, and from which it is taken for a scan and recognised. Chosen by
hand: smaller ones are mostly photographs and charts."""
IN_CELL = 0.015
"""The same for a picture that stands in place of a cell's text; smaller ones are mostly signs."""
_PAGE = 7_560_000 * 10_692_000
"""Area of an A4 page in square EMU, the unit of pictures' sizes: 914,400 an inch."""
_EXTENT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent"
_VML = "{urn:schemas-microsoft-com:vml}"
_IMAGES = ("{http://schemas.openxmlformats.org/drawingml/2006/main}blip", f"{_VML}imagedata")
_POINTS = re.compile(r"(?:width|height):([\d.]+)pt")
_POINT = 12_700
"""EMU in a point."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_DRAWINGS = (f"{W}drawing", f"{W}pict")
_PICTURE = ("幅", "picture")
_A_PICTURE = (
    "图片（可能是扫描件）里的字没有读，请装扩展 ocr，或先做文字识别（OCR）",
    "text that the picture (a scan?) shows was not read; install the extra ocr, or run OCR on it first",
)
_SPLIT = (f"{W}rPr/{W}del", f"{W}framePr[@{W}dropCap='drop']", f"{W}framePr[@{W}dropCap='margin']")
"""What marks a paragraph that goes on in the next one, below its properties."""
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d+", re.IGNORECASE)
"""Styles of the entries in a table of contents."""
_ARTICLE = re.compile(r"第.+[编章节篇条]$|.+、$|（.+）$")
"""Automatic numbers of headings and articles; what has another one is an item of a list."""


def read(raw: bytes, recognise: Recognise | None = None) -> Draft:
    """Read the bytes of a .docx: headings, lists, tables, text boxes, footnotes and endnotes.

    Headings are recognised by style or outline level; in a document that does not use these, by number, font and place.
    Automatic numbers are the ``label`` of their block. Hidden and deleted text, headers and footers, and the table of
    contents are left out. Pictures that fill a page, or are all that a document or a cell has, are recognised where
    that can be done; what a table's pictures say follows the table.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what python-docx raises for a damaged file.
    """
    document = needed("docx").Document(io.BytesIO(transitional(raw)))
    _join_split(document.element.body)
    drawings = [each for each in document.element.body.iter(*_DRAWINGS) if _image(each) is not None]
    reader = _Reader(document, drawings)
    found = [*reader.blocks(document.element.body), *reader.notes()]
    empty = not any(piece.text for piece in found)
    sizes = {number: _size(each) / _PAGE for number, each in enumerate(drawings, 1)}
    alone = {number for number in sizes if empty or (number in reader.alone and sizes[number] >= IN_CELL)}
    wanted = [number for number, size in sizes.items() if number in alone or size >= FILLED]
    scans, members = _recognised(document.part, {number: drawings[number - 1] for number in wanted}, recognise)
    texts, leaves = pictures.in_place(scans, members)
    kept = without_contents([piece for piece in found if piece.text or reader.pictured.get(id(piece), 0) in texts])
    shown = {id(piece) for piece in kept}
    large = [number for number, size in sizes.items() if number in alone or size >= LARGE]
    remarks = [*reader.remarks, *unread([number for number in large if number not in scans], *_A_PICTURE, of=_PICTURE)]
    remarks += pictures.notes(scans, _PICTURE)
    remarks += left_out((piece.text for piece in found if id(piece) not in shown), "目录没有收", "contents left out")
    remarks += left_out(_hidden(document.element.body), "隐藏的文字没有收", "hidden text left out")
    whole = headed(kept, {id(piece): look for piece, look in reader.looks})
    meta = {"title": reader.titles[0]} if len(reader.titles) == 1 else {}
    return assemble(_with_pictures(whole, reader.pictured, texts), meta, remarks, leaves)


def _with_pictures(
    found: Iterable[Piece], pictured: Mapping[int, int], texts: Mapping[int, Sequence[Piece]]
) -> Iterator[Piece]:
    """Yield pieces with the text of pictures where they stand, its headings below the one that they stand under."""
    level = 0
    for piece in found:
        level = piece.level if piece.kind == "heading" else level
        if id(piece) not in pictured:
            yield piece
            continue
        for each in texts[pictured[id(piece)]]:
            below = min(each.level + level, DEEP) if each.kind == "heading" else each.level
            yield replace(each, page=None, level=below)
        if level:
            yield Piece("break", level=level + 1)


def _recognised(
    part: Any, wanted: Mapping[int, Any], recognise: Recognise | None
) -> tuple[dict[int, Recognition | None], dict[int, str]]:
    """Return what was recognised of the ``wanted`` drawings, by their number, and their names in the package."""
    images = {
        number: part.related_parts[link]
        for number, drawing in wanted.items()
        if recognise and (link := _image(drawing)) in part.related_parts
    }
    made = ((number, pictures.embedded(image.blob, number, len(wanted))) for number, image in images.items())
    scans = dict(pictures.recognised(((number, each) for number, each in made if each), recognise))
    return scans, {number: image.partname.lstrip("/") for number, image in images.items()}


def _image(drawing: Any) -> str | None:
    """Return the relation by which a drawing names its picture; None if it has none."""
    found = next(drawing.iter(*_IMAGES), None)
    return None if found is None else found.get(_EMBED) or found.get(_RELATION) or ""


def _size(drawing: Any) -> float:
    """Return the area of a picture in square EMU; older programs give its sides in points."""
    if (extent := drawing.find(f".//{_EXTENT}")) is not None:
        return float(extent.get("cx") or 0) * float(extent.get("cy") or 0)
    sides = [_POINTS.findall(shape.get("style") or "") for shape in drawing.iter(f"{_VML}shape")]
    return next((float(w) * float(h) * _POINT**2 for (w, h) in (side for side in sides if len(side) == 2)), 0.0)


def _hidden(body: Any) -> Iterator[str]:
    """Yield the text of each paragraph that is hidden."""
    for paragraph in body.iter(f"{W}p"):
        runs = [run for run in paragraph.iter(f"{W}r") if on(run.find(f"{W}rPr/{W}vanish"))]
        yield "".join(word.text or "" for run in runs for word in run.iter(f"{W}t"))


def _join_split(body: Any) -> None:
    """Put the content of paragraphs before that of the next one where the two are shown as one.

    These are paragraphs whose end was deleted as a tracked change, and large initial letters.
    """
    for paragraph in list(body.iter(f"{W}p")):
        after = paragraph.getnext()
        split = any(paragraph.find(f"{W}pPr/{path}") is not None for path in _SPLIT)
        if split and after is not None and after.tag == paragraph.tag:
            place = int(after.find(f"{W}pPr") is not None)
            for child in reversed([child for child in paragraph if child.tag != f"{W}pPr"]):
                after.insert(place, child)
            paragraph.getparent().remove(paragraph)


class _Reader:
    """Reads one document; ``looks`` has its paragraphs, as pieces, with how they look, ``remarks`` the notes.

    ``titles`` are the texts in the style of a title, beside which headings of level 1 are chapters.

    Where a picture stands there is a piece without text; ``pictured`` has its number from 1 by the piece's ``id``, and
    ``alone`` the numbers of those that stand in a cell without text.
    """

    def __init__(self, document: Any, drawings: Sequence[Any] = ()) -> None:
        self._drawings = {drawing: number for number, drawing in enumerate(drawings, 1)}
        self._places: list[Piece] = []  # kept, so that no other piece gets the same id
        self.pictured: dict[int, int] = {}
        self.alone: set[int] = set()
        self._in_cells: list[Piece] = []
        self._part = document.part
        self._styles = Styles(document.styles.element)
        self._numbers = Numbers(_numbering(document.part), self._styles.elements)
        self.looks: list[tuple[Piece, Look]] = []
        self.titles: list[str] = []
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
        for drawing in paragraph.iter(*_DRAWINGS):
            if drawing in self._drawings:
                place = Piece("paragraph")
                self._places.append(place)
                self.pictured[id(place)] = self._drawings[drawing]
                yield place
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
        if style.name.lower() in TITLES:
            self.titles.append(words.replace("\n", " "))
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
        held, self._in_cells = self._in_cells, []
        yield from held

    def _cells(self, row: Any) -> Iterator[tuple[Cell, bool]]:
        """Yield the cells of a row, each with whether it continues a merged cell of the row above."""
        column = int(value(row, "gridBefore") or 0)
        for cell in row.iter(f"{W}tc"):
            width = int(value(cell, "gridSpan") or 1)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = merge is not None and merge.get(f"{W}val") in (None, "continue")
            found = list(self.blocks(cell))
            text = " ".join(piece.text for piece in found if piece.text).replace("\n", " ")
            held = [piece for piece in found if id(piece) in self.pictured]
            self._in_cells += held
            self.alone |= {self.pictured[id(piece)] for piece in held if not text}
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
