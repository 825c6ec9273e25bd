"""What search engines may index: ``/robots.txt`` and ``/sitemap.xml``."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException, Response

from parkqa.errors import ParkqaError
from parkqa.web.cards import source_address
from parkqa.web.paths import ASK, DESK, LEAVES, METRICS
from parkqa.web.responses import refusal, told
from parkqa.web.serving.loader import Loader

CLOSED = ("/api/", ASK, "/conversation/", DESK, "/event", LEAVES, METRICS)
"""What paths begin with that no search engine needs: pages of a moment, pictures, programs' and the office's."""
MOST_ADDRESSES = 50_000
"""Addresses in one sitemap at most, by the protocol (sitemaps.org); of a larger corpus it is an index of parts."""
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def router(loader: Loader, root: str, public: str, indexable: bool) -> APIRouter:
    """Return the routes ``/robots.txt`` and, where source pages are ``indexable``, ``/sitemap.xml``.

    ``root`` is the path prefix, ``public`` the server's public URL. Statuses: 200; 404 for a sitemap that is not there;
    503 if the engine is not ready. Below a path prefix crawlers read another server's robots.txt, which is why source
    pages say themselves that they are not to be indexed, see ``source.router``.
    """
    routes = APIRouter()

    @routes.get("/robots.txt")
    async def robots() -> Response:
        closed = CLOSED if indexable else (*CLOSED, "/source/")
        lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in closed)]
        lines += [f"Sitemap: {public}/sitemap.xml"] if indexable else []
        return Response("\n".join(lines) + "\n", media_type="text/plain")

    @routes.get("/sitemap.xml")
    def sitemap(part: int = 0) -> Response:
        if not indexable:
            raise HTTPException(404)
        try:
            paths = [*loader.answering(lambda engine: engine.documents)]
        except ParkqaError as error:
            return refusal(told(error), 503)
        parts = -(-len(paths) // MOST_ADDRESSES)
        if not 0 <= part <= parts:
            raise HTTPException(404)
        if parts > 1 and not part:
            numbered = (f"{public}/sitemap.xml?part={number}" for number in range(1, parts + 1))
            return _listed("sitemapindex", "sitemap", numbered)
        start = (part - 1) * MOST_ADDRESSES if part else 0
        listed = paths[start : start + MOST_ADDRESSES]
        return _listed("urlset", "url", (source_address(path, public) for path in listed))

    return routes


def _listed(outer: str, inner: str, addresses: Iterable[str]) -> Response:
    entries = "".join(f"<{inner}><loc>{escape(each)}</loc></{inner}>\n" for each in addresses)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<{outer} xmlns="{_SCHEMA}">\n{entries}</{outer}>\n'
    return Response(xml, media_type="application/xml")
