"""Helpers for the server-rendered pages: page layout, the reader's language and the base URL."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers

from parkqa.web import render
from parkqa.web.languages import Tongue, tongue
from parkqa.web.middleware.sites import netloc


def page(request: Request, root: str, title: str, body: str, status: int = 200, canonical: str = "") -> Response:
    """Return a complete page in the reader's language.

    ``body`` is trusted HTML from ``render`` or ``turns``; ``root`` is the path prefix; ``status`` is the HTTP status;
    ``canonical`` is the address that search engines are to know the page by.
    """
    language = language_of(request)
    headers = {"Vary": "Accept-Language", "Content-Language": language}
    return HTMLResponse(render.page(title, body, root, language, canonical), status, headers)


def language_of(request: Request) -> Tongue:
    """Return the reader's language: that of the parameter ``lang``, or else by Accept-Language."""
    return tongue(request.headers.get("accept-language", ""), request.query_params.get("lang", "")[:16])


def from_here(headers: Headers) -> bool:
    """Return whether a page of this server, or nobody's page, led to a request: not a link on another site.

    Browsers say so in Sec-Fetch-Site; older ones, and all on plain-http addresses of a network, only in Referer, which
    a page can have them leave out. A browser that says neither may have been led here by any page.
    """
    site = headers.get("sec-fetch-site")
    if site:
        return site in ("same-origin", "none")
    referer = headers.get("referer", "")
    if not referer:
        return not headers.get("user-agent", "").startswith("Mozilla/")  # as every browser's does
    return netloc(referer) == netloc(f"//{headers.get('host', '')}")


def address(request: Request, public: str) -> str:
    """Return the base URL of this server: the public URL if configured, else that of the request."""
    return public or str(request.base_url).rstrip("/")
