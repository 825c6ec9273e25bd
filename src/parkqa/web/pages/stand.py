"""What the stand at a fair shows while idle: suggested questions with their answers."""

from __future__ import annotations

from fastapi import APIRouter, Response

from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.types import Answer
from parkqa.web import render
from parkqa.web.languages import tongue
from parkqa.web.responses import reply
from parkqa.web.serving.loader import Loader


def router(loader: Loader, links: render.Links) -> APIRouter:
    """Return the route ``/event/show/{language}/{number}``; the status is 200 even while there is nothing to show."""
    routes = APIRouter()
    shows = Shows(loader, links)

    @routes.get("/event/show/{language}/{number}")
    def show(language: str, number: int) -> Response:
        return reply(shows.show(language, number))

    return routes


class Shows:
    """The suggested questions with their answers, cached per engine and not recorded in the journal."""

    def __init__(self, loader: Loader, links: render.Links) -> None:
        self._loader = loader
        self._links = links
        self._engine: Engine | None = None
        self._answers: dict[str, Answer] = {}

    def show(self, language: str, number: int) -> dict[str, str]:
        """Return the first answerable suggestion from the ``number``-th on, and its answer as HTML.

        ``language`` is "en" for English suggestions, anything else for Chinese; "zh-TW" for our own words in
        Traditional. ``number`` counts from 0 and wraps around. Both values are "" if the engine is not ready or no
        suggestion has an answer.
        """
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
        # Rendered on every request: the address in the QR code may have changed.
        html = render.turn(
            answer, engine.park, engine.documents, self._links, look="stand", page=tongue("", language[:16])
        )
        return {"question": answer.question, "html": html}

    def _answer(self, engine: Engine, question: str) -> Answer:
        if engine is not self._engine:
            self._engine, self._answers = engine, {}
        if question not in self._answers:
            self._answers[question] = engine.ask(question)
        return self._answers[question]
