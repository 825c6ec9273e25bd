"""The page of the audit trail: who did what. It is read only."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from parkqa.desk import audit
from parkqa.web.desk.view import View


def router(view: View) -> APIRouter:
    """Return the route ``/trail``."""
    routes = APIRouter()

    @routes.get("/trail")
    def show(request: Request) -> Response:
        return view.page(request, "trail", ("记录", "Trail"), trail=audit.latest(view.desk.folder.audit))

    return routes
