"""Logging in and out. Attempts are counted by address and by name; each is in the trail."""

from __future__ import annotations

import asyncio
import secrets
import time

from fastapi import APIRouter, Request, Response

from parkqa.errors import ParkqaError
from parkqa.web.addresses import visitor
from parkqa.web.desk.door import LOGIN, begin
from parkqa.web.desk.view import View, form, who
from parkqa.web.middleware.rate_limit import Limiter

AT_ONCE = 4
"""Passwords that wait to be proved, chosen by hand: each takes a thread, and visitors need some too."""
ATTEMPTS = "5/minute;30/hour"
"""How often one address, and one name, may try; chosen by hand: a typing error or two, and no guessing."""
_TITLE = ("登录工作台", "Log in to the desk")


def router(view: View) -> APIRouter:
    """Return the routes ``/login``, ``/logout`` and ``/language``.

    A log-in answers with 303, 403 for a wrong name or password (which of them is not said), 429 after too many.
    """
    routes = APIRouter()
    limiter = Limiter(ATTEMPTS)
    proving = asyncio.Semaphore(AT_ONCE)

    @routes.get(LOGIN)
    def show(request: Request) -> Response:
        return view.page(request, "login", _TITLE, name="")

    @routes.post(LOGIN)
    async def log_in(request: Request) -> Response:
        name, password = form(request).get("name", "").strip()[:40], form(request).get("password", "")
        address = visitor(request.scope)
        waits = [await limiter.wait("address", address), await limiter.wait("name", name)]
        if seconds := max(waits) or int(proving.locked()):
            return _again(view, request, _too_often(seconds), 429)
        accounts = view.desk.accounts
        async with proving:
            proved = await asyncio.to_thread(accounts.proves, name, password)
        if not proved:
            await asyncio.to_thread(view.desk.note, (name if name in accounts.names() else "?", address), "refused")
            return _again(view, request, ParkqaError("名字或密码不对。", "Name or password is wrong."), 403)
        now = int(time.time())
        begin(request.session, name=name, mark=accounts.mark(name), id=secrets.token_hex(8), since=now, seen=now)
        await asyncio.to_thread(view.desk.note, who(request), "login")
        return view.done(request, "/", f"{name}，您好。", f"Welcome, {name}.")

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        view.desk.note(who(request), "logout")
        request.state.end()
        begin(request.session)
        return view.done(request, LOGIN, "已退出。", "Logged out.")

    @routes.post("/language")
    def switch(request: Request) -> Response:
        request.session["lang"] = "en" if form(request).get("to") == "en" else "zh-CN"
        return Response(status_code=303, headers={"Location": view.back(request)})

    return routes


def _again(view: View, request: Request, error: ParkqaError, status: int) -> Response:
    request.session["flash"] = ["failed", error.zh, error.en]
    return view.page(request, "login", _TITLE, status, name=form(request).get("name", "").strip()[:40])


def _too_often(seconds: int) -> ParkqaError:
    return ParkqaError(f"试得太多了，请 {seconds} 秒后再试。", f"Too many attempts; try again in {seconds} seconds.")
