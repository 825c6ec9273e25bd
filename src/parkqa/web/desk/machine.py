"""Whether this machine can serve: what ``parkqa check`` finds, and how to fix what fails."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from parkqa.web.desk.door import QUIET
from parkqa.web.desk.view import View, who
from parkqa.web.desk.working import working

PATH = "/machine"


def router(view: View) -> APIRouter:
    """Return the routes ``/machine`` (GET shows the last check, POST begins one) and ``/machine/progress``."""
    routes = APIRouter()
    desk = view.desk

    @routes.get(PATH)
    def show(request: Request) -> Response:
        checking = desk.checking
        title = ("检查这台电脑", "Check this machine")
        return view.page(request, "machine", title, checked=checking.checked, work=checking.work, path=PATH)

    @routes.post(PATH)
    def check(request: Request) -> Response:
        desk.examine(who(request))
        return view.done(request, PATH, "开始检查了。", "The check has begun.")

    @routes.get(f"{PATH}{QUIET}")
    def progress(request: Request) -> Response:
        return working(view, request, desk.checking.work, PATH)

    return routes
