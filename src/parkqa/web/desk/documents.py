"""The list of documents, and how files are put into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from parkqa.corpus.formats import KINDS, PICTURES
from parkqa.desk.desk import Who
from parkqa.desk.names import folders
from parkqa.errors import ParkqaError
from parkqa.web.desk.door import QUIET
from parkqa.web.desk.uploads import LIMITS, Received, taken
from parkqa.web.desk.view import CONDITIONS, View, who
from parkqa.web.paths import DESK, DESK_DOCUMENTS

ACCEPT = ",".join(sorted(KINDS | PICTURES))
_TITLE = ("资料", "Documents")


def router(view: View) -> APIRouter:
    """Return the routes of the list and of what is put in; what changes something answers with 303 in any case."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/")
    def show(request: Request, q: str = "") -> Response:
        listed = _listed(view, who(request), q[:200])
        return view.page(
            request,
            "documents",
            _TITLE,
            retired=desk.library.retired(),
            sites=desk.sites.sites(),
            last=desk.sites.last(),
            fetching=bool(desk.sites.work.who),
            accept=ACCEPT,
            limits=LIMITS,
            **listed,
        )

    @routes.get(f"/documents{QUIET}")
    def progress(request: Request, q: str = "") -> Response:
        values = {
            "csrf": request.session["csrf"],
            "here": f"{view.root}{DESK}/?q={quote(q[:200])}",
            "conditions": CONDITIONS,
        }
        return view.part(request, "document_list", **values, **_listed(view, who(request), q[:200]))

    @routes.post("/documents/read")
    def read(request: Request) -> Response:
        desk.library.begin_reading(who(request)[0])
        return view.done(request, "/", "开始读了。", "Reading has begun.")

    @routes.post(DESK_DOCUMENTS)
    async def upload(request: Request) -> Response:
        return await taken(view, request, lambda got: _taken(view, request, got))

    return routes


def _listed(view: View, person: Who, words: str) -> dict[str, object]:
    """Return what the list shows; files that have not been read yet are read from now on, unless that has failed.

    While that goes on, or a row made before its end still says so, the page asks for the list again (``reading``).
    """
    library = view.desk.library
    rows = library.rows()
    pending = any("pending" in row.conditions for row in rows)
    if pending and library.work.fault is None:
        library.begin_reading(person[0])
    work = library.work
    return {
        "rows": library.holding(rows, words),
        "folders": folders([row.file.name for row in rows]),
        "q": words,
        "pending": pending,
        "reading": bool(work.who) or (pending and work.fault is None),
        "work": work,
    }


def _taken(view: View, request: Request, got: Received) -> Response:
    """Put each file in, or replace the one that the form names; say what was done and what was not."""
    files = got.chosen()
    name = got.fields.get("name", "")
    if name:
        view.desk.replace(who(request), files[0][1], name, got.fields.get("seen", ""))
        return view.done(request, f"/document?name={quote(name)}", f"已换成新的 {name}。", f"{name} is replaced.")
    done, failed = _added(view, who(request), files, got.fields.get("folder", ""))
    if failed:
        zh = [f"已放进 {len(done)} 份；没有收：", *(error.zh for error in failed)]
        en = [f"{len(done)} put in; left out:", *(error.en for error in failed)]
        raise ParkqaError("\n".join(zh), "\n".join(en))
    return view.done(request, "/", f"已放进：{'、'.join(done)}。", f"Put in: {', '.join(done)}.")


def _added(
    view: View, person: Who, files: Sequence[tuple[str, Path]], folder: str
) -> tuple[list[str], list[ParkqaError]]:
    done: list[str] = []
    failed: list[ParkqaError] = []
    for given, path in files:
        try:
            done.append(view.desk.add(person, path, given, folder))
        except ParkqaError as error:
            failed.append(error)
    return done, failed
