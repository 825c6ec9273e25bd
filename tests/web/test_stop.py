"""A server that is told to stop does so within 5 s, however many pages are open."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from paths import TESTS

pytestmark = pytest.mark.slow

LIMIT = 5.0
HALF = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server whose chat page is there, and its address."""
    program = [sys.executable, TESTS / "serve_stub.py", folder]
    with subprocess.Popen(
        program, env=os.environ | {"PARKQA_JOURNAL": "none"}, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            url = next(found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            httpx.get(f"{url}/chat/", timeout=60).raise_for_status()
            yield server, url
            assert "Traceback" not in server.stderr.read()
        finally:
            server.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGTERM")
def test_open_pages_do_not_keep_it(tmp_path: Path) -> None:
    with started(tmp_path) as (server, url), ExitStack() as open_pages:
        for _ in range(20):
            # As a browser does, which keeps its connection for the next question.
            page = open_pages.enter_context(httpx.Client(base_url=url, timeout=60))
            assert page.post("/conversation/ask", json={"question": "园区"}).status_code in (200, 503)
        for _ in range(5):
            half = open_pages.enter_context(socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))))
            half.sendall(HALF)
        begun = time.monotonic()
        server.terminate()
        server.wait(30)
        assert time.monotonic() - begun < LIMIT
