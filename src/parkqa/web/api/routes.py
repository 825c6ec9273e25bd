"""REST: ask, feedback, suggestions, health. Every error is one sentence in JSON, never a traceback."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from parkqa.errors import BadFeedback, ParkqaError
from parkqa.journal.recorder import Recorder
from parkqa.query.request import Request as Asked
from parkqa.query.request import read_object, read_request
from parkqa.types import Answer
from parkqa.web.responses import refusal, refused, reply
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue

REASON = 500
"""Characters of a reason that are kept."""


def router(loader: Loader, line: QuestionQueue, recorder: Recorder | None = None) -> APIRouter:
    """Return the routes; ``loader`` has the engine, questions wait in ``line``, ``recorder`` keeps any journal."""
    routes = APIRouter()
    _add_health(routes, loader, recorder)
    _add_questions(routes, loader, line, recorder)
    return routes


def _add_health(routes: APIRouter, loader: Loader, recorder: Recorder | None) -> None:
    """Whether the process lives, and whether it answers."""

    @routes.get("/healthz")
    async def healthz() -> Response:
        return reply({"status": "ok"})

    @routes.get("/readyz")
    async def readyz() -> Response:
        try:
            loader.engine()
        except ParkqaError as error:
            return reply({"status": "not ready", "error": str(error)}, 503)
        # A journal that cannot be written, or a build that fails, keeps nobody from asking: ready, but said.
        fault = recorder.fault if recorder else None
        return reply({"status": "ready"} | loader.faults | ({"journal": str(fault)} if fault else {}))


def _add_questions(routes: APIRouter, loader: Loader, line: QuestionQueue, recorder: Recorder | None) -> None:
    """What there is to ask, the answers, and what is thought of them."""

    @routes.get("/api/suggestions")
    async def suggestions() -> Response:
        # Always 200: the page asks until the engine is there, and a browser writes every 503 into its console.
        try:
            engine = loader.engine()
        except ParkqaError as error:
            return reply({"ready": False, "error": str(error), "suggestions": [], "suggestions_en": []})
        found = {"suggestions": engine.suggestions, "suggestions_en": engine.suggestions_en}
        return reply({"ready": True, "error": "", **found})

    @routes.post("/api/ask")
    async def ask(request: Request) -> Response:
        try:
            asked = read_request(read_object(await request.body()))
            # What cannot be answered yet takes no place in the line.
            loader.engine()
            answer = await line.run(_ask, loader, asked)
        except ParkqaError as error:
            return refused(error)
        if recorder:
            recorder.record(answer, "api")
        return reply(answer.to_dict())

    @routes.post("/api/feedback")
    async def feedback(request: Request) -> Response:
        return _judge(recorder, await request.body())


def _ask(loader: Loader, asked: Asked) -> Answer:
    return loader.engine().ask(asked.question, asked.history, literal=asked.literal, id=asked.id)


def _judge(recorder: Recorder | None, raw: bytes) -> Response:
    """Take ``{answer_id, liked, reason?}``; ``recorded`` says whether a journal is kept."""
    said = read_object(raw)
    name, liked, reason = said.get("answer_id"), said.get("liked"), said.get("reason")
    if not isinstance(name, str) or not isinstance(liked, bool) or not isinstance(reason, str | None):
        wrong = BadFeedback(
            "请求应为 JSON 对象，含文字 answer_id、liked（true 或 false），可含文字 reason。",
            "A JSON object with a text answer_id, liked (true or false) and perhaps a text reason is expected.",
        )
        return refusal(wrong, 422)
    if recorder:
        recorder.judge(name, liked, (reason or "").strip()[:REASON])
    return reply({"recorded": recorder is not None})
