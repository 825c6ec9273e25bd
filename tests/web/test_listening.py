"""What the server listens with."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI

from parkqa.settings import load_settings
from parkqa.web.server import _listen, _server


def test_a_reply_waits_for_no_acknowledgement() -> None:
    """A connection that the server takes sends at once, as asyncio sets it up."""

    async def taken() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = _listen(load_settings(port=0, host="127.0.0.1"))
        async with await asyncio.start_server(answer, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            delayed = await found
            writer.close()
            await writer.wait_closed()
        return delayed

    assert asyncio.run(taken())


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGHUP")
def test_a_terminal_that_closes_stops_it_cleanly() -> None:
    """With a connection still open; unhandled, the signal would end the process before its journal is written."""
    ended: list[bool] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        ended.append(True)

    settings = load_settings(port=0)
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        server = _server(FastAPI(lifespan=lifespan), settings)
        listener = _listen(settings)
        with socket.create_connection(listener.getsockname()):
            timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGHUP))
            timer.start()
            server.run(sockets=[listener])
            timer.cancel()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert ended == [True]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGHUP")
def test_who_is_to_outlive_the_terminal_does() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        _server(FastAPI(), load_settings())
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
