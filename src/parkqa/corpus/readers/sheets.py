"""Excel (.xlsx): sheet by sheet, values as they are displayed; ``page`` is the name of the sheet."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from parkqa.corpus.readers import sheet_pictures
from parkqa.corpus.readers.date_formats import BUILT_IN, Moment, is_date, moment
from parkqa.corpus.readers.draft import SHOWN, Draft, Note, Piece, assemble, left_out, needed
from parkqa.corpus.readers.grids import Row, laid_out, runs
from parkqa.corpus.readers.number_formats import number, words
from parkqa.corpus.readers.ooxml import transitional
from parkqa.corpus.readers.scans import Recognise
from parkqa.corpus.readers.tables import DEEP, Cell

_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)
"""Names that Excel gives to sheets by default."""
_FORMULA = re.compile(rb"<f[ />]")
_IN_CELL = re.compile(r"=(?:_xlfn\.)?DISPIMG\(")
"""What WPS Office writes where a picture is the content of a cell."""
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"


def read(raw: bytes, recognise: Recognise | None = None) -> Draft:
    """Read the bytes of an .xlsx, without hidden sheets, rows and columns; formulas have their last computed values.

    Pictures are recognised where that can be done; what they say follows their sheet.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what openpyxl raises for a damaged file.
    """
    book = _opened(raw, values=True)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    pictures = sheet_pictures.read(raw, book, sheets, recognise)
    pieces = [
        piece
        for sheet in sheets
        for piece in (*_sheet(sheet, book.epoch), *_on(sheet.title, pictures.texts.get(sheet.title, ())))
    ]
    pieces += _on(None, pictures.texts.get(None, ()))
    return assemble(pieces, notes=[*_notes(raw, book, sheets), *pictures.notes], leaves=pictures.leaves)


def _on(title: str | None, texts: Sequence[Piece]) -> list[Piece]:
    """Return the text of pictures as that of a sheet, its headings below that of the sheet."""
    return [
        replace(each, page=title, level=min(each.level + 2, DEEP) if each.kind == "heading" else each.level)
        for each in texts
    ]


def _opened(raw: bytes, *, values: bool) -> Any:
    """Return the workbook, with the computed values of formulas or with the formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about features that openpyxl cannot save; nothing is saved here
        return needed("openpyxl").load_workbook(io.BytesIO(transitional(raw)), data_only=values)


