"""The page that answers without any script: ``GET /ask?q=``, with the cards of the chat page.

It remembers nothing: a question of a conversation is asked by itself.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from parkqa.engine import Engine
from parkqa.errors import BadQuestion, ParkqaError
from parkqa.journal.recorder import Recorder
from parkqa.types import Answer
from parkqa.web import render, turns
from parkqa.web.languages import Tongue, chosen
from parkqa.web.pages import message
from parkqa.web.pages.page import from_here, language_of, page
from parkqa.web.paths import ASK
from parkqa.web.responses import told
from parkqa.web.serving.face import Face
from parkqa.web.serving.letterbox import Letterbox
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue
from parkqa.web.serving.recording import record


def router(
    loader: Loader,
    face: Face,
    links: turns.Links,
    queue: QuestionQueue,
    box: Letterbox,
    recorder: Recorder | None = None,
) -> APIRouter:
    """Return the route ``GET /ask``: the answer to ``q`` as a page, taken word for word with ``literal``.

    The statuses are those of ``POST /conversation/ask``; without ``q`` the page only asks. Questions wait in the
    ``queue`` of all others, and are recorded unless another site led here: a link is no visitor's question. Under a
    refusal stands the form for a message, where the ``box`` takes any.
    """
    routes = APIRouter()

    @routes.get(ASK)
    async def ask(request: Request, q: str = "", literal: bool = False) -> Response:
        reader, park = language_of(request), face.park
        title = chosen(f"{park.name} 问答", f"Ask about {park.english_name}", reader)
        status, turn, form = 200, "", ""
        if q.strip():
            try:
                loader.engine()
                kept = recorder if from_here(request.headers) else None
                turn, refused = await queue.ask(request, _answered, loader, links, kept, q, literal, reader)
                if refused and box.is_open():
                    form = message.form(box, links, {"question": q, "mode": "chat"}, reader)
            except ParkqaError as error:
                status, turn = 422 if isinstance(error, BadQuestion) else 503, render.notice(told(error), reader)
        suggested = () if q.strip() else _suggested(loader, reader == "en")
        body = render.ask(park, links.root, q, turn, suggested, reader, recorded=recorder is not None)
        if box.is_open():
            body += render.message("below", reader=reader, root=links.root, body=Markup(form))
        return page(request, links.root, f"{q[:60]} · {title}" if q.strip() else title, body, status)

    return routes


def _answered(
    loader: Loader, links: turns.Links, recorder: Recorder | None, question: str, literal: bool, reader: Tongue
) -> tuple[str, bool]:
    """Answer a question and record it; return the HTML of the turn, and whether it is a refusal."""

    def answered(engine: Engine) -> tuple[Answer, str]:
        answer = engine.ask(question, literal=literal)
        return answer, turns.turn(answer, engine.park, engine.documents, links, look="plain", page=reader)

    answer, html = loader.answering(answered)
    record(answer, loader.meter, recorder, "chat")
    return html, answer.kind == "refusal"


def _suggested(loader: Loader, english: bool) -> tuple[str, ...]:
    try:
        engine = loader.engine()
    except ParkqaError:
        return ()
    return engine.suggestions_en if english else engine.suggestions
