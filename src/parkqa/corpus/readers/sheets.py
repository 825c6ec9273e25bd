"""Excel (.xlsx): sheet by sheet, values as they are displayed; ``page`` is the name of the sheet."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from parkqa.corpus.readers.draft import Draft, Piece, assemble, needed
from parkqa.corpus.readers.tables import DEEP, Cell, columns, is_title, pieces

_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)
"""Names that Excel gives to sheets by default."""
Row = list[Cell]


def read(raw: bytes) -> Draft:
    """Read the bytes of an .xlsx, without hidden sheets, rows and columns; formulas have their last computed values.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what openpyxl raises for a damaged file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about features that openpyxl cannot save; nothing is saved here
        book = needed("openpyxl").load_workbook(io.BytesIO(raw), data_only=True)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return assemble(piece for sheet in sheets for piece in _sheet(sheet))


def _sheet(sheet: Any) -> Iterator[Piece]:
    """Yield the pieces of a sheet: its name, and its tables with the titles above and the notes below them.

    Rows that continue the table above, after an empty row, get its column heads ``heads``.
    """
    runs = list(_runs(sheet))
    if not runs:
        return
    yield Piece("break", level=1)
    if not _UNNAMED.fullmatch(sheet.title):
        yield Piece("heading", sheet.title, 2, sheet.title)
    first, heads = 0, tuple[str, ...]()
    for run, after in zip(runs, [*runs[1:], []], strict=True):
        above, table, below = _parted(run)
        heading = bool(table) or (len(above) == 1 and any(len(row) > 1 for row in after))
        yield from (_alone(row[0], sheet.title, heading) for row in above)
        if table:
            if above or not _goes_on(table, first, heads):
                first, heads = min(cell.column for row in table for cell in row), ()
            placed = [[replace(cell, column=cell.column - first) for cell in row] for row in table]
            yield from pieces(placed, sheet.title, heads)
            heads = heads or columns(placed)
        yield from (_alone(row[0], sheet.title, False) for row in below)


def _alone(cell: Cell, page: str, heading: bool) -> Piece:
    """Return the only cell of a row as a heading, if it may be one and looks like one, or as a paragraph."""
    if heading and is_title(cell.text):
        return Piece("heading", cell.text, DEEP - 1, page)
    return Piece("paragraph", cell.text, page=page)


def _parted(run: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    """Split a run of rows into single cells above a table, the table, and single cells below it.

    The table reaches from the first to the last row with several cells, and as far down as their merged cells.
    """
    wide = [place for place, row in enumerate(run) if len(row) > 1]
    if not wide:
        return run, [], []
    end = max(place + cell.height for place, row in enumerate(run) if len(row) > 1 for cell in row)
    last = max(wide[-1] + 1, min(end, len(run)))
    return run[: wide[0]], run[wide[0] : last], run[last:]


def _goes_on(table: Sequence[Row], first: int, heads: tuple[str, ...]) -> bool:
    """Return whether rows below an empty row continue the table above: they fit its columns and have no heads."""
    places = [cell.column - first for row in table for cell in row]
    if not heads or min(places) < 0 or max(places) >= len(heads):
        return False
    numbers = [any(re.search(r"\d", cell.text) for cell in row) for row in table]
    return not (len(table[0]) == len(heads) and not numbers[0] and any(numbers))


def _runs(sheet: Any) -> Iterator[list[Row]]:
    """Yield the visible rows with text, in runs without an empty row between them."""
    run: list[Row] = []
    last = 0
    for number, row in _rows(sheet):
        if run and number > last + 1:
            yield run
            run = []
        run.append(row)
        last = number
    if run:
        yield run


def _rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    """Yield the visible rows with text, each with its number; hidden rows and columns are not counted."""
    spans = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    concealed = [dimension for dimension in sheet.column_dimensions.values() if dimension.hidden]
    hidden = {place for d in concealed for place in range(d.min or 1, (d.max or d.min or 1) + 1)}
    places = {p: number for number, p in enumerate(p for p in range(1, sheet.max_column + 1) if p not in hidden)}
    skipped = 0
    # Not iter_rows, which creates a cell for every position up to the last formatted one, perhaps in row 1,048,576.
    for number, cells in groupby(sorted(sheet._cells.items()), key=lambda entry: entry[0][0]):
        if sheet.row_dimensions[number].hidden:
            skipped += 1
            continue
        row = [_cell(c, text, places, spans) for (_, place), c in cells if place in places and (text := _shown(c))]
        if row:
            yield number - skipped, row


def _cell(cell: Any, text: str, places: dict[int, int], spans: dict[tuple[int, int], Any]) -> Cell:
    """Return a cell of ours; ``places`` numbers the visible columns, ``spans`` has merged areas by their first cell."""
    area = spans.get((cell.row, cell.column))
    if area is None:
        return Cell(text, places[cell.column])
    width = sum(place in places for place in range(area.min_col, area.max_col + 1))
    return Cell(text, places[cell.column], width, area.max_row - area.min_row + 1)


def _shown(cell: Any) -> str:
    """Return a value as Excel displays it, for the common number formats."""
    value, form = cell.value, cell.number_format or ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date):
        return _date(value, form)
    if isinstance(value, time):
        return _clock(value, form.lower())
    if isinstance(value, timedelta):
        return str(value)
    return _number(value, form) if isinstance(value, int | float) else re.sub(r"\s*\n\s*", " ", str(value)).strip()


def _clock(value: time, form: str) -> str:
    """Return a time of day in its format: 7:30 or 07:30, with seconds or not, on a 12-hour or a 24-hour clock."""
    half = "am/pm" in form or "上午/下午" in form
    hour = (value.hour % 12 or 12) if half else value.hour
    shown = f"{hour:02}" if "hh" in form else f"{hour}"
    if "时" in form:
        shown += f"时{value.minute:02}分"
    else:
        shown += f":{value.minute:02}" + (f":{value.second:02}" if "s" in form.partition("m")[2] else "")
    if half:
        return f"{'上午' if value.hour < 12 else '下午'}{shown}" if "上午" in form else f"{shown} {value:%p}"
    return shown


def _date(value: datetime | date, form: str) -> str:
    """Return a date, in Chinese if its format has 年, else as 2024-05-01; with hours and minutes if that has hours."""
    clock = f" {value:%H:%M}" if isinstance(value, datetime) and "h" in form.lower() else ""
    if "年" in form:
        day = f"{value.day}日" if "日" in form else ""
        return f"{value.year}年{value.month}月{day}{clock}"
    return f"{value:%Y-%m-%d}{clock}"


def _number(value: float, form: str) -> str:
    """Return a number in its format: decimals, thousands separators, percent."""
    shape = form.split(";", maxsplit=1)[0]
    digits = re.search(r"\.(0+)", shape)
    places = len(digits[1]) if digits else 0
    comma = "," if ",##" in shape else ""
    if "%" in shape:
        return f"{value * 100:{comma}.{places}f}%"
    if comma or digits or re.fullmatch(r"0", shape):
        return f"{value:{comma}.{places}f}"
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"
