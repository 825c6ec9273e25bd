"""REST: ask, suggestions, health. Every error is one sentence in JSON, never a traceback."""

from __future__ import annotations

import json
import logging
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from parkqa.errors import BadQuestion, ParkqaError
from parkqa.question import read_object, read_request
from parkqa.web.ready import Loader

_LOG = logging.getLogger("parkqa")
UNEXPECTED = ParkqaError("出了点问题，请再试一次。", "Something went wrong; please try again.")


def router(loader: Loader) -> APIRouter:
    """Return the routes; ``loader`` has the engine."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> Response:
        return _json({"status": "ok"})

    @routes.get("/readyz")
    async def readyz() -> Response:
        try:
            loader.engine()
        except ParkqaError as error:
            return _json({"status": "not ready", "error": str(error)}, 503)
        return _json({"status": "ready"})

    @routes.get("/api/suggestions")
    async def suggestions() -> Response:
        # Always 200: the page asks until the engine is there, and a browser writes every 503 into its console.
        try:
            engine = loader.engine()
        except ParkqaError as error:
            return _json({"ready": False, "error": str(error), "suggestions": [], "suggestions_en": []})
        return _json(
            {
                "ready": True,
                "error": "",
                "suggestions": engine.suggestions,
                "suggestions_en": engine.suggestions_en,
            }
        )

    @routes.post("/api/ask")
    async def ask(request: Request) -> Response:
        return await run_in_threadpool(_ask, loader, await request.body())

    return routes


def _ask(loader: Loader, raw: bytes) -> Response:
    try:
        request = read_request(read_object(raw))
        answer = loader.engine().ask(request.question, request.history, literal=request.literal, id=request.id)
    except ParkqaError as error:
        return _refusal(error)
    except Exception:
        _LOG.exception("a question could not be answered")
        return _json({"error": str(UNEXPECTED)}, 500)
    return _json(answer.to_dict())


def _refusal(error: ParkqaError) -> Response:
    return _json({"error": str(error)}, 422 if isinstance(error, BadQuestion) else 503)


def _json(content: Any, status: int = 200) -> Response:
    # An id may hold half a surrogate pair: it goes back as "?", what is quoted never holds one.
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, media_type="application/json")


def handle_errors(app: FastAPI) -> None:
    """Answer what no route has caught with a sentence, too."""

    @app.exception_handler(HTTPException)
    async def known(_: Request, error: HTTPException) -> Response:
        return _json({"error": error.detail}, error.status_code)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, __: Exception) -> Response:
        return _json({"error": str(UNEXPECTED)}, 500)
