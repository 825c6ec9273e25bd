"""A page of a document as it looks, beside what was read of it."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from parkqa.corpus.page_pictures import KIND
from parkqa.desk.pages import parts_of
from parkqa.errors import DocumentError, ParkqaError
from parkqa.types import Document, Leaf
from parkqa.web.desk.view import View
from parkqa.web.paths import DESK


def router(view: View) -> APIRouter:
    """Return the routes ``/document/page``, for a script without the frame around it, and ``/document/picture``."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/document/page")
    def show(request: Request, name: str = "", n: str = "") -> Response:
        values = {"name": name, **_looked_at(view, name, n)}
        if "hx-request" in request.headers:
            return view.part(request, "look", **values)
        return view.page(request, "page", (name, name), **values)

    @routes.get("/document/picture")
    def picture(name: str = "", n: str = "") -> Response:
        file = desk.library.row(name).file
        document = desk.library.paged(file)
        made = desk.pages.picture(file, document, _leaf(document, n))
        if made is None:
            raise ParkqaError("这一页的样子画不出来。", "This page cannot be drawn.")
        return Response(made, media_type=KIND)

    return routes


def _looked_at(view: View, name: str, number: str) -> dict[str, object]:
    """Return what is shown of a page; the picture is made here, so that it can be said where there is none."""
    file = view.desk.library.row(name).file
    try:
        document = view.desk.library.paged(file)
    except DocumentError as error:
        return {"error": error}
    leaf = _leaf(document, number)
    return {
        "error": None,
        "document": document,
        "leaf": leaf,
        "parts": [*parts_of(document, leaf)],
        "drawn": view.desk.pages.picture(file, document, leaf) is not None,
        "picture": f"{view.root}{DESK}/document/picture?name={quote(name)}&n={leaf.name}",
    }


def _leaf(document: Document, number: str) -> Leaf:
    """Return a page by its name; the first one if none is named."""
    found = next((leaf for leaf in document.leaves if number in ("", leaf.name)), None)
    if found is None:
        raise ParkqaError(f"没有第 {number} 页。", f"There is no page {number}.")
    return found
