"""Helpers for the server-rendered pages: page layout, language negotiation and base URL."""

from __future__ import annotations

import re

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from parkqa.web import render


def page(request: Request, root: str, title: str, body: str, status: int = 200) -> Response:
    """Return a complete page in the reader's language.

    ``body`` is trusted HTML from ``render``; ``root`` is the path prefix; ``status`` is the HTTP status.
    """
    language = language_of(request)
    headers = {"Vary": "Accept-Language", "Content-Language": language}
    return HTMLResponse(render.page(title, body, root, language), status, headers)


def language_of(request: Request) -> str:
    """Return "en" if Accept-Language lists English before Chinese, else "zh-CN"."""
    named = re.search(r"\b(zh|en)\b", request.headers.get("accept-language", "").lower())
    return "en" if named and named[1] == "en" else "zh-CN"


def address(request: Request, public: str) -> str:
    """Return the base URL of this server: the public URL if configured, else that of the request."""
    return public or str(request.base_url).rstrip("/")
