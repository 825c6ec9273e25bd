"""Reports the status of every response, including those of the other middleware."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Counted:
    """Outermost ASGI middleware: calls ``heard`` with the status of each response to an HTTP request."""

    def __init__(self, app: ASGIApp, heard: Callable[[int], None]) -> None:
        self._app = app
        self._heard = heard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._heard(message["status"])
            await send(message)

        await self._app(scope, receive, counting if scope["type"] == "http" else send)
