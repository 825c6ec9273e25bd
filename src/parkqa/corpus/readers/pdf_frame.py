"""What frames the text of a PDF's pages and is left out: running heads, footers, contents, watermarks on other pages.

The constants below were chosen by hand on the PDFs of the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from parkqa.corpus.readers.pdf_layout import Page, Table
from parkqa.corpus.readers.pdf_lines import Line
from parkqa.corpus.readers.pdf_paragraphs import fills

MARGIN = 0.1
"""Share of the page's height, at the top and at the bottom, in which repeated lines are running heads and footers. A
larger value may drop repeated lines of the text, a smaller one leaves running heads in it."""

HEAD = 0.075
"""The same for a running head that stands on one page only: it is smaller than the text and well above it."""
SMALLER, ABOVE = 0.92, 1.5
"""Most times the text's size, and least blank below in ems, of such a head."""

_NUMBERED = re.compile(
    r"[-—–·|/\s]+\d+[-—–·|/\s]+|第\s*\d+\s*页(?:\s*[/，,]?\s*共\s*\d+\s*页)?|\d+\s*/\s*\d+|共\s*\d+\s*页"
)
"""A line that is nothing but a page number, also where it stands on one page only."""
_PAGE = re.compile(
    r"(?:^|\s)[-—–·|/\s]*(?:第\s*)?\d+(?:\s*页)?(?:\s*[/，,共\s]+\d+\s*页?)?[-—–·|\s]*$|^第?\s*\d+\s*页?\s*[|｜]?"
)
"""A page number, such as "- 3 -" or "第3页 共10页"."""
_CONTENTS = re.compile(r"(?:[.．…·]\s?){4,}\s*\d+$")
"""An entry in a table of contents: dots and a page number."""
_HEAD_OF_CONTENTS = re.compile(r"目\s*[录次]|contents", re.IGNORECASE)


def unframed(pages: Sequence[Page]) -> list[Page]:
    """Return the pages without running heads, footers, page numbers, tables of contents, and watermarks."""
    return _without_contents(_without_running(_without_marks(pages)))


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

    A line of a paragraph, as where pages repeat each other, stays. What is a page number or a running head by itself
    need not be repeated.
    """
    seen = Counter(key for page in pages for key in {_running(page, part) for part in page.parts} - {None})
    body = _body(pages)
    return [
        replace(
            page,
            parts=tuple(
                part
                for place, part in enumerate(page.parts)
                if not _frames_alone(page, part, body) and (seen[_running(page, part)] < 2 or _in_text(page, place))
            ),
        )
        for page in pages
    ]


def _body(pages: Sequence[Page]) -> float:
    """Return the font size of most of the text."""
    sizes = Counter(part.size for page in pages for part in page.parts if isinstance(part, Line) for _ in part.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _frames_alone(page: Page, part: Line | Table, body: float) -> bool:
    """Return whether a line in the margins is a page number, or a small line at the top well above all others."""
    if isinstance(part, Table) or _running(page, part) is None:
        return False
    if _NUMBERED.fullmatch(part.text):
        return True
    below = [each.top for each in page.parts if each.top > part.bottom]
    small = part.bottom < HEAD * page.height and part.size < SMALLER * body
    return small and bool(below) and min(below) - part.bottom > ABOVE * part.size


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
