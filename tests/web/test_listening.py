"""What the server listens with."""

from __future__ import annotations

import asyncio
import socket

from parkqa.settings import load_settings
from parkqa.web.app import _listen


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
