"""A whole page, in the language that its reader prefers, and the address at which its reader is."""

from __future__ import annotations

import re

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from parkqa.web import render


def page(request: Request, root: str, title: str, body: str, status: int = 200) -> Response:
    """Return a page around ``body``, which is HTML made here; ``root`` is the path prefix."""
    language = language_of(request)
    headers = {"Vary": "Accept-Language", "Content-Language": language}
    return HTMLResponse(render.page(title, body, root, language), status, headers)


def language_of(request: Request) -> str:
    """Return "en" where the reader's browser names English before any Chinese, else "zh-CN"."""
    named = re.search(r"\b(zh|en)\b", request.headers.get("accept-language", "").lower())
    return "en" if named and named[1] == "en" else "zh-CN"


def address(request: Request, public: str) -> str:
    """Return the address of this server: ``public``, the visitors', where it is known, else the one that was asked."""
    return public or str(request.base_url).rstrip("/")
