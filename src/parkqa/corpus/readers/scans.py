"""Recognised pages: what the recogniser says of a picture, in the form that the layout of PDF pages takes.

A page is laid out as it would be if it were straight, and scaled to the height of A4. A line's font size is told by how
close its characters stand, and sizes that hardly differ are made equal over all pages of a file. The constants were
chosen by hand on scans made for it (``benchmarks/ocr.py``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from parkqa.corpus.readers.draft import needed
from parkqa.corpus.readers.pdf_layout import Found, Page, laid_out
from parkqa.text.characters import HAN
from parkqa.types import Leaf

LONG_SIDE = 842.0
"""Length of the longer side of a page in points, whatever the picture's own is: that of A4."""
UNSURE = 0.5
"""Lines of which the recogniser is less sure are left out: mostly seals, handwriting and ornaments."""
DOUBTFUL = 0.975
"""Pages of which it is less sure on average are named to staff. Measured (``docs/scans.md``): pages of good scans have
.984 and more, pages with one wrong character in twenty .971 and less."""
WORDS = 10
"""Least number of characters for a picture to show text; a smaller one takes logos and signs on photographs for it."""
ASLANT = 4.0
"""Degrees by which a line must differ from the page's own slant to be a mark, such as a watermark or a seal."""
TELLING = 6
"""Least number of Chinese characters in a line by which its font size is told."""
ALIKE = 1.18
"""Font sizes that differ by less than this factor are one; 16 and 22, as in official papers, do not."""
NEAR = 1.3
"""The same for short lines, whose size is uncertain."""
PADDING = 0.15
"""Share of a box's height by which it is wider than its text at either end."""
_HAN = re.compile(f"[{HAN}]")
_NARROW = re.compile(r"[\x00-\x7f]")
_SNAP, _REACH = 4.0, 6.0
"""Points by which ruled lines may be off to be one line, and to meet."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose text is to be recognised: ``pixels`` from 0 (black) to 255, row by row.

    ``number`` is that of its page, of ``total`` in the file.
    """

    width: int
    height: int
    pixels: bytes
    number: int = 1
    total: int = 1


@dataclass(frozen=True, slots=True)
class Strip:
    """A line that was recognised, in pixels of the picture turned upright.

    ``x`` and ``y`` are its middle, ``slant`` the degrees by which it goes down to the right, ``score`` how sure the
    recogniser is of it, from 0 to 1.
    """

    text: str
    score: float
    x: float
    y: float
    width: float
    height: float
    slant: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised of a picture.

    ``turn`` are the degrees clockwise by which it had to be turned to be upright, ``width`` and ``height`` its size in
    pixels then, ``skew`` the degrees by which its lines then go down to the right. ``rules`` are the ruled lines (x0,
    y0, x1, y1) after it was straightened around its middle.
    """

    width: int
    height: int
    turn: int
    skew: float
    strips: tuple[Strip, ...]
    rules: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def confidence(self) -> float:
        """How sure the recogniser is of a character, on average."""
        count = sum(len(strip.text) for strip in self.strips)
        return sum(strip.score * len(strip.text) for strip in self.strips) / count if count else 0.0

    @property
    def shows_text(self) -> bool:
        """Whether there is enough that was recognised with some confidence."""
        return sum(len(strip.text) for strip in self.strips if strip.score >= UNSURE) >= WORDS


Recognise = Callable[[Picture], Recognition | None]
"""Recognises the text of a picture; None where that failed."""


def leaf(found: Recognition, number: int, member: str = "") -> Leaf:
    """Return how a recognised page looks, without its lines."""
    scale = _scale(found)
    size = round(found.width * scale), round(found.height * scale)
    return Leaf(number, *size, member, found.turn, round(found.skew, 2), round(found.confidence, 3))


def pages(recognised: Iterable[tuple[int, Recognition]]) -> dict[int, Page]:
    """Return the layout of recognised pages by their number."""
    found = dict(recognised)
    texts = {number: list(_texts(page)) for number, page in found.items()}
    every = [text for of_page in texts.values() for text in of_page]
    sizes = _settled([text.size for text in every if text.telling], [text.size for text in every if not text.telling])
    return {
        number: _page(number, page, [replace(text, size=sizes[text.size]) for text in texts[number]])
        for number, page in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Text:
    """A line of a page made straight, in points; ``telling`` says that its font size is sure."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    mark: bool
    telling: bool


def _scale(found: Recognition) -> float:
    """Return the points of a pixel."""
    return LONG_SIDE / max(found.width, found.height, 1)


