"""What a phone takes along from the stand: a QR code that leads to the quote in its source, or holds the quote."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from markupsafe import Markup

from parkqa.text.sentences import clauses, sentences
from parkqa.types import Quote, Span

CARRIED = 200
"""Code points of a quote that a code holds at most: more of them, and a phone no longer makes them out."""
SOURCE = 100
"""Code points of the source that it holds at most."""
QUIET = 4
"""Modules of white around a code; a reader needs them."""


@dataclass(frozen=True, slots=True)
class Takeaway:
    """A code as SVG, and whether it is a link, for which the phone needs the network that the link names."""

    svg: Markup
    linked: bool


def takeaway(quote: Quote, where: str, link: str) -> Takeaway:
    """Return the code for a quote: ``link`` where there is one that a phone can open, else quote and source as text."""
    if link:
        try:
            return Takeaway(svg(link), True)
        except segno.DataOverflowError:
            pass  # a path of a thousand characters
    return Takeaway(svg(carried(quote, where)), False)


def carried(quote: Quote, where: str) -> str:
    """Return a quote and ``where`` it stands as text for a code; what is left out is said outside of the quotation."""
    start, end = window(quote)
    before, after = "……" if start > 0 else "", "……" if end < len(quote.text) else ""
    source = where if len(where) <= SOURCE else f"{where[: SOURCE - 1]}…"
    return f"{before}“{quote.text[start:end]}”{after}\n——{source}"


def window(quote: Quote) -> Span:
    """Return the part of a quote's text (offsets of that text) that a code holds: whole sentences where that can be.

    What is marked is in it, from its beginning at least.
    """
    text = quote.text
    if len(text) <= CARRIED:
        return 0, len(text)
    first, last = quote.spans[0][0] - quote.start, quote.spans[-1][1] - quote.start
    sentence = next((start for start, end in sentences(text) if start <= first < end), first)
    windows = [(begin, _end(text, begin)) for begin in (0, sentence, first)]
    return next((found for found in windows if last <= found[1]), windows[-1])


def _end(text: str, begin: int) -> int:
    """Where a part that begins at ``begin`` ends: after a sentence, else after a clause, else where it must."""
    for cut in (sentences, clauses):
        ends = [end for _, end in cut(text, begin) if end <= begin + CARRIED]
        if ends:
            return ends[-1]
    return begin + CARRIED


def svg(text: str) -> Markup:
    """Return a text as a QR code in SVG, without a size: black on white in the dark too, or phones do not see it.

    Raises:
        segno.DataOverflowError: it does not fit into a code.
    """
    return Markup(_code(text).svg_inline(border=QUIET, omitsize=True, svgclass="pq-qr", lineclass=None, light="#fff"))


def blocks(text: str) -> str:
    """Return a text as a QR code for a terminal with light letters on dark, two modules a character."""
    lines = io.StringIO()
    _code(text).terminal(lines, border=2, compact=True)
    return lines.getvalue()


def _code(text: str) -> segno.QRCode:
    # By itself segno would set Chinese as Japanese kanji where it can, which not every phone reads.
    return segno.make_qr(text, error="l", mode="byte", encoding="utf-8")
