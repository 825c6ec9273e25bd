"""What stands between the network and the app: headers, body size, how often, routes that stay shut."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkqa.web.middleware.rate_limit import Limiter, too_often
from parkqa.web.paths import CHAT, CONVERSATION
from parkqa.web.responses import NO_ADDRESS, NO_METHOD, SOON, STOPPING, TOO_LARGE, UNEXPECTED, refusal

_LOG = logging.getLogger("parkqa")
BODY_LIMIT = 64 * 1024
"""Bytes of the largest request body taken: a question and 20 earlier ones of 500 characters, all as \\uXXXX."""
OPEN = re.compile(r"(?:config|theme\.css|(?:assets|static)/.+)?")
"""What a browser asks for below CHAT: the page and its files. All else of Gradio stays shut, its queue above all, which
would download what a visitor names and keep what nobody collects."""

COUNTED = {"/api/ask": "ask", CONVERSATION: "ask", "/api/feedback": "say"}
"""What is counted by address, under which name; source pages are too, since a stale link costs work."""


def policy(embed_origins: Sequence[str]) -> str:
    """Return the Content-Security-Policy; Gradio's components need inline and eval, so escaping is the real defence."""
    framers = " ".join(("'self'", *embed_origins))
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'self'; "
        f"object-src 'none'; frame-ancestors {framers}"
    )


class Guard:
    """ASGI middleware: refuses what is shut, too large or too often, sets the headers, answers what nothing has caught.

    ``rate`` is what one address may ask, as ``limits`` writes it; an empty one limits nothing.
    """

    def __init__(self, app: ASGIApp, embed_origins: Sequence[str] = (), rate: str = "") -> None:
        self._app = app
        self._policy = policy(embed_origins)
        self._limiter = Limiter(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._dress(MutableHeaders(scope=message))
            await send(message)

        if refused := await self._refused(scope):
            await refused(scope, receive, answer)
        else:
            try:
                await self._app(scope, _limited(receive), answer)
            except asyncio.CancelledError:
                # Only a server that stops breaks a request off; raised on, it would be logged with a traceback.
                if not begun:
                    await refusal(STOPPING, 503, {"Retry-After": str(SOON)})(scope, receive, answer)
            except Exception:
                if begun:
                    raise
                # Starlette's own answer would be sent outside of this middleware, without the headers.
                _LOG.exception("%s %r could not be answered", scope["method"], scope["path"])
                await refusal(UNEXPECTED, 500)(scope, receive, answer)

    async def _refused(self, scope: Scope) -> Response | None:
        """What is answered in place of the app, if anything."""
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith(CHAT) and not OPEN.fullmatch(path.removeprefix(CHAT)):
            return refusal(NO_ADDRESS, 404)
        if path.startswith(CHAT) and scope["method"] not in ("GET", "HEAD"):
            return refusal(NO_METHOD, 405, {"Allow": "GET, HEAD"})
        if _too_large(scope):
            return refusal(TOO_LARGE, 413)
        kind = "look" if path.startswith("/source/") else COUNTED.get(path)
        client = scope.get("client")
        seconds = await self._limiter.wait(kind, client[0] if client else "") if kind else 0
        return refusal(too_often(seconds), 429, {"Retry-After": str(seconds)}) if seconds else None

    def _dress(self, headers: MutableHeaders) -> None:
        headers["Content-Security-Policy"] = self._policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        # Gradio would let any site read its answers, with the visitor's credentials.
        for name in [name for name in headers if name.startswith("access-control-")]:
            del headers[name]


def _too_large(scope: Scope) -> bool:
    """Whether a body announces a size that is not taken, or is no size."""
    size: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    # Python refuses to read a number of some thousand digits.
    return not size.isdigit() or len(size) > 20 or int(size) > BODY_LIMIT


def _limited(receive: Receive) -> Receive:
    """Break off a body that grows past the limit without having announced its size."""
    seen = 0

    async def wrapped() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_LIMIT:
            raise HTTPException(413)
        return message

    return wrapped
