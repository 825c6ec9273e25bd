"""PDF (.pdf): lines are joined into paragraphs, headings recognised by size and weight; ``page`` counts from 1.

The constants below were chosen by hand on the PDFs of the tests; no measurement stands behind them.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parkqa.corpus.readers.draft import BULLET, END, Draft, Piece, assemble, joined, needed
from parkqa.corpus.readers.pdf_layout import Line, Page, Table, read_page
from parkqa.corpus.readers.tables import columns, pieces

LARGER = 1.08
"""A line is a heading if its font is more than this many times as large as the body's; 1.08 is one point above 12. A
larger value misses headings, a smaller one takes small differences of fonts for headings."""
LEVELS = 4
"""Levels of headings; further, smaller sizes share the last."""
LONGEST = 60
"""Longest heading, in code points; half of it for headings that are bold but not larger than the body."""
MARGIN = 0.1
"""Share of the page's height, at the top and at the bottom, in which repeated lines are running heads and footers. A
larger value may drop repeated lines of the text, a smaller one leaves running heads in it."""

_PAGE = re.compile(
    r"(?:^|\s)[-—–·|/\s]*(?:第\s*)?\d+(?:\s*页)?(?:\s*[/，,共\s]+\d+\s*页?)?[-—–·|\s]*$|^第?\s*\d+\s*页?\s*[|｜]?"
)
"""A page number, such as "- 3 -" or "第3页 共10页"."""
_CONTENTS = re.compile(r"(?:[.．…·]\s?){4,}\s*\d+$")
"""An entry in a table of contents: dots and a page number."""
_ITEM = re.compile(r"(?:[（(][\d一二三四五六七八九十]{1,3}[）)]|\d{1,2}[、.．)）](?!\d)|[①-⑳])")
"""The number of a list item."""


def read(raw: bytes) -> Draft:
    """Read the bytes of a .pdf, without running heads, footers, page numbers and tables of contents.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what pdfplumber raises for a damaged or encrypted file.
    """
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about fonts and colours
    with needed("pdfplumber").open(io.BytesIO(raw)) as document:
        pages = [read_page(page, number) for number, page in enumerate(document.pages, 1)]
    draft = assemble(_pieces(_without_running(pages)))
    return replace(draft, scanned=tuple(page.number for page in pages if page.scanned))


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Font sizes in points: that of the body, and those of headings, largest first; and whether the body is bold."""

    body: float
    headings: tuple[float, ...]
    bold: bool

    def level(self, line: Line) -> int:
        """Return the level of a heading (1 is the largest), 0 for any other line."""
        if (
            len(line.text) > LONGEST
            or line.text.endswith(("。", "；", "，"))
            or (_ITEM.match(line.text) and not line.size > self.body * LARGER)
        ):
            return 0
        if line.size in self.headings:
            return min(self.headings.index(line.size), LEVELS - 1) + 1
        loud = line.bold and not self.bold and len(line.text) <= LONGEST // 2 and not END.search(line.text)
        return min(len(self.headings), LEVELS - 1) + 1 if loud else 0


def _sizes(lines: Sequence[Line]) -> _Sizes:
    """Return the sizes of a document; the body's is the one that most characters have."""
    count: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for line in lines:
        count[line.size] += len(line.text)
        bold[line.bold] += len(line.text)
    body = count.most_common(1)[0][0] if count else 0.0
    return _Sizes(body, tuple(sorted((s for s in count if s > body * LARGER), reverse=True)), bold[True] > bold[False])


def _without_running(pages: Sequence[Page]) -> list[Page]:
    """Drop lines in the margins that are at the same height on two pages or more and differ only in the page number."""
    seen = Counter(key for page in pages for key in {_running(page, part) for part in page.parts} - {None})
    return [replace(p, parts=tuple(part for part in p.parts if seen[_running(p, part)] < 2)) for p in pages]


def _running(page: Page, part: Line | Table) -> tuple[str, int] | None:
    """Return the text and the height (to 4 points) of a line in the margins, by which it is compared; else None."""
    if isinstance(part, Table) or page.height * MARGIN < part.bottom < page.height * (1 - MARGIN):
        return None
    return _PAGE.sub("", part.text).strip(), round(part.top / 4)


def _pieces(pages: Sequence[Page]) -> Iterator[Piece]:
    """Yield the pieces of all pages; a table continues the one before if nothing is between and columns agree."""
    sizes = _sizes([part for page in pages for part in page.parts if isinstance(part, Line)])
    heads: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    lines: list[tuple[Line, Page]] = []
    for page in pages:
        for part in page.parts:
            if isinstance(part, Line):
                if _CONTENTS.search(part.text):
                    continue
                if lines and not _same(lines[-1], (part, page), lines[0][0], sizes):
                    yield _piece(lines, sizes)
                    lines = []
                lines.append((part, page))
                heads = ()
                continue
            if lines:
                yield _piece(lines, sizes)
                lines = []
            goes_on = heads if part.edges == edges else ()
            yield from pieces(part.rows, page.number, goes_on)
            heads, edges = goes_on or columns(part.rows), part.edges
    if lines:
        yield _piece(lines, sizes)


def _same(before: tuple[Line, Page], after: tuple[Line, Page], first: Line, sizes: _Sizes) -> bool:
    """Return whether a line continues the paragraph, item or heading from line ``first`` to line ``before``."""
    (last, its_page), (line, page) = before, after
    level = sizes.level(last)
    if level or sizes.level(line):
        near = its_page is page and 0 <= line.top - last.bottom < last.size
        return level == sizes.level(line) and near and line.size == last.size and not END.search(last.text)
    if abs(line.size - last.size) > 0.6 or _is_item(line):
        return False
    if last.right - last.x1 > 2 * last.size:  # a last line: it ends well before the edge of its column
        return False
    if its_page is page and line.top == last.top:
        return False
    if its_page is page and line.top > last.top and line.left == last.left:
        return line.top - last.bottom < last.pitch and _flush(line, first)
    return not END.search(last.text) and _flush(line, first)


def _flush(line: Line, first: Line) -> bool:
    """Return whether a line is not the indented first line of a paragraph; an item's lines must be as far indented."""
    if _is_item(first):
        return line.x0 - line.left >= first.x0 - first.left - 1
    return line.x0 - line.left < line.size


def _is_item(line: Line) -> bool:
    return line.marked or bool(BULLET.match(line.text) or _ITEM.match(line.text))


def _piece(lines: Sequence[tuple[Line, Page]], sizes: _Sizes) -> Piece:
    first, page = lines[0]
    text = joined(line.text for line, _ in lines)
    if level := sizes.level(first):
        return Piece("heading", text, level, page.number)
    if _is_item(first):
        return Piece("item", BULLET.sub("", text), 1, page.number)
    return Piece("paragraph", text, page=page.number)
