"""The order in which the shapes of a slide are read: row by row, but what is one card stays together.

A card is what stands below each other in one of several columns: a figure and its label, the number of a step, its name
and its text. The constants below were chosen by hand on the slides of the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

from parkqa.corpus.readers.draft import SHORT, short
from parkqa.corpus.readers.figures import MARK, UNIT, are_figure_and_label, card_text, is_figure, is_number

NEAR = 1.0
"""Most that is blank between a figure and its label, as a share of the larger one's height."""
APART = 2.0
"""The same for the parts of a card in several columns."""
ROW = 0.5
"""Two shapes are in the same row if their tops differ by less than this share of the smaller height. A larger value
reads shapes that overlap a little as side by side, a smaller one reads uneven rows top to bottom."""
BESIDE = 3.0
"""Most that is blank between the number of a step and its name beside it, as a share of the number's height."""
TALL = 4
"""Most parts of a card; more are the columns of a table that is made of boxes."""
STACK = 12
"""Most rows that are looked at together, which bounds the work; a multiple of what TALL allows."""
TOP = 0.2
"""Share of the slide's height above which its title begins where it is a mere text box."""
COVER_TOP, COVER_LINES = 0.7, 4
"""The same on the first slide of a deck, if it has at most so many texts."""
_YEARED = re.compile(r"(?:19|20)\d\d年(?:上半年|下半年)?[^\W\d]{3,}")
"""A line that begins with a year and names something."""
ON_EVERY_SLIDE = {"DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"}
_BODY = {"BODY", "OBJECT"}
_CONTENTS = re.compile(r"目\s*[录次]|contents", re.IGNORECASE)
_RUN = "{http://schemas.openxmlformats.org/drawingml/2006/main}rPr"


@dataclass(frozen=True, slots=True)
class Cell:
    """One shape, or a few that belong together on one line; lengths are in EMU from the upper left corner."""

    shapes: tuple[Any, ...]
    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """How high it is."""
        return self.bottom - self.top

    @property
    def centre(self) -> float:
        """Where its middle is, across."""
        return (self.left + self.right) / 2


Row = Sequence[Cell]