def _notes(raw: bytes, book: Any, sheets: Sequence[Any]) -> Iterator[Note]:
    """Yield the notes on formulas without values, text boxes and hidden sheets."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        parts = {
            name: package.read(name)
            for name in package.namelist()
            if re.match(r"xl/(?:worksheets|drawings)/[^/]+\.xml", name)
        }
    if any(_FORMULA.search(part) for name, part in parts.items() if "worksheets" in name):
        yield from _uncalculated(_opened(raw, values=False), sheets)
    drawn = [text for name, part in sorted(parts.items()) if "drawings" in name for text in _drawn(part)]
    for note in left_out(
        drawn, "文本框里的字没有读，请写进单元格", "text boxes are not read, put their text into cells"
    ):
        yield Note(f"{note.zh}。", f"{note.en}.")
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    yield from left_out(hidden, "隐藏的工作表没有收", "hidden sheets left out")
    unseen = [place for sheet in sheets for place in _concealed(sheet)]
    yield from left_out(unseen, "隐藏的行和列没有收", "hidden rows and columns left out")


def _concealed(sheet: Any) -> Iterator[str]:
    """Yield the hidden rows and columns of a sheet that hold something: 收费!4, 收费!F."""
    filled = [place for place, cell in sheet._cells.items() if cell.value is not None]
    rows, columns = {row for row, _ in filled}, {column for _, column in filled}
    yield from (f"{sheet.title}!{row}" for row in sorted(rows) if sheet.row_dimensions[row].hidden)
    for name, dimension in sheet.column_dimensions.items():
        span = range(dimension.min or 1, (dimension.max or dimension.min or 1) + 1)
        if dimension.hidden and any(column in span for column in columns):
            yield f"{sheet.title}!{name}"


def _uncalculated(formulas: Any, sheets: Sequence[Any]) -> Iterator[Note]:
    """Yield a note for each sheet with formulas whose values are not in the file."""
    for sheet in sheets:
        cells = sorted(formulas[sheet.title]._cells.items())
        empty = [c.coordinate for place, c in cells if c.data_type == "f" and _is_empty(sheet._cells.get(place))]
        if not empty:
            continue
        zh, en = (f" 等 {len(empty)} 格", f" and {len(empty) - SHOWN} more") if len(empty) > SHOWN else ("", "")
        where = "、".join(empty[:SHOWN])
        yield Note(
            f"工作表 {sheet.title} 的 {where}{zh}是公式，还没有算过，没有值可读，请用 Excel 打开后保存一次。",
            f"sheet {sheet.title}: the formulas in {where}{en} were never calculated; open it in Excel and save it.",
        )


def _is_empty(cell: Any) -> bool:
    """Return whether a formula has no value, not even an empty text."""
    return cell is None or (cell.value is None and cell.data_type == "n")


def _drawn(part: bytes) -> Iterator[str]:
    """Yield the paragraphs of the text boxes in a drawing."""
    for paragraph in needed("lxml.etree").fromstring(part).iter(_PARAGRAPH):
        if text := "".join(word.text or "" for word in paragraph.iter(_TEXT)).strip():
            yield text


def _sheet(sheet: Any, start: datetime) -> Iterator[Piece]:
    """Yield the pieces of a sheet: its name, and its tables with what stands above and below them."""
    if found := list(runs(_rows(sheet, start))):
        yield Piece("break", level=1)
        if not _UNNAMED.fullmatch(sheet.title):
            yield Piece("heading", sheet.title, 2, sheet.title)
        yield from laid_out(found, sheet.title)


def _rows(sheet: Any, start: datetime) -> Iterator[tuple[int, Row]]:
    """Yield the visible rows with text, each with its number; hidden rows and columns are not counted."""
    spans = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    concealed = [dimension for dimension in sheet.column_dimensions.values() if dimension.hidden]
    hidden = {place for d in concealed for place in range(d.min or 1, (d.max or d.min or 1) + 1)}
    places = {p: n for n, p in enumerate(p for p in range(1, sheet.max_column + 1) if p not in hidden)}
    unseen = sorted(line for line, dimension in sheet.row_dimensions.items() if dimension.hidden)
    skipped = 0
    # Not iter_rows, which creates a cell for every position up to the last formatted one, perhaps in row 1,048,576.
    for line, cells in groupby(sorted(sheet._cells.items()), key=lambda entry: entry[0][0]):
        if sheet.row_dimensions[line].hidden:
            skipped += 1
            continue
        row = [
            _cell(c, text, places, unseen, spans)
            for (_, place), c in cells
            if place in places and (text := _shown(c, start))
        ]
        if row:
            yield line - skipped, row


def _cell(
    cell: Any, text: str, places: dict[int, int], unseen: Sequence[int], spans: dict[tuple[int, int], Any]
) -> Cell:
    """Return a cell of ours.

    ``places`` numbers the visible columns, ``unseen`` are the hidden rows in order, and ``spans`` has merged areas by
    their first cell.
    """
    area = spans.get((cell.row, cell.column))
    if area is None:
        return Cell(text, places[cell.column])
    width = sum(place in places for place in range(area.min_col, area.max_col + 1))
    hidden = bisect_right(unseen, area.max_row) - bisect_left(unseen, area.min_row)
    return Cell(text, places[cell.column], width, area.max_row - area.min_row + 1 - hidden)


def _shown(cell: Any, start: datetime) -> str:
    """Return a value as Excel displays it; ``start`` is day 0 of the workbook."""
    value = cell.value
    form = BUILT_IN.get(cell._style.numFmtId, cell.number_format or "General")
    if value is None or _IN_CELL.match(str(value)):
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Moment) or (isinstance(value, int | float) and is_date(form)):
        return moment(value, form if is_date(form) else BUILT_IN[14], start)
    if isinstance(value, int | float):
        return number(value, form)
    return words(re.sub(r"\s*\n\s*", " ", str(value)).strip(), form)
