"""One document: how it is read, its title, dates and earlier versions, and everything that can be done with it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from parkqa.corpus.curation.park import PARTICULARS
from parkqa.corpus.limits import FileReading
from parkqa.corpus.passages import heading_path
from parkqa.desk.documents import Row
from parkqa.desk.editing import seen_particulars
from parkqa.errors import DocumentError, ParkqaError
from parkqa.web.desk.view import View, form, who


def router(view: View) -> APIRouter:
    """Return the routes of one document; what changes something answers with 303, whether it was done or not."""
    routes = APIRouter()
    desk = view.desk

    @routes.get("/document")
    def one(request: Request, name: str = "") -> Response:
        return _one(view, request, name)

    @routes.get("/retired")
    def retired(request: Request, name: str = "") -> Response:
        if name not in desk.library.retired():
            raise ParkqaError("没有撤下过这份资料。", "No such document was retired.")
        return view.page(request, "retired", (name, name), name=name, versions=desk.library.versions(name))

    @routes.get("/document/file")
    def file(name: str = "") -> Response:
        found = desk.library.row(name).file
        disposition = f"attachment; filename*=UTF-8''{quote(Path(name).name)}"
        headers = {"Content-Disposition": disposition, "Content-Security-Policy": "sandbox"}
        return FileResponse(found.path, headers=headers, media_type="application/octet-stream")

    @routes.post("/document/{deed}")
    def change(deed: str, request: Request) -> Response:
        return _changed(view, request, deed)

    return routes


def _one(view: View, request: Request, name: str) -> Response:
    desk = view.desk
    row = desk.library.row(name)
    gone = "gone" in row.conditions
    reading, error = (None, None) if gone else _reading(view, row)
    if "pending" in row.conditions:  # it has been read now
        row = desk.library.row(name)
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
        versions=desk.library.versions(name),
        accept=Path(name).suffix,
    )


def _reading(view: View, row: Row) -> tuple[FileReading | None, DocumentError | None]:
    try:
        return view.desk.library.reading(row.file), None
    except DocumentError as error:
        return None, error


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
