"""Security middleware: response headers, body size and rate limits, blocked Gradio routes, uncaught exceptions."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkqa.web.middleware.rate_limit import Limiter, too_often
from parkqa.web.paths import ASK, CHAT, CONVERSATION, WIDGET
from parkqa.web.responses import NO_ADDRESS, NO_METHOD, SOON, STOPPING, TOO_LARGE, UNEXPECTED, refusal

_LOG = logging.getLogger("parkqa")
BODY_LIMIT = 64 * 1024
"""Maximum size of a request body in bytes: room for 21 questions of 500 characters, all escaped as \\uXXXX."""
OPEN = re.compile(r"(?:config|theme\.css|(?:assets|static)/[!-~]{1,200})?")
"""Paths below CHAT that are served: the page and its files. All other Gradio routes are blocked, above all its queue,
which would download URLs that a visitor submits and keep results that nobody collects. A file name longer than a system
takes would be an error of ours."""

COUNTED = {"/api/ask": "ask", CONVERSATION: "ask", ASK: "ask", "/api/feedback": "say"}
"""Kind of rate limit by path. Source pages are limited too, as "look": looking up an outdated link is expensive."""


def policy(embed_origins: Sequence[str]) -> str:
    """Return the Content-Security-Policy; ``embed_origins`` may frame the pages.

    Gradio's components need 'unsafe-inline' and 'unsafe-eval', so the real defence against injection is escaping.
    """
    framers = " ".join(("'self'", *embed_origins))
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; "
        f"object-src 'none'; frame-ancestors {framers}"
    )


class SecurityMiddleware:
    """ASGI middleware that rejects unwanted requests, sets the security headers and handles uncaught exceptions.

    Statuses it returns itself: 404 and 405 for blocked Gradio routes and methods, 413 for a body over BODY_LIMIT, 429
    with Retry-After over the rate limit, 500 for an uncaught exception, 503 for a request interrupted by a shutdown.
    ``rate`` is the limit per address in the notation of the library ``limits``; "" means no limit.
    """

    def __init__(self, app: ASGIApp, embed_origins: Sequence[str] = (), rate: str = "") -> None:
        self._app = app
        self._policy = policy(embed_origins)
        self._limiter = Limiter(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._set_headers(MutableHeaders(scope=message), _path(scope))
            await send(message)

        if rejection := await self._rejection(scope):
            await rejection(scope, receive, send_with_headers)
        else:
            try:
                await self._app(scope, _limited(receive), send_with_headers)
            except asyncio.CancelledError:
                # Requests are cancelled only when the server stops; re-raised, this would be logged with a traceback.
                if not started:
                    await refusal(STOPPING, 503, {"Retry-After": str(SOON)})(scope, receive, send_with_headers)
            except ClientDisconnect:
                return  # The visitor left while sending: there is nobody to answer, and nothing to log.
            except Exception:
                if started:
                    raise
                # Starlette's own error response would bypass this middleware and lack the headers.
                _LOG.exception("%s %r could not be answered", scope["method"], scope["path"])
                await refusal(UNEXPECTED, 500)(scope, receive, send_with_headers)

    async def _rejection(self, scope: Scope) -> Response | None:
        """Return the response that replaces the app's, or None to let the request through."""
        path = _path(scope)
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

    def _set_headers(self, headers: MutableHeaders, path: str) -> None:
        headers["Content-Security-Policy"] = self._policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        # Gradio's CORS headers would let any site read its responses with the visitor's credentials. Only the script
        # for other sites has some of its own.
        for name in [name for name in headers if name.startswith("access-control-") and path != WIDGET]:
            del headers[name]


def _path(scope: Scope) -> str:
    """The path of a request below the prefix."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path


def _too_large(scope: Scope) -> bool:
    """Return whether Content-Length is over the limit or not a number."""
    size: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    # The length check comes first: int() raises ValueError on strings of more than 4,300 digits.
    return not size.isdigit() or len(size) > 20 or int(size) > BODY_LIMIT


def _limited(receive: Receive) -> Receive:
    """Wrap ``receive`` to raise a 413 once the body received exceeds the limit, whatever size it announced."""
    received = 0

    async def wrapped() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_LIMIT:
            raise HTTPException(413)
        return message

    return wrapped
