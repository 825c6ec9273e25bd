"""The messages of visitors: the list, and what the office does with each."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response

from parkqa.errors import ParkqaError
from parkqa.journal.messages import STATES
from parkqa.web.desk.uploads import LIMITS, each, taken
from parkqa.web.desk.view import View, form, who
from parkqa.web.paths import DESK_MESSAGES

NAMES = {
    "new": ("新的", "new"),
    "answered": ("已答复", "answered"),
    "closed": ("已了结", "closed"),
}
"""What the states are called."""
_TITLE = ("留言", "Messages")


def router(view: View) -> APIRouter:
    """Return the routes of the list, its table (CSV), files to merge, and what can be done with one message (303)."""
    routes = APIRouter()
    box = view.desk.messages

    @routes.get("/messages")
    def show(request: Request, state: str = "", page: str = "", q: str = "") -> Response:
        number = int(page) if re.fullmatch("[0-9]{1,4}", page) else 0
        found = box.shown(state, number, q[:200])
        state = state if state in STATES else ""
        values = {"found": found, "names": NAMES, "state": state, "number": number, "q": q[:200]}
        return view.page(request, "messages", _TITLE, used=box.is_used, days=box.days, limits=LIMITS, **values)

    @routes.get("/messages/table")
    def table(request: Request) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="messages.csv"'}
        return Response(box.table(who(request)).encode(), headers=headers, media_type="application/octet-stream")

    @routes.post(DESK_MESSAGES)
    async def merge(request: Request) -> Response:
        person = who(request)

        def put(path: Path, given: str) -> tuple[str, str]:
            new = box.merge(person, path, given)
            return f"新并入 {new} 条。", f"{new} new."

        return await taken(view, request, lambda got: each(view, request, got, "/messages", put))

    @routes.post("/messages/{deed}")
    def act(deed: str, request: Request) -> Response:
        fields, person = form(request), who(request)
        id_ = fields.get("id", "")
        if deed == "change":
            box.change(person, id_, fields.get("state", ""), fields.get("note", ""), fields.get("seen", ""))
            return _onward(view, request, "已保存。", "Saved.")
        if deed == "delete":
            number = box.delete(person, id_)
            return _onward(view, request, f"留言 {number} 已删除。", f"Message {number} is deleted.")
        raise ParkqaError("没有这个动作。", "There is no such deed.")

    return routes


def _onward(view: View, request: Request, zh: str, en: str) -> Response:
    """Go back to the part of the list that the form stood on."""
    base = f"{view.root}/desk"
    back = view.back(request)
    return view.done(request, back.removeprefix(base) if back.startswith(f"{base}/messages") else "/messages", zh, en)