def ordered(shapes: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield shapes in reading order; those of a card together, from its top."""
    rows = _rows(_cells([shape for shape in shapes if _shows(shape)]))
    while rows:
        stack = _stack(rows)
        if tall := _tall(stack):
            for place in range(0, len(stack), tall):
                for card in zip(*stack[place : place + tall], strict=True):
                    yield tuple(shape for cell in card for shape in cell.shapes)
            rows = rows[len(stack) :]
            continue
        below = list(rows[1]) if rows[1:] else []
        for cell in rows[0]:
            label = next((each for each in below if _labels(cell, each)), None)
            below = [each for each in below if each is not label]
            yield (*cell.shapes, *(label.shapes if label else ()))
        rows = [*([below] if below else []), *rows[2:]]


def joined_texts(card: Sequence[Any]) -> str:
    """Return the lines of a card, a unit behind its number; "" if a shape of it has several lines."""
    lines = [one_line(shape) for shape in card]
    return card_text(lines) if all(lines) else ""


def title_boxes(shapes: Iterable[Any], height: int, *, cover: bool = False) -> list[Any]:
    """Return what is the title of a slide without a placeholder for it: a text box, before it that of its number.

    It is the only line there, or a line at the top, ``height`` being that of the slide, in a larger font than the text.
    On the ``cover`` of a deck, which has few lines, it may stand further down.
    """
    shown = [shape for shape in shapes if _shows(shape)]
    marks = [shape for shape in shown if MARK.fullmatch(one_line(shape))]
    texts = [shape for shape in shown if _lines(shape) and shape not in marks]
    first = min(texts, key=lambda shape: (shape.top or 0, shape.left or 0), default=None)
    if first is None or not _may_title(one_line(first)):
        return []
    if len(texts) + len(marks) == len(shown) and len(texts) == 1:
        return [*marks, first] if len(marks) < 2 else []
    sizes = Counter[int]()
    for shape in texts:
        sizes[_size(shape)] += len(_lines(shape)) * (shape is not first and not is_figure(one_line(shape)))
    larger = len(texts) == 1 or _size(first) > sizes.most_common(1)[0][0]
    top = COVER_TOP if cover and len(texts) <= COVER_LINES else TOP
    return with_number(first, marks) if larger and (first.top or 0) < top * height else []


def _may_title(line: str) -> bool:
    """Return whether a line can be the title of a slide; a year may begin it: 2025年主要指标."""
    named = _YEARED.match(line) and len(line) <= SHORT
    return bool(named) or (bool(line) and short(line) and not is_figure(line))


def with_number(title: Any, shapes: Iterable[Any]) -> list[Any]:
    """Return the title of a slide, before it the number that stands on its left if one of the shapes is that."""
    middle = (title.top or 0) + (title.height or 0) / 2
    beside = [
        shape
        for shape in shapes
        if MARK.fullmatch(one_line(shape))
        and (shape.left or 0) < (title.left or 0)
        and (shape.top or 0) < middle < (shape.top or 0) + (shape.height or 0)
    ]
    return [*beside, title] if len(beside) == 1 else [title]


def are_contents(shapes: Iterable[Any]) -> bool:
    """Return whether the shapes of a slide are a table of contents: 目录, and short lines."""
    shown = [shape for shape in shapes if _shows(shape)]
    lines = [line for shape in shown for line in _lines(shape).split("\n")]
    return all(map(_lines, shown)) and any(map(_CONTENTS.fullmatch, lines)) and all(map(short, lines))


def kind(shape: Any) -> str:
    """Return the type of a placeholder, such as "TITLE"; "" for other shapes."""
    if not shape.is_placeholder:
        return ""
    found = shape.placeholder_format.type
    return found.name if found is not None else ""


def words(text: str) -> str:
    """Return the text of a paragraph with line ends for python-pptx's vertical tabs."""
    return text.replace("\v", "\n").strip()


def one_line(shape: Any) -> str:
    """Return the text of a shape that holds one line; "" for any other."""
    text = _lines(shape)
    return "" if "\n" in text else text


def _lines(shape: Any) -> str:
    """Return the text of a shape; "" if it has none, or is a table or the like."""
    return words(shape.text_frame.text) if getattr(shape, "has_text_frame", False) else ""


def _shows(shape: Any) -> bool:
    """Return whether a shape is read: it is not on every slide, and is no empty box or picture."""
    if kind(shape) in ON_EVERY_SLIDE:
        return False
    return bool(_lines(shape)) or bool(getattr(shape, "shapes", ())) or shape._element.tag.endswith("}graphicFrame")


def _cells(shapes: Sequence[Any]) -> list[Cell]:
    """Return shapes as cells; a unit is in the cell of the number before it, a mark in that of the line behind it."""
    cells = sorted(map(_cell, shapes), key=lambda cell: (cell.left, cell.top))
    found: list[Cell] = []
    taken: set[int] = set()
    for place, cell in enumerate(cells):
        if id(cell) not in taken:
            after = _beside(cell, [other for other in cells[place + 1 :] if id(other) not in taken])
            taken.add(id(after))
            found.append(_together(cell, after) if after else cell)
    return found


def _beside(cell: Cell, others: Sequence[Cell]) -> Cell | None:
    """Return which of the cells further right a number belongs to; None if none, or if the cell is no number."""
    text = one_line(cell.shapes[0])
    if not (is_number(text) or MARK.fullmatch(text)):
        return None
    far = cell.height * (BESIDE if MARK.fullmatch(text) else 1)
    nearest = min((other for other in others if _follows(cell, other, far)), key=lambda other: other.left, default=None)
    return nearest if nearest is not None and _takes(text, one_line(nearest.shapes[0])) else None


def _together(cell: Cell, after: Cell) -> Cell:
    """Return a number and what stands behind it as one cell; what is below stands below the figure, or the name."""
    first = cell if is_number(one_line(cell.shapes[0])) else after
    shapes = (*cell.shapes, *after.shapes)
    return Cell(shapes, first.left, first.top, after.right, max(cell.bottom, after.bottom))


def _cell(shape: Any) -> Cell:
    left, top = shape.left or 0, shape.top or 0
    return Cell((shape,), left, top, left + (shape.width or 0), top + (shape.height or 0))


def _follows(cell: Cell, other: Cell, far: float) -> bool:
    """Return whether a cell stands at most ``far`` behind another, on the same line."""
    level = cell.top - ROW * cell.height < (other.top + other.bottom) / 2 < cell.bottom + ROW * other.height
    return level and -cell.height < other.left - cell.right < far and other.left > cell.centre


def _takes(text: str, after: str) -> bool:
    """Return whether a line belongs to the number before it: a unit to a figure, what a step is to its number."""
    if is_number(text) and after and UNIT.fullmatch(after):
        return True
    return bool(MARK.fullmatch(text)) and bool(after) and not is_figure(after) and not MARK.fullmatch(after)


def _rows(cells: Iterable[Cell]) -> list[Row]:
    """Return cells row by row from the top, each row from left to right."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell.top, cell.left)):
        first = rows[-1][0] if rows else None
        if first is not None and cell.top - first.top < ROW * min(cell.height, first.height):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda cell: cell.left) for row in rows]


def _stack(rows: Sequence[Row]) -> list[Row]:
    """Return the first of rows with those below whose cells stand in the same columns, each close below another."""
    first = rows[0]
    if not all(_lines(shape) for cell in first for shape in cell.shapes):
        return []
    if len(first) == 1 and not MARK.fullmatch(one_line(first[0].shapes[0])):
        return []
    return [first, *(after for _, after in takewhile(lambda pair: _in_columns(*pair), pairwise(rows[:STACK])))]


def _in_columns(row: Row, after: Row) -> bool:
    return len(row) == len(after) and all(_stands_below(*pair) for pair in zip(row, after, strict=True))


def _stands_below(upper: Cell, lower: Cell) -> bool:
    """Return whether a cell with text stands below another, at most APART."""
    wide = max(upper.right - upper.left, lower.right - lower.left)
    near = lower.top - upper.bottom < APART * max(upper.height, lower.height)
    return near and abs(upper.centre - lower.centre) <= wide / 2 and all(map(_lines, lower.shapes))


def _tall(stack: Sequence[Row]) -> int:
    """Return of how many rows the cards of a stack are: rows that differ, and come again alike; 0 if it has none."""
    signs = [_sign(row) for row in stack]
    heights = (n for n in range(2, min(TALL, len(stack)) + 1) if len(stack) % n == 0)
    return next(
        (
            n
            for n in heights
            if len(set(signs[:n])) == n and all(sign == signs[place % n] for place, sign in enumerate(signs))
        ),
        0,
    )


def _sign(row: Row) -> tuple[str, int]:
    """Return what most cells of a row have in common: what they show, and the size of their font."""
    found = Counter((_shown(cell), _size(cell.shapes[0])) for cell in row)
    return found.most_common(1)[0][0]


def _shown(cell: Cell) -> str:
    text = one_line(cell.shapes[0])
    if MARK.fullmatch(text):
        return "mark"
    return "figure" if is_figure(text) else "name" if text and short(text) else "text"


def _size(shape: Any) -> int:
    """Return the font size of a shape in hundredths of a point, the largest that it names; else the usual one."""
    sizes = [int(run.get("sz")) for run in shape._element.iter(_RUN) if run.get("sz")]
    return max(sizes, default=2800 if shape.is_placeholder else 1800)


def _labels(upper: Cell, lower: Cell) -> bool:
    """Return whether of two cells, one below the other, one shows a figure and the other says of what."""
    texts = [joined_texts(cell.shapes) for cell in (upper, lower)]
    if any(kind(shape) in _BODY for cell in (upper, lower) for shape in cell.shapes) or not all(texts):
        return False
    if abs(upper.centre - lower.centre) > max(upper.right - upper.left, lower.right - lower.left) / 2:
        return False
    near = lower.top - upper.bottom < NEAR * max(upper.height, lower.height)
    return near and are_figure_and_label(*texts)
