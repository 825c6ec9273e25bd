"""The joined styles and scripts: compressed, kept for good under their version, small."""

from __future__ import annotations

import gzip

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from parkqa.web import assets


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.include_router(assets.router())
    return TestClient(app)


@pytest.mark.parametrize("name", assets.JOINED)
def test_a_joined_file_has_all_its_parts_in_order(client: TestClient, name: str) -> None:
    reply = client.get(assets.address(name, ""), headers={"Accept-Encoding": "identity"})
    assert reply.content == b"\n".join((assets.STATIC / part).read_bytes() for part in assets.JOINED[name])
    assert reply.headers["content-type"].startswith("text/css" if name.endswith("css") else "text/javascript")


@pytest.mark.parametrize("name", assets.JOINED)
def test_it_is_compressed_for_those_who_take_it(client: TestClient, name: str) -> None:
    plain = client.get(assets.address(name, ""), headers={"Accept-Encoding": "identity"})
    packed = client.get(assets.address(name, ""), headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 9, mtime=0))


def test_only_under_its_version_it_is_kept_for_good(client: TestClient) -> None:
    assert "immutable" in client.get(assets.address("page.js", "")).headers["cache-control"]
    for old in ("/assets/page.js", "/assets/page.js?v=0123456789ab"):
        assert client.get(old).headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("name", ["chat.js", "nothing.css", "..%2fapp.py"])
def test_nothing_else_is_there(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404


def test_every_script_and_style_of_the_pages_is_in_some_file() -> None:
    joined = {part for parts in assets.JOINED.values() for part in parts}
    alone = {"widget.js", "embed.js", "embed.css", "api.css", "favicon.svg", "vendor/simple-keyboard.LICENSE"}
    files = {path.relative_to(assets.STATIC).as_posix() for path in assets.STATIC.rglob("*") if path.is_file()}
    assert files == joined | alone


def test_what_a_slow_line_has_to_carry_before_gradio_is_small() -> None:
    assert sum(len(assets.asset(name).packed) for name in ("page.js", "page.css")) < 40_000
