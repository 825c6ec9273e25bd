"""What a page looks like: its picture, and the boxes of a quote on it."""

from __future__ import annotations

from urllib.parse import quote as encode

from fastapi import APIRouter, Request, Response

from parkqa.corpus.page_pictures import KIND, PagePictures
from parkqa.errors import ParkqaError
from parkqa.types import Document, Leaf
from parkqa.web.paths import LEAVES
from parkqa.web.responses import question_refused, refusal
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue

SHORT = 16
"""Hexadecimal digits of the file's SHA-256 in the address of a picture."""
_GONE = ParkqaError(
    "这一页的样子看不到了：原件已经改动，或不在这台机器上。文字在资料里照样可以看。",
    "This page cannot be shown: its file has changed or is not on this machine. Its text is still there.",
)
_FOREVER = {"Cache-Control": "private, max-age=604800, immutable"}
"""The address names the file's content."""


def address(document: Document, leaf: Leaf, root: str) -> str:
    """Return the address of the picture of a page; ``root`` is the path prefix."""
    return f"{root}{LEAVES}{encode(document.path, safe='/')}?v={leaf.drawn_from(document)[:SHORT]}&n={leaf.name}"


def router(loader: Loader, pictures: PagePictures, queue: QuestionQueue) -> APIRouter:
    """Return the route ``/leaves/{path}?v=…&n=…``: the picture of a page of a document.

    Statuses: 200; 404 for an unknown document or page, another version of the file, or one that cannot be drawn; 503
    if the engine is not ready or too many questions and pictures are waited for.
    """
    routes = APIRouter()

    @routes.get(f"{LEAVES}{{path:path}}")
    async def show(path: str, request: Request) -> Response:
        version, number = (request.query_params.get(name, "") for name in "vn")

        def made() -> bytes | None:
            document = loader.answering(lambda engine: engine.documents.get(path))
            found = None if document is None else _leaf(document, version, number)
            return None if document is None or found is None else pictures.picture(document, found)

        try:
            picture = await queue.ask(request, made)
        except ParkqaError as error:
            return question_refused(error)
        return refusal(_GONE, 404) if picture is None else Response(picture, 200, _FOREVER, KIND)

    return routes


def _leaf(document: Document, version: str, number: str) -> Leaf | None:
    """Return the page that an address names; None if the document has no such page or is another version."""
    found = next((leaf for leaf in document.leaves if leaf.name == number), None)
    known = found is not None and len(version) >= SHORT and found.drawn_from(document).startswith(version)
    return found if known else None
