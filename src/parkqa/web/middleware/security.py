"""Security middleware: sites, body size and time, rate limits, blocked Gradio routes, uncaught exceptions."""

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

from parkqa.web.addresses import visitor
from parkqa.web.middleware.headers import SecurityHeaders
from parkqa.web.middleware.rate_limit import Limiter, too_often
from parkqa.web.middleware.sites import Sites
from parkqa.web.paths import (
    ASK,
    CHAT,
    CONVERSATION,
    DESK,
    HEALTH,
    LEAVES,
    MESSAGE,
    QUESTIONS,
    UPLOAD_BYTES,
    UPLOAD_SECONDS,
    WORDS,
)
from parkqa.web.responses import (
    NO_ADDRESS,
    NO_HOST,
    NO_METHOD,
    NO_SITE,
    NOT_UNDERSTOOD,
    SOON,
    STOPPING,
    TOO_LARGE,
    UNEXPECTED,
    refusal,
)

_LOG = logging.getLogger("parkqa")
BODY_LIMIT = 64 * 1024
"""Maximum size of a request body in bytes: room for 21 questions of 500 characters, all escaped as \\uXXXX."""
OPEN = re.compile(r"(?:config|theme\.css|(?:assets|static)/[!-~]{1,200})?")
"""Paths below CHAT that are served: the page and its files. All other Gradio routes are blocked, above all its queue,
which would download URLs that a visitor submits and keep results that nobody collects. A file name longer than a system
takes would be an error of ours."""

COUNTED = {"/api/ask": "ask", CONVERSATION: "ask", ASK: "ask", "/api/feedback": "say", MESSAGE: "say"}
"""Kind of rate limit by path."""
COUNTED_BELOW = {"/source/": "look", LEAVES: "leaf", "/event/show/": "show", WORDS: "show", QUESTIONS: "show"}
"""The same by the beginning of the path: looking up an outdated link is expensive, and so are the pictures of pages and
what the stand shows."""
BODY_SECONDS = 20.0
"""Seconds in which a request's body must have come, chosen by hand: BODY_LIMIT at 3 kB a second."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Signs that no path of ours holds. Routes overlook a line break at the end, and COUNTED would not know the path."""
_PARTS = (b"range", b"if-range")
"""Headers that ask for parts of a file: ours are small, and what is wrong with them is said in a framework's words."""


class SecurityMiddleware:
    """ASGI middleware that rejects unwanted requests, sets the security headers and handles uncaught exceptions.

    Statuses it returns itself: 400 for a body whose length is told in two ways; 403 for what a page of another site
    posts; 404 and 405 for blocked Gradio routes and methods, 404 for paths with control characters; 408 for a body that
    has not come within BODY_SECONDS; 413 for one over BODY_LIMIT; 421 for an unknown Host; 429 with Retry-After over
    the rate limit; 500 for an uncaught exception; 503 for a request interrupted by a shutdown. ``rate`` is the limit
    per address in the notation of the library ``limits``; "" means no limit. The other arguments are those of
    ``Sites``.
    """

    def __init__(
        self,
        app: ASGIApp,
        embed_origins: Sequence[str] = (),
        rate: str = "",
        public: str = "",
        hosts: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._headers = SecurityHeaders(embed_origins)
        self._sites = Sites(public, hosts, embed_origins)
        self._limiter = Limiter(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        path = _path(scope)

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._headers.set(path, MutableHeaders(scope=message))
            await send(message)

        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in _PARTS]}
        if rejection := self._rejection(scope, path) or await self._over_rate(path, visitor(scope)):
            await rejection(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, _limited(receive, *_limits(path)), send_with_headers)
        except asyncio.CancelledError:
            # Requests are cancelled only when the server stops; re-raised, this would be logged with a traceback.
            if not started:
                await refusal(STOPPING, 503, {"Retry-After": str(SOON)})(scope, receive, send_with_headers)
        except ClientDisconnect:
            return  # The visitor left while sending or waiting: there is nobody to answer, and nothing to log.
        except Exception:
            if started:
                raise
            # Starlette's own error response would bypass this middleware and lack the headers.
            _LOG.exception("%s %r could not be answered", scope["method"], scope["path"])
            await refusal(UNEXPECTED, 500)(scope, receive, send_with_headers)

    def _rejection(self, scope: Scope, path: str) -> Response | None:
        """Return the response that replaces the app's, or None to let the request through."""
        if path != HEALTH and not self._sites.is_ours(scope):
            return refusal(NO_HOST, 421)
        if _CONTROL.search(path):
            return refusal(NO_ADDRESS, 404)
        if path.startswith(CHAT) and (shut := _shut(path.removeprefix(CHAT), scope["method"])):
            return shut
        if self._sites.is_foreign(scope):
            return refusal(NO_SITE, 403)
        if _is_ambiguous(scope):
            return refusal(NOT_UNDERSTOOD, 400, {"Connection": "close"})
        return refusal(TOO_LARGE, 413) if _too_large(scope, _limits(path)[0]) else None

    async def _over_rate(self, path: str, key: str) -> Response | None:
        """Count the request; return the response that replaces the app's if there were too many."""
        below = next((kind for start, kind in COUNTED_BELOW.items() if path.startswith(start)), None)
        kind = COUNTED.get(path, below)
        seconds = await self._limiter.wait(kind, key) if kind else 0
        return refusal(too_often(seconds), 429, {"Retry-After": str(seconds)}) if seconds else None


def _shut(path: str, method: str) -> Response | None:
    """Return the response to a request below CHAT that is not for the page or one of its files."""
    if not OPEN.fullmatch(path):
        return refusal(NO_ADDRESS, 404)
    return None if method in ("GET", "HEAD") else refusal(NO_METHOD, 405, {"Allow": "GET, HEAD"})


def _path(scope: Scope) -> str:
    """The path without the path prefix."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _is_ambiguous(scope: Scope) -> bool:
    """Return whether a proxy in front may take the body to end elsewhere and its rest for a request of somebody's."""
    names = [name for name, _ in scope["headers"]]
    return b"transfer-encoding" in names and (b"content-length" in names or scope["http_version"] == "1.0")


def _limits(path: str) -> tuple[int, float]:
    """Return how large a body may be, in bytes, and how many seconds it may take; the desk takes files."""
    return (UPLOAD_BYTES, UPLOAD_SECONDS) if path.startswith(f"{DESK}/") else (BODY_LIMIT, BODY_SECONDS)


def _too_large(scope: Scope, most: int) -> bool:
    """Return whether Content-Length is over ``most`` bytes or not a number."""
    size: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    # The length check comes first: int() raises ValueError on strings of more than 4,300 digits.
    return not size.isdigit() or len(size) > 20 or int(size) > most


def _limited(receive: Receive, most: int, seconds: float) -> Receive:
    """Wrap ``receive`` to limit the size and the time of the body.

    It raises a 413 once the body received exceeds ``most`` bytes, whatever size it announced, and a 408 if the body is
    not complete within ``seconds``. Once it is, ``receive`` may wait for the visitor to leave as long as it likes.
    """
    received, complete = 0, False
    until = asyncio.get_running_loop().time() + seconds

    async def wrapped() -> Message:
        nonlocal received, complete
        try:
            async with asyncio.timeout_at(None if complete else until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408) from None
        received += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if received > most:
            raise HTTPException(413)
        return message

    return wrapped
