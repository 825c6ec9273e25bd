"""Words and settings as forms: the park, the glossary, the FAQ, and where the assistant is shown."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from parkqa.corpus.curation import faq, glossary, park
from parkqa.corpus.curation.contact import LABELS
from parkqa.corpus.curation.logo import KINDS
from parkqa.desk import forms
from parkqa.desk.forms import NEW, Fields, WrongField
from parkqa.errors import ParkqaError
from parkqa.text.folding import folded
from parkqa.web.desk.view import View, form, who
from parkqa.web.paths import CHAT, STAND, WIDGET
from parkqa.web.qr import svg
from parkqa.web.serving.network import phones

PATH = "/settings"
FILES = {"glossary": glossary.FILE, "faq": faq.FILE}
SHOWN = 30
"""Entries on a page; chosen by hand."""
_TITLE = ("词表与设置", "Words and settings")
_TRIED = ("questions", "suggestions", "suggestions_en")
_SAVED = ("已保存到草稿。", "Saved to the draft.")


def router(view: View) -> APIRouter:
    """Return the routes below ``/settings``; what is wrong in a form is said beside its field (422)."""
    routes = APIRouter()
    desk = view.desk

    @routes.get(PATH)
    def show(request: Request) -> Response:
        return _park(view, request)

    @routes.post(PATH)
    def save(request: Request) -> Response:
        fields = form(request)
        try:
            desk.write_park(who(request), fields, fields.get("seen", ""))
        except ParkqaError as error:
            return _park(view, request, error)
        return view.done(request, PATH, *_SAVED)

    @routes.post(f"{PATH}/try")
    def tried(request: Request, field: str = "questions") -> Response:
        text = form(request).get(field if field in _TRIED else "", "")
        found = desk.trials.tried(desk.live_engine(), text.splitlines())
        return view.part(request, "tried", tried=found)

    @routes.get(f"{PATH}/share")
    def share(request: Request) -> Response:
        return _share(view, request)

    @routes.get(f"{PATH}/{{kind}}")
    def listed(request: Request, kind: str, q: str = "", page: int = 1) -> Response:
        return _entries(view, request, kind, q[:200], page)

    @routes.post(f"{PATH}/{{kind}}")
    def change(request: Request, kind: str) -> Response:
        return _changed(view, request, kind)

    return routes


def _park(view: View, request: Request, error: ParkqaError | None = None) -> Response:
    shown = forms.shown(view.desk.shelf, park.FILE)
    fields: Fields = form(request) if error else next(iter(shown.entries), {})
    return view.page(
        request,
        "park",
        _TITLE,
        422 if error else 200,
        fields=fields,
        seen=form(request).get("seen", "") if error else shown.seen,
        broken=shown.broken,
        error=error,
        wrong=error.field if isinstance(error, WrongField) else "",
        colour=fields.get("colour") or park.COLOUR,
        logo=forms.logo(view.desk.shelf),
        kinds=",".join(media for _, media in KINDS.values()),
        labels=LABELS,
    )


def _share(view: View, request: Request) -> Response:
    settings = view.desk.settings
    base = settings.public_url or f"{request.url.scheme}://{request.url.netloc}{view.root}"
    mobile = phones(settings)
    return view.page(
        request,
        "share",
        _TITLE,
        line=f'<script src="{base}{WIDGET}" async></script>',
        chat=f"{mobile or base}{CHAT}",
        stand=f"{base}{STAND}",
        code=svg(f"{mobile}{CHAT}") if mobile else "",
        origins=settings.embed_origins,
        public=bool(settings.public_url),
        root_=view.root,
    )


def _name(kind: str) -> str:
    if kind not in FILES:
        raise ParkqaError("没有这一页。", "There is no such page.")
    return FILES[kind]


def _entries(
    view: View, request: Request, kind: str, words: str, number: int, failed: tuple[int, ParkqaError] | None = None
) -> Response:
    """Show the entries that hold some words, a page at a time; one that could not be saved is open, as it was typed."""
    shown = forms.shown(view.desk.shelf, _name(kind))
    found = [(place, entry) for place, entry in enumerate(shown.entries) if _holds(entry, words)]
    pages = max(1, -(-len(found) // SHOWN))
    number = min(max(number, 1), pages)
    place, error = failed or (None, None)
    return view.page(
        request,
        kind,
        _TITLE,
        422 if error else 200,
        file=_name(kind),
        kind=kind,
        listed=found[(number - 1) * SHOWN : number * SHOWN],
        count=len(found),
        number=number,
        pages=pages,
        q=words,
        seen=form(request).get("seen", "") if error else shown.seen,
        broken=shown.broken,
        error=error,
        failed=place,
        given=form(request) if error else {},
        wrong=error.field if isinstance(error, WrongField) else "",
        NEW=NEW,
    )


def _holds(entry: Mapping[str, str], words: str) -> bool:
    text = folded("\n".join(entry.values()))
    return all(word in text for word in folded(words).split())


def _changed(view: View, request: Request, kind: str) -> Response:
    name, fields, desk = _name(kind), form(request), view.desk
    given = fields.get("place", "")
    place = int(given) if given.isdecimal() and len(given) < 7 else NEW
    words, seen = fields.get("q", "")[:200], fields.get("seen", "")
    try:
        if fields.get("do") == "drop":
            desk.drop_entry(who(request), name, place, seen)
        else:
            desk.write_entry(who(request), name, place, fields, seen)
    except ParkqaError as error:
        return _entries(view, request, kind, words, place // SHOWN + 1 if not words else 1, (place, error))
    return view.done(request, f"{PATH}/{kind}", *_SAVED)
