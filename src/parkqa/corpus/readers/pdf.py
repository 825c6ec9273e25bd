"""PDF (.pdf): lines are joined into paragraphs, headings recognised by size, weight and number; ``page`` is from 1."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence

from parkqa.corpus.readers import pictures
from parkqa.corpus.readers.draft import Draft, Note, assemble, left_out, needed, unread
from parkqa.corpus.readers.pdf_blocks import blocks
from parkqa.corpus.readers.pdf_frame import unframed
from parkqa.corpus.readers.pdf_layout import Page, read_page
from parkqa.corpus.readers.pdf_lines import Line
from parkqa.corpus.readers.scans import Recognise, leaf
from parkqa.corpus.readers.scans import pages as recognised_pages
from parkqa.types import Leaf

_FAULTS = {
    "scanned": (
        "是扫描的图片，没有可读的文字，请装扩展 ocr，或先做文字识别（OCR）",
        "a scanned picture without text that can be read; install the extra ocr, or run OCR on it first",
    ),
    "drawn": (
        "的字画成了图形，等于图片，无法读取，请装扩展 ocr，或先做文字识别（OCR）",
        "its letters are drawn as shapes and cannot be read; install the extra ocr, or run OCR on it first",
    ),
    "glyphs": (
        "的字体没有写明各是什么字，无法读取，请装扩展 ocr，或先做文字识别（OCR）",
        "its font does not say which characters it shows; install the extra ocr, or run OCR on it first",
    ),
    "some glyphs": (
        "有些字的字体没有写明是什么字，无法读取，请对照原件",
        "its font does not say what some of its characters are, and they are missing; compare it with the original",
    ),
    "picture": (
        "有大幅图片，图片里如有文字没有读；需要的话请先做文字识别（OCR）",
        "a large picture; if it shows text, that was not read; run OCR on it first if it is needed",
    ),
}
"""Why a page cannot be read, see ``pdf_marks.Fault``."""
_LAYERED = (
    "是扫描件，文字是扫描的软件识别的，可能有错字",
    "scanned; its text was recognised by the scanning program and may hold wrong characters",
)
_UNREADABLE = ("scanned", "drawn", "glyphs")
"""Those by which it has no text at all."""
DEPTH = 3
"""How deep in nested forms of a page text is looked for. Chosen by hand: programs that recognise scans nest one."""


def read(raw: bytes, recognise: Recognise | None = None) -> Draft:
    """Read the bytes of a .pdf, without running heads, footers, page numbers, watermarks and tables of contents.

    Pages without text that can be read are recognised where that can be done.

    Raises:
        Unreadable: the extra ``documents`` is not installed.
        Exception: what pdfplumber raises for a damaged or encrypted file.
    """
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about fonts and colours
    with needed("pdfplumber").open(io.BytesIO(raw)) as document:
        pages = [read_page(page, number) for number, page in enumerate(document.pages, 1)]
    unreadable = [page.number for page in pages if page.fault in _UNREADABLE] if recognise else []
    found = dict(pictures.recognised(pictures.of_pdf(raw, unreadable), recognise))
    shown = {number: page for number, page in found.items() if page is not None and page.shows_text}
    laid = recognised_pages(shown.items())
    looks = [
        leaf(shown[page.number], page.number) if page.number in shown else _leaf(page)
        for page in pages
        if page.number in shown or page.number not in unreadable
    ]
    whole = [laid.get(page.number, page) for page in pages]
    kept = unframed(whole)
    layered = set(_hidden(raw, [page.number for page in pages if page.pictured and not page.fault]))
    remarks = [*_notes([page for page in pages if page.number not in found], whole, kept), *pictures.notes(found)]
    remarks += unread(sorted(layered), *_LAYERED, warns=False)
    return assemble(blocks(kept, recognized=layered | laid.keys()), notes=remarks, leaves=looks)


def _hidden(raw: bytes, numbers: Sequence[int]) -> Iterator[int]:
    """Yield those pages whose text is written invisibly over a picture, as programs do that recognise scans.

    ``numbers`` are the pages that may be such, from 1.
    """
    if not numbers:
        return
    pdfium = needed("pypdfium2.raw")
    with needed("pypdfium2").PdfDocument(raw) as document:
        for number in numbers:
            texts = document[number - 1].get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=DEPTH)
            modes = [pdfium.FPDFTextObj_GetTextRenderMode(text.raw) for text in texts]
            if 2 * modes.count(pdfium.FPDF_TEXTRENDERMODE_INVISIBLE) > len(modes):
                yield number


def _leaf(page: Page) -> Leaf:
    return Leaf(page.number, round(page.width), round(page.height), turn=page.turn)


def _notes(unrecognised: Sequence[Page], pages: Sequence[Page], shown: Sequence[Page]) -> list[Note]:
    """Return the notes on pages that cannot be read, and on what was left out of all ``pages``."""
    notes = [
        note
        for wrong, words in _FAULTS.items()
        for note in unread((page.number for page in unrecognised if page.fault == wrong), *words)
    ]
    kept = {id(part) for page in shown for part in page.parts}
    gone = [part.text for page in pages for part in page.parts if isinstance(part, Line) and id(part) not in kept]
    notes += left_out(
        (text for page in pages for text, _ in page.marks), "水印、印章或斜排的字没有收", "marks left out"
    )
    notes += left_out(gone, "页眉、页脚、页码和目录没有收", "heads, footers, page numbers and contents left out")
    return notes
