"""The park's web site: fetched in the background, with what came, what changed and what is gone."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from parkqa.web.desk.door import QUIET
from parkqa.web.desk.view import View, who
from parkqa.web.desk.working import working

PATH = "/sites"


def router(view: View) -> APIRouter:
    """Return the routes ``/sites`` (GET shows the last fetch, POST begins one) and ``/sites/progress``."""
    routes = APIRouter()
    desk = view.desk

    @routes.get(PATH)
    def show(request: Request) -> Response:
        title = ("园区网站", "The park’s web site")
        fetching = desk.sites
        return view.page(
            request, "sites", title, sites=fetching.sites(), last=fetching.last(), work=fetching.work, path=PATH
        )

    @routes.post(PATH)
    def fetch(request: Request) -> Response:
        desk.fetch(who(request))
        return view.done(request, PATH, "开始取了，可以先做别的。", "Fetching has begun; you may leave.")

    @routes.get(f"{PATH}{QUIET}")
    def progress(request: Request) -> Response:
        return working(view, request, desk.sites.work, PATH)

    return routes
