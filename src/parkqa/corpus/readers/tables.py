"""Tables of all formats: turns a grid of cells, which may span rows and columns, into pieces for heads and rows."""

from __future__ import annotations

import operator
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile

from parkqa.corpus.readers.draft import CELLS, END, SHORT, Box, Piece, Spot
from parkqa.types import Page

DEEP = 6
"""Level of headings in a table: the deepest there is, so that none of the document's headings ends with them."""
LONG_HEAD = 20
"""Longest column head, in code points, in the second column of a two-column table without marked heads. Chosen by hand:
a larger value takes descriptions for heads, a smaller one heads for data."""
WIDE = 1000
"""Most columns of a table, the limit of the HTML standard for the columns that one cell spans. Without it, a few cells
that span much would make a large table."""

LABELLED = 2
"""Least number of rows that must begin with the name of a particular for a table to be a form."""
_PARTICULAR = re.compile(
    r".{0,8}(?:名称|姓名|性别|年龄|民族|学历|职务|职称|电话|手机|传真|邮箱|邮编|地址|住所|网址|代码|编号|证号|号码"
    r"|账号|开户行|银行|单位|部门|法定代表人|法人代表|负责人|联系人|经办人|申请人|代表人|日期|时间|时限|期限"
    r"|类型|类别|性质|规模|资本|面积|范围|方式|人数|金额|意见|情况|备注|签名|盖章|出生年月|籍贯|政治面貌|专业|院校|学校)[：:]?"
)
"""The name of a particular on a form. Collected from forms of offices; columns have such names too, in row 1."""
_BOX = re.compile(r"[□☐☑☒■]\s*\w")
"""A box to tick with what it stands for, which no column head has."""
_REMARK = re.compile(r"[（(]?[^\W\d][^：:，。\d]{0,9}[：:]\s*\S")
"""What stands above and below the columns: 编制单位：经济发展局, （单位：万元）, 注：…, 填表人：李某."""
_NUMBER = re.compile(r"[-+¥$￥]?[\d,，.]+\s*[%％‰万亿元]*")
_YEAR = re.compile(r"(?:19|20)\d\d(?:年.*)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, its first column (from 0), how many columns and rows it spans, and its box on the page.

    The box is (left, top, right, bottom) in points; () where the format has none.
    """

    text: str
    column: int
    width: int = 1
    height: int = 1
    box: Box | tuple[()] = ()


Rows = Sequence[Sequence[Cell]]
"""A table: for each row, the cells that begin in it, from left to right."""


def pieces(rows: Rows, page: Page = None, heads: tuple[str, ...] = (), headed: bool | None = None) -> Iterator[Piece]:
    """Yield the pieces of a table: titles that span it, column heads, rows, and a final break.

    The text of a cell that spans several rows stands in the first of them only; for the others it is added to the
    column heads. A table of one column gives paragraphs.

    Args:
        rows: the table; rows without text are ignored.
        page: what the pieces have as their page.
        heads: the column heads, if the table continues one on the page before; () otherwise.
        headed: whether the first rows are heads; None to judge by their form.

    >>> rows = [[Cell("企业", 0), Cell("年份", 1)], [Cell("扬子江", 0, height=2), Cell("2005", 1)], [Cell("2006", 1)]]
    >>> for piece in pieces(rows):
    ...     print(piece.kind, piece.text, piece.columns)
    columns 企业 | 年份 ('企业', '年份')
    row 扬子江 | 2005 ('企业', '年份')
    row 2006 ('企业：扬子江', '年份')
    break  ()
    """
    rows = _bounded(_filled(rows), len(heads))
    width = max((cell.column + cell.width for row in rows for cell in row), default=0)
    if width < 2:
        yield from (
            Piece("paragraph", cell.text, page=page, spots=_spots([cell], page)) for row in rows for cell in row
        )
        return
    while rows and (_spanning(rows[0], width) or (len(rows) > 1 and _remarks(rows[0], width))):
        yield from _beside_columns(rows[0], page)
        rows = rows[1:]
    if heads:
        rows = rows[_repeated(rows, width, heads) :]
    else:
        count = _head_rows(rows, headed)
        heads = _heads(rows[:count], width)
        yield from _columns(rows[:count], heads, page)
        rows = rows[count:]
    yield from _body(rows, width, heads, page)
    yield Piece("break", level=DEEP)


def remarks(text: str) -> bool:
    """Return whether a line above a table says something of all of it, and is not its title.

    >>> remarks("单位：万元"), remarks("附件：收费标准"), remarks("收费标准")
    (True, False, False)
    """
    return bool(_REMARK.match(text)) and not text.startswith("附")


def _filled(rows: Rows) -> Rows:
    """Return the rows with text; cells that span others of them, too, span the fewer rows that are left."""
    filled = [any(cell.text for cell in row) for row in rows]
    before = [0, *accumulate(filled)]
    return [
        [replace(cell, height=max(before[min(place + cell.height, len(rows))] - before[place], 1)) for cell in row]
        for place, row in enumerate(rows)
        if filled[place]
    ]


def _repeated(rows: Rows, width: int, heads: tuple[str, ...]) -> int:
    """Return the number of rows at the top that repeat the heads of the page before."""
    count = _head_rows(rows, True)
    return next((most for most in (count, 1) if rows[:most] and _heads(rows[:most], width) == heads), 0)


def _bounded(rows: Rows, least: int) -> Rows:
    """Return rows whose cells span only columns in which a cell begins, or the first ``least``, and at most WIDE.

    Of a wider table the columns in which no cell begins are left out; what is then beyond WIDE is joined to one cell.
    """
    starts = sorted({cell.column for row in rows for cell in row})
    width = max(least, starts[-1] + 1) if starts else 0
    if width <= WIDE:
        return [[_clipped(cell, cell.column, width) for cell in row] for row in rows]
    places = {column: min(place, WIDE - 1) for place, column in enumerate(starts)}
    narrow = []
    for row in rows:
        ends = [bisect_left(starts, cell.column + cell.width) - bisect_left(starts, cell.column) for cell in row]
        cells = [replace(c, width=end) for c, end in zip(row, ends, strict=True) if places[c.column] < WIDE - 1]
        rest = [cell.text for cell in row if places[cell.column] == WIDE - 1 and cell.text]
        last = [Cell(" | ".join(rest), WIDE - 1)] if rest else []
        narrow.append([*(_clipped(cell, places[cell.column], WIDE) for cell in cells), *last])
    return narrow


def _clipped(cell: Cell, column: int, width: int) -> Cell:
    """Return a cell in another column, which ends with the table at the latest."""
    return replace(cell, column=column, width=min(cell.width, width - column))


def columns(rows: Rows, headed: bool | None = None) -> tuple[str, ...]:
    """Return the column heads of a table, one text for each column; () if it has none."""
    return next((p.columns for p in pieces(rows, headed=headed) if p.kind == "columns"), ())


def _body(rows: Rows, width: int, heads: tuple[str, ...], page: Page) -> Iterator[Piece]:
    """Yield the rows below the heads; ``merged`` has the cells that span rows, with how many rows are still to come."""
    merged: dict[int, tuple[str, int]] = {}
    body = 0  # the rows before are heads
    for place, row in enumerate(rows):
        if place < body:
            continue
        if heads and _spanning(row, width) and (own := _own_heads(rows, place + 1, width)):
            yield from _beside_columns(row, page)
            heads, merged, body = _heads(own, width), {}, place + 1 + len(own)
            yield from _columns(own, heads, page)
            continue
        above = {column: text for column, (text, left) in merged.items() if left > 0}
        merged = {column: (text, left - 1) for column, (text, left) in merged.items() if left > 1}
        merged |= {cell.column: (cell.text, cell.height - 1) for cell in row if cell.height > 1}
        if _spanning(row, width) or _remarks(row, width):
            yield from _beside_columns(row, page, last=place + 1 == len(rows))
            continue
        text, spots = _row(row, width, above), _spots(row, page)
        yield Piece("row", text, page=page, columns=_row_heads(heads, above), spots=spots)


def _columns(rows: Rows, heads: tuple[str, ...], page: Page) -> Iterator[Piece]:
    """Yield the rows of the column heads."""
    for row in rows:
        yield Piece("columns", CELLS.join(_line(row)), page=page, columns=heads, spots=_spots(row, page))


def _own_heads(rows: Rows, start: int, width: int) -> Rows:
    """Return the heads of the rows below a title that spans the table: words above rows with numbers; () without."""
    table = list(takewhile(lambda row: not _spanning(row, width), (rows[place] for place in range(start, len(rows)))))
    if len(table) < 2 or len(_line(table[0])) < 2 or _is_form(table) or not _looks_headed(table[0]):
        return ()
    return table[: _head_rows(table, None)] if not _counts(table[0]) and all(map(_counts, table[1:])) else ()


def _row_heads(heads: tuple[str, ...], above: dict[int, str]) -> tuple[str, ...]:
    """Return the column heads of a row, to which the texts of cells that span into it from ``above`` are added."""
    if not heads:
        return tuple(above[column] for column in sorted(above))
    if not any(above.values()):
        return heads
    return tuple(f"{head}：{above[place]}" if above.get(place) else head for place, head in enumerate(heads))


def _row(row: Sequence[Cell], width: int, above: dict[int, str]) -> str:
    """Return the cells of a row joined by " | ", with empty ones, but without columns that other cells cover."""
    held = {cell.column: cell for cell in row}
    covered = {cell.column + more for cell in row for more in range(1, cell.width)} | (set(above) - set(held))
    texts = [held[place].text if place in held else "" for place in range(width) if place not in covered]
    return CELLS.join(texts).strip()


def _line(row: Sequence[Cell]) -> list[str]:
    """Return the texts of the cells that are not empty."""
    return [cell.text for cell in row if cell.text]


def _spanning(row: Sequence[Cell], width: int) -> bool:
    """Return whether a row is a single cell across the whole table."""
    return len(row) == 1 and row[0].width == width


def _remarks(row: Sequence[Cell], width: int) -> bool:
    """Return whether a row leaves columns empty and says something of the whole table: 填表人：李某, 单位：万元."""
    texts = [cell for cell in row if cell.text]
    remarks = [bool(_REMARK.match(cell.text)) for cell in texts]
    dated = [bool(_YEAR.fullmatch(cell.text)) for cell in texts]
    return len(texts) < width and any(remarks) and all(map(operator.or_, remarks, dated))


def _beside_columns(row: Sequence[Cell], page: Page, *, last: bool = False) -> Iterator[Piece]:
    """Yield a row that is not in the columns: a title that spans the table, or remarks, as the ``last`` row is."""
    for cell in row:
        if len(row) == 1 and not last and is_title(cell.text) and not _REMARK.match(cell.text):
            yield Piece("heading", cell.text, DEEP, page, spots=_spots(row, page))
        elif cell.text:
            yield Piece("paragraph", cell.text, page=page, spots=_spots([cell], page))


def _spots(row: Sequence[Cell], page: Page) -> tuple[Spot, ...]:
    """Return the place of a row: the box around its cells that have text, at least as high as one of its row."""
    boxes = [cell.box for cell in row if cell.text and cell.box]
    if not boxes or not isinstance(page, int):
        return ()
    left, top, right, bottom = zip(*boxes, strict=True)
    return (Spot(page, (min(left), min(top), max(right), min(bottom))),)


def is_title(text: str) -> bool:
    """Return whether a text that spans a table or precedes it is its title and not a note, by length and punctuation.

    >>> is_title("2023年重点企业名录"), is_title("以上数据截至2023年底。")
    (True, False)
    """
    return len(text) <= SHORT and not END.search(text)


def _head_rows(rows: Rows, headed: bool | None) -> int:
    """Return the number of head rows: one, or the first row's greatest height where a cell of it spans columns."""
    if headed is False or len(rows) < 2 or _is_form(rows) or (headed is None and not _looks_headed(rows[0])):
        return 0
    wide = any(cell.width > 1 for cell in rows[0])
    return min(max(cell.height for cell in rows[0]), len(rows) - 1) if wide else 1


def _is_form(rows: Rows) -> bool:
    """Return whether a table has its labels beside the values, once or several times in a row: 姓名 | 王某 | 电话 | 1.

    In the first row every other cell is a label and the others are none; in a table with heads all are alike. Numbers
    in the others, and none in the labels of the first rows, tell a form, too, and so do boxes to tick.
    """
    if any(_BOX.search(cell.text) for cell in rows[0]):
        return True
    if all(len(row) % 2 == 0 and len(row) > 2 and not _counts(row[::2]) for row in rows[:LABELLED]) and _counts(
        rows[0]
    ):
        return True
    width = max(cell.column + cell.width for row in rows for cell in row)
    named = [row for row in rows if (labels := _paired(row, width)[0]) and all(map(_is_particular, labels))]
    if not named or named[0] is not rows[0] or len(named) < LABELLED:
        return False
    return not any(map(_is_particular, _paired(rows[0], width)[1]))


def _paired(row: Sequence[Cell], width: int) -> tuple[list[Cell], list[Cell]]:
    """Return the labels and the values of a row, each label beside its value; none where the last one has no room.

    Formats may leave out an empty value; then the next cell is not close to the label.
    """
    labels: list[Cell] = []
    values: list[Cell] = []
    end = -1
    for cell in row:
        is_value = cell.column == end
        (values if is_value else labels).append(cell)
        end = -1 if is_value else cell.column + cell.width
    return ([], []) if end == width else (labels, values)


def _is_particular(cell: Cell) -> bool:
    """Return whether a cell is the name of a particular; blanks may space it out: 姓　名."""
    return bool(_PARTICULAR.fullmatch("".join(cell.text.split())))


def _counts(cells: Sequence[Cell]) -> bool:
    """Return whether cells hold a number that is no year."""
    return any(re.search(r"\d", _YEAR.sub("", cell.text)) for cell in cells)


def _looks_headed(row: Sequence[Cell]) -> bool:
    """Return whether a first row looks like column heads.

    Heads are not numbers, except years, and lead in to nothing. With two columns, the second must not look like a value
    of the first (电话 | 0523-…).
    """
    texts = [cell.text for cell in row]
    if texts[0].endswith(("：", ":")):
        return False
    if any(_NUMBER.fullmatch(text) and not _YEAR.fullmatch(text) for text in texts):
        return False
    if len(texts) != 2:
        return True
    value = texts[1]
    return len(value) <= LONG_HEAD and (not re.search(r"\d", value) or bool(_YEAR.fullmatch(value)))


def _heads(rows: Rows, width: int) -> tuple[str, ...]:
    """Return one text for each column: the heads above it, outermost first, without repetitions."""
    heads: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for cell in row:
            for place in range(cell.column, cell.column + cell.width):
                if cell.text and cell.text not in heads[place]:
                    heads[place].append(cell.text)
    return tuple(" ".join(texts) for texts in heads) if rows else ()
