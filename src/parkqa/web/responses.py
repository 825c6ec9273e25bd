"""Replies in JSON, and the sentences for what may go wrong in any part of the web face."""

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
"""What is said about an HTTP status; UNEXPECTED about any other."""
SOON = 5
"""Seconds after which it is worth while to ask again."""


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return ``content`` as JSON."""
    # An id may hold half a surrogate pair: it goes back as "?", what is quoted never holds one.
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return Response(body, status, headers, media_type="application/json")


def refusal(error: ParkqaError, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as its one sentence."""
    return reply({"error": str(error)}, status, headers)


def refused(error: ParkqaError) -> Response:
    """Return why a question has no answer: 422 where it cannot be asked, else 503; Retry-After where that helps."""
    if isinstance(error, BadQuestion):
        return refusal(error, 422)
    return refusal(error, 503, {"Retry-After": str(SOON)} if isinstance(error, Busy | StoreUnavailable) else None)


async def known(_: Request, error: Exception) -> Response:
    """Answer an HTTPException, for use as an exception handler."""
    assert isinstance(error, HTTPException)
    return refusal(SENTENCES.get(error.status_code, UNEXPECTED), error.status_code, error.headers)


async def unexpected(_: Request, __: Exception) -> Response:
    """Answer what nothing has caught, for use as an exception handler."""
    return refusal(UNEXPECTED, 500)
