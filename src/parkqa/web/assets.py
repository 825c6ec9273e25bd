"""The styles and scripts of the pages: small, compressed, and kept by browsers until they change.

Files that a page needs together are joined to one. Their addresses carry a hash of the content, so that a browser never
asks for them again and never has an old one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

STATIC = Path(__file__).parent / "static"
JOINED: Mapping[str, Sequence[str]] = {
    "page.js": (
        "words.js",
        "chat.js",
        "panel.js",
        "message.js",
        "voice.js",
        "memory.js",
        "typeahead.js",
        "typing.js",
        "gradio.js",
        "frame.js",
        "event.js",
    ),
    "page.css": ("parkqa.css", "chat.css", "event.css"),
    "stand.js": ("vendor/simple-keyboard.js", "pinyin.js", "keyboard.js", "staff.js"),
    "stand.css": ("pad.css",),
    "plain.css": ("parkqa.css",),
    "desk.js": ("htmx.min.js", "desk.js"),
    "desk.css": ("parkqa.css", "desk.css"),
}
"""The joined files, each with its parts in the order in which they run or apply."""
_KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_YEAR = "public, max-age=31536000, immutable"
_BRIEF = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Asset:
    """A joined file as it is and compressed; ``version`` is a hash of it."""

    plain: bytes
    packed: bytes
    version: str


@lru_cache(maxsize=len(JOINED))
def asset(name: str) -> Asset:
    """Return a joined file of JOINED."""
    plain = b"\n".join((STATIC / part).read_bytes() for part in JOINED[name])
    return Asset(plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:12])


def address(name: str, root: str) -> str:
    """Return the URL of a joined file; ``root`` is the path prefix."""
    return f"{root}/assets/{name}?v={asset(name).version}"


def router() -> APIRouter:
    """Return the route ``/assets/{name}``: 200, or 404 for a name that is not in JOINED."""
    routes = APIRouter()

    @routes.api_route("/assets/{name}", methods=["GET", "HEAD"])
    async def show(name: str, request: Request, v: str = "") -> Response:
        if name not in JOINED:
            raise HTTPException(404)
        found = asset(name)
        small = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": _YEAR if v == found.version else _BRIEF, "Vary": "Accept-Encoding"}
        if small:
            headers["Content-Encoding"] = "gzip"
        kind = _KINDS[name.rpartition(".")[2]]
        return Response(found.packed if small else found.plain, headers=headers, media_type=kind)

    return routes
