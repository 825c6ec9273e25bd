"""What the stand at a fair asks the server for: answers with a QR code, and questions to show while nobody is there."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.question import read_object
from parkqa.types import Answer
from parkqa.web import render
from parkqa.web.ready import Loader
from parkqa.web.reply import reply

Handler = Callable[[Any, Any], Awaitable[tuple[str, Any]]]
"""As ``chat.in_line`` makes it: a request as JSON and the questions so far in, HTML as JSON and the questions out."""


def router(loader: Loader, links: render.Links, answering: Callable[[], Handler]) -> APIRouter:
    """Return the routes; ``answering`` makes what answers, when it is first needed.

    The stand asks here, not through Gradio's queue: its server would keep the questions of a visitor who has left, and
    its page does not come back by itself after the server was away.
    """
    routes = APIRouter()
    shows = Shows(loader, links)

    @routes.post("/event/ask")
    async def ask(request: Request) -> Response:
        message = read_object(await request.body())
        handle = await run_in_threadpool(answering)
        drawn, history = await handle(json.dumps(message | {"mode": "event"}), message.get("history"))
        return reply(json.loads(drawn) | {"history": history})

    @routes.get("/event/show/{language}/{number}")
    def show(language: str, number: int) -> Response:
        return reply(shows.show(language, number))

    return routes


class Shows:
    """The suggested questions with their answers, each asked once of an engine; the journal does not hear of them."""

    def __init__(self, loader: Loader, links: render.Links) -> None:
        self._loader = loader
        self._links = links
        self._engine: Engine | None = None
        self._answers: dict[str, Answer] = {}

    def show(self, language: str, number: int) -> dict[str, str]:
        """Return a question, from the ``number``-th on, and its answer as HTML; both "" while there is none."""
        try:
            engine = self._loader.engine()
        except ParkqaError:
            return {"question": "", "html": ""}
        asked = engine.suggestions_en if language == "en" else engine.suggestions
        first = number % len(asked) if asked else 0
        answers = (self._answer(engine, question) for question in (*asked[first:], *asked[:first]))
        answer = next((found for found in answers if not found.refused), None)
        if answer is None:
            return {"question": "", "html": ""}
        # Drawn anew each time: the address that the code leads to may have changed.
        html = render.turn(answer, engine.park, engine.documents, self._links, stand=True)
        return {"question": answer.question, "html": html}

    def _answer(self, engine: Engine, question: str) -> Answer:
        if engine is not self._engine:
            self._engine, self._answers = engine, {}
        if question not in self._answers:
            self._answers[question] = engine.ask(question)
        return self._answers[question]
