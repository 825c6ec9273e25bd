"""A server that is told to stop does so within 5 s, however many pages are open."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow

LIMIT = 5.0


def listen(url: str, opened: threading.Semaphore) -> None:
    """Keep a stream open as a page does, until the server ends it."""
    try:
        with httpx.stream("GET", url, timeout=60) as stream:
            opened.release()
            for _ in stream.iter_raw():
                pass
    except httpx.HTTPError:
        pass


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server whose chat page is there, and its address."""
    program = [sys.executable, Path(__file__).with_name("serve_stub.py"), folder]
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
    opened = threading.Semaphore(0)
    with started(tmp_path) as (server, url):
        streams = [f"{url}/chat/gradio_api/heartbeat/page{number}" for number in range(20)]
        for number in range(5):
            ask = {"fn_index": 2, "data": [json.dumps({"question": "园区"}), None], "session_hash": f"page{number}"}
            assert httpx.post(f"{url}/chat/gradio_api/queue/join", json=ask, timeout=60).status_code == 200
            streams.append(f"{url}/chat/gradio_api/queue/data?session_hash=page{number}")
        pages = [threading.Thread(target=listen, args=(stream, opened)) for stream in streams]
        for page in pages:
            page.start()
        for _ in pages:
            assert opened.acquire(timeout=30)
        begun = time.monotonic()
        server.terminate()
        server.wait(30)
        assert time.monotonic() - begun < LIMIT
        for page in pages:
            page.join(LIMIT)
        assert not any(page.is_alive() for page in pages)
