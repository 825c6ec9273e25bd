"""The widget for other sites: its script, and the page on which a webmaster chooses its options."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Request, Response

from parkqa.web import render
from parkqa.web.pages.page import address, language_of, page

SCRIPT = Path(__file__).parent.parent / "static" / "widget.js"
FRESH_SECONDS = 300
"""How long a browser keeps the script: so long may an upgrade take to reach the sites."""


def router(root: str, public: str, origins: Sequence[str], colour: str) -> APIRouter:
    """Return the routes; ``root`` is the path prefix, ``public`` the visitors' address, ``origins`` who may embed."""
    routes = APIRouter()
    plain = SCRIPT.read_bytes()
    packed = gzip.compress(plain, mtime=0)
    version = f'"{hashlib.sha256(plain).hexdigest()[:16]}"'

    @routes.api_route("/widget.js", methods=["GET", "HEAD"])
    async def widget(request: Request) -> Response:
        small = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "Cache-Control": f"public, max-age={FRESH_SECONDS}",
            "ETag": f"W/{version}",
            "Vary": "Accept-Encoding",
            # A page that isolates itself (COEP) takes only what says that it may be taken.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if version in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body, coding = (packed, {"Content-Encoding": "gzip"}) if small else (plain, {})
        # The character set is said: a page in GBK would else read the script as GBK.
        return Response(body, headers=headers | coding, media_type="text/javascript; charset=utf-8")

    @routes.get("/embed")
    async def embed(request: Request) -> Response:
        body = render.embed(address(request, public), bool(public), origins, colour, root)
        title = "Put it on your site" if language_of(request) == "en" else "放到您的网站上"
        return page(request, root, title, body)

    return routes
