"""REST: ask, suggestions, health. Every error is one sentence in JSON, never a traceback."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from parkqa.errors import BadQuestion, ParkqaError
from parkqa.question import read_object, read_request
from parkqa.web.ready import Loader
from parkqa.web.reply import refusal, reply


def router(loader: Loader) -> APIRouter:
    """Return the routes; ``loader`` has the engine."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> Response:
        return reply({"status": "ok"})

    @routes.get("/readyz")
    async def readyz() -> Response:
        try:
            loader.engine()
        except ParkqaError as error:
            return reply({"status": "not ready", "error": str(error)}, 503)
        return reply({"status": "ready"})

    @routes.get("/api/suggestions")
    async def suggestions() -> Response:
        # Always 200: the page asks until the engine is there, and a browser writes every 503 into its console.
        try:
            engine = loader.engine()
        except ParkqaError as error:
            return reply({"ready": False, "error": str(error), "suggestions": [], "suggestions_en": []})
        return reply(
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
        return refusal(error, 422 if isinstance(error, BadQuestion) else 503)
    return reply(answer.to_dict())
