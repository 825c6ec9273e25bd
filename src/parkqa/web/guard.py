"""What stands between the network and the app: headers, body size, routes that stay shut."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 256 * 1024
"""Bytes of the largest request body taken; a question with its history is far smaller."""
TOO_LARGE = "请求太大了。 / The request is too large."
SHUT = ("/gradio_api/upload", "/gradio_api/run/")
"""Parts of Gradio that nothing here uses: files cannot be sent, and the queue cannot be passed by."""


def policy(embed_origins: Sequence[str]) -> str:
    """Return the Content-Security-Policy; Gradio's components need inline and eval, so escaping is the real defence."""
    framers = " ".join(("'self'", *embed_origins))
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'self'; "
        f"object-src 'none'; frame-ancestors {framers}"
    )


class Guard:
    """ASGI middleware: refuses large bodies and shut routes, sets the headers."""

    def __init__(self, app: ASGIApp, embed_origins: Sequence[str] = ()) -> None:
        self._app = app
        self._policy = policy(embed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._with_headers(send)
        size = dict(scope["headers"]).get(b"content-length", b"0")
        if any(part in scope["path"] for part in SHUT):
            refusal = JSONResponse({"error": "没有这个地址。 / There is no such address."}, 404)
            await refusal(scope, receive, answer)
        elif not size.isdigit() or int(size) > BODY_LIMIT:
            await JSONResponse({"error": TOO_LARGE}, 413)(scope, receive, answer)
        else:
            await self._app(scope, _limited(receive), answer)

    def _with_headers(self, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        return wrapped


def _limited(receive: Receive) -> Receive:
    """Break off a body that grows past the limit without having announced its size."""
    seen = 0

    async def wrapped() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_LIMIT:
            raise HTTPException(413, TOO_LARGE)
        return message

    return wrapped
