"""The Python examples of ``docs/integrations.md`` are run as they stand, with addresses of the test in their place."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast

import pytest

from apps import without_gradio
from engines import corpus, opened
from parkqa.engine import Engine
from parkqa.settings import load_settings
from parkqa.web.app import create_app
from paths import ROOT, TESTS
from served import served
from stubs import StubEncoder

PAGE = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")
CLIENT, ROBOT, PLAIN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
QUOTE = "2003年8月29日，云湖园区正式成立。"
ASKED = "园区什么时候成立的？"
API = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small corpus and its index."""
    folder = tmp_path_factory.mktemp("park")
    opened(corpus(folder, 介绍_md=f"# 云湖园区\n\n{QUOTE}\n"))
    return folder


@pytest.fixture(scope="module")
def api(park: Path) -> Iterator[str]:
    """The address of a server that answers from this corpus."""
    settings = load_settings(corpus=park / "corpus", index=park / "index")
    with pytest.MonkeyPatch.context() as patch:
        without_gradio(patch)
        with served(create_app(settings, lambda: Engine.open(settings, StubEncoder()))) as address:
            yield address


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        cast("Any", self.server).heard.append(body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"errcode": 0, "errmsg": "ok"}')

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def robot() -> Iterator[tuple[str, list[Any]]]:
    """A group robot's address, and the messages that were posted to it."""
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    heard: list[Any] = []
    cast("Any", server).heard = heard
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/send?key=k", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_robot_posts_the_quote_the_refusal_or_the_error(api: str) -> None:
    names: dict[str, Any] = {}
    exec(ROBOT.replace(API, api), names)
    with robot() as (webhook, heard):
        for question in (ASKED, "苏州工业园区什么时候成立的？", " "):
            names["reply"](question, webhook)
    assert [message["msgtype"] for message in heard] == ["text"] * 3
    answered, refused, wrong = (message["text"]["content"] for message in heard)
    assert answered == f"“{QUOTE}”\n—— 云湖园区（介绍.md）"
    assert refused
    assert "“2003" not in refused
    assert wrong.startswith("请输入问题。")


def test_the_plain_example_prints_the_quote(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(PLAIN.replace(API, api), {})
    assert capsys.readouterr().out == QUOTE + "\n"


@pytest.mark.slow
def test_the_mcp_client_prints_the_quote(park: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program, index = str(TESTS / "serve_mcp.py"), str(park / "index")
    start = 'command=".venv/bin/parkqa", args=["mcp", "--index", "index"]'
    assert start in CLIENT
    arguments = [program, "mcp", "--index", index]
    exec(CLIENT.replace(start, f"command={sys.executable!r}, args={arguments!r}, env=dict(os.environ)"), {"os": os})
    assert f"“{QUOTE}” —— 云湖园区（介绍.md " in capfd.readouterr().out
