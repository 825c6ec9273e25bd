"""PowerPoint (.pptx): slide by slide, the shapes in reading order; ``page`` is the number of the slide from 1."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from parkqa.corpus.readers import pictures
from parkqa.corpus.readers.draft import BULLET, END, SHORT, Draft, Piece, assemble, left_out, needed, unread
from parkqa.corpus.readers.figures import are_figure_and_label
from parkqa.corpus.readers.number_formats import number as format_number
from parkqa.corpus.readers.ooxml import transitional
from parkqa.corpus.readers.scans import Recognise
from parkqa.corpus.readers.slide_layout import (
    ON_EVERY_SLIDE,
    are_contents,
    joined_texts,
    kind,
    one_line,
    ordered,
    title_boxes,
    with_number,
    words,
)
from parkqa.corpus.readers.tables import DEEP, Cell, pieces

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SLIDE = ("张幻灯片", "slide")
_PICTURES = (
    "只有图片，没有可读的文字，请装扩展 ocr，或先做文字识别（OCR）",
    "nothing but a picture without text that can be read; install the extra ocr, or run OCR on it first",
)
_A_PICTURE = (
    "有大幅图片，图片里如有文字没有读；需要的话请先做文字识别（OCR）",
    "a large picture; if it shows text, that was not read; run OCR on it first if it is needed",
)
_SPOKEN = ("讲者备注没有收", "speaker's notes left out")
_HIDDEN = ("隐藏的幻灯片没有收", "hidden slides left out")
LARGE = 0.2
"""Share of the slide from which a picture is named."""
COVER = 4
"""Most lines below the title of a deck on its first slide. Chosen by hand."""


def read(raw: bytes, recognise: Recognise | None = None) -> Draft:
    """Read the bytes of a .pptx: titles, texts, tables, charts and SmartArt, without hidden slides, notes and footers.

    A picture that is all that a slide or a cell has, or a large one beside the text, is recognised where that can be
    done, the largest of a slide; what it says follows the slide.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what python-pptx raises for a damaged file.
    """
    deck = needed("pptx").Presentation(io.BytesIO(transitional(raw)))
    visible = [(number, slide) for number, slide in enumerate(deck.slides, 1) if not _is_hidden(slide)]
    contents = [number for number, slide in visible if are_contents(_flat(slide.shapes))]
    slides = [(number, slide) for number, slide in visible if number not in contents]
    found = [
        (number, list(_slide(slide, number, deck.slide_height or 0, cover=place == 0)))
        for place, (number, slide) in enumerate(slides)
    ]
    found = [(number, _as_cover(pieces)) for number, pieces in found[:1]] + found[1:]
    area = (deck.slide_width or 0) * (deck.slide_height or 0)
    pictured = {number: held for number, slide in slides if (held := _pictured(slide, area))}
    empty = [number for number, pieces in found if number in pictured and not any(piece.text for piece in pieces)]
    images = {
        number: image
        for number, slide in slides
        if recognise and number in pictured and (image := _image(slide, pictured[number]))
    }
    pictures_ = ((number, pictures.embedded(image.blob, number, len(slides))) for number, image in images.items())
    scans = dict(pictures.recognised(((number, each) for number, each in pictures_ if each), recognise))
    texts, leaves = pictures.in_place(scans, {n: image.partname.lstrip("/") for n, image in images.items()})
    notes = (
        *unread([number for number in empty if number not in scans], *_PICTURES, of=_SLIDE),
        *pictures.notes(scans, _SLIDE),
        *unread([number for number in pictured if number not in (*empty, *scans)], *_A_PICTURE, of=_SLIDE),
        *left_out([f"第 {n} 张" for n, slide in enumerate(deck.slides, 1) if _is_hidden(slide)], *_HIDDEN),
        *left_out([f"第 {n} 张" for n in contents], "目录没有收", "contents left out"),
        *left_out([f"第 {n} 张" for n, slide in slides if _is_annotated(slide)], *_SPOKEN),
    )
    whole = (piece for number, pieces in found for piece in (*pieces, *map(_below, texts.get(number, ()))))
    return assemble(whole, notes=notes, leaves=leaves)


def _as_cover(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces of the first slide, its title as that of the deck if there are but a few short lines below."""
    title, below = pieces[0], pieces[1:]
    lines = len(below) <= COVER and all(piece.kind == "paragraph" and len(piece.text) <= SHORT for piece in below)
    return [replace(title, level=1), *below] if title.kind == "heading" and lines else pieces


