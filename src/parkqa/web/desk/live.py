"""Going live: what the draft changes, what that does to the answers, publishing and going back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from fastapi import APIRouter, Request, Response

from parkqa.corpus.curation import park
from parkqa.desk import forms
from parkqa.desk.comparison import KINDS
from parkqa.desk.desk import Desk, Who
from parkqa.desk.publishing import takes_back
from parkqa.desk.state import Publication
from parkqa.errors import ParkqaError
from parkqa.web.desk.door import QUIET
from parkqa.web.desk.view import View, form, who
from parkqa.web.desk.working import renewing

SHOWN = 100
"""Differences of one kind that are shown; chosen by hand."""
PAST = 10
"""Publications that are listed; chosen by hand."""
WORDS = {
    "lost": ("原来答得上，现在答不上", "answered before, and now not"),
    "won": ("现在答得上了", "answered now"),
    "other": ("第一条引文换了", "another passage comes first"),
    "same": ("没有变", "the same"),
}


def router(view: View) -> APIRouter:
    """Return the routes ``/publish``, what can be done there, and ``/progress``."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/publish")
    def show(request: Request) -> Response:
        return _shown(view, request)

    @routes.get(QUIET)
    def progress(request: Request) -> Response:
        work = desk.candidate.work
        made = view.part(request, "progress", work=work)
        return made if work.who else renewing(made)

    @routes.post("/publish/{deed}")
    def act(deed: str, request: Request) -> Response:
        return view.done(request, "/publish", *_done(desk, who(request), deed, form(request).get("version", "")))

    return routes


def _shown(view: View, request: Request) -> Response:
    desk = view.desk
    state, found = desk.shelf.state(), desk.candidate.found()
    there = desk.shelf.files(state)
    return view.page(
        request,
        "publish",
        ("发布", "Publish"),
        state=state,
        past=_past(state.publications),
        there=there,
        found=found if state.draft else None,
        current=found is not None and found.fingerprint == there.fingerprint,
        work=desk.candidate.work,
        lost_logo=forms.lost_logo(desk.shelf, there) if park.FILE in state.draft else "",
        park_sha=there.present[park.FILE].sha if park.FILE in there.present else "",
        kinds=[(kind, *WORDS[kind]) for kind in KINDS],
        shown=SHOWN,
    )


def _done(desk: Desk, by: Who, deed: str, version: str) -> tuple[str, str]:
    """Do what a button asks for; return what is said of it. ``version`` is that of the check that is published."""
    match deed:
        case "check":
            desk.check(by)
            return "开始检查了，可以先做别的。", "The check has begun; you may leave."
        case "publish":
            desk.publish(by, version)
            return "正在发布。", "Being published."
        case "discard":
            desk.discard(by)
            return "草稿已清空。", "The draft is empty."
        case "back":
            desk.take_back(by)
            return "正在退回上一版。", "Going back to the version before."
    raise ParkqaError("没有这个动作。", "There is no such deed.")


def _past(publications: Sequence[Publication]) -> list[tuple[Publication, bool]]:
    """Return the latest publications, each with whether it took back the one before it."""
    pairs = zip_longest(publications, publications[1:])
    return [(each, takes_back(each, last)) for each, last in pairs][:PAST]
