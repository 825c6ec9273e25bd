"""Excel (.xlsx): sheet by sheet, rows as they are shown, ``page`` the sheet's name."""

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
Row = list[Cell]


def read(raw: bytes) -> Draft:
    """Read an .xlsx: values as its formulas last gave them; hidden sheets, rows and columns are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl would not write back; nothing is written here
        book = needed("openpyxl").load_workbook(io.BytesIO(raw), data_only=True)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return assemble(piece for sheet in sheets for piece in _sheet(sheet))


def _sheet(sheet: Any) -> Iterator[Piece]:
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
    if heading and is_title(cell.text):
        return Piece("heading", cell.text, DEEP - 1, page)
    return Piece("paragraph", cell.text, page=page)


def _parted(run: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    """The single cells above a table, the table, and the single ones that stand below it and not in a merged row."""
    wide = [place for place, row in enumerate(run) if len(row) > 1]
    if not wide:
        return run, [], []
    end = max(place + cell.height for place, row in enumerate(run) if len(row) > 1 for cell in row)
    last = max(wide[-1] + 1, min(end, len(run)))
    return run[: wide[0]], run[wide[0] : last], run[last:]


def _goes_on(table: Sequence[Row], first: int, heads: tuple[str, ...]) -> bool:
    """Whether rows below an empty one belong to the table above: they fit, and their first one is no head."""
    places = [cell.column - first for row in table for cell in row]
    if not heads or min(places) < 0 or max(places) >= len(heads):
        return False
    numbers = [any(re.search(r"\d", cell.text) for cell in row) for row in table]
    return not (len(table[0]) == len(heads) and not numbers[0] and any(numbers))


def _runs(sheet: Any) -> Iterator[list[Row]]:
    """The shown rows with something in them, in runs that have no empty row within."""
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
    """Rows with their numbers; neither rows nor columns that are hidden count."""
    spans = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    told = [dimension for dimension in sheet.column_dimensions.values() if dimension.hidden]
    hidden = {place for d in told for place in range(d.min or 1, (d.max or d.min or 1) + 1)}
    places = {p: number for number, p in enumerate(p for p in range(1, sheet.max_column + 1) if p not in hidden)}
    skipped = 0
    # Not iter_rows: it makes a cell for each place of the sheet, and one that is set bold may stand in row 1,048,576.
    for number, cells in groupby(sorted(sheet._cells.items()), key=lambda entry: entry[0][0]):
        if sheet.row_dimensions[number].hidden:
            skipped += 1
            continue
        row = [_cell(c, text, places, spans) for (_, place), c in cells if place in places and (text := _shown(c))]
        if row:
            yield number - skipped, row


def _cell(cell: Any, text: str, places: dict[int, int], spans: dict[tuple[int, int], Any]) -> Cell:
    area = spans.get((cell.row, cell.column))
    if area is None:
        return Cell(text, places[cell.column])
    width = sum(place in places for place in range(area.min_col, area.max_col + 1))
    return Cell(text, places[cell.column], width, area.max_row - area.min_row + 1)


def _shown(cell: Any) -> str:
    """A value as the sheet shows it, as far as its number format is a common one."""
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
    """A time of day: 7:30 or 07:30, with seconds where the format has them, in twelve hours where it says am/pm."""
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
    clock = f" {value:%H:%M}" if isinstance(value, datetime) and "h" in form.lower() else ""
    if "年" in form:
        day = f"{value.day}日" if "日" in form else ""
        return f"{value.year}年{value.month}月{day}{clock}"
    return f"{value:%Y-%m-%d}{clock}"


def _number(value: float, form: str) -> str:
    shape = form.split(";", maxsplit=1)[0]
    digits = re.search(r"\.(0+)", shape)
    places = len(digits[1]) if digits else 0
    comma = "," if ",##" in shape else ""
    if "%" in shape:
        return f"{value * 100:{comma}.{places}f}%"
    if comma or digits or re.fullmatch(r"0", shape):
        return f"{value:{comma}.{places}f}"
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"
