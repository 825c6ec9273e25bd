"""A server that stops: pages hold streams open for as long as they are shown, so these are ended first."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Streams:
    """ASGI middleware: once ``stopping`` is set, who waits for a visitor to leave hears that they have left."""

    def __init__(self, app: ASGIApp, stopping: asyncio.Event) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        complete = False

        async def until_stopped() -> Message:
            nonlocal complete
            # Nobody who still sends is broken off.
            message = await (_either(receive, self._stopping) if complete else receive())
            complete = complete or not message.get("more_body", False)
            return message

        await self._app(scope, until_stopped if scope["type"] == "http" else receive, send)


async def _either(receive: Receive, stopping: asyncio.Event) -> Message:
    """What ``receive`` gives, or that the visitor has left as soon as ``stopping`` is set."""
    left, stopped = asyncio.ensure_future(receive()), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((left, stopped), return_when=asyncio.FIRST_COMPLETED)
        return left.result() if left.done() else {"type": "http.disconnect"}
    finally:
        left.cancel()
        stopped.cancel()


class Server(uvicorn.Server):
    """A server that sets ``stopping`` before it waits for what is still open."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        self._stopping.set()
        await super().shutdown(sockets)
