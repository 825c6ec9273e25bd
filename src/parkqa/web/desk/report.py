"""The report: what was asked in some days, and the files that can be taken along."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from parkqa.desk.report import day
from parkqa.errors import JournalError
from parkqa.web.desk.view import View, who

NAMES = {
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "chat": ("问答页", "chat page"),
    "event": ("展位", "stand"),
    "embed": ("别的网站上", "widget"),
    "api": ("接口", "API"),
    "cli": ("命令行", "command line"),
}


def router(view: View) -> APIRouter:
    """Return the routes ``/report``, ``/report/page`` (the page that prints) and ``/report/lines`` (JSON lines)."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/report")
    def show(request: Request, since: str = "", until: str = "") -> Response:
        values: dict[str, object] = {"since": since, "until": until, "names": NAMES, "figures": None, "error": None}
        try:
            values["figures"] = desk.reports.figures(desk.live_engine(), day(since), day(until))
        except JournalError as error:
            values["error"] = error
        return view.page(request, "report", ("报告", "Report"), **values)

    @routes.get("/report/page")
    def page(since: str = "", until: str = "") -> Response:
        return _handed("report.html", desk.reports.file(desk.live_engine(), day(since), day(until)))

    @routes.get("/report/lines")
    def lines(request: Request, since: str = "", until: str = "") -> Response:
        desk.note(who(request), "export", f"{since} – {until}")
        return _handed("journal.jsonl", desk.reports.lines(day(since), day(until)))

    return routes


def _handed(name: str, text: str) -> Response:
    """Hand a file out; a browser saves it and opens nothing in the name of this server."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), headers=headers, media_type="application/octet-stream")
