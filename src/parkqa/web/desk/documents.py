"""The documents: the list, one document with how it is read, and everything that can be done with either."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from parkqa.corpus.curation.park import PARTICULARS
from parkqa.corpus.formats import KINDS, PICTURES
from parkqa.corpus.limits import FileReading
from parkqa.corpus.passages import heading_path
from parkqa.desk.desk import Who
from parkqa.desk.documents import Row
from parkqa.desk.editing import seen_particulars
from parkqa.desk.names import folders
from parkqa.errors import DocumentError, ParkqaError
from parkqa.web.desk.uploads import LIMITS, Received, taken
from parkqa.web.desk.view import View, form, who
from parkqa.web.paths import DESK_DOCUMENTS

ACCEPT = ",".join(sorted(KINDS | PICTURES))
_TITLE = ("资料", "Documents")


def router(view: View) -> APIRouter:
    """Return the routes of the documents; what changes something answers with 303, whether it was done or not."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/")
    def show(request: Request, q: str = "") -> Response:
        rows = desk.rows(q[:200])
        return view.page(
            request,
            "documents",
            _TITLE,
            rows=rows,
            q=q[:200],
            pending=any("pending" in row.conditions for row in rows),
            retired=desk.retired(),
            sites=desk.sites.sites(),
            last=desk.sites.last(),
            fetching=bool(desk.sites.work.who),
            folders=folders([row.file.name for row in rows]),
            accept=ACCEPT,
            limits=LIMITS,
        )

    @routes.post("/documents/read")
    def read(request: Request) -> Response:
        desk.read_pending()
        return view.done(request, "/", "都读过了。", "All of them have been read.")

    @routes.get("/document")
    def one(request: Request, name: str = "") -> Response:
        return _one(view, request, name)

    @routes.get("/retired")
    def retired(request: Request, name: str = "") -> Response:
        if name not in desk.retired():
            raise ParkqaError("没有撤下过这份资料。", "No such document was retired.")
        return view.page(request, "retired", (name, name), name=name, versions=desk.versions(name))

    @routes.get("/document/file")
    def file(name: str = "") -> Response:
        found = desk.row(name).file
        disposition = f"attachment; filename*=UTF-8''{quote(Path(name).name)}"
        headers = {"Content-Disposition": disposition, "Content-Security-Policy": "sandbox"}
        return FileResponse(found.path, headers=headers, media_type="application/octet-stream")

    @routes.post(DESK_DOCUMENTS)
    async def upload(request: Request) -> Response:
        return await taken(view, request, lambda got: _taken(view, request, got))

    @routes.post("/document/{deed}")
    def change(deed: str, request: Request) -> Response:
        return _changed(view, request, deed)

    return routes


def _one(view: View, request: Request, name: str) -> Response:
    desk = view.desk
    row = desk.row(name)
    gone = "gone" in row.conditions
    reading, error = (None, None) if gone else _reading(view, row)
    particulars = desk.shelf.particulars()
    return view.page(
        request,
        "document",
        (name, name),
        row=row,
        gone=gone,
        reading=reading,
        has_pages=reading is not None and desk.pages.are_likely(reading.document),
        error=error,
        headings=[heading_path(passage) for passage in reading.passages] if reading else [],
        given=particulars.get(name, {}),
        seen_given=seen_particulars(particulars, name),
        versions=desk.versions(name),
        accept=Path(name).suffix,
    )


def _reading(view: View, row: Row) -> tuple[FileReading | None, DocumentError | None]:
    try:
        return view.desk.reading(row.file), None
    except DocumentError as error:
        return None, error


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


def _changed(view: View, request: Request, deed: str) -> Response:
    fields, person, desk = form(request), who(request), view.desk
    name, seen = fields.get("name", ""), fields.get("seen", "")
    here = f"/document?name={quote(name)}"
    if deed == "describe":
        values = {key: fields.get(key, "") for key in PARTICULARS}
        desk.describe(person, name, values, seen)
        return view.done(request, here, "已保存到草稿。", "Saved to the draft.")
    if deed == "rename":
        new = desk.rename(person, name, fields.get("to", ""), seen)
        return view.done(request, f"/document?name={quote(new)}", f"已改名为 {new}。", f"Renamed to {new}.")
    if deed == "retire":
        desk.retire(person, name, seen)
        return view.done(request, "/", f"{name} 已撤下，发布以后生效。", f"{name} is retired once this is published.")
    if deed == "bring-back":
        desk.bring_back(person, name, fields.get("version", ""), seen)
        return view.done(request, here, "已换回这个版本，发布以后生效。", "Brought back; it counts once published.")
    if deed == "drop":
        desk.drop(person, name)
        return view.done(request, "/publish", f"已放弃对 {name} 的改动。", f"The change of {name} is dropped.")
    raise ParkqaError("没有这个动作。", "There is no such deed.")
