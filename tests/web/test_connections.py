"""Connections that keep the server waiting are ended, and a newcomer always finds a place."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from parkqa.web.serving import connections
from parkqa.web.serving.connections import Seldom, on_loop_error, raise_file_limit, timed
from waiting import until

SOON = 0.4
"""Seconds that the limits are set to here."""
PATIENCE = 120.0
REQUEST = b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
BIG = 40_000_000
"""Bytes of a reply that no system takes off a server's hands."""


async def quick(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("quick")


async def slow(_: Request) -> Response:
    await asyncio.sleep(3 * SOON)
    return PlainTextResponse("slow")


async def big(_: Request) -> Response:
    return Response(b"x" * BIG)


@contextmanager
def serving(
    most: int = 100, is_proxy: Callable[[str], bool] = lambda _: False
) -> Iterator[tuple[uvicorn.Server, Callable[[bytes], socket.socket]]]:
    """Run a server with the protocol; give it, and a way to connect and send something."""
    routes = [Route(f"/{call.__name__}", call, methods=["GET", "POST"]) for call in (quick, slow, big)]
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=routes), http=timed(most, is_proxy), ws="none", log_level="error")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    opened: list[socket.socket] = []

    def connect(sent: bytes) -> socket.socket:
        opened.append(socket.create_connection(listener.getsockname(), PATIENCE))
        opened[-1].sendall(sent)
        return opened[-1]

    try:
        yield server, connect
    finally:
        for each in opened:
            each.close()
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "REQUEST_SECONDS", "REPLY_SECONDS"):
        monkeypatch.setattr(connections, name, SOON)


def read(connection: socket.socket) -> bytes:
    """All that is sent until the server closes; nothing where it breaks off."""
    said = b""
    try:
        while more := connection.recv(65536):
            said += more
    except ConnectionError:
        pass
    return said


