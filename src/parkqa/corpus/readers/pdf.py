"""PDF (.pdf): lines are joined into paragraphs, headings recognised by size, weight and number; ``page`` is from 1.

The constants below were chosen by hand on the PDFs of the tests; no measurement stands behind them.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from parkqa.corpus.readers.draft import BULLET, END, Draft, Note, Piece, assemble, joined, left_out, needed, unread
from parkqa.corpus.readers.pdf_headings import levels
from parkqa.corpus.readers.pdf_layout import Line, Page, Table, read_page
from parkqa.corpus.readers.pdf_paragraphs import Placed, fills, is_item, joined_lines
from parkqa.corpus.readers.pdf_tables import whole_rows
from parkqa.corpus.readers.tables import columns, pieces

MARGIN = 0.1
"""Share of the page's height, at the top and at the bottom, in which repeated lines are running heads and footers. A
larger value may drop repeated lines of the text, a smaller one leaves running heads in it."""

_PAGE = re.compile(
    r"(?:^|\s)[-—–·|/\s]*(?:第\s*)?\d+(?:\s*页)?(?:\s*[/，,共\s]+\d+\s*页?)?[-—–·|\s]*$|^第?\s*\d+\s*页?\s*[|｜]?"
)
"""A page number, such as "- 3 -" or "第3页 共10页"."""
_CONTENTS = re.compile(r"(?:[.．…·]\s?){4,}\s*\d+$")
"""An entry in a table of contents: dots and a page number."""
_HEAD_OF_CONTENTS = re.compile(r"目\s*[录次]|contents", re.IGNORECASE)
_FOOTNOTE = re.compile(r"[①-⑳]|[\[［〔【]\d{1,2}[\]］〕】]|\d{1,2}(?:\s|(?=[^\W\d]))|[*＊※]")
"""The mark of a footnote."""
SMALL = 0.92
"""A footnote is set in at most so many times the body's size."""
_FAULTS = {
    "scanned": (
        "是扫描的图片，没有可读的文字，请先做文字识别（OCR）",
        "a scanned picture without text that can be read; run OCR on it first",
    ),
    "drawn": (
        "的字画成了图形，等于图片，无法读取，请先做文字识别（OCR）",
        "its letters are drawn as shapes, as in a picture, and cannot be read; run OCR on it first",
    ),
    "glyphs": (
        "的字体没有写明各是什么字，无法读取，请先做文字识别（OCR）",
        "its font does not say which characters it shows, so it cannot be read; run OCR on it first",
    ),
    "picture": (
        "有大幅图片，图片里如有文字没有读；需要的话请先做文字识别（OCR）",
        "a large picture; if it shows text, that was not read; run OCR on it first if it is needed",
    ),
}
"""Why a page cannot be read, see ``pdf_marks.Fault``."""


def read(raw: bytes) -> Draft:
    """Read the bytes of a .pdf, without running heads, footers, page numbers, watermarks and tables of contents.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what pdfplumber raises for a damaged or encrypted file.
    """
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about fonts and colours
    with needed("pdfplumber").open(io.BytesIO(raw)) as document:
        pages = [read_page(page, number) for number, page in enumerate(document.pages, 1)]
    shown = _without_contents(_without_running(_without_marks(pages)))
    return assemble(_pieces(shown), notes=_notes(pages, shown))


def _notes(pages: Sequence[Page], shown: Sequence[Page]) -> list[Note]:
    """Return the notes on pages that cannot be read, and on what was left out of the others."""
    notes = [
        note
        for wrong, words in _FAULTS.items()
        for note in unread((page.number for page in pages if page.fault == wrong), *words)
    ]
    kept = {id(part) for page in shown for part in page.parts}
    gone = [part.text for page in pages for part in page.parts if isinstance(part, Line) and id(part) not in kept]
    notes += left_out(
        (text for page in pages for text, _ in page.marks), "水印、印章或斜排的字没有收", "marks left out"
    )
    notes += left_out(gone, "页眉、页脚、页码和目录没有收", "heads, footers, page numbers and contents left out")
    return notes


def _without_marks(pages: Sequence[Page]) -> list[Page]:
    """Drop lines that are a watermark on another page, where it lies over text."""
    marks = {mark for page in pages for mark in page.marks}
    if not marks:
        return list(pages)
    return [replace(page, parts=tuple(part for part in page.parts if not _is_mark(part, marks))) for page in pages]


def _is_mark(part: Line | Table, marks: set[tuple[str, float]]) -> bool:
    return isinstance(part, Line) and any(
        part.text.replace(" ", "") == text and abs(part.size - size) < 1 for text, size in marks
    )


def _without_contents(pages: Sequence[Page]) -> list[Page]:
    """Drop the entries of tables of contents, and what stands above them."""
    return [replace(p, parts=tuple(q for n, q in enumerate(p.parts) if not _of_contents(p.parts, n))) for p in pages]


def _of_contents(parts: Sequence[Line | Table], place: int) -> bool:
    """Return whether a part of a page is an entry of a table of contents, or its head."""
    part, after = (*parts[place : place + 2], None)[:2]
    if not isinstance(part, Line):
        return False
    head = bool(_HEAD_OF_CONTENTS.fullmatch(part.text)) and isinstance(after, Line)
    return bool(_CONTENTS.search(part.text)) or (head and _of_contents(parts, place + 1))


def _without_running(pages: Sequence[Page]) -> list[Page]:
    """Drop lines in the margins that are at the same height on two pages or more and differ only in the page number.

    A line of a paragraph, as where pages repeat each other, stays.
    """
    seen = Counter(key for page in pages for key in {_running(page, part) for part in page.parts} - {None})
    return [
        replace(p, parts=tuple(q for n, q in enumerate(p.parts) if seen[_running(p, q)] < 2 or _in_text(p, n)))
        for p in pages
    ]


def _in_text(page: Page, place: int) -> bool:
    """Return whether a line fills its column and a line that is not in the margins follows it closely."""
    line, after = (*page.parts[place : place + 2], None, None)[:2]
    if not isinstance(line, Line) or not isinstance(after, Line) or _running(page, after):
        return False
    return fills(line, after) and 0 <= after.top - line.bottom < line.pitch


def _running(page: Page, part: Line | Table) -> tuple[str, int] | None:
    """Return the text and the height (to 4 points) of a line in the margins, by which it is compared; else None."""
    if isinstance(part, Table) or page.height * MARGIN < part.bottom < page.height * (1 - MARGIN):
        return None
    return _PAGE.sub("", part.text).strip(), round(part.top / 4)


def _pieces(pages: Sequence[Page]) -> Iterator[Piece]:
    """Yield the pieces of all pages; a table continues the one before if nothing is between and columns agree.

    Footnotes that stand between the two halves of a paragraph come last.
    """
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
    level = iter(levels([block for found in blocks for block in found or [[]]]))
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
    if level:
        return Piece("heading", text, level, first.page)
    if is_item(first.line):
        return Piece("item", BULLET.sub("", text), 1, first.page)
    return Piece("paragraph", text, page=first.page)
