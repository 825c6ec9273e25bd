"""The park's logo, that of the index that answers, like the name beside it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from parkqa.web.paths import LOGO
from parkqa.web.responses import NO_ADDRESS, refusal
from parkqa.web.serving.face import Face

_YEAR = "public, max-age=31536000, immutable"


def router(face: Face) -> APIRouter:
    """Return the route ``/logo``: 200 with the picture, 404 without one. Browsers keep it under its own version."""
    routes = APIRouter()

    @routes.get(LOGO)
    def show(v: str = "") -> Response:
        logo = face.logo
        if logo is None:
            return refusal(NO_ADDRESS, 404)
        kept = _YEAR if v == logo.version else "no-cache"
        return Response(logo.content, headers={"Cache-Control": kept}, media_type=logo.media)

    return routes
