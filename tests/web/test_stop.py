"""A server that is told to stop does so within 5 s, however many pages are open and however many ask."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest

from paths import TESTS
from stub_server import StubServer, started
from waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGTERM")]

LIMIT, TRIES = 5.0, 3
ASKERS = 16
"""Of each of three kinds; the queue holds 60."""
HALF = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"


def stop(server: StubServer) -> float:
    """Stop it; return how many seconds it took."""
    begun = time.monotonic()
    server.process.terminate()
    server.process.wait(PATIENCE)
    return time.monotonic() - begun


def in_time(visit: Callable[[], float]) -> bool:
    """Whether one of a few servers stops within LIMIT seconds; a busy machine may have held up the others."""
    return any(visit() < LIMIT for _ in range(TRIES))


def test_open_pages_do_not_keep_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    def visit() -> float:
        with started(tmp_path_factory.mktemp("stop")) as server, ExitStack() as open_pages:
            for _ in range(20):
                # As a browser does, which keeps its connection for the next question.
                page = open_pages.enter_context(httpx.Client(base_url=server.url, timeout=60))
                assert page.post("/conversation/ask", json={"question": "园区"}).status_code == 200
            for _ in range(5):
                half = open_pages.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                half.sendall(HALF)
            seconds = stop(server)
        assert "Traceback" not in "".join(server.log)
        return seconds

    assert in_time(visit)


def test_those_who_wait_for_an_answer_are_told_and_the_log_is_short(tmp_path_factory: pytest.TempPathFactory) -> None:
    def visit() -> float:
        folder = tmp_path_factory.mktemp("stop")
        program = [TESTS / "serve_slow.py", folder, "2"]
        with started(folder, program, concurrency=2) as server, ExitStack() as opened:
            askers = {
                path: [
                    opened.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(ASKERS)
                ]
                for path in ("/conversation/ask", "/api/ask", "/ask")
            }
            for path, connections in askers.items():
                for connection in connections:
                    connection.sendall(asking(path))
            time.sleep(1)
            seconds = stop(server)
            said = {path: [whole(connection) for connection in connections] for path, connections in askers.items()}
        if seconds < LIMIT:
            for path, replies in said.items():
                assert {reply[:12] for reply in replies} <= {"HTTP/1.1 200", "HTTP/1.1 503"}, (path, replies)
                assert sum("正在停止" in reply for reply in replies) > ASKERS / 2, (path, replies)
            assert len(server.log) <= 3 * ASKERS, server.log
        assert "Traceback" not in "".join(server.log)
        return seconds

    assert in_time(visit)


def asking(path: str) -> bytes:
    head = "GET /ask?q=%E5%9B%AD" if path == "/ask" else f"POST {path}"
    body = "" if path == "/ask" else '{"question":"\\u56ed"}'
    return f"{head} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def whole(connection: socket.socket) -> str:
    """All that was sent until the connection was closed."""
    with connection.makefile(encoding="utf-8", newline="") as file:
        return file.read()
