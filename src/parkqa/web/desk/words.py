"""Words and settings: park.yaml, glossary.yaml and faq.yaml as text, with mistakes named at their line."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from parkqa.corpus.curation import faq, glossary, park, sites
from parkqa.errors import ParkqaError
from parkqa.web.desk.view import View, form, who

FILES = {
    park.FILE: ("园区：名称、建议的问题、联系方式、颜色", "The park: names, suggested questions, contact, colour"),
    glossary.FILE: ("词表：同义词", "Glossary: synonyms"),
    faq.FILE: ("常问：指定用哪句原文回答", "FAQ: questions and the words that answer them"),
    sites.FILE: ("网站：哪些网站的网页也当资料", "Sites: web sites whose pages are documents"),
}
_TITLE = ("词表与设置", "Words and settings")


def router(view: View) -> APIRouter:
    """Return the route ``/words``: GET shows a file; POST saves it to the draft (303), or shows what is wrong (422)."""
    routes = APIRouter()
    desk = view.desk

    def page(request: Request, name: str, text: str, seen: str, error: ParkqaError | None = None) -> Response:
        line = getattr(error, "line", 0)
        status = 422 if error else 200
        return view.page(
            request, "words", _TITLE, status, files=FILES, name=name, text=text, seen=seen, error=error, line=line
        )

    @routes.get("/words")
    def show(request: Request, file: str = park.FILE) -> Response:
        name = file if file in FILES else park.FILE
        there = desk.shelf.files()
        found = there.present.get(name)
        return page(request, name, desk.shelf.text(name, there), found.sha if found else "")

    @routes.post("/words")
    def save(request: Request) -> Response:
        name, text, seen = (form(request).get(key, "") for key in ("name", "text", "seen"))
        try:
            desk.write_text(who(request), name, text, seen)
        except ParkqaError as error:
            return page(request, name if name in FILES else park.FILE, text, seen, error)
        return view.done(request, f"/words?file={name}", "已保存到草稿。", "Saved to the draft.")

    return routes
