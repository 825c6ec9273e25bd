"""QR codes for quotes, scanned by phones at the stand: a link to the quote in its source, or the quote as text."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from markupsafe import Markup

from parkqa.answer.quoting import RECOGNIZED
from parkqa.text.sentences import clauses, sentences
from parkqa.types import Quote, Span

CARRIED = 200
"""Maximum number of code points of a quote in a code; chosen by hand, as phones fail to scan denser codes."""
SOURCE = 100
"""Maximum number of code points of the source line in a code; chosen by hand."""
QUIET = 4
"""Width of the quiet zone in modules, as ISO/IEC 18004 requires."""


@dataclass(frozen=True, slots=True)
class QuoteCode:
    """A QR code as SVG; ``linked`` if it encodes a link, which needs a network, rather than the quote itself."""

    svg: Markup
    linked: bool


def quote_code(quote: Quote, where: str, link: str) -> QuoteCode:
    """Return the QR code for a quote.

    It encodes ``link``, the URL of the quote in its source, unless that is empty or too long for a code; else it
    encodes the quote and ``where``, the description of its source, as text.
    """
    if link:
        try:
            return QuoteCode(svg(link), True)
        except segno.DataOverflowError:
            pass  # the path is too long: encode the quote itself
    return QuoteCode(svg(carried(quote, where)), False)


def carried(quote: Quote, where: str) -> str:
    """Return a quote and its source ``where`` as the text of a code.

    Omissions are marked by an ellipsis outside the quotation marks, so that the quotation itself stays verbatim.
    """
    start, end = window(quote)
    before, after = "……" if start > 0 else "", "……" if end < len(quote.text) else ""
    where = f"{RECOGNIZED['zh']}：{where}" if quote.recognized else where
    source = where if len(where) <= SOURCE else f"{where[: SOURCE - 1]}…"
    return f"{before}“{quote.text[start:end]}”{after}\n——{source}"


def window(quote: Quote) -> Span:
    """Return the part of a quote that fits into a code, as code point offsets into ``quote.text``.

    It consists of whole sentences if possible, and contains the marked spans or at least their beginning.
    """
    text = quote.text
    if len(text) <= CARRIED:
        return 0, len(text)
    first, last = quote.spans[0][0] - quote.start, quote.spans[-1][1] - quote.start
    sentence = next((start for start, end in sentences(text) if start <= first < end), first)
    windows = [(begin, _end(text, begin)) for begin in (0, sentence, first)]
    return next((found for found in windows if last <= found[1]), windows[-1])


def _end(text: str, begin: int) -> int:
    """Return where the part beginning at ``begin`` ends: after a sentence, else a clause, else at the length limit."""
    for cut in (sentences, clauses):
        ends = [end for _, end in cut(text, begin) if end <= begin + CARRIED]
        if ends:
            return ends[-1]
    return begin + CARRIED


def svg(text: str) -> Markup:
    """Return a text as a QR code in SVG that scales to its container.

    It is black on white in dark mode too, since many phones cannot scan inverted codes.

    Raises:
        segno.DataOverflowError: the text is too long for a code.
    """
    return Markup(_code(text).svg_inline(border=QUIET, omitsize=True, svgclass="pq-qr", lineclass=None, light="#fff"))


def blocks(text: str) -> str:
    """Return a text as a QR code in block characters, two modules each, for a terminal with light text on dark.

    Raises:
        segno.DataOverflowError: the text is too long for a code.
    """
    lines = io.StringIO()
    _code(text).terminal(lines, border=2, compact=True)
    return lines.getvalue()


def _code(text: str) -> segno.QRCode:
    # Left to itself segno encodes Chinese in Kanji mode where possible, which not every phone can read.
    return segno.make_qr(text, error="l", mode="byte", encoding="utf-8")
