"""The route on which parkqa's own pages (chat, widget, stand) ask; answers are rendered as HTML.

The pages do not use Gradio's queue, which would download URLs that a visitor submits, keep results that nobody
collects, and reload the page when its event stream breaks. The server keeps no conversation: every request carries the
earlier questions.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest

from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.journal.recorder import Recorder
from parkqa.query.request import HISTORY, Request, read_object, read_request
from parkqa.types import Answer, Mode
from parkqa.web import turns
from parkqa.web.languages import Tongue, tongue
from parkqa.web.paths import CONVERSATION
from parkqa.web.responses import question_refused, reply
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue
from parkqa.web.serving.recording import record

NAME = 64
"""Maximum length in code points of a conversation's token; the rest is cut off. The pages send at most 24."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A question posted by a page: the request, mode and language of the page, and the token of the conversation."""

    request: Request
    mode: Mode
    conversation: str
    language: Tongue = "zh-CN"


def read_page_request(body: bytes) -> PageRequest:
    """Parse the JSON body posted by a page; an unknown ``mode`` counts as "chat", an unknown language as Chinese.

    Raises:
        BadQuestion: the body is not a valid request; see ``request.read_request``.
    """
    message = read_object(body)
    request = read_request(message)
    mode_name, conversation = message.get("mode"), message.get("conversation")
    mode: Mode = "event" if mode_name == "event" else "widget" if mode_name == "widget" else "chat"
    named = message.get("language")
    reader = tongue("", named[:16] if isinstance(named, str) else "")
    return PageRequest(request, mode, conversation[:NAME] if isinstance(conversation, str) else "", reader)


def router(loader: Loader, links: turns.Links, queue: QuestionQueue, recorder: Recorder | None = None) -> APIRouter:
    """Return the route ``POST /conversation/ask``.

    It answers 200 with the HTML of the turn and the new history, 422 if the question is invalid, and 503 if the engine
    is not ready or the ``queue``, shared with the REST API, is full. ``recorder`` is None without a journal.
    """
    routes = APIRouter()

    @routes.post(CONVERSATION)
    async def ask(request: HttpRequest) -> Response:
        try:
            asked = read_page_request(await request.body())
            # While the engine is loading, fail before taking a place in the queue; the page retries.
            loader.engine()
            html = await queue.ask(request, _answered, loader, links, recorder, asked)
        except ParkqaError as error:
            return question_refused(error)
        return reply({"html": html, "history": [*asked.request.history, asked.request.question][-HISTORY:]})

    return routes


def _answered(loader: Loader, links: turns.Links, recorder: Recorder | None, asked: PageRequest) -> str:
    """Answer the question, record it and return the HTML of the turn."""

    def answered(engine: Engine) -> tuple[Answer, str]:
        request = asked.request
        answer = engine.ask(request.question, request.history[-HISTORY:], literal=request.literal)
        return answer, turns.turn(
            answer,
            engine.park,
            engine.documents,
            links,
            judged=recorder is not None,
            look="stand" if asked.mode == "event" else "chat",
            page=asked.language,
        )

    answer, html = loader.answering(answered)
    record(answer, loader.meter, recorder, asked.mode, asked.conversation)
    return html
