"""The route from which Prometheus reads, for this machine and for whoever has the token."""

from __future__ import annotations

import asyncio
import hmac
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from parkqa.errors import ParkqaError
from parkqa.web.middleware.proxy import is_local
from parkqa.web.paths import METRICS
from parkqa.web.serving.metrics import Metrics

SHORTEST = 16
"""Fewest characters of a token; chosen by hand: it can be tried as often as the network allows."""


def router(metrics: Metrics, token: str = "") -> APIRouter:
    """Return the route ``GET /metrics``: 404 unless a request comes from this machine or has the ``token``, if any."""
    routes = APIRouter()

    @routes.get(METRICS)
    async def read(request: Request) -> Response:
        if not (is_local(request.scope) or _has(request, token)):
            raise HTTPException(404)
        body, media_type = await asyncio.to_thread(metrics.text)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=media_type)

    return routes


def read_token(path: Path | None) -> str:
    """Return the first line of the file, "" without one.

    Raises:
        ParkqaError: it cannot be read, or its first line is no token of at least SHORTEST visible ASCII characters.
    """
    if path is None:
        return ""
    try:
        token = path.read_bytes().partition(b"\n")[0].strip().decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "ASCII"
        raise ParkqaError(
            f"PARKQA_METRICS_TOKEN_FILE 的文件 {path} 读不了（{reason}）。",
            f"The file {path} of PARKQA_METRICS_TOKEN_FILE cannot be read ({reason}).",
        ) from error
    if len(token) < SHORTEST or not token.isprintable() or " " in token:
        raise ParkqaError(
            f"{path} 的第一行应是至少 {SHORTEST} 个字母、数字或符号的令牌，不含空格。",
            f"The first line of {path} must be a token of at least {SHORTEST} letters, digits or signs without spaces.",
        )
    return token


def _has(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
