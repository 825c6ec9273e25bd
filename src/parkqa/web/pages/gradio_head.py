"""Rewrites Gradio's page so that ours is there first: the shell of the chat, and what it needs, before Gradio's files.

Gradio's page is blank until its scripts (over 1 MB) have come. Ours has title, language, styles, scripts and the shell
in its HTML; all of Gradio's scripts and styles are moved into a ``<template>``, from which ``static/gradio.js`` takes
them when the shell is on the screen. Without scripts the page still has a form that asks.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from markupsafe import escape
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkqa.web.languages import Tongue, tongue
from parkqa.web.pages.page import from_here

# Gradio's link preview cards, a manifest link that ignores the path prefix, and its viewport.
_FOREIGN = re.compile(
    r'\s*<(?:meta\s+(?:property|name)="(?:og|twitter):|link\s+rel="manifest"|meta\s+name="viewport")[^>]*>'
)
_LANGUAGE = re.compile(r'(<html\b[^>]*?\blang=")[^"]*')
_LOADED = re.compile(r'<script\b.*?</script>|<link\b[^>]*\brel="(?:stylesheet|modulepreload)"[^>]*>', re.DOTALL)
_FRAME_RESIZER = "iframeResizer.contentWindow"
_BODY = re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Start:
    """What a page begins with: ``head`` and ``shell`` as HTML.

    The shell depends on the reader's language and on whether another site led to the page.
    """

    title: str
    head: str
    shell: Callable[[Tongue, bool], str]


def mended(page: str, start: Start, reader: Tongue, invited: bool = False) -> str:
    """Return Gradio's page with our title, head and shell first, and all that Gradio loads in a template behind them.

    ``invited`` tells that another site led here. The script that fits the page into a frame of Gradio's kind is left
    out: the widget has a frame of its own.
    """
    page = _LANGUAGE.sub(rf"\g<1>{reader}", _FOREIGN.sub("", page), count=1)
    loaded = [part for part in _LOADED.findall(page) if _FRAME_RESIZER not in part]
    page = _LOADED.sub("", page)
    head = f"<head><title>{escape(start.title)}</title>{start.head}"
    later = f'{start.shell(reader, invited)}<template id="pq-gradio">{"".join(loaded)}</template>'
    return _BODY.sub(lambda body: body[0] + later, page.replace("<head>", head, 1), count=1)


class HeadMiddleware:
    """ASGI middleware that applies ``mended`` to HTML responses, compressed, and passes all others through unchanged.

    ``start`` returns what a page begins with at present; it is called before the page is made.

    It must run inside any compressing middleware, since it reads the body as text.
    """

    def __init__(self, app: ASGIApp, start: Callable[[], Start]) -> None:
        self._app = app
        self._start = start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an HTML response is buffered until complete, then rewritten."""
        buffered: list[Message] = []
        start = self._start()

        async def rewrite(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and Headers(scope=message).get("content-type", "").startswith("text/html"):
                buffered.append(message)
            elif not buffered:
                await send(message)
            else:
                buffered.append(message)
                if not message.get("more_body"):
                    await _send(buffered, start, scope, send)

        await self._app(scope, receive, rewrite)


async def _send(buffered: list[Message], start: Start, scope: Scope, send: Send) -> None:
    begin, *parts = buffered
    headers = MutableHeaders(scope=begin)
    body = b"".join(part.get("body", b"") for part in parts)
    if body:  # a response to HEAD has none and keeps its Content-Length
        reader = _reader(scope)
        body = mended(body.decode(), start, reader, not from_here(Headers(scope=scope))).encode()
        headers["content-language"] = reader
        headers["vary"] = "Accept-Language, Accept-Encoding"
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(body))
    await send(begin)
    await send({"type": "http.response.body", "body": body})


def _reader(scope: Scope) -> Tongue:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    return tongue(Headers(scope=scope).get("accept-language", ""), asked[:16])
