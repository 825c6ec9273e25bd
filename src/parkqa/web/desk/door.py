"""Who may come in: the middleware that every request for the desk passes.

In this order: the desk is on; the request comes from this machine (or the desk is public and the request came by
HTTPS); the session is that of a name that still has its password and has not been idle; what changes something carries
the session's token. So a route behind it cannot forget any of this.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkqa.desk.accounts import Accounts
from parkqa.desk.desk import Desk
from parkqa.errors import ParkqaError
from parkqa.web.middleware.proxy import is_local
from parkqa.web.paths import DESK, DESK_UPLOADS
from parkqa.web.responses import NO_ADDRESS, TOO_LARGE, refusal, told

COOKIE = "parkqa_desk"
LONGEST_SESSION = 12 * 60 * 60
"""Seconds after which one has to log in again in any case: a long day; chosen by hand."""
FORM_BYTES = 4 * 1024**2
"""Largest form without files, chosen by hand: a glossary of 300 kB is three times as long in a form."""
FORM_FIELDS = 500
"""Most fields of a form."""
LOGIN = "/login"
QUIET = "/progress"
"""How addresses end that pages ask for by themselves, so that it is no sign of anybody being there."""
_NO_TOKEN = ParkqaError(
    "这一页放得太久了，没有保存。请返回、刷新后再试。",
    "This page has been open for too long and nothing was saved; go back, reload it and try again.",
)
_ONLY_HTTPS = ParkqaError("别的电脑要用 HTTPS 打开工作台。", "From other machines the desk is to be opened by HTTPS.")


class Door:
    """ASGI middleware around the pages of the desk; ``root`` is the path prefix."""

    def __init__(self, app: ASGIApp, desk: Desk, root: str) -> None:
        self._app = app
        self._accounts: Accounts = desk.accounts
        self._public = desk.settings.desk_public
        self._idle = desk.settings.desk_idle_minutes * 60
        self._key = desk.folder.signing_key
        self._path = f"{root}{DESK}"
        self._inside: dict[bool, ASGIApp] = {}
        self._ended: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, send it to the log-in, or refuse it."""

        async def uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                if scope["path"].endswith(QUIET):  # it would put back a session from before a message was left there
                    del headers["set-cookie"]
            await send(message)

        try:
            app: ASGIApp = self._refused(scope) or self._session(scope)
        except ParkqaError as error:
            app = refusal(told(error), 503)
        await app(scope, receive, uncached)

    def _refused(self, scope: Scope) -> Response | None:
        if not self._accounts.names():
            return refusal(NO_ADDRESS, 404)
        if is_local(scope):
            return None
        if not self._public:
            return refusal(NO_ADDRESS, 404)
        return None if scope["scheme"] == "https" else refusal(_ONLY_HTTPS, 403)

    def _session(self, scope: Scope) -> ASGIApp:
        """Return the app with a session; the cookie is sent by HTTPS only where that is how the request came."""
        secure = scope["scheme"] == "https"
        if secure not in self._inside:
            self._inside[secure] = SessionMiddleware(
                self._enter,
                self._key(),
                COOKIE,
                max_age=LONGEST_SESSION,
                path=self._path,
                same_site="strict",
                https_only=secure,
            )
        return self._inside[secure]

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        response = self._unknown(request, path) or await self._unproved(request, path)
        if response is None and not path.endswith(QUIET):
            request.session["seen"] = int(time.time())
        await (response or self._app)(scope, request.receive, send)

    def _unknown(self, request: Request, path: str) -> Response | None:
        """Return where to send who is not logged in; end a session that has been idle or whose password changed."""
        session = request.session
        session.setdefault("csrf", secrets.token_urlsafe(32))
        if "name" in session and not self._goes_on(session):
            begin(session)
        if "name" in session or path == LOGIN:
            return None
        if request.method in ("GET", "HEAD"):
            return RedirectResponse(f"{self._path}{LOGIN}", 303)
        return refusal(_NO_TOKEN, 403)

    def _goes_on(self, session: dict[str, Any]) -> bool:
        now = time.time()
        self._ended = {each: until for each, until in self._ended.items() if until > now}
        alive = now - session.get("seen", 0) < self._idle and now - session.get("since", 0) < LONGEST_SESSION
        mark = self._accounts.mark(session["name"])
        return alive and session.get("id") not in self._ended and bool(mark) and mark == session.get("mark")

    async def _unproved(self, request: Request, path: str) -> Response | None:
        """Return the refusal of a request that would change something and does not carry the session's token.

        The form is left in ``request.state.form``. Uploads prove themselves in ``uploads.received``.
        """
        request.state.end = lambda: self._ended.update({request.session.get("id", ""): time.time() + LONGEST_SESSION})
        if request.method in ("GET", "HEAD", "OPTIONS") or path in DESK_UPLOADS:
            return None
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > FORM_BYTES:
                return refusal(TOO_LARGE, 413)
        try:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS))
        except ValueError:
            form = {}
        request.state.form = form
        return None if proves(request.session, form.get("csrf", "")) else refusal(_NO_TOKEN, 403)


def proves(session: dict[str, Any], token: str) -> bool:
    """Return whether a token is that of the session."""
    return hmac.compare_digest(token.encode(), session.get("csrf", "").encode()) and bool(token)


def begin(session: dict[str, Any], **values: Any) -> None:
    """Begin a session anew: with another token, and with nothing of the old one but its language."""
    kept = {"lang": session["lang"]} if "lang" in session else {}
    session.clear()
    session.update(kept, csrf=secrets.token_urlsafe(32), **values)
