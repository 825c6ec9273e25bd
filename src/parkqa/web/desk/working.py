"""How far work in the background is: the part of a page that asks for itself again and again."""

from __future__ import annotations

from fastapi import Request, Response

from parkqa.desk.background import Background
from parkqa.web.desk.view import View


def working(view: View, request: Request, work: Background, path: str) -> Response:
    """Return how far some work is; when it has ended, the page ``path`` around it is drawn anew."""
    made = view.part(request, "working", work=work, path=path)
    return made if work.who else renewing(made)


def renewing(part: Response) -> Response:
    """Have the page that a part is for drawn anew."""
    part.headers["HX-Refresh"] = "true"
    return part
