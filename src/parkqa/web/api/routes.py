"""The routes of the REST API: questions, suggestions, feedback, health. Errors are returned as ``{"error": …}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response

from parkqa.errors import BadFeedback, ParkqaError
from parkqa.journal.recorder import Recorder
from parkqa.query.request import Request as Asked
from parkqa.query.request import read_object, read_request
from parkqa.types import Answer
from parkqa.web.paths import HEALTH
from parkqa.web.responses import question_refused, refusal, reply, told, without_places
from parkqa.web.serving.letterbox import Letterbox
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue
from parkqa.web.serving.recording import record

REASON = 500
"""Maximum length of a feedback reason in code points, chosen by hand; the rest is cut off."""

ANSWER_ID = 32
"""Length of an answer's number; what is longer is none, and would only wait in memory for a journal that is stuck."""


def router(
    loader: Loader, queue: QuestionQueue, recorder: Recorder | None = None, box: Letterbox | None = None
) -> APIRouter:
    """Return the routes.

    ``loader`` supplies the engine; ``queue`` is the queue in which questions wait; ``recorder`` is None without a
    journal, ``box`` without messages. Statuses: ``/healthz`` 200; ``/readyz`` 200, or 503 without an engine;
    ``/api/suggestions`` 200; ``/api/ask`` 200, 422 for an invalid question, 503 if not ready or the queue is full;
    ``/api/feedback`` 200 or 422.
    """
    routes = APIRouter()
    _add_health(routes, loader, faults(loader, recorder, box))
    _add_questions(routes, loader, queue, recorder)
    return routes


def faults(loader: Loader, recorder: Recorder | None, box: Letterbox | None) -> Callable[[], Mapping[str, str]]:
    """Return a function that names what is wrong and does not stop the server from answering, by what it befalls."""

    def found() -> Mapping[str, str]:
        journal = {"journal": recorder.complaints} if recorder and recorder.complaints else {}
        return loader.faults | journal | ({"messages": str(box.fault)} if box and box.fault else {})

    return found


def _add_health(routes: APIRouter, loader: Loader, faults: Callable[[], Mapping[str, str]]) -> None:
    @routes.get(HEALTH)
    async def healthz() -> Response:
        return reply({"status": "ok"})

    @routes.get("/readyz")
    async def readyz() -> Response:
        try:
            loader.engine()
        except ParkqaError as error:
            return reply({"status": "not ready", "error": str(told(error))}, 503)
        # An unwritable journal or a failed build does not stop the server from answering: it is ready, and the fault
        # is reported.
        return reply({"status": "ready"} | {name: without_places(fault) for name, fault in faults().items()})


def _add_questions(routes: APIRouter, loader: Loader, queue: QuestionQueue, recorder: Recorder | None) -> None:
    @routes.get("/api/suggestions")
    async def suggestions() -> Response:
        # Always 200: the page polls until the engine is ready, and browsers log every 503 to the console.
        try:
            engine = loader.engine()
        except ParkqaError as error:
            return reply({"ready": False, "error": str(told(error)), "suggestions": [], "suggestions_en": []})
        found = {"suggestions": engine.suggestions, "suggestions_en": engine.suggestions_en}
        return reply({"ready": True, "error": "", **found})

    @routes.post("/api/ask")
    async def ask(request: Request) -> Response:
        try:
            asked = read_request(read_object(await request.body()))
            # While the engine is loading, fail before taking a place in the queue.
            loader.engine()
            answer = await queue.ask(request, _ask, loader, asked)
        except ParkqaError as error:
            return question_refused(error)
        record(answer, loader.meter, recorder, "api")
        return reply(answer.to_dict())

    @routes.post("/api/feedback")
    async def feedback(request: Request) -> Response:
        return _judge(recorder, await request.body())


def _ask(loader: Loader, asked: Asked) -> Answer:
    return loader.answering(
        lambda engine: engine.ask(asked.question, asked.history, literal=asked.literal, id=asked.id)
    )


def _judge(recorder: Recorder | None, raw: bytes) -> Response:
    """Handle a feedback body ``{answer_id, liked, reason?}``; the response tells whether it was recorded."""
    body = read_object(raw)
    answer_id, liked, reason = body.get("answer_id"), body.get("liked"), body.get("reason")
    if not isinstance(answer_id, str) or not isinstance(liked, bool) or not isinstance(reason, str | None):
        error = BadFeedback(
            "请求应为 JSON 对象，含文字 answer_id、liked（true 或 false），可含文字 reason。",
            "A JSON object with a text answer_id, liked (true or false) and perhaps a text reason is expected.",
        )
        return refusal(error, 422)
    if recorder and len(answer_id) <= ANSWER_ID:
        recorder.judge(answer_id, liked, (reason or "").strip()[:REASON])
    return reply({"recorded": recorder is not None})
