"""A question from one of our own pages (chat, widget, stand) and its answer, drawn as HTML.

The pages post here and not through Gradio's queue: that would fetch an address which a visitor names, keep what nobody
comes to collect, and reload the page when its stream breaks. Nothing of a conversation stays on the server: the earlier
questions travel with each new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest

from parkqa.errors import ParkqaError
from parkqa.journal.recorder import Recorder
from parkqa.query.request import HISTORY, Request, read_object, read_request
from parkqa.types import Mode
from parkqa.web import render
from parkqa.web.paths import CONVERSATION
from parkqa.web.responses import refused, reply
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue

NAME = 64
"""Characters of a conversation's name that are kept."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A question as a page sends it: the request itself, how the page is open, and the conversation it belongs to."""

    request: Request
    mode: Mode
    conversation: str


def read_page_request(body: bytes) -> PageRequest:
    """Read what a page has posted; a ``mode`` that is none is taken for "chat".

    Raises:
        BadQuestion: the body is no request, as ``question.read_request`` says it.
    """
    message = read_object(body)
    request = read_request(message)
    said, conversation = message.get("mode"), message.get("conversation")
    mode: Mode = "event" if said == "event" else "widget" if said == "widget" else "chat"
    return PageRequest(request, mode, conversation[:NAME] if isinstance(conversation, str) else "")


def router(loader: Loader, links: render.Links, line: QuestionQueue, recorder: Recorder | None = None) -> APIRouter:
    """Return the route; questions wait in ``line``, which others share, ``recorder`` keeps any journal."""
    routes = APIRouter()

    @routes.post(CONVERSATION)
    async def ask(request: HttpRequest) -> Response:
        try:
            asked = read_page_request(await request.body())
            # What cannot be answered yet takes no place in the line: the page asks again.
            loader.engine()
            html = await line.run(_answered, loader, links, recorder, asked)
        except ParkqaError as error:
            return refused(error)
        return reply({"html": html, "history": [*asked.request.history, asked.request.question][-HISTORY:]})

    return routes


def _answered(loader: Loader, links: render.Links, recorder: Recorder | None, asked: PageRequest) -> str:
    """The HTML of the answer, once it is recorded."""
    request, engine = asked.request, loader.engine()
    answer = engine.ask(request.question, request.history[-HISTORY:], literal=request.literal)
    if recorder:
        recorder.record(answer, asked.mode, asked.conversation)
    return render.turn(
        answer, engine.park, engine.documents, links, judged=recorder is not None, stand=asked.mode == "event"
    )
