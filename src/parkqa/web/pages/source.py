"""Source pages: a document whole, the quote marked in it, and whether it still says what was quoted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from parkqa.errors import ParkqaError
from parkqa.types import Document, Span
from parkqa.web import render
from parkqa.web.pages.page import page
from parkqa.web.serving.loader import Loader

State = Literal["same", "moved", "gone", "changed", "broken", ""]
SHORTEST_VERSION = 12
"""Characters of a SHA-256 that a link must give."""
MOST_WORK = 20_000_000
"""Code points that are hashed at most to find where a quote stands now: about 0.2 seconds."""
_PER_HASH = 64
"""Code points that could be hashed in the time that it takes to begin a hash."""
_MISSING = ParkqaError(
    "没有这份资料，也许已经改名或撤下。", "There is no such document; it may have been renamed or withdrawn."
)


def router(loader: Loader, root: str, public: str = "") -> APIRouter:
    """Return the route of the source pages; ``root`` is the path prefix, ``public`` the address that visitors use."""
    routes = APIRouter()

    @routes.get("/source/{path:path}")
    def show(path: str, request: Request, part: str = "") -> Response:
        try:
            document = loader.engine().documents.get(path)
        except ParkqaError as error:
            return page(request, root, "503", render.notice(error), 503)
        if document is None:
            return page(request, root, "404", render.notice(_MISSING), 404)
        link = request.query_params
        state, marks = check(document, link.get("v", ""), _span(link.get("start"), link.get("end")), link.get("q", ""))
        if part == "article":
            return HTMLResponse(render.source(document, marks, state))
        base = public or str(request.base_url).rstrip("/")
        citation = render.cite(document, marks[0], base) if marks else None
        return page(request, root, document.title, render.source(document, marks, state, citation))

    return routes


def _span(start: str | None, end: str | None) -> Span | None:
    """The slice a link names; none where it names none, an empty one where it names nonsense."""
    if start is None and end is None:
        return None
    numbers = [int(text) for text in (start, end) if text and re.fullmatch(r"[0-9]{1,9}", text)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


def check(document: Document, version: str, span: Span | None, quoted: str = "") -> tuple[State, list[Span]]:
    """Hold a link against the document as it is now; return its state and the spans to mark.

    ``version`` is the beginning of the SHA-256 of the text that was quoted from, ``quoted`` of the quote itself. When
    the text has changed, the quote is looked for by the latter wherever it stands now; a link without it is "changed",
    and so is one whose quote is not found where only a part of a long document could be looked through.
    """
    if span is None:
        return "", []
    start, end = span
    if len(version) < SHORTEST_VERSION or start >= end:
        return "broken", []
    if sha256(document.text).startswith(version.lower()):
        return ("same", [span]) if end <= len(document.text) else ("broken", [])
    if not quoted:
        return "changed", []
    length = end - start
    places = nearest(len(document.text) - length + 1, start, MOST_WORK // (length + _PER_HASH))
    place = find(document.text, places, length, quoted)
    if place is not None:
        return "moved", [(place, place + length)]
    return ("gone" if len(places) > len(document.text) - length else "changed"), []


def nearest(count: int, middle: int, most: int) -> range:
    """Return of the places from 0 to ``count`` at most so many that are nearest to ``middle``."""
    first = max(min(middle - most // 2, count - most), 0)
    return range(first, min(first + most, count))


def find(text: str, places: Iterable[int], length: int, quoted: str) -> int | None:
    """Return at which of the places a slice of ``length`` code points has the SHA-256 that begins with ``quoted``."""
    if len(quoted) != render.SHORT_SHA:
        return None
    return next((p for p in places if sha256(text[p : p + length]).startswith(quoted)), None)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text as it stands in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
