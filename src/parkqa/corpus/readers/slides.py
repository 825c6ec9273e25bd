"""PowerPoint (.pptx): slide by slide, the shapes in reading order; ``page`` is the number of the slide from 1."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from parkqa.corpus.readers.draft import BULLET, END, Draft, Piece, assemble, needed
from parkqa.corpus.readers.tables import Cell, pieces

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ON_EVERY_SLIDE = {"DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"}
ROW = 0.5
"""Two shapes are in the same row if their tops differ by less than this share of the smaller height. Chosen by hand: a
larger value reads shapes that overlap a little as side by side, a smaller one reads uneven rows top to bottom."""


def read(raw: bytes) -> Draft:
    """Read the bytes of a .pptx: titles, texts, tables and SmartArt, without hidden slides, notes and footers.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what python-pptx raises for a damaged file.
    """
    deck = needed("pptx").Presentation(io.BytesIO(raw))
    return assemble(piece for number, slide in enumerate(deck.slides, 1) for piece in _slide(slide, number))


def _slide(slide: Any, number: int) -> Iterator[Piece]:
    """Yield the title of a slide, or a break if it has none, and then its shapes."""
    if slide._element.get("show") in ("0", "false"):
        return
    title = slide.shapes.title
    text = _line(title.text_frame.text) if title is not None else ""
    if text:
        yield Piece("heading", text, 1 if _kind(title) == "CENTER_TITLE" else 2, number)
    else:
        yield Piece("break", level=2)
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape, number)


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """Return shapes row by row from the top, each row from left to right."""
    rows: list[list[Any]] = []
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        first = rows[-1][0] if rows else None
        if first is not None and (shape.top or 0) - (first.top or 0) < ROW * min(shape.height or 0, first.height or 0):
            rows[-1].append(shape)
        else:
            rows.append([shape])
    return [shape for row in rows for shape in sorted(row, key=lambda shape: shape.left or 0)]


def _shape(shape: Any, number: int) -> Iterator[Piece]:
    if _kind(shape) in _ON_EVERY_SLIDE:
        return
    if hasattr(shape, "shapes"):  # a group
        for inner in _in_order(shape.shapes):
            yield from _shape(inner, number)
    elif getattr(shape, "has_table", False):
        yield from pieces([list(_cells(row)) for row in shape.table.rows], number, headed=shape.table.first_row or None)
    elif getattr(shape, "has_text_frame", False):
        yield from _texts(shape, number)
    else:
        yield from _art(shape, number)


def _kind(shape: Any) -> str:
    """Return the type of a placeholder, such as "TITLE"; "" for other shapes."""
    if not shape.is_placeholder:
        return ""
    kind = shape.placeholder_format.type
    return kind.name if kind is not None else ""


def _texts(shape: Any, number: int) -> Iterator[Piece]:
    """Yield the paragraphs of a shape; those of a body placeholder are list items, unless it is a single sentence."""
    paragraphs = [(p, _words(p.text)) for p in shape.text_frame.paragraphs]
    paragraphs = [(paragraph, text) for paragraph, text in paragraphs if text]
    prose = len(paragraphs) == 1 and END.search(paragraphs[0][1])
    body = _kind(shape) in ("BODY", "OBJECT") and not prose
    for paragraph, text in paragraphs:
        listed = body or _bulleted(paragraph) or bool(BULLET.match(text))
        level = paragraph.level + 1 if listed else 0
        yield Piece("item" if listed else "paragraph", BULLET.sub("", text), level, number)


def _bulleted(paragraph: Any) -> bool:
    """Return whether a paragraph itself is set with a bullet or a number."""
    marks = paragraph._p.find(f"{_A}pPr")
    return marks is not None and any(
        marks.find(f"{_A}{name}") is not None for name in ("buChar", "buAutoNum", "buBlip")
    )


def _cells(row: Any) -> Iterator[Cell]:
    for column, cell in enumerate(row.cells):
        if not cell.is_spanned:
            text = _line(cell.text_frame.text)
            yield Cell(text, column, cell.span_width, cell.span_height)


def _art(shape: Any, number: int) -> Iterator[Piece]:
    """Yield the texts of a SmartArt graphic, which are in another part of the package than the slide."""
    points = shape._element.find(f".//{_DGM}relIds")
    if points is None:
        return
    data = needed("lxml.etree").fromstring(shape.part.related_part(points.get(f"{_REL}dm")).blob)
    for point in data.iter(f"{_DGM}pt"):
        for paragraph in point.iter(f"{_A}p"):
            if text := "".join(words.text or "" for words in paragraph.iter(f"{_A}t")).strip():
                yield Piece("item", text, 1, number)


def _words(text: str) -> str:
    """Return the text of a paragraph with line ends for python-pptx's vertical tabs."""
    return text.replace("\v", "\n").strip()


def _line(text: str) -> str:
    """Return a text on one line."""
    return re.sub(r"\s*[\v\n]\s*", " ", text).strip()