def _texts(found: Recognition) -> Iterator[_Text]:
    """Yield the lines of a page, straightened."""
    scale = _scale(found)
    strips = [strip for strip in found.strips if strip.score >= UNSURE and strip.text.strip()]
    told = [_advance(strip) / strip.height for strip in strips if len(_HAN.findall(strip.text)) >= TELLING]
    usual = median(told) if told else 0.7
    for strip in strips:
        x, y = straightened(strip.x, strip.y, found)
        half = (strip.width / 2 - PADDING * strip.height) * scale
        count = len(_HAN.findall(strip.text))
        size, telling = _advance(strip), count >= TELLING
        if not telling:  # boxes of short lines are less exact: their height counts as much as their width
            high = usual * strip.height
            size = math.sqrt(size * high) if count > 1 else high
        mark = abs(strip.slant - found.skew) > ASLANT
        yield _Text(strip.text, x * scale - half, x * scale + half, y * scale, size * scale, mark, telling)


def straightened(x: float, y: float, found: Recognition) -> tuple[float, float]:
    """Return where a place of the upright picture is once it was turned around its middle to be straight."""
    angle = math.radians(found.skew)
    across, down = x - found.width / 2, y - found.height / 2
    return (
        found.width / 2 + across * math.cos(angle) + down * math.sin(angle),
        found.height / 2 - across * math.sin(angle) + down * math.cos(angle),
    )


def _ems(text: str) -> float:
    """Return the width of a text in ems: that of a Chinese character is one, of a Latin one about half."""
    return sum(0.55 if _NARROW.match(char) else 1.0 for char in text)


def _advance(strip: Strip) -> float:
    """Return the width of an em in a line, in pixels."""
    return (strip.width - 2 * PADDING * strip.height) / max(_ems(strip.text), 0.5)


def _settled(sizes: Sequence[float], unsure: Sequence[float]) -> dict[float, float]:
    """Return for each font size the one that is usual around it: sizes within ALIKE of the next are one.

    A size of which we are ``unsure`` is that of the body if it is anywhere near.
    """
    settled: dict[float, float] = {}
    if sizes:
        body = _densest(sorted(sizes))
        settled = {size: round(body * 2) / 2 for size in unsure if body / NEAR < size < body * NEAR}
    left = sorted([*sizes, *(size for size in unsure if size not in settled)])
    while left:
        middle = _densest(left)
        near = [size for size in left if middle / ALIKE < size < middle * ALIKE]
        settled |= dict.fromkeys(near, round(middle * 2) / 2)
        left = [size for size in left if size not in settled]
    return settled


def _densest(sizes: Sequence[float]) -> float:
    """Return the middle of the densest run of sorted sizes, all within ALIKE of each other."""
    best, first = (0, 0), 0
    for last, size in enumerate(sizes):
        while sizes[first] * ALIKE < size:
            first += 1
        if last - first > best[1] - best[0]:
            best = (first, last)
    return median(sizes[best[0] : best[1] + 1])


def _page(number: int, found: Recognition, texts: Sequence[_Text]) -> Page:
    """Return the layout of a page."""
    scale = _scale(found)
    marks = tuple((text.text, text.size) for text in texts if text.mark)
    chars = [char for text in texts if not text.mark for char in _chars(text)]
    tables = list(_tables(found.rules, scale))
    page = Page(number, found.height * scale, (), marks=marks, width=found.width * scale)
    return laid_out(page, chars, tables)


def _chars(text: _Text) -> Iterator[dict[str, Any]]:
    """Yield the characters of a line as pdfplumber has them, spread evenly over its width."""
    ems = _ems(text.text)
    x = text.x0
    for char in text.text:
        width = (text.x1 - text.x0) * _ems(char) / ems
        yield {
            "text": char,
            "x0": x,
            "x1": x + width,
            "top": text.y - text.size / 2,
            "bottom": text.y + text.size / 2,
            "size": text.size,
            "fontname": "",
        }
        x += width


def _tables(rules: Sequence[tuple[int, int, int, int]], scale: float) -> Iterator[Found]:
    """Yield the ruled tables, found by pdfplumber in the lines of the picture."""
    if len(rules) < 4:
        return
    finder = needed("pdfplumber.table")
    edges = [_edge(*(value * scale for value in rule)) for rule in rules]
    merged = finder.merge_edges(edges, _SNAP, _SNAP, _REACH, _REACH)
    meets = finder.edges_to_intersections(merged, _REACH, _REACH)
    for cells in finder.cells_to_tables(finder.intersections_to_cells(meets)):
        sides = list(zip(*cells, strict=True))
        yield Found(cells, (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])))


def _edge(x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    flat = x1 - x0 > bottom - top
    return {
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
        "orientation": "h" if flat else "v",
    }
