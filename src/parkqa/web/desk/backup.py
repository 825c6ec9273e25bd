"""Back-up and restore: one file with all that cannot be built again."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from parkqa.desk.backup import messages_until
from parkqa.desk.folder import removed
from parkqa.desk.restoring import Restored
from parkqa.desk.sealing import SHORTEST
from parkqa.errors import MessagesError, ParkqaError
from parkqa.web.desk.report import counted
from parkqa.web.desk.uploads import LIMITS, Received, taken
from parkqa.web.desk.view import View, form, local, who
from parkqa.web.paths import DESK_RESTORE, UPLOAD_BYTES


def router(view: View) -> APIRouter:
    """Return the routes ``/backup``, ``/backup/download`` and ``/backup/restore``."""
    routes = APIRouter()

    @routes.get("/backup")
    def show(request: Request) -> Response:
        limits = (1, LIMITS[2], LIMITS[2])
        try:
            until = messages_until(view.desk.settings)
        except MessagesError:  # a back-up says why
            until = ""
        return view.page(request, "backup", ("备份", "Back-up"), limits=limits, shortest=SHORTEST, until=until)

    @routes.post("/backup/download")
    def download(request: Request) -> Response:
        return _downloaded(view, request)

    @routes.post(DESK_RESTORE)
    async def restore(request: Request) -> Response:
        return await taken(view, request, lambda got: _restored(view, request, got), UPLOAD_BYTES)

    return routes


def _downloaded(view: View, request: Request) -> Response:
    """Hand out a back-up, which is removed here when it has been sent."""
    passphrase = form(request).get("passphrase", "")
    if passphrase != form(request).get("again", ""):
        raise ParkqaError(
            "两次写的密码不一样，没有备份。", "The two passphrases are not the same; nothing was backed up."
        )
    view.desk.folder.tidy()
    place = view.desk.folder.fresh()
    try:
        view.desk.back_up(who(request), place / "backup", passphrase)
    except BaseException:
        removed(place)
        raise
    name = f"parkqa-{datetime.now():%Y-%m-%d-%H%M}.{'backup' if passphrase else 'zip'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    done = BackgroundTask(removed, place)
    return FileResponse(place / "backup", headers=headers, media_type="application/octet-stream", background=done)


def _restored(view: View, request: Request, got: Received) -> Response:
    given, path = got.chosen()[0]
    done = view.desk.restore(who(request), path, got.fields.get("passphrase", ""), given)
    zh, en = _told(done)
    return view.done(request, "/publish" if done.changed else "/backup", zh, en)


def _told(done: Restored) -> tuple[str, str]:
    """Return in both languages what has come of it."""
    made, count = local(done.manifest.made), len(done.changed)
    zh = [f"{made} 的备份已放回。", f"有 {count} 份资料不同，已放进草稿：在“发布”页检查影响，发布以后才生效。"]
    en = [
        f"The back-up of {made} is in place.",
        f"{count} documents differ, and are in the draft: check, then publish.",
    ]
    if not count:
        zh[1], en[1] = "资料和备份里的一样。", "The documents are those of the back-up."
    if done.journal:
        zh.append(f"问答记录：{counted(done.journal)[0]}")
        en.append(f"Journal: {counted(done.journal)[1]}")
    return "\n".join(zh), "\n".join(en)
