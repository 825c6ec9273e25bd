"""Rewrites the head of Gradio's page: sets title, language and scripts, and removes Gradio's own metadata.

Scripts are not passed in Gradio's ``head`` option, since Gradio inserts that after loading, in no fixed order; the
scripts added here run first.
"""

from __future__ import annotations

import re

from markupsafe import escape
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's link preview cards, and a manifest link that ignores the path prefix.
_FOREIGN = re.compile(r'\s*<(?:meta\s+(?:property|name)="(?:og|twitter):|link\s+rel="manifest")[^>]*>')
_LANGUAGE = re.compile(r'(<html\b[^>]*?\blang=")[^"]*')


def mended(page: str, title: str, scripts: str) -> str:
    """Return Gradio's page with ``lang="zh-CN"``, a title, and ``scripts`` (HTML) that run before Gradio's own."""
    page = _LANGUAGE.sub(r"\g<1>zh-CN", _FOREIGN.sub("", page), count=1)
    return page.replace("<head>", f"<head><title>{escape(title)}</title>{scripts}", 1)


class HeadMiddleware:
    """ASGI middleware that applies ``mended`` to HTML responses and passes all others through unchanged.

    It must run inside any compressing middleware, since it reads the body as text.
    """

    def __init__(self, app: ASGIApp, title: str, scripts: str) -> None:
        self._app = app
        self._title = title
        self._scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an HTML response is buffered until complete, then rewritten."""
        buffered: list[Message] = []

        async def rewrite(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and Headers(scope=message).get("content-type", "").startswith("text/html"):
                buffered.append(message)
            elif not buffered:
                await send(message)
            else:
                buffered.append(message)
                if not message.get("more_body"):
                    await self._send(buffered, send)

        await self._app(scope, receive, rewrite)

    async def _send(self, buffered: list[Message], send: Send) -> None:
        start, *parts = buffered
        body = b"".join(part.get("body", b"") for part in parts)
        if body:  # a response to HEAD has none and keeps its Content-Length
            body = mended(body.decode(), self._title, self._scripts).encode()
            MutableHeaders(scope=start)["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})
