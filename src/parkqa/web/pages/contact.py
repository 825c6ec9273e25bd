"""The map of the way to the park, which staff have put beside the documents."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from parkqa.corpus.curation.contact import map_file
from parkqa.errors import ParkqaError
from parkqa.web.pages.page import language_of
from parkqa.web.responses import NO_ADDRESS, question_refused, refusal
from parkqa.web.serving.loader import Loader


def router(loader: Loader, corpus: Path) -> APIRouter:
    """Return the route ``/contact/map``: 200 with the picture that park.yaml names, 404 without one, 503 if not ready.

    ``corpus`` is the folder of the documents.
    """
    routes = APIRouter()

    @routes.get("/contact/map")
    def show(request: Request) -> Response:
        try:
            park = loader.engine().park
        except ParkqaError as error:
            return question_refused(error)
        _, office = park.reached("en" if language_of(request) == "en" else "zh")
        picture = map_file(corpus, office.get("map", ""))
        return FileResponse(picture) if picture else refusal(NO_ADDRESS, 404)

    return routes
