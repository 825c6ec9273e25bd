"""The questions without an answer, what can be done about each group, and why an answer is as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from parkqa.corpus.passages import heading_path, part
from parkqa.desk import unanswered
from parkqa.desk.unanswered import Group
from parkqa.desk.why import why
from parkqa.engine import Engine
from parkqa.errors import BadQuestion, ParkqaError
from parkqa.journal import review
from parkqa.types import Passage
from parkqa.web.desk.view import View, form, who

_TITLE = ("问题", "Questions")
_FORMS = 10
"""Wordings that a form may hold."""


def router(view: View) -> APIRouter:
    """Return the routes ``/questions``, ``/question`` with what can be done there, and ``/why``."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/questions")
    def show(request: Request) -> Response:
        told = desk.questions.look(desk.live_engine())
        recorded = desk.settings.journal is not None
        return view.page(request, "questions", _TITLE, told=told, recorded=recorded)

    @routes.get("/question")
    def one(request: Request, id: str = "", words: str = "") -> Response:  # noqa: A002 - the name in the address
        engine = desk.live_engine()
        group = desk.questions.group(engine, id)
        return view.page(request, "question", _TITLE, **_choices(engine, group, words[:200]))

    @routes.post("/question/{deed}")
    def act(deed: str, request: Request) -> Response:
        return _done(view, request, deed)

    @routes.get("/why")
    def explain(request: Request, q: str = "") -> Response:
        title = ("为什么这样答", "Why this answer")
        try:
            found = why(desk.live_engine(), q) if q.strip() else None
        except BadQuestion as error:
            return view.page(request, "why", title, 422, q=q, found=None, error=error, path=heading_path)
        return view.page(request, "why", title, q=q, found=found, error=None, path=heading_path)

    return routes


def _choices(engine: Engine, group: Group, words: str) -> dict[str, object]:
    """Return what the page of a group shows: its wordings, and passages with their sentences to choose from."""
    state = review.state(engine, group.forms[0])[0] if group.forms else "open"
    start = group.forms[0] if group.forms else group.question
    passages = review.holding(engine, words) if words.strip() else review.nearest(engine, start)
    shown = [(each, heading_path(each), [part(each, span) for span in each.spans]) for each in passages]
    return {"group": group, "state": state, "words": words, "passages": shown}


def _done(view: View, request: Request, deed: str) -> Response:
    fields, desk, person = form(request), view.desk, who(request)
    engine = desk.live_engine()
    forms = [text for n in range(_FORMS) if (text := fields.get(f"form{n}", "").strip())]
    deeds: dict[str, Callable[[], str]] = {
        "answer": lambda: _answered(view, engine, request, forms),
        "synonym": lambda: desk.synonym(person, engine, fields.get("word", ""), fields.get("known", "")),
        "refuse": lambda: desk.refuse(person, forms),
        "draft": lambda: desk.write_document(person, fields.get("title", ""), fields.get("text", "")),
    }
    if deed not in deeds:
        raise ParkqaError("没有这个动作。", "There is no such deed.")
    name = deeds[deed]()
    zh = f"已写进草稿里的 {name}。点“检查影响”看看对答案的影响，再发布。"
    en = f"Written to {name} of the draft. See what it does to the answers, then publish."
    place = f"/document?name={quote(name)}" if deed == "draft" else "/publish"
    return view.done(request, place, zh, en)


def _answered(view: View, engine: Engine, request: Request, forms: list[str]) -> str:
    fields = form(request)
    found: Passage = unanswered.passage(engine, fields.get("passage", ""))
    first, last = (_number(fields.get(key, "")) for key in ("first", "last"))
    return view.desk.answer(who(request), engine, forms, (found, first, last))


def _number(text: str) -> int:
    """Return the place of a sentence, counted from 0; -1, which is none, for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1
