"""Word (.docx): the body in document order.

It is read from the XML, since python-docx's paragraphs and tables leave out content controls, text boxes and tracked
insertions.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from parkqa.corpus.readers.draft import BULLET, Draft, Piece, assemble, needed, short
from parkqa.corpus.readers.tables import Cell, pieces

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = {f"{W}{name}" for name in ("del", "moveFrom", "instrText", "delText")}
"""Elements whose text was deleted or moved away, or belongs to a field instruction."""
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX = f"{W}txbxContent"
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d+", re.IGNORECASE)
"""Styles of the entries in a table of contents."""
_NUMBERED = ((re.compile(r"第[一二三四五六七八九十百\d]+[编章]"), 1), (re.compile(r"[一二三四五六七八九十]+、"), 2))
"""Levels of headings by the usual numbering of Chinese documents: 第一章, 一、; below these, （一） as _DEEPER."""
_DEEPER = re.compile(r"[（(][一二三四五六七八九十]+[）)]")


def read(raw: bytes) -> Draft:
    """Read the bytes of a .docx: headings, lists, tables, text boxes, footnotes and endnotes.

    Headings are recognised by style or outline level; in a document without any, short bold lines are headings. Hidden
    and deleted text, headers and footers, and the table of contents are left out.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what python-docx raises for a damaged file.
    """
    document = needed("docx").Document(io.BytesIO(raw))
    reader = _Reader(document)
    found = [*reader.blocks(document.element.body), *reader.notes()]
    return assemble(found if any(piece.kind == "heading" for piece in found) else reader.headed(found))


class _Reader:
    """Reads one document with its styles; ``_loud`` collects the short bold lines, which may be headings."""

    def __init__(self, document: Any) -> None:
        self._part = document.part
        self._styles = {style.get(f"{W}styleId"): style for style in document.styles.element.iter(f"{W}style")}
        self._default = next((key for key, style in self._styles.items() if _default(style)), None)
        self._loud: set[str] = set()
        self.style = lru_cache(maxsize=None)(self._style)

    def blocks(self, parent: Any) -> Iterator[Piece]:
        """Yield the pieces of the paragraphs and tables in an element."""
        for child in parent:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo"):
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Piece]:
        name, level, listed, bold = self.style(_value(paragraph, "pStyle") or self._default)
        text = _text(paragraph)
        if text and not _CONTENTS.fullmatch(name):
            yield self._piece(paragraph, text, level, listed, bold)
        for box in _boxes(paragraph):
            yield from self.blocks(box)

    def _piece(self, paragraph: Any, text: str, level: int, listed: int, bold: bool) -> Piece:
        """Return a paragraph as a piece; ``level``, ``listed`` and ``bold`` are those of its style, see ``_style``."""
        outline = _value(paragraph, "outlineLvl")
        level = int(outline) + 1 if outline is not None and int(outline) < 9 else level
        if level:
            return Piece("heading", text.replace("\n", " "), min(level, 6))
        if paragraph.find(f"{W}pPr/{W}numPr") is not None:
            number, depth = _value(paragraph, "numId"), _value(paragraph, "ilvl")
            listed = 0 if number == "0" else int(depth or 0) + 1
        if listed or BULLET.match(text):
            return Piece("item", BULLET.sub("", text), listed or 1)
        if short(text) and (bold or _bold(paragraph)):
            self._loud.add(text)
        return Piece("paragraph", text)

    def _style(self, key: str | None) -> tuple[str, int, int, bool]:
        """Return the name of a style, its heading level (or 0), its list depth (or 0) and whether it is bold.

        What a style does not set is taken from the styles it is based on.
        """
        name, level, listed, bold, seen = "", 0, 0, False, set()
        while key in self._styles and key not in seen:
            seen.add(key)
            style = self._styles[key]
            called = _value(style, "name") or ""
            name = name or called
            level = level or _heading(called, _value(style, "outlineLvl"))
            if style.find(f".//{W}numPr") is not None or called.lower().startswith("list "):
                listed = listed or int(_value(style, "ilvl") or 0) + int(called[-1] if called[-1:].isdigit() else 1)
            bold = bold or _on(style.find(f"{W}rPr/{W}b"))
            key = _value(style, "basedOn")
        return name, level, listed, bold

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
        column = int(_value(row, "gridBefore") or 0)
        for cell in row.iter(f"{W}tc"):
            width = int(_value(cell, "gridSpan") or 1)
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

    def headed(self, found: list[Piece]) -> Iterator[Piece]:
        """Yield the pieces with short bold lines as headings, their levels according to their numbering."""
        for piece in found:
            if piece.kind == "paragraph" and piece.text in self._loud:
                yield Piece("heading", piece.text, _level(piece.text))
            else:
                yield piece


def _level(text: str) -> int:
    """Return the level of a heading by its numbering, 2 if it has none."""
    if _DEEPER.match(text):
        return 3
    return next((level for pattern, level in _NUMBERED if pattern.match(text)), 2)


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


def _heading(name: str, outline: str | None) -> int:
    """Return the heading level of a style by its name or its outline level (0 to 8; 9 is body text), else 0."""
    if name.lower() in ("title", "标题"):
        return 1
    if match := re.fullmatch(r"(?:heading|标题) ?(\d)", name, re.IGNORECASE):
        return int(match[1])
    return int(outline) + 1 if outline is not None and int(outline) < 9 else 0


def _text(paragraph: Any) -> str:
    return "".join(_words(paragraph)).strip()


def _words(element: Any) -> Iterator[str]:
    """Yield the visible text in an element, without text boxes, which ``_boxes`` gives."""
    for child in element:
        if child.tag in _GONE or child.tag in (_FALLBACK, _BOX, f"{W}pPr"):
            continue
        if child.tag == f"{W}r" and _on(child.find(f"{W}rPr/{W}vanish")):
            continue
        if child.tag == f"{W}t":
            yield child.text or ""
        elif child.tag in (f"{W}tab", f"{W}br", f"{W}cr"):
            yield "\t" if child.tag == f"{W}tab" else "\n" if child.get(f"{W}type") in (None, "textWrapping") else ""
        elif child.tag == f"{W}noBreakHyphen":
            yield "-"
        elif isinstance(child.tag, str):
            yield from _words(child)


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, without the copies that files hold for older programs."""
    for box in paragraph.iter(_BOX):
        if not any(above.tag in (_FALLBACK, _BOX) for above in _above(box, paragraph)):
            yield box