def _image(slide: Any, held: Iterable[Any]) -> Any:
    """Return the part of the package with the largest picture in elements of a slide; None if it cannot be found."""
    links = (blip.get(f"{_REL}embed") for element in held for blip in element.iter(f"{_A}blip"))
    parts = [slide.part.related_part(link) for link in links if link in slide.part.rels]
    return max(parts, key=lambda part: len(part.blob), default=None)


def _below(piece: Piece) -> Piece:
    """Return a piece of a picture's text, its headings below the level at which a slide begins."""
    return replace(piece, level=min(piece.level + 1, DEEP)) if piece.kind == "heading" else piece


def _is_hidden(slide: Any) -> bool:
    return slide._element.get("show") in ("0", "false")


def _is_annotated(slide: Any) -> bool:
    """Return whether a slide has speaker's notes."""
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return frame is not None and bool(frame.text.strip())


def _pictured(slide: Any, area: int) -> list[Any]:
    """Return the elements of a slide with pictures of at least LARGE of its ``area`` with no text over them.

    On a slide without text any picture counts, also that of the background, and any that fills a cell without text.
    """
    shapes = list(_flat(slide.shapes))
    texts = [_centre(s) for s in shapes if getattr(s, "has_text_frame", False) and s.text_frame.text.strip()]
    pictures = [shape for shape in shapes if shape._element.find(f".//{_A}blip") is not None]
    if not texts:
        return [slide._element] if slide._element.find(f".//{_A}blip") is not None else []
    large = [shape for shape in pictures if _covers(shape, LARGE * area)]
    cells = [cell for cell in slide._element.iter(f"{_A}tc") if cell.find(f".//{_A}blip") is not None]
    return [
        *(shape._element for shape in large if not any(_over(shape, place) for place in texts)),
        *(cell for cell in cells if not any(word.text for word in cell.iter(f"{_A}t"))),
    ]


def _covers(shape: Any, area: float) -> bool:
    return (shape.width or 0) * (shape.height or 0) >= area


def _over(shape: Any, place: tuple[float, float]) -> bool:
    """Return whether a place, (x, y), lies over a shape."""
    left, top = shape.left or 0, shape.top or 0
    return bool(left <= place[0] <= left + (shape.width or 0) and top <= place[1] <= top + (shape.height or 0))


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    """Yield shapes, with those of groups in their place."""
    for shape in shapes:
        yield from _flat(shape.shapes) if hasattr(shape, "shapes") else (shape,)


def _centre(shape: Any) -> tuple[float, float]:
    """Return the middle of a shape, (x, y)."""
    return (shape.left or 0) + (shape.width or 0) / 2, (shape.top or 0) + (shape.height or 0) / 2


def _slide(slide: Any, number: int, height: int, *, cover: bool = False) -> Iterator[Piece]:
    """Yield the title of a slide of a ``height``, or a break if it has none, and then its shapes."""
    title = slide.shapes.title
    has_title = title is not None and title.text_frame.text.strip()
    titles = with_number(title, slide.shapes) if has_title else title_boxes(slide.shapes, height, cover=cover)
    if titles:
        text = " ".join(_line(each.text_frame.text) for each in titles)
        yield Piece("heading", text, 1 if kind(titles[-1]) == "CENTER_TITLE" else 2, number)
    else:
        yield Piece("break", level=2)
    taken = {each.shape_id for each in titles}
    yield from _shapes([shape for shape in slide.shapes if shape.shape_id not in taken], number)


def _shapes(shapes: Iterable[Any], number: int) -> Iterator[Piece]:
    """Yield the pieces of shapes in reading order; the lines of a card are one paragraph.

    Where a part of a card has several lines, the line above it is its heading.
    """
    carded = False
    for card in ordered(shapes):
        if len(card) > 1 and (text := joined_texts(card)):
            yield from _ended(carded)
            carded = False
            yield Piece("paragraph", text, page=number)
            continue
        headed = len(card) > 1 and bool(one_line(card[0]))
        if headed:
            yield Piece("heading", one_line(card[0]), DEEP - 1, number)
        else:
            yield from _ended(carded)
        carded = headed
        for shape in card[headed:]:
            yield from _shape(shape, number)
    yield from _ended(carded)


