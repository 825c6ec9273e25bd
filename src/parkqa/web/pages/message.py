"""Leaving a message for the park's office: a form that needs no script, and what becomes of what was written in it.

What visitors write is text: it is shown escaped, and no link is made of it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.exceptions import HTTPException

from parkqa.errors import MessagesError, ParkqaError
from parkqa.journal.entries import printable, stamp
from parkqa.journal.messages import Message
from parkqa.query.request import LONGEST
from parkqa.web import render, turns
from parkqa.web.addresses import visitor
from parkqa.web.languages import Tongue, chosen, tongue
from parkqa.web.middleware.rate_limit import Limiter
from parkqa.web.pages.page import language_of, page
from parkqa.web.paths import MESSAGE
from parkqa.web.qr import svg
from parkqa.web.responses import told
from parkqa.web.serving.letterbox import Letterbox

RATE = "5/minute;30/hour"
"""How many messages one address may leave, chosen by hand: a stand is one address, and so is a whole firm's network."""
NAME, CONTACT = 60, 120
"""Maximum lengths of name and contact in code points; chosen by hand."""
_FIELDS = 20
"""Most fields of a form that are read."""
_SHOWN = ("question", "name", "contact", "consent", "mode")
"""Those that are shown again as they were filled in."""
_PAGES = ("chat", "widget", "event")
_LONGEST_CODE = 300
"""Characters of an address that a phone scans easily from a screen; chosen by hand."""
_PART = "form"
"""The value of ``part`` with which the scripts of the pages ask for the form alone."""


def router(box: Letterbox, links: turns.Links) -> APIRouter:
    """Return the routes ``GET /message``, the form with the question ``q``, and ``POST /message``.

    A message is answered with 200 once it is on the disk; with 422, 429 or 503 and the form as it was filled in if it
    could not be taken; with 404 where the park takes none. ``part=form`` is answered without a page around it.
    """
    routes = APIRouter()
    limiter = Limiter(RATE)

    @routes.get(MESSAGE)
    async def show(request: Request, q: str = "", mode: str = "", part: str = "") -> Response:
        _check_open(box)
        values = {"question": q.strip()[:LONGEST], "mode": mode}
        reader = language_of(request)
        return _shown(request, box, links, form(box, links, values, reader), part, reader)

    @routes.post(MESSAGE)
    async def take(request: Request) -> Response:
        _check_open(box)
        values = _read(await request.body())
        reader = tongue("", values.get("lang", "")[:16])
        status, headers = 200, dict[str, str]()
        try:
            message = written(values, reader)
            if seconds := await limiter.wait("message", visitor(request.scope)):
                raise _TooOften(seconds)
            await box.take(request, message)
            body = render.message("kept", reader=reader, number=message.number, contact=_contact(box, reader))
        except ParkqaError as error:
            status, headers = _status(error)
            body = form(box, links, values, reader, error)
        reply = _shown(request, box, links, body, values.get("part", ""), reader, status)
        reply.headers.update(headers)
        return reply

    return routes


def _status(error: ParkqaError) -> tuple[int, dict[str, str]]:
    if isinstance(error, _TooOften):
        return 429, {"Retry-After": str(error.seconds)}
    return 422 if isinstance(error, _NotFilledIn) else 503, {}


class _TooOften(MessagesError):
    """An address has left too many messages, and is to wait ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"这个网络地址留言太多了，请 {seconds} 秒后再提交。",
            f"Too many messages from this network address; please send it again in {seconds} seconds.",
        )
        self.seconds = seconds


class _NotFilledIn(MessagesError):
    """Something is missing in a form, or too long."""


def _check_open(box: Letterbox) -> None:
    if not box.is_open():
        raise HTTPException(404)


def _read(body: bytes) -> dict[str, str]:
    """Return the fields of a form; none if it cannot be read."""
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return {}
    return {name: printable(value) for name, value in fields}


def written(values: Mapping[str, str], reader: Tongue) -> Message:
    """Return the message that was written in a form.

    The same form sent twice, as after a reload, gives the same ``id``; anything written otherwise gives another.

    Raises:
        MessagesError: something is missing or too long, or there is no consent.
    """
    question = re.sub(r"\n{3,}", "\n\n", values.get("question", "").strip())
    name, contact = (" ".join(values.get(key, "").split()) for key in ("name", "contact"))
    _check(question, name, contact, values.get("consent", ""))
    seed = "\0".join((values.get("token", "") or secrets.token_hex(16), question, name, contact))
    mode = values.get("mode", "")
    return Message(
        id=hashlib.sha256(seed.encode()).hexdigest()[:32],
        at=stamp(datetime.now(UTC)),
        language="en" if reader == "en" else "zh",
        mode=mode if mode in _PAGES else _PAGES[0],
        question=question,
        name=name,
        contact=contact,
    )


def _check(question: str, name: str, contact: str, consent: str) -> None:
    if not question:
        raise _NotFilledIn("请写下您的问题。", "Please write your question.")
    if not contact:
        raise _NotFilledIn("请写下怎么联系您。", "Please write how to reach you.")
    for text, most, zh, en in (
        (question, LONGEST, "问题", "question"),
        (name, NAME, "称呼", "name"),
        (contact, CONTACT, "联系方式", "contact"),
    ):
        if len(text) > most:
            raise _NotFilledIn(
                f"{zh}最多 {most} 个字，请缩短。", f"Your {en} may have {most} characters; please shorten it."
            )
    if consent != "yes":
        raise _NotFilledIn("要同意保存，才能留言。", "A message can only be kept if you agree to that.")


def form(
    box: Letterbox, links: turns.Links, values: Mapping[str, str], reader: Tongue, error: ParkqaError | None = None
) -> str:
    """Return the form as HTML, filled in with ``values``, with an ``error`` above it."""
    return render.message(
        "form",
        reader=reader,
        root=links.root,
        values={name: values.get(name, "") for name in _SHOWN} | {"token": values.get("token") or secrets.token_hex(8)},
        error=error and told(error),
        contact=_contact(box, reader),
        days=box.days,
        sizes=(LONGEST, NAME, CONTACT),
        code=_code(links, values.get("question", ""), reader) if values.get("mode") == "event" else "",
    )


def _contact(box: Letterbox, reader: Tongue) -> str:
    return box.park.reached("en" if reader == "en" else "zh")[0]


def _code(links: turns.Links, question: str, reader: Tongue) -> str:
    """Return the code with which a phone opens the form, with the question in it unless the code would be too dense."""
    base = links.phones()
    if not base:
        return ""
    address = f"{base}{MESSAGE}?lang={reader}"
    asked = f"{address}&q={quote(question)}"
    return svg(asked if len(asked) <= _LONGEST_CODE else address)


def _shown(
    request: Request, box: Letterbox, links: turns.Links, body: str, part: str, reader: Tongue, status: int = 200
) -> Response:
    """Return the form, or what became of it, as a page or alone, for no cache to keep."""
    if part == _PART:
        reply: Response = HTMLResponse(body, status)
    else:
        title = chosen(f"留言 · {box.park.name}", f"Leave a message · {box.park.english_name}", reader)
        whole = render.message("page", reader=reader, root=links.root, park=box.park, body=Markup(body))
        reply = page(request, links.root, title, whole, status)
    reply.headers["Cache-Control"] = "no-store"
    return reply
