"""What the stand at a fair shows while idle: suggested questions with their answers."""

from __future__ import annotations

import asyncio
import re

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.types import Answer
from parkqa.web import turns
from parkqa.web.addresses import visitor
from parkqa.web.languages import Tongue, tongue
from parkqa.web.paths import CHAT
from parkqa.web.responses import reply
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue


def router(loader: Loader, links: turns.Links, queue: QuestionQueue) -> APIRouter:
    """Return the route ``/event/show/{language}/{number}``.

    The status is 200 even while there is nothing to show, and 404 if ``number`` is none. ``queue`` is the queue in
    which questions wait.
    """
    routes = APIRouter()
    shows = Shows(loader, links, queue)

    @routes.get("/event/show/{language}/{number}")
    async def show(language: str, number: str, request: Request) -> Response:
        if not re.fullmatch("[0-9]{1,9}", number):
            raise HTTPException(404)
        return reply(await shows.show(language, int(number), visitor(request.scope)))

    return routes


class Shows:
    """The suggested questions with their answers, asked once for each engine and not recorded in the journal."""

    def __init__(self, loader: Loader, links: turns.Links, queue: QuestionQueue) -> None:
        self._loader = loader
        self._links = links
        self._queue = queue
        self._asking = asyncio.Lock()
        self._engine: Engine | None = None
        self._answers: dict[str, Answer] = {}

    async def show(self, language: str, number: int, asker: str = "") -> dict[str, str]:
        """Return the first answerable suggestion from the ``number``-th on, and its answer as HTML.

        ``language`` is "en" for English suggestions, anything else for Chinese; "zh-TW" for our own words in
        Traditional. ``number`` counts from 0 and wraps around. An answer that is not known yet is asked for in the turn
        of the visitor ``asker``. "phone" is a code that leads phones to the chat page, "" where they cannot reach it.
        All values are "" if the engine is not ready, no suggestion has an answer or the queue is full.
        """
        try:
            engine = self._loader.engine()
            asked = engine.suggestions_en if language == "en" else engine.suggestions
            first = number % len(asked) if asked else 0
            for question in (*asked[first:], *asked[:first]):
                answer = await self._answer(engine, question, asker)
                if not answer.refused:
                    # Rendered on every request: the address in the QR code may have changed. In a thread, since the
                    # documents may be in a database.
                    reader = tongue("", language[:16])
                    html = await asyncio.to_thread(self._drawn, engine, answer, reader)
                    return {"question": question, "html": html, "phone": self._phone(reader)}
        except ParkqaError:
            pass
        return {"question": "", "html": "", "phone": ""}

    def _phone(self, reader: Tongue) -> str:
        base = self._links.phones()
        return turns.phone(f"{base}{CHAT}", reader) if base else ""

    def _drawn(self, engine: Engine, answer: Answer, reader: Tongue) -> str:
        return turns.turn(answer, engine.park, engine.documents, self._links, look="stand", page=reader)

    async def _answer(self, engine: Engine, question: str, asker: str) -> Answer:
        # Without the lock, whoever asks at the same moment would have the same answer computed many times.
        async with self._asking:
            if engine is not self._engine:
                self._engine, self._answers = engine, {}
            if question not in self._answers:
                self._answers[question] = await self._queue.run(asker, engine.ask, question)
            return self._answers[question]
