"""Under which names the server answers, and whose pages may post to it."""

from __future__ import annotations

import socket

import psutil
import pytest

from apps import serving
from parkqa.engine import Engine
from parkqa.web.middleware.sites import Sites, name_of

NAME = socket.gethostname().lower()


def scope(host: str | None = "127.0.0.1:7860", method: str = "POST", **headers: str) -> dict[str, object]:
    given = headers | ({} if host is None else {"host": host})
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()]
    return {"type": "http", "method": method, "server": ("192.168.7.5", 7860), "headers": pairs}


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost",
        "LOCALHOST:7860",
        "park.localhost",
        "127.0.0.1",
        "127.8.9.10:81",
        "[::1]:7860",
        "192.168.7.5:7860",
        NAME,
        f"{NAME.partition('.')[0]}.local:7860",
        "ask.example.cn",
        "ASK.example.cn.:443",
        "park.example:8080",
    ],
)
def test_the_names_of_this_machine_and_those_that_were_named(host: str | None) -> None:
    assert Sites("https://ask.example.cn/qa", ["Park.example"]).is_ours(scope(host))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:7860",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "ask.example.cn.evil.example",
        "evil.local",
        "203.0.113.9",
        "[2001:db8::1]:7860",
        "0.0.0.0",
        "user@localhost",
        "[",
        "\xe9",
        "[::1",
        "[::1]evil.example",
        "[::1]]:80",
        "[::1]:x",
        "::1",
        "localhost:80@evil.example",
        "localhost:evil",
        "localhost:80 evil",
        "127.0.0.1:7860<script>",
        "localhost, evil.example",
        "localhost:123456",
        ":7860",
    ],
)
def test_any_other_name_is_not_ours(host: str) -> None:
    assert not Sites("https://ask.example.cn/qa", ["park.example"]).is_ours(scope(host))


@pytest.mark.parametrize(("host", "ours"), [("evil.example", True), ("[", False), ("a:80@b", False), ("a<b", False)])
def test_where_any_name_is_ours_it_must_be_one(host: str, ours: bool) -> None:
    assert Sites(hosts=["*"]).is_ours(scope(host)) is ours


def test_every_address_of_this_machine_is_ours() -> None:
    for entries in psutil.net_if_addrs().values():
        for entry in entries:
            if entry.family == socket.AF_INET:
                assert Sites().is_ours(scope(f"{entry.address}:7860"))


@pytest.mark.parametrize(
    ("host", "name"), [("a:80", "a"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("::1", "::1"), ("", ""), ("a.", "a")]
)
def test_the_name_without_its_port(host: str, name: str) -> None:
    assert name_of(host) == name


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:7860"},
        {"origin": "HTTP://127.0.0.1:7860"},
        {"origin": "https://a.example:8443"},
        {"origin": "https://ask.example.cn"},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
    ],
)
def test_scripts_and_our_own_pages_and_named_sites_may_post(headers: dict[str, str]) -> None:
    sites = Sites("https://ask.example.cn/qa", embed_origins=["https://a.example:8443"])
    assert not sites.is_foreign(scope(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "http://127.0.0.1"},
        {"origin": "http://127.0.0.1:7860.evil.example"},
        {"origin": "null"},
        {"origin": "https://a.example"},
        {"origin": "http://["},
        {"origin": "http://[::1]:7860"},
        {"origin": "http://xn--127-0-0-1.example:7860"},
        {"origin": "http://127.0.0.1.:7860"},
        {"origin": "http://127.0.0.1:7860@evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_not(headers: dict[str, str]) -> None:
    sites = Sites("https://ask.example.cn/qa", embed_origins=["https://a.example:8443"])
    assert sites.is_foreign(scope(**headers))
    assert not sites.is_foreign(scope(method="GET", **headers))


def test_the_default_port_is_the_same_written_or_not() -> None:
    assert not Sites().is_foreign(scope("park.example:443", origin="https://park.example"))


def test_what_is_not_for_us_gets_one_sentence(engine: Engine) -> None:
    with serving(lambda: engine, hosts="park.example", embed_origins="https://a.example") as client:
        refused = client.post("/api/ask", json={"question": "园区"}, headers={"Host": "evil.example"})
        assert refused.status_code == 421
        assert "PARKQA_HOSTS" in refused.json()["error"]
        assert refused.headers["x-content-type-options"] == "nosniff"
        for path in ("/", "/chat/", "/source/x", "/readyz", "/api/openapi.json", "/static/parkqa.css"):
            assert client.get(path, headers={"Host": "evil.example"}).status_code == 421
        assert client.get("/healthz", headers={"Host": "10.0.0.9"}).status_code == 200
        assert client.get("/readyz", headers={"Host": "park.example"}).status_code == 200
        for path in ("/api/ask", "/conversation/ask", "/api/feedback"):
            foreign = client.post(path, json={"question": "园区"}, headers={"Origin": "https://evil.example"})
            assert foreign.status_code == 403
            assert "PARKQA_EMBED_ORIGINS" in foreign.json()["error"]
        named = client.post("/api/ask", json={"question": "园区"}, headers={"Origin": "https://a.example"})
        assert named.status_code == 200
