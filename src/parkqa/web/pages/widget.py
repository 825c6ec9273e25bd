"""The embeddable widget: its script, and the page on which webmasters configure it."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Request, Response

from parkqa.web import render
from parkqa.web.languages import chosen
from parkqa.web.pages.page import address, language_of, page
from parkqa.web.paths import WIDGET
from parkqa.web.serving.face import Face

SCRIPT = Path(__file__).parent.parent / "static" / "widget.js"
COMMENT = re.compile(rb"^ *//.*\n", re.MULTILINE)
"""Lines of the script that are comments; they are not sent."""
FRESH_SECONDS = 300
"""Seconds that browsers cache the script, and so the delay until sites get an upgrade; chosen by hand."""


def router(root: str, public: str, origins: Sequence[str], face: Face) -> APIRouter:
    """Return the routes ``/widget.js`` (200, or 304 if the ETag matches) and ``/embed`` (200).

    ``root`` is the path prefix, ``public`` the server's public URL or "", ``origins`` the sites allowed to embed;
    ``face`` has the park's colour.
    """
    routes = APIRouter()
    plain = COMMENT.sub(b"", SCRIPT.read_bytes())
    packed = gzip.compress(plain, mtime=0)
    version = f'"{hashlib.sha256(plain).hexdigest()[:16]}"'

    @routes.api_route(WIDGET, methods=["GET", "HEAD"])
    async def widget(request: Request) -> Response:
        small = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "Cache-Control": f"public, max-age={FRESH_SECONDS}",
            "ETag": f"W/{version}",
            "Vary": "Accept-Encoding",
            # Pages with a Cross-Origin-Embedder-Policy load only resources that opt in; modules, and scripts with
            # crossorigin or integrity, need CORS. The script holds nothing secret.
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": "*",
        }
        if version in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body, coding = (packed, {"Content-Encoding": "gzip"}) if small else (plain, {})
        # Without a charset, a page in GBK would decode the script as GBK.
        return Response(body, headers=headers | coding, media_type="text/javascript; charset=utf-8")

    @routes.get("/embed")
    async def embed(request: Request) -> Response:
        reader = language_of(request)
        body = render.embed(address(request, public), bool(public), origins, face.park.colour, root, reader)
        title = chosen("放到您的网站上", "Put it on your site", reader)
        return page(request, root, title, body)

    return routes