def answered(connection: socket.socket) -> bool:
    """Whether a whole answer of the two short ones comes."""
    said = b""
    while not said.endswith((b"quick", b"slow")) and (more := connection.recv(65536)):
        said += more
    return said.startswith(b"HTTP/1.1 200")


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{",
        b"POST /quick HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_a_request_that_does_not_come_is_not_waited_for(sent: bytes) -> None:
    with serving() as (_, connect):
        begun = time.monotonic()
        assert read(connect(sent)) == b""
        assert SOON * 0.5 < time.monotonic() - begun < PATIENCE / 2


@pytest.mark.slow
def test_a_byte_now_and_then_gains_no_time() -> None:
    with serving() as (server, connect):
        dripping = connect(b"GET /")
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < PATIENCE:
                dripping.sendall(b"x")
                time.sleep(SOON / 8)
        except ConnectionError:
            pass
        assert time.monotonic() - begun < PATIENCE / 2
        assert not server.server_state.connections


@pytest.mark.slow
def test_an_answer_may_take_its_time() -> None:
    with serving() as (_, connect):
        assert answered(connect(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"))


@pytest.mark.slow
def test_a_connection_stays_for_the_next_request_and_not_for_ever() -> None:
    with serving() as (_, connect):
        kept = connect(REQUEST)
        assert answered(kept)
        kept.sendall(REQUEST)
        assert answered(kept)
        assert read(kept) == b""


@pytest.mark.slow
def test_a_reply_that_nobody_takes_is_given_up() -> None:
    with serving() as (server, connect):
        connect(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        until(lambda: server.server_state.total_requests)
        until(lambda: not server.server_state.connections)


@pytest.mark.slow
def test_a_reply_that_is_taken_slowly_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = 2.0
    monkeypatch.setattr(connections, "REPLY_SECONDS", patience)
    with serving() as (_, connect):
        reader = connect(b"GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got, begun = 0, time.monotonic()
        while more := reader.recv(1_000_000):
            got += len(more)
            if time.monotonic() - begun < 3 * patience:
                time.sleep(patience / 10)
        assert got > BIG
        assert time.monotonic() - begun > 2 * patience


@pytest.mark.slow
@pytest.mark.parametrize("waiting", [b"", b"GET /", b"POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"])
def test_a_newcomer_finds_a_place_among_those_who_only_hold_theirs(
    monkeypatch: pytest.MonkeyPatch, waiting: bytes
) -> None:
    for name in ("HEAD_SECONDS", "REQUEST_SECONDS"):
        monkeypatch.setattr(connections, name, 60.0)
    monkeypatch.setattr(connections, "PER_ADDRESS", 10)
    with serving() as (server, connect):
        held = [connect(waiting) for _ in range(40)]
        assert answered(connect(REQUEST))
        assert len(server.server_state.connections) <= 10
        assert read(held[0]) == b""


@pytest.mark.parametrize(("most", "proxy", "left"), [(100, True, 41), (15, True, 15), (15, False, 10), (5, False, 5)])
def test_a_proxy_has_as_many_as_there_are(monkeypatch: pytest.MonkeyPatch, most: int, proxy: bool, left: int) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 60.0)
    monkeypatch.setattr(connections, "PER_ADDRESS", 10)
    with serving(most, lambda _: proxy) as (server, connect):
        for _ in range(40):
            connect(b"")
        assert answered(connect(REQUEST))
        assert len(server.server_state.connections) == left


@pytest.mark.slow
def test_who_is_being_answered_is_not_sent_away_for_a_newcomer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PER_ADDRESS", 3)
    with serving() as (_, connect):
        asking = [connect(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(3)]
        time.sleep(SOON / 2)
        assert read(connect(REQUEST)) == b""
        assert all(map(answered, asking))
        assert answered(connect(REQUEST))


def test_what_is_no_request_is_refused_in_a_sentence_that_is_logged_seldom(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seldom = Seldom()
    logger = logging.getLogger("uvicorn.error")
    with serving() as (_, connect):
        monkeypatch.setattr(logger, "level", logging.WARNING)
        monkeypatch.setattr(logger, "filters", [seldom])
        monkeypatch.setattr(logger, "handlers", [caplog.handler])
        said = [read(connect(b"nonsense\r\n\r\n")) for _ in range(50)]
    for reply in said:
        head, _, body = reply.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400") and b"application/json" in head
        assert "看不懂" in json.loads(body)["error"]
    assert len(caplog.records) == 1


def listen(caplog: pytest.LogCaptureFixture) -> None:
    """Have warnings of uvicorn noted, which a server here keeps to itself."""
    caplog.clear()
    logger = logging.getLogger("uvicorn.error")
    logger.setLevel(logging.WARNING)
    if caplog.handler not in logger.handlers:
        logger.addHandler(caplog.handler)


@pytest.fixture(autouse=True)
def unheard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    logging.getLogger("uvicorn.error").removeHandler(caplog.handler)


@pytest.mark.slow
def test_what_breaks_off_after_its_answer_is_no_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    head = b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving() as (server, connect):
        listen(caplog)
        for path in (b"/nowhere", b"/slow", b"/big"):
            connect(b"POST " + path + head + b"5\r\nabcde\r\nZZZ\r\n")
            late = connect(b"POST " + path + head + b"5\r\nabcde\r\n")
            time.sleep(SOON / 4)
            late.sendall(b"ZZZ\r\n")
        assert answered(connect(REQUEST))
        until(lambda: not server.server_state.tasks)
        assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
        assert caplog.records


def test_who_asks_for_a_websocket_gets_the_page_and_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: YQ==\r\nSec-WebSocket-Version: 13\r\n"
    with serving() as (_, connect):
        listen(caplog)
        assert answered(connect(REQUEST.replace(b"Host: a\r\n", b"Host: a\r\n" + upgrade)))
        assert not caplog.records


def record(text: str, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", level, "", 0, text, (), None)


def test_what_was_left_out_of_the_log_is_counted_and_errors_never_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seldom, now = Seldom(), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    assert [seldom.filter(record("a")) for _ in range(5)] == [True] + [False] * 4
    assert seldom.filter(record("b"))
    assert all(seldom.filter(record("c", logging.ERROR)) for _ in range(5))
    now[0] = 61.0
    last = record("a")
    assert seldom.filter(last)
    assert last.getMessage() == "a (4 more like this in the meantime)"


def test_a_connection_that_cannot_be_taken_is_a_line_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    full = OSError(24, "Too many open files")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    on_loop_error(loop, {"message": "socket.accept() out of system resource", "exception": full})
    on_loop_error(loop, {"message": "anything else", "exception": ValueError("x")})
    loop.close()
    assert [bool(each.exc_info) for each in caplog.records] == [False, True]
    assert "Too many open files" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_limit_of_files_is_raised_and_leaves_room(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        most = raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
        assert 0 < most <= connections.MOST
        monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1024))
        monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
        assert raise_file_limit() + connections.BACKLOG < 1024
    finally:
        monkeypatch.undo()
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
