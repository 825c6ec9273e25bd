"""How far work in the background is: the part of a page that asks for itself again and again."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from parkqa.desk.background import Background
from parkqa.web import render
from parkqa.web.desk.view import View
from parkqa.web.paths import DESK


def working(view: View, request: Request, work: Background, path: str) -> Response:
    """Return how far some work is; when it has ended, the page ``path`` around it is drawn anew."""
    html = render.desk("working", reader=view.reader(request), base=f"{view.root}{DESK}", work=work, path=path)
    return HTMLResponse(html, headers=None if work.who else {"HX-Refresh": "true"})
