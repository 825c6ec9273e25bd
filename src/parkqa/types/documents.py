"""What the corpus becomes: documents with their structure and the looks of their pages, and passages.

All offsets are half-open ranges of code points of ``Document.text``: ``text[start:end]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]
BlockKind = Literal["heading", "paragraph", "item", "columns", "row", "caption", "break"]
PassageKind = Literal["paragraph", "list", "entry", "row", "caption", "question"]
Page = int | str | None
"""A page or slide number (from 1), or the name of a spreadsheet's sheet; None where the format has neither."""


@dataclass(frozen=True, slots=True)
class Block:
    """A structural element of a document: a heading, a paragraph, a list item, a table row and the like.

    Attributes:
        kind: what the element is. A ``columns`` block is the header row of a table. A ``break`` is empty
            (``start == end``) and ends all open headings of its ``level`` or deeper.
        level: nesting depth of a heading, list item or break (1 is the outermost); 0 for all other kinds.
        start: offset of the first code point.
        end: offset after the last code point.
        page: the page, slide or sheet that the element is on.
        columns: the header cells of the table that a ``row`` belongs to, and of a ``columns`` block itself.
        label: the number that the file gives the element by automatic numbering (第二条, 一、), as its program shows it
            before the text. It is no part of the text.
    """

    kind: BlockKind
    level: int
    start: int
    end: int
    page: Page = None
    columns: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a page looks like: a page of a PDF, a scan or a picture in a file, with the places of its lines.

    Lengths are in points, from the upper left corner of the page as it is shown: turned and straightened.

    Attributes:
        number: number of the page from 1, or of the picture in its file.
        width: width in points.
        height: height in points.
        member: where a package (.docx, .pptx) holds the picture; "" where the page is one of the file itself.
        turn: degrees by which the page is turned clockwise to be upright: 0, 90, 180 or 270.
        skew: degrees by which it is then turned counter-clockwise to be straight.
        confidence: how sure the recogniser was of its text, from 0 to 1; None where the text was not recognised.
        lines: the places of its lines, six numbers each: first offset in the document's text and length, then left,
            upper, right and lower edge.
    """

    number: int
    width: int
    height: int
    member: str = ""
    turn: int = 0
    skew: float = 0.0
    confidence: float | None = None
    lines: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """What the page is called among those of its document: a file with pages may hold pictures, too."""
        return f"p{self.number}" if self.member else str(self.number)

    def drawn_from(self, document: Document) -> str:
        """Return the SHA-256 of the file that the page is drawn from."""
        return document.file if self.member or not document.drawn else document.drawn


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the corpus, converted to plain text.

    Attributes:
        path: POSIX path relative to the corpus folder; identifies the document.
        title: title for display.
        text: the whole plain text; every offset in parkqa refers to it.
        sha256: SHA-256 of ``text`` in hexadecimal.
        blocks: the structure of the text, in order.
        date: date of the document as given in its front matter or in park.yaml, such as ``2024`` or ``2024-05-01``.
        valid_until: last day on which the document is valid, in ISO format (``2026-12-31``).
        translation_of: path or file name of the original if this document is a translation.
        also_in: paths of further files with the same text.
        url: address on the web of a page that ``parkqa fetch`` fetched.
        converted: whether LibreOffice turned the file into one that parkqa reads; ``text`` is then of what it made.
        recognized: the parts of the text that were recognised from pictures (OCR) and may hold wrong characters.
        leaves: its pages of which a picture can be shown, in order.
        file: SHA-256 of the file's bytes if there are ``leaves``, by which it is known again; else "".
        drawn: SHA-256 of the PDF as which LibreOffice laid the file out, if pages of that can be shown; else "".
    """

    path: str
    title: str
    text: str
    sha256: str
    blocks: tuple[Block, ...]
    date: str | None = None
    valid_until: str | None = None
    translation_of: str | None = None
    also_in: tuple[str, ...] = ()
    converted: bool = False
    recognized: tuple[Span, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    file: str = ""
    url: str | None = None
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval and quotation: a slice of a document, ``text == document.text[start:end]``.

    Passages with an ``original`` are searched but never quoted; a hit on one of them quotes its original instead. There
    are two sorts: passages of a translation, and passages of kind ``question``, which are the entries of faq.yaml (the
    slice that answers the question, with the question itself as its only heading). The latter are the last rows of an
    index.

    Attributes:
        id: 16 hexadecimal digits, the same in every build.
        document: path of the document.
        start: offset of the first code point.
        end: offset after the last code point.
        text: the text of the slice.
        kind: what the passage was made of.
        heading: the headings above the passage, outermost first.
        spans: its sentences, or the items of a list, as document offsets.
        page: the page, slide or sheet that it starts on.
        original: id of the passage that is quoted in place of this one; None if this one can be quoted itself.
        title: title of the document if it is searched with the passage, above its headings; "" if it is not.
    """

    id: str
    document: str
    start: int
    end: int
    text: str
    kind: PassageKind
    heading: tuple[str, ...]
    spans: tuple[Span, ...]
    page: Page = None
    original: str | None = None
    title: str = ""
