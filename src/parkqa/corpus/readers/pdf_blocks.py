"""The pages of a PDF, or of scans, as the pieces of a document: paragraphs, headings, items and tables.

The constants below were chosen by hand on the PDFs of the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from parkqa.corpus.readers.draft import BULLET, END, Piece, Spot, joined
from parkqa.corpus.readers.pdf_headings import levels
from parkqa.corpus.readers.pdf_layout import Page, Table
from parkqa.corpus.readers.pdf_lines import Line
from parkqa.corpus.readers.pdf_paragraphs import Placed, fills, is_item, joined_lines
from parkqa.corpus.readers.pdf_tables import whole_rows
from parkqa.corpus.readers.tables import columns, pieces

_FOOTNOTE = re.compile(r"[①-⑳]|[\[［〔【]\d{1,2}[\]］〕】]|\d{1,2}(?:\s|(?=[^\W\d]))|[*＊※]")
"""The mark of a footnote."""
SMALL = 0.92
"""A footnote is set in at most so many times the body's size."""


def blocks(pages: Sequence[Page], recognized: Container[int] = ()) -> Iterator[Piece]:
    """Yield the pieces of all pages; a table continues the one before if nothing is between and columns agree.

    Footnotes that stand between the two halves of a paragraph come last. ``recognized`` has the numbers of the pages
    whose text was recognised from a picture.
    """
    for piece in _pieces(pages):
        seen = {spot.leaf for spot in piece.spots}
        yield replace(piece, recognized=True) if any(number in recognized for number in seen) else piece


def _pieces(pages: Sequence[Page]) -> Iterator[Piece]:
    split = [_footnotes(page) for page in pages]
    text = [(part, page.number) for page, (parts, _) in zip(pages, split, strict=True) for part in parts]
    below = [(part, page.number) for page, (_, parts) in zip(pages, split, strict=True) for part in parts]
    yield from _blocks(text)
    if below:
        yield Piece("break", level=1)
        yield from _blocks(below)


def _footnotes(page: Page) -> tuple[Sequence[Line | Table], Sequence[Line | Table]]:
    """Return the parts of a page, and apart from them its footnotes, where a paragraph above them goes on overleaf."""
    lines = [part for part in page.parts if isinstance(part, Line)]
    size, _ = Counter(line.size for line in lines for _ in line.text).most_common(1)[0] if lines else (0.0, 0)
    place = len(page.parts)
    while place and isinstance(part := page.parts[place - 1], Line) and part.size <= size * SMALL:
        place -= 1
    text, notes = page.parts[:place], page.parts[place:]
    first, last = notes[0] if notes else None, text[-1] if text else None
    noted = isinstance(first, Line) and bool(_FOOTNOTE.match(first.text))
    if noted and isinstance(last, Line) and not END.search(last.text) and fills(last, last):
        return text, notes
    return page.parts, ()


def _blocks(parts: Sequence[tuple[Line | Table, int]]) -> Iterator[Piece]:
    """Yield the pieces of parts, each given with the number of its page."""
    placed = whole_rows(parts)
    runs = [(is_line, list(run)) for is_line, run in groupby(placed, key=lambda each: isinstance(each[0], Line))]
    blocks = [
        list(joined_lines(Placed(part, number) for part, number in run if isinstance(part, Line))) if is_line else []
        for is_line, run in runs
    ]
    sizes = Counter(part.size for part, _ in placed if isinstance(part, Table))
    level = iter(levels([block for found in blocks for block in found or [[]]], sizes))
    for (_, run), found in zip(runs, blocks, strict=True):
        yield from (_piece(block, next(level)) for block in found)
        if not found:
            next(level)
            yield from _tables([(part, number) for part, number in run if isinstance(part, Table)])


def _tables(tables: Sequence[tuple[Table, int]]) -> Iterator[Piece]:
    """Yield the pieces of tables with nothing between them."""
    heads: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    for table, number in tables:
        goes_on = heads if table.edges == edges else ()
        yield from pieces(table.rows, number, goes_on)
        heads, edges = goes_on or columns(table.rows), table.edges


def _piece(block: Sequence[Placed], level: int) -> Piece:
    """Return a block as a heading of a level, or if that is 0, as an item or a paragraph."""
    first = block[0]
    text = joined(placed.line.text for placed in block)
    spots = tuple(_spot(placed) for placed in block)
    if level:
        return Piece("heading", text, level, first.page, spots=spots)
    if is_item(first.line):
        return Piece("item", BULLET.sub("", text), 1, first.page, spots=spots)
    return Piece("paragraph", text, page=first.page, spots=spots)


def _spot(placed: Placed) -> Spot:
    line = placed.line
    return Spot(placed.page, (line.x0, line.top, line.x1, line.bottom), line.text)
