"""The head of the page that Gradio sends: the park's title, language and scripts instead of its makers' name and cards.

What Gradio is given as ``head`` its own script adds to the page later, in any order; what stands here runs before it.
"""

from __future__ import annotations

import re

from markupsafe import escape
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What Gradio says of itself to those who share the page, and a manifest at an address that is not below ours.
_FOREIGN = re.compile(r'\s*<(?:meta\s+(?:property|name)="(?:og|twitter):|link\s+rel="manifest")[^>]*>')
_LANGUAGE = re.compile(r'(<html\b[^>]*?\blang=")[^"]*')


def mended(page: str, title: str, scripts: str) -> str:
    """Return Gradio's page, marked as Chinese, with a title and ``scripts`` (HTML) that run before any of its own."""
    page = _LANGUAGE.sub(r"\g<1>zh-CN", _FOREIGN.sub("", page), count=1)
    return page.replace("<head>", f"<head><title>{escape(title)}</title>{scripts}", 1)


class Head:
    """ASGI middleware, inside of what compresses: mends HTML that is sent whole, lets all else through untouched."""

    def __init__(self, app: ASGIApp, title: str, scripts: str) -> None:
        self._app = app
        self._title = title
        self._scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; its answer waits here until it is whole where it is HTML."""
        held: list[Message] = []

        async def mend(message: Message) -> None:
            begins = message["type"] == "http.response.start"
            if begins and Headers(scope=message).get("content-type", "").startswith("text/html"):
                held.append(message)
            elif not held:
                await send(message)
            else:
                held.append(message)
                if not message.get("more_body"):
                    await self._send(held, send)

        await self._app(scope, receive, mend)

    async def _send(self, held: list[Message], send: Send) -> None:
        start, *parts = held
        body = b"".join(part.get("body", b"") for part in parts)
        if body:  # a HEAD request has none, and keeps the length that is told
            body = mended(body.decode(), self._title, self._scripts).encode()
            MutableHeaders(scope=start)["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})
