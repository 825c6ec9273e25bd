"""What the staff at a stand are shown once they have given the PIN: the addresses of this machine."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from parkqa.errors import ParkqaError
from parkqa.query.request import read_object
from parkqa.web.addresses import visitor
from parkqa.web.middleware.rate_limit import Limiter, too_often
from parkqa.web.paths import CHAT, STAFF
from parkqa.web.responses import refusal, reply

TRIES = "5/minute"
"""How often one address may try a PIN; chosen by hand: all 10,000 would take 33 hours."""
_NO_PIN = ParkqaError(
    "这个服务没有设 PIN：用 --event 启动，或设 PARKQA_EVENT_PIN。",
    "This server has no PIN: start it with --event, or set PARKQA_EVENT_PIN.",
)
_WRONG = ParkqaError("PIN 不对，请再试。", "That is not the PIN; please try again.")


def router(pin: str, phones: Callable[[], str]) -> APIRouter:
    """Return the route ``POST /event/staff``, which takes ``{"pin": …}`` and gives ``address`` and ``phones``.

    ``pin`` is "" where there is none; ``phones`` returns the base URL that phones can open at present, or "". The
    status is 403 if the PIN is wrong and 429 after too many tries.
    """
    routes = APIRouter()
    tries = Limiter(TRIES)

    @routes.post(STAFF)
    async def enter(request: Request) -> Response:
        if not pin:
            return refusal(_NO_PIN, 403)
        if seconds := await tries.wait("staff", visitor(request.scope)):
            return refusal(too_often(seconds), 429, {"Retry-After": str(seconds)})
        given = read_object(await request.body()).get("pin")
        if not (isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), pin.encode())):
            return refusal(_WRONG, 403)
        base = phones()
        return reply({"address": str(request.base_url), "phones": f"{base}{CHAT}" if base else ""})

    return routes