def _ended(carded: bool) -> Iterator[Piece]:
    """Yield the end of a card with a heading, if there is one."""
    if carded:
        yield Piece("break", level=DEEP - 1)


def _shape(shape: Any, number: int) -> Iterator[Piece]:
    if kind(shape) in ON_EVERY_SLIDE:
        return
    if hasattr(shape, "shapes"):  # a group
        yield from _shapes(shape.shapes, number)
    elif getattr(shape, "has_table", False):
        yield from pieces([list(_cells(row)) for row in shape.table.rows], number, headed=shape.table.first_row or None)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart, number)
    elif getattr(shape, "has_text_frame", False):
        yield from _texts(shape, number)
    else:
        yield from _art(shape, number)


def _texts(shape: Any, number: int) -> Iterator[Piece]:
    """Yield the paragraphs of a shape; those of a body placeholder are list items, unless it is a single sentence."""
    paragraphs = [(p, words(p.text)) for p in shape.text_frame.paragraphs]
    paragraphs = [(paragraph, text) for paragraph, text in paragraphs if text]
    prose = len(paragraphs) == 1 and END.search(paragraphs[0][1])
    body = kind(shape) in ("BODY", "OBJECT") and not prose
    if not body and len(paragraphs) == 2 and are_figure_and_label(paragraphs[0][1], paragraphs[1][1]):
        yield Piece("paragraph", "\n".join(text for _, text in paragraphs), page=number)
        return
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


def _chart(chart: Any, number: int) -> Iterator[Piece]:
    """Yield the title of a chart, and its data as a table: a row for each category, a column for each series."""
    if chart.has_title and chart.chart_title.has_text_frame and (title := _line(chart.chart_title.text_frame.text)):
        yield Piece("heading", title, DEEP - 1, number)
    for plot in chart.plots:
        if any(series._element.find(f"{_C}xVal") is not None for series in plot.series):
            yield from _points(plot, number)
            continue
        heads = [Cell("", 0), *(Cell(_line(series.name or ""), n) for n, series in enumerate(plot.series, 1))]
        values = [(_form(series), list(series.values)) for series in plot.series]
        rows = [
            [
                Cell(str(category), 0),
                *(Cell(_value(found, form, place), n) for n, (form, found) in enumerate(values, 1)),
            ]
            for place, category in enumerate(plot.categories)
        ]
        yield from pieces([heads, *rows], number, headed=True)
    yield Piece("break", level=DEEP - 1)


def _points(plot: Any, number: int) -> Iterator[Piece]:
    """Yield the data of a chart of points: for each series a row a point, x before y."""
    for series in plot.series:
        axes = [_axis(series, name) for name in ("xVal", "yVal")]
        rows = [[Cell(x, 0), Cell(y, 1)] for x, y in zip(*axes, strict=False)]
        yield from pieces([[Cell("X", 0), Cell(_line(series.name or "Y"), 1)], *rows], number, headed=True)


def _axis(series: Any, name: str) -> list[str]:
    """Return the values of a series on one of its axes, as its format shows them."""
    axis = series._element.find(f"{_C}{name}")
    points = [] if axis is None else list(axis.iter(f"{_C}pt"))
    code = None if axis is None else axis.find(f".//{_C}formatCode")
    form = "General" if code is None else code.text or "General"
    return [_point(point.findtext(f"{_C}v") or "", form) for point in points]


def _point(text: str, form: str) -> str:
    try:
        return format_number(float(text), form)
    except ValueError:  # a name
        return text


def _form(series: Any) -> str:
    """Return the number format of a series."""
    code = series._element.find(f".//{_C}val//{_C}formatCode")
    return (code.text or "General") if code is not None else "General"


def _value(values: Sequence[float | None], form: str, place: int) -> str:
    value = values[place] if place < len(values) else None
    return "" if value is None else format_number(value, form)


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


def _line(text: str) -> str:
    """Return a text on one line."""
    return re.sub(r"\s*[\v\n]\s*", " ", text).strip()
