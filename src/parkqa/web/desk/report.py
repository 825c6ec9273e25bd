"""The report: what was asked in some days, and the files that can be taken along."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response

from parkqa.desk.report import day, days
from parkqa.errors import JournalError, MessagesError
from parkqa.journal.merging import Merged
from parkqa.web.desk.uploads import LIMITS, each, taken
from parkqa.web.desk.view import View, who
from parkqa.web.paths import DESK_JOURNALS

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
    """Return the route ``/report``, those of its files (a page that prints, lines, a table), and ``/report/merge``."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/report")
    def show(request: Request, since: str = "", until: str = "") -> Response:
        values: dict[str, object] = {"since": since, "until": until, "names": NAMES, "figures": None, "error": None}
        values["limits"] = LIMITS
        values["letters_left"] = 0
        try:
            values["letters_left"] = len(desk.messages.between(*days(day(since), day(until))))
            values["figures"] = desk.reports.figures(desk.live_engine(), day(since), day(until))
        except (JournalError, MessagesError) as error:
            values["error"] = error
        return view.page(request, "report", ("报告", "Report"), **values)

    @routes.get("/report/page")
    def page(since: str = "", until: str = "") -> Response:
        left = desk.messages.between(*days(day(since), day(until)))
        return _handed("report.html", desk.reports.file(desk.live_engine(), day(since), day(until), left))

    @routes.get("/report/lines")
    def lines(request: Request, since: str = "", until: str = "") -> Response:
        desk.note(who(request), "export", f"{since} – {until}")
        return _handed("journal.jsonl", desk.reports.lines(day(since), day(until)))

    @routes.get("/report/table")
    def table(request: Request, since: str = "", until: str = "") -> Response:
        desk.note(who(request), "export", f"{since} – {until}")
        return _handed("journal.csv", desk.reports.table(day(since), day(until)))

    @routes.post(DESK_JOURNALS)
    async def merge(request: Request) -> Response:
        person = who(request)

        def put(path: Path, given: str) -> tuple[str, str]:
            return counted(desk.merge(person, path, given))

        return await taken(view, request, lambda got: each(view, request, got, "/report", put))

    return routes


def counted(merged: Merged) -> tuple[str, str]:
    """Return in both languages what has come of a journal."""
    zh, en = f"新并入 {merged.new} 条，已有的 {merged.known} 条", f"{merged.new} new entries, {merged.known} known"
    if merged.judged:
        zh, en = f"{zh}，补上评价 {merged.judged} 条", f"{en}, {merged.judged} with later feedback"
    if merged.old:
        zh, en = f"{zh}，超过保留天数没收的 {merged.old} 条", f"{en}, {merged.old} too old to be kept"
    return f"{zh}。", f"{en}."


def _handed(name: str, text: str) -> Response:
    """Return a file as a download: browsers save it and never show it as a page of this server."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), headers=headers, media_type="application/octet-stream")
