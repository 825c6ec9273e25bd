"""Connections that keep the server waiting: time limits, and places for newcomers.

uvicorn waits for a request without end, so that a thousand connections on which nothing is sent, or a byte a second,
would use up all file descriptors.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from parkqa.web.addresses import network
from parkqa.web.paths import DESK, DESK_UPLOADS, UPLOAD_SECONDS
from parkqa.web.responses import NOT_UNDERSTOOD, refusal

HEAD_SECONDS = 10.0
"""Seconds in which the head of a request must have come, counted from the opening of the connection or the last reply;
chosen by hand."""
REQUEST_SECONDS = 30.0
"""Seconds in which a whole request must have come. A little longer than ``security.BODY_SECONDS``, which the visitor is
told of; this one ends what no route reads."""
REPLY_SECONDS = 30.0
"""Seconds in which a visitor must have taken some more of a reply, chosen by hand."""
PER_ADDRESS = 512
"""Largest number of connections of one address, chosen by hand: a hall of people behind one address has fewer."""
MOST = 4096
"""Largest number of connections in all, chosen by hand; an idle one takes about 15 kB."""
BACKLOG = 512
"""Connections that the system keeps until they are taken, and that are taken at once."""
RESERVED = 128
"""File descriptors kept for files, the database and the models, besides those for a BACKLOG."""


class Places:
    """The open connections, by address; makes room for a newcomer.

    ``most`` is the largest number of connections in all; ``is_proxy`` tells which addresses carry many visitors and may
    have any number of them.
    """

    def __init__(self, most: int = MOST, is_proxy: Callable[[str], bool] = lambda _: False) -> None:
        self._most = most
        self._is_proxy = is_proxy
        # In the order of their coming.
        self._by_address: dict[str, dict[TimedProtocol, None]] = {}
        self._count = 0

    def take(self, newcomer: TimedProtocol, address: str) -> None:
        """Give a newcomer a place, if need be that of the oldest connection that keeps the server waiting.

        It is one of the same address if that has PER_ADDRESS of them, else one of the address that has the most. If all
        of them are being answered, it is the newcomer that goes.
        """
        own = self._by_address.setdefault(address, {})
        own[newcomer] = None
        self._count += 1
        if len(own) > PER_ADDRESS and not self._is_proxy(address):
            self._send_away(address)
        elif self._count > self._most:
            self._send_away(max(self._by_address, key=lambda each: len(self._by_address[each])))

    def leave(self, connection: TimedProtocol, address: str) -> None:
        """Forget a connection that has ended; one that is not there is ignored."""
        own = self._by_address.get(address, {})
        if connection in own:
            del own[connection]
            self._count -= 1
            if not own:
                del self._by_address[address]

    def _send_away(self, address: str) -> None:
        connections = self._by_address[address]
        newest = next(reversed(connections))
        chosen = next((each for each in connections if each.waits), newest)
        self.leave(chosen, address)
        chosen.give_up()


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, which closes a connection whose visitor takes too long to send a request or take a reply."""

    places: ClassVar[Places]
    _timer: asyncio.TimerHandle | None = None
    _phase = ""
    _address = ""
    _unsent = 0

    @property
    def waits(self) -> bool:
        """Whether the server waits for the visitor, and not the other way round."""
        return self._phase != "answering"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the head of a request."""
        super().connection_made(transport)
        self._address = network(self.client[0]) if self.client else ""
        self._enter("head", HEAD_SECONDS)
        self.places.take(self, self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._enter("lost")
        self.places.leave(self, self._address)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Handle what has come, then wait for what is missing."""
        super().handle_events()
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request; a reply that is not taken ends the connection."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Begin to wait for the visitor to take what was sent."""
        super().pause_writing()
        self._enter("reply", REPLY_SECONDS)
        self._unsent = self.transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        """The visitor has taken enough of it."""
        super().resume_writing()
        if self._phase == "reply":
            self._enter("answering")
            self._watch()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in our own words; uvicorn's are English only.

        A request that it was part of is given up; if its answer has begun, there is nothing more to say.
        """
        answer = self.cycle
        if answer is not None and not answer.response_complete:
            answer.disconnected = True
            answer.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        reply = refusal(NOT_UNDERSTOOD, 400, {"Connection": "close", "X-Content-Type-Options": "nosniff"})
        for event in (
            h11.Response(status_code=400, headers=reply.raw_headers, reason=b"Bad Request"),
            h11.Data(data=bytes(reply.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event))
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: who asks for a websocket gets the page, and no library is missing."""

    def give_up(self) -> None:
        """End the connection at once; what has not been sent by now is lost."""
        self.transport.abort()

    def _time_up(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if self._phase == "reply" and unsent < self._unsent:  # slow, but not gone
            self._unsent = unsent
            self._timer = self.loop.call_later(REPLY_SECONDS, self._time_up)
        else:
            self.give_up()

    def _watch(self) -> None:
        """Enter the phase that the connection has come to; the time of one that goes on is not extended."""
        if self._phase in ("reply", "lost"):
            return
        if self.cycle is None or self.cycle.response_complete:
            self._enter("head", HEAD_SECONDS)
        elif self.cycle.more_body:
            self._enter("body", UPLOAD_SECONDS if _is_upload(self.scope["path"]) else REQUEST_SECONDS)
        else:
            self._enter("answering")

    def _enter(self, phase: str, seconds: float | None = None) -> None:
        if phase == self._phase:
            return
        self._phase = phase
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._time_up)


def _is_upload(path: str) -> bool:
    """Return whether files may be sent to a path; a prefix may stand before it. Who may do so is checked there."""
    return path.endswith(tuple(f"{DESK}{route}" for route in DESK_UPLOADS))


def timed(most: int, is_proxy: Callable[[str], bool]) -> type[asyncio.Protocol]:
    """Return the protocol of one server, whose connections share their places; arguments as for ``Places``."""
    return type("ServedProtocol", (TimedProtocol,), {"places": Places(most, is_proxy)})


def raise_file_limit() -> int:
    """Raise the number of files that this process may open to what the system allows; return for how many connections.

    Where there is no such limit, as on Windows, that is MOST.
    """
    try:
        import resource
    except ImportError:
        return MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    except (ValueError, OSError):  # macOS calls it unlimited and does not allow it
        logging.getLogger("parkqa").debug("the limit of open files stays at %d", soft)
    room = MOST if soft == resource.RLIM_INFINITY else soft - BACKLOG - RESERVED
    return max(min(room, MOST), BACKLOG // 8)


class Seldom(logging.Filter):
    """Lets each warning of uvicorn through once a minute: visitors cause them, and the log would fill the disk."""

    SECONDS = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be logged; how many like it were not is added to it."""
        if record.levelno > logging.WARNING:
            return True
        said, now = str(record.msg), time.monotonic()
        if now - self._last.get(said, -self.SECONDS) < self.SECONDS:
            self._left_out[said] += 1
            return False
        self._last[said] = now
        if omitted := self._left_out.pop(said, 0):
            record.msg = f"{said} ({omitted} more like this in the meantime)"
        return True


def on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Exception handler of the event loop: a connection that cannot be taken is one line a minute, not a traceback.

    asyncio reports it for each place of the backlog, second after second.
    """
    if "accept" in context.get("message", ""):
        logging.getLogger("uvicorn.error").warning("no connection can be taken: %s", context.get("exception"))
    else:
        loop.default_exception_handler(context)
