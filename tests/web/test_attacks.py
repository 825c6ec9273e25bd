"""What was seen to harm a running server: addresses that it fetched, memory that grew. Each stays mended."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psutil
import pytest

from paths import TESTS

pytestmark = pytest.mark.slow

ALIAS = "127.0.0.2"
"""Where a listener waits for a connection of the server's: another address of this machine."""
GROWTH = 50
"""MB by which the server may have grown in the end."""


@dataclass(frozen=True)
class Attacked:
    """A server, what it has opened, and who waits to be fetched from."""

    url: str
    process: psutil.Process
    notes: Path
    listener: socket.socket

    @property
    def opened(self) -> list[str]:
        """The connections that it has opened and the names that it has looked up."""
        return self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []

    def memory(self) -> float:
        return float(self.process.memory_info().rss) / 1e6


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    program = [sys.executable, TESTS / "serve_audited.py", folder / "stub", folder / "notes"]
    settings = {"PARKQA_JOURNAL": "none", "PARKQA_RATE": "none", "TMPDIR": str(folder)}
    with (
        socket.create_server((ALIAS, 0)) as listener,
        subprocess.Popen(program, env=os.environ | settings, stderr=subprocess.PIPE, text=True) as server,
    ):
        try:
            assert server.stderr is not None
            url = next(found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            Thread(target=server.stderr.read, daemon=True).start()
            end = time.monotonic() + 120
            while not httpx.get(f"{url}/readyz", timeout=60).is_success:  # the page is there before the engine
                assert time.monotonic() < end
                time.sleep(0.1)
            assert httpx.get(f"{url}/chat/", timeout=60).status_code == 200
            listener.setblocking(False)
            yield Attacked(url, psutil.Process(server.pid), folder / "notes", listener)
        finally:
            server.kill()


def nested(value: Any) -> list[Any]:
    """The value in every place that JSON has."""
    return [value, [value], [[value]], {"a": value}, {"a": [value]}, {"value": value}, {"path": value}, {"url": value}]


def addresses(listener: socket.socket) -> list[str]:
    port = listener.getsockname()[1]
    return [f"http://{ALIAS}:{port}/x", "http://100.100.100.200/latest", "http://203.0.113.7/x", "http://a.invalid/x"]


def test_no_request_makes_the_server_open_a_connection(attacked: Attacked) -> None:
    before = attacked.opened
    with httpx.Client(base_url=attacked.url, timeout=60) as client:
        for address in addresses(attacked.listener):
            file = {"path": address, "url": address, "meta": {"_type": "gradio.FileData"}}
            for value in nested(file):
                for number in range(8):
                    join = {"data": [value, value], "fn_index": number, "session_hash": "s", "event_data": value}
                    for path in ("queue/join", "run/predict", "api/predict", "call/predict", "component_server"):
                        assert client.post(f"/chat/gradio_api/{path}", json=join).status_code in (404, 405)
                for body in ({"question": value}, {"question": "园区", "history": value, "id": value, "mode": value}):
                    for path in ("/conversation/ask", "/api/ask", "/api/feedback"):
                        assert client.post(path, json=body).status_code == 422
            assert client.post("/conversation/ask", json={"question": address, "history": [address]}).status_code == 200
            for path in ("gradio_api/file=", "gradio_api/proxy=", "file=", "proxy=", "assets/", "static/", "config?x="):
                client.get(f"/chat/{path}{address}")
            client.get(f"/source/{address}?v={address}&start=0&end=1&q={address}")
            client.get("/embed", headers={"Host": "a.invalid", "Origin": address, "Referer": address})
    assert attacked.opened == before
    with pytest.raises(BlockingIOError):
        attacked.listener.accept()


def press(attacked: Attacked, path: str, bodies: Iterable[str], status: int) -> None:
    """Post bodies on one connection; each must be answered with ``status``."""
    connection = http.client.HTTPConnection("127.0.0.1", int(attacked.url.rpartition(":")[2]), timeout=60)
    for body in bodies:
        try:
            connection.request("POST", path, body.encode(), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            assert (reply.status, bool(reply.read())) == (status, True)
        except OSError:  # Refused before all was sent; it connects anew.
            connection.close()
    connection.close()


@pytest.mark.parametrize("size", [60_000, 1_000])
def test_joins_of_gradios_queue_are_not_even_read(attacked: Attacked, size: int) -> None:
    """Gradio kept each of them: with the queue open, these would take 180 MB."""

    def joins(count: int) -> Iterator[str]:
        for number in range(count):
            data = [json.dumps({"question": "", "p": "x" * size}), None]
            yield json.dumps({"data": data, "fn_index": number % 4, "session_hash": f"g{number}"})

    press(attacked, "/chat/gradio_api/queue/join", joins(300), 404)
    start = attacked.memory()
    press(attacked, "/chat/gradio_api/queue/join", joins(3000), 404)
    assert attacked.memory() - start < GROWTH


def test_nothing_is_kept_of_conversations_that_are_answered(attacked: Attacked) -> None:
    """Kept, the earlier questions of these would take 100 MB."""

    def conversations(count: int) -> Iterator[str]:
        for number in range(count):
            history = [f"{number} {place} " + "园" * 490 for place in range(20)]
            message = {"question": "你好", "conversation": f"c{number}", "history": history}
            yield json.dumps(message, ensure_ascii=False)

    press(attacked, "/conversation/ask", conversations(300), 200)
    start = attacked.memory()
    press(attacked, "/conversation/ask", conversations(3500), 200)
    assert attacked.memory() - start < GROWTH
