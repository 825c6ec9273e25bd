"""The app of the desk, to be mounted at ``paths.DESK``."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from parkqa.desk.desk import Desk
from parkqa.errors import ParkqaError
from parkqa.web.desk import (
    backup,
    document,
    documents,
    forms,
    live,
    login,
    logo,
    machine,
    messages,
    pages,
    questions,
    report,
    sites,
    trail,
    words,
)
from parkqa.web.desk.door import Door
from parkqa.web.desk.view import View
from parkqa.web.responses import SENTENCES, UNEXPECTED

_LOG = logging.getLogger("parkqa")


def desk_app(desk: Desk, root: str) -> ASGIApp:
    """Return the app; ``root`` is the path prefix of the server."""
    view = View(desk, root)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    # The logo comes before the forms, of which one has any name.
    work = (documents, document, pages, live, questions, messages, words, logo, forms, report, sites)
    for room in (login, *work, backup, trail, machine):
        app.include_router(room.router(view))

    @app.exception_handler(ParkqaError)
    def on_error(request: Request, error: ParkqaError) -> Response:
        """A form goes back to where it came from; a page that cannot be shown says why."""
        if request.method == "POST":
            return view.failed(request, error)
        return view.page(request, "message", ("出错了", "Something went wrong"), 404, error=error)

    @app.exception_handler(HTTPException)
    def on_http_error(request: Request, error: HTTPException) -> Response:
        said = SENTENCES.get(error.status_code, UNEXPECTED)
        return view.page(request, "message", ("出错了", "Something went wrong"), error.status_code, error=said)

    return Door(app, desk, root)
