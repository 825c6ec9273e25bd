"""The boxes of a quote on the pictures of its pages, from the places of lines that were kept when it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parkqa.types import Document, Leaf, Span

PAGES = 3
"""Most pages of one quote that are shown; chosen by hand: few quotes go over more than two."""
MARGIN = 2
"""Points by which a box is larger than its line."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with the boxes on it; each is left edge, upper edge, width and height, in points."""

    leaf: Leaf
    boxes: tuple[tuple[int, int, int, int], ...]


def sheets(document: Document, marks: Sequence[Span]) -> tuple[Sheet, ...]:
    """Return the pages on which marked spans of a document stand, at most PAGES.

    >>> page = Leaf(3, 595, 842, lines=(0, 10, 90, 100, 190, 112, 11, 10, 90, 120, 190, 132))
    >>> document = Document("a.pdf", "园区", "", "", (), leaves=(page,))
    >>> [(sheet.leaf.number, sheet.boxes) for sheet in sheets(document, [(5, 12)])]
    [(3, ((138, 98, 54, 16), (88, 118, 14, 16)))]
    """
    found = (Sheet(leaf, tuple(box for mark in marks for box in _boxes(leaf, mark))) for leaf in document.leaves)
    return tuple(sheet for sheet in found if sheet.boxes)[:PAGES]


def _boxes(leaf: Leaf, mark: Span) -> Iterator[tuple[int, int, int, int]]:
    """Yield a box for each line of a page that a span meets, as wide as its share of the line's characters."""
    for start, length, left, top, right, bottom in zip(*[iter(leaf.lines)] * 6, strict=True):
        first, last = max(mark[0], start), min(mark[1], start + length)
        if first < last:
            wide = right - left
            x0, x1 = left + wide * (first - start) / length, left + wide * (last - start) / length
            yield round(x0) - MARGIN, top - MARGIN, round(x1 - x0) + 2 * MARGIN, bottom - top + 2 * MARGIN
