"""REST: ask, health, source pages, static files."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from parkqa.errors import BadQuestion, Busy, ParkqaError
from parkqa.question import read_request
from parkqa.types import Span
from parkqa.web import render, source
from parkqa.web.ready import WAIT_SECONDS, Loader

_LOG = logging.getLogger("parkqa")
_UNEXPECTED = "出了点问题，请再试一次。 / Something went wrong; please try again."


def router(loader: Loader, root: str) -> APIRouter:
    """Return the routes beside the chat page; ``root`` is the path prefix that a proxy puts in front."""
    routes = APIRouter()

    @routes.get("/")
    def home() -> RedirectResponse:
        return RedirectResponse(f"{root}/chat/")

    @routes.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    def readyz() -> Response:
        try:
            loader.engine()
        except ParkqaError as error:
            return _json({"status": "not ready", "error": str(error)}, 503)
        return _json({"status": "ready"})

    @routes.post("/api/ask")
    async def ask(request: Request) -> Response:
        raw = await request.body()
        return await run_in_threadpool(_ask, loader, raw)

    @routes.get("/source/{path:path}")
    def show(path: str, v: str = "", start: str = "", end: str = "", q: str = "", part: str = "") -> Response:
        return _source(loader, root, path, (v, start, end, q), part)

    @routes.get("/favicon.svg")
    @routes.get("/favicon.ico")
    def favicon() -> Response:
        return Response((Path(__file__).parent / "static" / "favicon.svg").read_bytes(), media_type="image/svg+xml")

    return routes


def _json(content: Any, status: int = 200) -> Response:
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, media_type="application/json")


def _ask(loader: Loader, raw: bytes) -> Response:
    try:
        request = read_request(raw)
        engine = loader.engine(WAIT_SECONDS)
        answer = engine.ask(request.question, request.history, literal=request.literal, id=request.id)
    except BadQuestion as error:
        return _json({"error": str(error)}, 422)
    except Busy as error:
        return _json({"error": str(error)}, 503)
    except ParkqaError as error:
        return _json({"error": str(error)}, 503)
    except Exception:
        _LOG.exception("a question could not be answered")
        return _json({"error": _UNEXPECTED}, 500)
    return _json(answer.to_dict())


def _source(loader: Loader, root: str, path: str, link: tuple[str, str, str, str], part: str) -> Response:
    try:
        document = loader.engine(WAIT_SECONDS).documents.get(path)
    except ParkqaError as error:
        return HTMLResponse(render.page("503", render.notice(str(error)), root), 503)
    if document is None:
        text = "没有这份资料，也许已经改名或撤下。 / There is no such document; it may have been renamed or withdrawn."
        return HTMLResponse(render.page("404", render.notice(text), root), 404)
    version, start, end, quoted = link
    state, marks = source.check(document, version, _span(start, end), quoted)
    article = render.source(document, marks, state)
    return HTMLResponse(article if part == "article" else render.page(document.title, article, root))


def _span(start: str, end: str) -> Span | None:
    """The slice a link names; none where it names none, an empty one where it names nonsense."""
    if not start and not end:
        return None
    return (int(start), int(end)) if start.isdecimal() and end.isdecimal() and len(start + end) < 20 else (0, 0)
