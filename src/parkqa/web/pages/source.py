"""Source pages: the whole document with the quote marked, and a check that the quote is still in it.

A link carries the quote's position and two hashes, of the document and of the quote, so that a quote is found again
after the document has changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from parkqa.corpus.page_pictures import PagePictures
from parkqa.errors import ParkqaError
from parkqa.types import Document, Span
from parkqa.web import boxes, cards, render
from parkqa.web.pages import leaves
from parkqa.web.pages.page import language_of, page
from parkqa.web.responses import told
from parkqa.web.serving.face import Face
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue

State = Literal["same", "moved", "gone", "changed", "broken", ""]
SHORTEST_VERSION = 12
"""Minimum number of hexadecimal digits of the document's SHA-256 in a link; chosen by hand."""
MOST_WORK = 20_000_000
"""Maximum number of code points hashed to find a quote that has moved; takes about 0.2 seconds."""
_PER_HASH = 64
"""Fixed cost of starting a hash, expressed in the code points hashed in the same time."""
_MISSING = ParkqaError(
    "没有这份资料，也许已经改名或撤下。", "There is no such document; it may have been renamed or withdrawn."
)


def router(
    loader: Loader,
    root: str,
    public: str = "",
    queue: QuestionQueue | None = None,
    face: Face | None = None,
    pictures: PagePictures | None = None,
    indexable: bool = False,
) -> APIRouter:
    """Return the route ``/source/{path}``; with ``part=article`` it returns the article without the page around it.

    ``root`` is the path prefix, ``public`` the server's public URL or ""; ``pictures`` makes the pictures of pages, if
    any are to be shown. With a ``face`` the park's name and a way to ask stand above the page. Statuses: 200, 404 for
    an unknown document, 503 if the engine is not ready. A quote of a text that has changed is looked for when it is the
    visitor's turn in the ``queue`` of questions, at once without one; 503 too if that is full. Unless they are
    ``indexable``, search engines are told to keep away.
    """
    routes = APIRouter()
    drawing = _Drawing(root, public, face, pictures)

    @routes.get("/source/{path:path}")
    async def show(path: str, request: Request, part: str = "") -> Response:
        reader = language_of(request)
        link = Link.of(request.query_params)
        try:
            document = await asyncio.to_thread(_document, loader, path)
            if document is None:
                return page(request, root, "404", render.notice(_MISSING, reader), 404)
            # A search takes as long as a question, and a link must be no way round the line.
            run = partial(queue.ask, request) if queue and link.is_outdated(document) else asyncio.to_thread
            state, marks = await run(check, document, link.version, link.span, link.quoted)
        except ParkqaError as error:
            return page(request, root, "503", render.notice(told(error), reader), 503)
        draw = drawing.article if part == "article" else drawing.whole
        response = await asyncio.to_thread(draw, request, document, state, marks)
        if not indexable:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    return routes


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws a document with what a link marks in it; the fields are as for ``router``."""

    root: str
    public: str
    face: Face | None
    pictures: PagePictures | None

    def article(self, request: Request, document: Document, state: State, marks: list[Span]) -> Response:
        looks = self._looks(document, marks)
        return HTMLResponse(render.source(document, marks, state, reader=language_of(request), looks=looks))

    def whole(self, request: Request, document: Document, state: State, marks: list[Span]) -> Response:
        reader = language_of(request)
        base = self.public or str(request.base_url).rstrip("/")
        citation = cards.cite(document, marks[0], base) if marks else None
        heading = cards.heading_at(document, marks[0][0]) if marks else ""
        bar = render.source_bar(self.face.park, self.root, heading or document.title, reader) if self.face else ""
        html = render.source(document, marks, state, citation, reader, self._looks(document, marks))
        canonical = cards.source_address(document.path, self.public) if self.public else ""
        return page(request, self.root, document.title, bar + html, canonical=canonical)

    def _looks(self, document: Document, marks: list[Span]) -> list[tuple[boxes.Sheet, str]]:
        """The pages of which there are pictures, each with the address of its picture."""
        if self.pictures is None:
            return []
        shown = [sheet for sheet in boxes.sheets(document, marks) if self.pictures.can_show(document, sheet.leaf)]
        return [(sheet, leaves.address(document, sheet.leaf, self.root)) for sheet in shown]


def _document(loader: Loader, path: str) -> Document | None:
    return loader.answering(lambda engine: engine.documents.get(path))


@dataclass(frozen=True, slots=True)
class Link:
    """What a link to a quote says: see ``check``."""

    version: str
    span: Span | None
    quoted: str

    @classmethod
    def of(cls, query: QueryParams) -> Link:
        """Return the link with these parameters."""
        return cls(query.get("v", ""), _span(query.get("start"), query.get("end")), query.get("q", ""))

    def is_outdated(self, document: Document) -> bool:
        """Return whether the quote would have to be looked for in a document that has changed since."""
        return self.span is not None and bool(self.quoted) and not document.sha256.startswith(self.version.lower())


def _span(start: str | None, end: str | None) -> Span | None:
    """Return the span in a link: None without parameters, the empty span (0, 0) if they are invalid."""
    if start is None and end is None:
        return None
    numbers = [int(text) for text in (start, end) if text and re.fullmatch(r"[0-9]{1,9}", text)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


def check(document: Document, version: str, span: Span | None, quoted: str = "") -> tuple[State, list[Span]]:
    """Check a link against the current document; return its state and the spans to mark.

    ``version`` is a prefix of the SHA-256 of the text quoted from, ``span`` the quote in code points of that text, and
    ``quoted`` the first ``cards.SHORT_SHA`` digits of the SHA-256 of the quote. The states are:

    - "": the link names no quote;
    - "broken": version or span are invalid;
    - "same": the document is unchanged;
    - "moved": the document has changed but still contains the quote;
    - "gone": the document no longer contains the quote;
    - "changed": the document has changed and the quote was not found, because the link has no ``quoted`` or because
      MOST_WORK allowed only a part of the document to be searched.
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
    """Return the range of at most ``most`` positions nearest to ``middle``, all at least 0 and below ``count``."""
    first = max(min(middle - most // 2, count - most), 0)
    return range(first, min(first + most, count))


def find(text: str, places: Iterable[int], length: int, quoted: str) -> int | None:
    """Return the first of ``places`` whose slice of ``length`` code points has a SHA-256 that starts with ``quoted``.

    None if there is no such place, or if ``quoted`` does not have ``cards.SHORT_SHA`` digits.
    """
    if len(quoted) != cards.SHORT_SHA:
        return None
    return next((p for p in places if sha256(text[p : p + length]).startswith(quoted)), None)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text encoded in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
