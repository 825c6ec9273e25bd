"""JSON responses, and the error messages shared by all routes."""

from __future__ import annotations

import gzip
import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from parkqa.errors import BadQuestion, Busy, DatabaseRefused, ParkqaError, StoreUnavailable

_LOG = logging.getLogger("parkqa")

UNEXPECTED = ParkqaError("出了点问题，请再试一次。", "Something went wrong; please try again.")
NO_ADDRESS = ParkqaError("没有这个地址。", "There is no such address.")
NO_METHOD = ParkqaError("这个地址不能这样请求。", "This address cannot be requested in this way.")
NO_HOST = ParkqaError(
    "这个网址不是本服务的：请用公布的网址打开；若是本服务的，请运营者写进 PARKQA_HOSTS。",
    "This service does not go by that name: use its published address, or have the operator add it to PARKQA_HOSTS.",
)
NO_SITE = ParkqaError(
    "别的网站不能往这里提交；若是自己的网站，请运营者写进 PARKQA_EMBED_ORIGINS。",
    "Other sites may not post here; if it is your own, have the operator add it to PARKQA_EMBED_ORIGINS.",
)
TRY_AGAIN = ParkqaError(
    "资料暂时查不了，请稍后再试。", "The documents cannot be searched at the moment; please try again shortly."
)
TOO_SLOW = ParkqaError("请求来得太慢，请再试一次。", "The request came too slowly; please try again.")
NOT_UNDERSTOOD = ParkqaError("看不懂这个请求。", "The request cannot be understood.")
TOO_LARGE = ParkqaError("请求太大了。", "The request is too large.")
STOPPING = Busy("服务正在停止或重启，请稍候再问。", "The server is restarting; please ask again in a moment.")
SENTENCES = {
    400: NOT_UNDERSTOOD,
    403: NO_ADDRESS,
    404: NO_ADDRESS,
    405: NO_METHOD,
    408: TOO_SLOW,
    413: TOO_LARGE,
    422: NOT_UNDERSTOOD,
}
"""Error message by HTTP status; UNEXPECTED is used for any other."""
SOON = 5
"""Value of Retry-After in seconds; chosen by hand."""
LOGGED_SECONDS = 60.0
"""Seconds in which the same error of the server is logged once, however many visitors meet it; chosen by hand."""
_ENDS = r"\s'\"，。；：、（）(){}<>"
_DATABASE = re.compile(rf"postgres(?:ql)?://[^{_ENDS}]*")
_PLACE = re.compile(rf"(?:[A-Za-z]:)?[\\/]?(?:[^{_ENDS}\\/]+[\\/])+[^{_ENDS}\\/]*|[\\/][^{_ENDS}\\/]+")
_logged: dict[str, float] = {}


def crowded() -> Busy:
    """Return the error for a question or request for which there is no place at the moment."""
    return Busy(
        "现在人多，请稍候几秒再问。", "Many people are asking right now; please wait a few seconds and ask again."
    )


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return ``content`` as a JSON response in UTF-8."""
    # A request's id may contain a lone surrogate, which is returned as "?"; quotes never contain one.
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return Response(body, status, headers, media_type="application/json")


def packed(request: Request, text: str, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return a text, compressed where the browser takes it."""
    body = text.encode("utf-8")
    more = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6, mtime=0)
        more["Content-Encoding"] = "gzip"
    return Response(body, headers={**headers, **more}, media_type=media_type)


def refusal(error: ParkqaError, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as ``{"error": …}`` with the given HTTP status."""
    return reply({"error": str(error)}, status, headers)


def question_refused(error: ParkqaError) -> Response:
    """Return the response for a question that could not be processed.

    The status is 422 for a BadQuestion, else 503; Busy and StoreUnavailable also get a Retry-After header in seconds.
    """
    if isinstance(error, BadQuestion):
        return refusal(error, 422)
    soon = isinstance(error, Busy | StoreUnavailable)
    return refusal(told(error), 503, {"Retry-After": str(SOON)} if soon else None)


def told(error: ParkqaError) -> ParkqaError:
    """Return what visitors are told of an error: no place on this machine, and of a database nothing but to try again.

    What they are not told is logged.
    """
    if isinstance(error, Busy):
        return error
    if isinstance(error, StoreUnavailable | DatabaseRefused):
        _log(without_database(str(error)))
        return TRY_AGAIN
    shown = ParkqaError(without_places(error.zh), without_places(error.en))
    if str(shown) != str(error):
        _log(str(error))
    return shown


def without_places(text: str) -> str:
    """Return a message with the name alone of each file and folder, and without the address of a database.

    >>> without_places("/srv/索引/manifest.json 坏了。 / C:\\\\parkqa\\\\index is damaged.")
    'manifest.json 坏了。 / index is damaged.'
    """
    return _PLACE.sub(lambda found: re.split(r"[\\/]", found[0].rstrip("\\/"))[-1], without_database(text))


def without_database(text: str) -> str:
    """Return a message with the name of the setting for the address of a database."""
    return _DATABASE.sub("PARKQA_STORE", text)


def _log(text: str) -> None:
    now = time.monotonic()
    if now - _logged.get(text, -LOGGED_SECONDS) >= LOGGED_SECONDS:
        _logged.clear()  # only the latest are worth remembering
        _logged[text] = now
        _LOG.error("%s", text)


async def on_http_error(_: Request, error: Exception) -> Response:
    """Exception handler for HTTPException: keep its status and headers, return a message in JSON."""
    assert isinstance(error, HTTPException)
    return refusal(SENTENCES.get(error.status_code, UNEXPECTED), error.status_code, error.headers)


async def on_invalid(_: Request, __: Exception) -> Response:
    """Exception handler for FastAPI's RequestValidationError: return 422 with a message in JSON."""
    return refusal(NOT_UNDERSTOOD, 422)


async def on_crash(_: Request, __: Exception) -> Response:
    """Exception handler for uncaught exceptions: return 500 with a message in JSON."""
    return refusal(UNEXPECTED, 500)
