"""JSON responses, and the error messages shared by all routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from parkqa.errors import BadQuestion, Busy, ParkqaError, StoreUnavailable

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


def refusal(error: ParkqaError, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as ``{"error": …}`` with the given HTTP status."""
    return reply({"error": str(error)}, status, headers)


def question_refused(error: ParkqaError) -> Response:
    """Return the response for a question that could not be processed.

    The status is 422 for a BadQuestion, else 503; Busy and StoreUnavailable also get a Retry-After header in seconds.
    """
    if isinstance(error, BadQuestion):
        return refusal(error, 422)
    return refusal(error, 503, {"Retry-After": str(SOON)} if isinstance(error, Busy | StoreUnavailable) else None)


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
