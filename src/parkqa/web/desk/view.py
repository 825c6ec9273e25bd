"""What the pages of the desk have in common: the frame, the words, messages, and where a form leads back to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from parkqa.desk.desk import Desk, Who
from parkqa.errors import ParkqaError
from parkqa.web import assets, render
from parkqa.web.addresses import visitor
from parkqa.web.languages import Tongue, tongue
from parkqa.web.paths import DESK

CONDITIONS: Mapping[str, tuple[str, str]] = {
    "used": ("在用", "in use"),
    "changed": ("有改动，未发布", "changed, not live yet"),
    "new": ("新的，未发布", "new, not live yet"),
    "gone": ("已撤下，未发布", "retired, still live"),
    "left_out": ("没收", "left out"),
    "staff": ("只供内部", "staff only"),
    "double": ("与另一份文字相同", "same text as another"),
    "pending": ("还没读", "not read yet"),
    "not_read": ("不是资料", "no document"),
    "noted": ("有提醒", "with notes"),
    "expired": ("已过期", "expired"),
    "conflict": ("文件夹里也改过", "changed in the folder too"),
}
FLASH_BYTES = 1200
"""Bytes of a message in one language, as JSON: twice that in base 64 leaves room in a cookie, which has 4,096."""
DEEDS: Mapping[str, tuple[str, str]] = {
    "login": ("登录", "logged in"),
    "refused": ("登录没有成功", "was refused"),
    "logout": ("退出", "logged out"),
    "add": ("放进", "put in"),
    "replace": ("换成新文件", "replaced"),
    "rename": ("改名", "renamed"),
    "retire": ("撤下", "retired"),
    "bring_back": ("换回旧版本", "brought back"),
    "describe": ("改标题、日期", "described"),
    "drop": ("放弃一处改动", "dropped a change of"),
    "discard": ("放弃全部改动", "discarded the draft"),
    "write": ("改设置", "edited"),
    "check": ("检查影响", "checked"),
    "publish": ("发布", "published"),
    "back": ("退回上一版", "took back"),
    "answer": ("指出答案", "pointed out an answer"),
    "synonym": ("加同义词", "added a synonym"),
    "backup": ("备份", "backed up"),
    "restore": ("恢复备份", "restored"),
    "merge": ("合并问答记录", "merged a journal"),
    "export": ("导出问答记录", "exported the journal"),
    "message": ("改留言的状态或备注", "changed a message"),
    "message_delete": ("删除留言", "deleted a message"),
    "message_merge": ("合并留言", "merged messages"),
    "message_export": ("导出留言", "exported the messages"),
    "refuse": ("标为资料不涉及", "marked as out of scope"),
    "fetch": ("取网站", "fetched"),
    "examine": ("检查这台电脑", "checked the machine"),
}


@dataclass(frozen=True, slots=True)
class View:
    """Draws the pages of one desk; ``root`` is the path prefix."""

    desk: Desk
    root: str

    def page(
        self, request: Request, template: str, title: tuple[str, str], status: int = 200, /, **values: object
    ) -> Response:
        """Return a page: the ``template`` in the frame, with its title in both languages."""
        session = request.session
        html = render.desk(
            template,
            reader=self.reader(request),
            root=self.root,
            base=f"{self.root}{DESK}",
            style=assets.address("desk.css", self.root),
            script=assets.address("desk.js", self.root),
            title=title,
            who=session.get("name", ""),
            csrf=session.get("csrf", ""),
            here=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
            flash=session.pop("flash", None),
            changes=len(self.desk.shelf.state().draft) if "name" in session else 0,
            letters=self.desk.messages.waiting() if "name" in session and self.desk.messages.is_used else None,
            conditions=CONDITIONS,
            deeds=DEEDS,
            local=local,
            **values,
        )
        return HTMLResponse(html, status)

    def part(self, request: Request, template: str, /, **values: object) -> HTMLResponse:
        """Return the ``template`` alone, as a script puts it into a page."""
        base = f"{self.root}{DESK}"
        return HTMLResponse(render.desk(template, reader=self.reader(request), base=base, **values))

    def reader(self, request: Request) -> Tongue:
        """Return the language of the person: the one that was switched to, else the browser's."""
        return tongue(request.headers.get("accept-language", ""), request.session.get("lang", ""))

    def done(self, request: Request, path: str, zh: str, en: str) -> Response:
        """Go to a page of the desk and say there what was done."""
        request.session["flash"] = ["done", _cut(zh), _cut(en)]
        return _onward(request, f"{self.root}{DESK}{path}")

    def failed(self, request: Request, error: ParkqaError) -> Response:
        """Go back to where a form was sent from and say there why nothing was done."""
        request.session["flash"] = ["failed", _cut(error.zh), _cut(error.en)]
        return _onward(request, self.back(request))

    def back(self, request: Request) -> str:
        """Return the page that a form names as the one it stood on, which must be one of the desk."""
        base = f"{self.root}{DESK}/"
        named = form(request).get("back", "")
        return named if named.startswith(base) and "\\" not in named and named.isprintable() else base


def _cut(text: str) -> str:
    """Cut a message that the cookie has no room for, which a browser would drop and the session with it."""
    while len(json.dumps(text)) > FLASH_BYTES:
        text = f"{text[: -len(text) // 20 - 1]}…"
    return text


def _onward(request: Request, url: str) -> Response:
    """Send a browser on; a script that has sent the form draws the page anew itself, and the message waits for that."""
    by_script = request.headers.get("x-requested-with") == "desk"
    return Response(status_code=204) if by_script else RedirectResponse(url, 303)


def form(request: Request) -> Mapping[str, str]:
    """Return the fields of the form that was sent."""
    fields: Mapping[str, str] = getattr(request.state, "form", {})
    return fields


def who(request: Request) -> Who:
    """Return who sent a request, and from which network address."""
    name: Any = request.session.get("name", "")
    return str(name), visitor(request.scope)


def local(stamp: str) -> str:
    """Return a time in UTC (ISO 8601) as the clock on the wall shows it."""
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M")
