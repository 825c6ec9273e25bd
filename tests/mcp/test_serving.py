"""The command ``parkqa mcp`` as a process, spoken to by the SDK's own client and without it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from command_line import run
from engines import corpus, opened
from parkqa.engine import Engine
from parkqa.errors import SettingsError
from parkqa.mcp import serving as serving_module
from parkqa.mcp.server import create_server
from parkqa.mcp.serving import PATH, http_app, read_token
from parkqa.web.serving import reloader
from parkqa.web.serving.loader import Loader
from paths import TESTS
from served import served
from stubs import StubEncoder

PROGRAM = str(TESTS / "serve_mcp.py")
QUESTION = "园区设有几个产业组团？"
QUOTE, LATER = "园区设有三个产业组团。", "园区设有五个产业组团。"
TOKEN = secrets.token_hex(32)
HEAD = {"Authorization": f"Bearer {TOKEN}"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return opened(corpus(tmp_path_factory.mktemp("mcp"), 介绍_md=f"# 介绍\n\n{QUOTE}\n"))


@pytest.fixture(scope="module")
def index(engine: Engine) -> Path:
    return engine.settings.index


async def asked(client: Client) -> list[str]:
    async with client:
        result = await client.call_tool("ask", {"question": QUESTION})
        return [quote["text"] for quote in result.structured_content["quotes"]]


def test_a_new_index_is_answered_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloader, "POLL_SECONDS", 0.02)
    settings = corpus(tmp_path, 介绍_md=f"# 介绍\n\n{QUOTE}\n")
    opened(settings)
    with serving_module._running(settings, lambda: Engine.open(settings, StubEncoder())) as server:
        end = time.monotonic() + 60
        while (found := asyncio.run(asked(Client(server)))) != [QUOTE]:
            assert time.monotonic() < end, found
        (settings.corpus / "介绍.md").write_text(f"# 介绍\n\n{LATER}\n", encoding="utf-8")
        Engine.build(settings, encoder=StubEncoder())
        while (found := asyncio.run(asked(Client(server)))) != [LATER]:
            assert found == [QUOTE]
            assert time.monotonic() < end


@pytest.mark.slow
def test_it_speaks_over_standard_input_and_output(index: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=[PROGRAM, "mcp", "--index", str(index)], env=dict(os.environ)
    )
    assert asyncio.run(asked(Client(server))) == [QUOTE]


@pytest.mark.slow
def test_nothing_but_the_protocol_is_on_standard_output(index: Path) -> None:
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call"}
    call["params"] = {"name": "ask", "arguments": {"question": QUESTION}}
    lines = [HELLO, {"jsonrpc": "2.0", "method": "notifications/initialized"}, call]
    with subprocess.Popen(
        [sys.executable, PROGRAM, "mcp", "--index", str(index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"\xff\xfe no message\n")
        process.stdin.write("".join(json.dumps(line) + "\n" for line in lines).encode())
        process.stdin.flush()
        said: list[dict[str, Any]] = []
        while not any(message.get("id") == 2 for message in said):
            said.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        rest, logged = process.stdout.read(), process.stderr.read().decode()
        assert process.wait(60) == 0
    assert rest == b""
    assert all(message["jsonrpc"] == "2.0" for message in said)
    assert "Traceback" not in logged


@contextmanager
def serving(index: Path, token: str, folder: Path) -> Iterator[str]:
    """Start ``parkqa mcp --http`` and yield its address."""
    file = folder / "token"
    file.write_text(token + "\n", encoding="utf-8")
    words = ["mcp", "--http", "--port", "0", "--token-file", str(file), "--index", str(index)]
    with subprocess.Popen([sys.executable, PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+/mcp", process.stderr.readline().decode())
            assert found
            yield found[0]
        finally:
            process.terminate()
        assert process.stdout.read() == b""


@pytest.fixture(scope="module")
def address(engine: Engine) -> Iterator[str]:
    """The address of the app that ``parkqa mcp --http`` serves."""
    loader = Loader(lambda: engine)
    loader.load()
    with served(http_app(create_server(loader, 2), TOKEN), ws="none", proxy_headers=False) as url:
        yield f"{url}{PATH}"


def posted(address: str, headers: dict[str, str], **body: Any) -> httpx.Response:
    sent = {"Accept": "application/json, text/event-stream", **headers}
    encoded = {name: value.encode() for name, value in sent.items()}
    return httpx.post(address, headers=encoded, timeout=60, **body)


@pytest.mark.parametrize("given", [None, f"Bearer {TOKEN[:-1]}", TOKEN, "é"], ids=["none", "cut", "bare", "é"])
def test_over_http_nobody_without_the_token_is_answered(address: str, given: str | None) -> None:
    refused = posted(address, {} if given is None else {"Authorization": given}, json=HELLO)
    assert refused.status_code == 401
    assert "Bearer" in refused.json()["error"]
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_over_http_whoever_has_the_token_is_answered_by_our_name_and_within_limits(address: str) -> None:
    assert posted(address, HEAD, json=HELLO).status_code == 200
    assert posted(address, HEAD | {"Host": "evil.example"}, json=HELLO).status_code == 421
    assert posted(address, HEAD | {"Origin": "http://evil.example"}, json=HELLO).status_code == 403
    assert posted(address, HEAD, content=b" " * 70_000).status_code in {400, 413, 415}


async def over_http(address: str) -> list[str]:
    async with httpx2.AsyncClient(headers=HEAD, timeout=60) as carrier:
        return await asked(Client(streamable_http_client(address, http_client=carrier)))


def test_over_http_the_client_of_the_sdk_gets_the_quote(address: str) -> None:
    assert asyncio.run(over_http(address)) == [QUOTE]


@pytest.mark.slow
def test_the_command_serves_over_http_whoever_has_the_token_in_the_file(index: Path, tmp_path: Path) -> None:
    with serving(index, TOKEN, tmp_path) as started:
        assert posted(started, {}, json=HELLO).status_code == 401
        assert asyncio.run(over_http(started)) == [QUOTE]


def test_over_http_it_does_not_start_without_a_token(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("mcp", "--http") == 2
    assert run("mcp", "--http", "--token-file", str(tmp_path / "none")) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "--token-file" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("content", ["", "short", "with a space in it " * 3, "令牌" * 40, "a" * 40 + "\n" + "b" * 40])
def test_what_is_no_token_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError):
        read_token(file)


def test_without_the_extra_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("parkqa.cli.mcp.find_spec", lambda _: None)
    assert run("mcp") == 2
    assert "'.[mcp]'" in capfd.readouterr().err
