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
TOO_LARGE = ParkqaError("请求太大了。", "The request is too large.")
STOPPING = Busy("服务正在停止或重启，请稍候再问。", "The server is restarting; please ask again in a moment.")
SENTENCES = {403: NO_ADDRESS, 404: NO_ADDRESS, 405: NO_METHOD, 413: TOO_LARGE}
"""Error message by HTTP status; UNEXPECTED is used for any other."""
SOON = 5
"""Value of Retry-After in seconds; chosen by hand."""


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


async def on_crash(_: Request, __: Exception) -> Response:
    """Exception handler for uncaught exceptions: return 500 with a message in JSON."""
    return refusal(UNEXPECTED, 500)
