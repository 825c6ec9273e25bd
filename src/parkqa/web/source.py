"""Source pages: a document whole, the quote marked in it, and whether it still says what was quoted."""

from __future__ import annotations

import hashlib
from typing import Literal

from parkqa.types import Document, Span
from parkqa.web.render import SHORT_SHA

State = Literal["same", "moved", "gone", "outside", ""]
SHORTEST_VERSION = 12


def check(document: Document, version: str, span: Span | None, quoted: str = "") -> tuple[State, list[Span]]:
    """Hold a link against the document as it is now; return its state and the spans to mark.

    ``version`` is the beginning of the SHA-256 of the text that was quoted from, ``quoted`` of the quote itself. When the
    text has changed, the quote is looked for by the latter wherever it stands now.
    """
    if span is None:
        return "", []
    start, end = span
    if len(version) >= SHORTEST_VERSION and document.sha256.startswith(version):
        return ("same", [span]) if 0 <= start < end <= len(document.text) else ("outside", [])
    place = find(document.text, end - start, quoted) if quoted else None
    return ("gone", []) if place is None else ("moved", [(place, place + end - start)])


def find(text: str, length: int, quoted: str) -> int | None:
    """Return where in ``text`` a slice of ``length`` code points has the SHA-256 that begins with ``quoted``."""
    if not 0 < length <= len(text) or len(quoted) != SHORT_SHA:
        return None
    places = range(len(text) - length + 1)
    return next((p for p in places if _sha(text[p : p + length]) == quoted), None)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT_SHA]