def _above(element: Any, top: Any) -> Iterator[Any]:
    """Yield the ancestors of an element below ``top``, innermost first."""
    while (element := element.getparent()) is not None and element is not top:
        yield element


def _value(element: Any, name: str) -> str | None:
    """Return the value of a property of a paragraph, style, row or cell; None if it is not set."""
    for path in (f"{W}{name}", f"{W}pPr/{W}{name}", f"{W}pPr/{W}numPr/{W}{name}", f"{W}tcPr/{W}{name}"):
        if (found := element.find(path)) is not None:
            return str(found.get(f"{W}val"))
    found = element.find(f"{W}trPr/{W}{name}")
    return None if found is None else str(found.get(f"{W}val"))


def _default(style: Any) -> bool:
    """Return whether a style is the default of paragraphs."""
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on")


def _on(switch: Any) -> bool:
    """Return whether a toggle property is set; without a value, its presence sets it."""
    return switch is not None and switch.get(f"{W}val") not in ("0", "false", "off")


def _bold(paragraph: Any) -> bool:
    """Return whether all visible text of a paragraph is set bold."""
    runs = [run for run in paragraph.iter(f"{W}r") if "".join(_words(run)).strip()]
    return bool(runs) and all(_on(run.find(f"{W}rPr/{W}b")) for run in runs)
