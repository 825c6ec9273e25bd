"""The park's logo: put in, taken out, and shown as the draft has it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from parkqa.desk import forms
from parkqa.errors import ParkqaError
from parkqa.web.desk.uploads import Received, taken
from parkqa.web.desk.view import View, form, who
from parkqa.web.paths import DESK_LOGO


def router(view: View) -> APIRouter:
    """Return the routes ``/settings/logo``, which takes the file, and those below it."""
    routes = APIRouter()
    desk = view.desk

    @routes.post(DESK_LOGO)
    async def put(request: Request) -> Response:
        def work(got: Received) -> Response:
            desk.write_logo(who(request), got.chosen()[0][1], _seen(got.fields))
            return view.done(request, "/settings", "标志已保存到草稿。", "The logo is saved to the draft.")

        return await taken(view, request, work)

    @routes.post(f"{DESK_LOGO}/none")
    def remove(request: Request) -> Response:
        desk.write_logo(who(request), None, _seen(form(request)))
        return view.done(request, "/settings", "草稿里不再有标志。", "The draft has no logo any more.")

    @routes.get(f"{DESK_LOGO}/picture")
    def picture() -> Response:
        found = forms.logo(desk.shelf)
        if found is None:
            raise ParkqaError("还没有标志。", "There is no logo yet.")
        return Response(found.content, media_type=found.media)

    return routes


def _seen(fields: Mapping[str, str]) -> tuple[str, str]:
    return fields.get("seen", ""), fields.get("seen_logo", "")
