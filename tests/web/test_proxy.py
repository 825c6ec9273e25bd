"""Behind a proxy: whose headers are believed, and both ways of a path prefix."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from parkqa.web.middleware.proxy import ProxyHeaders, is_trusted

FORWARDED = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "park.example",
    "x-forwarded-prefix": "/evil",
    "x-gradio-server": "https://evil.example",
    "forwarded": "for=203.0.113.9",
    "host": "127.0.0.1:7860",
    "accept": "*/*",
}


def seen(
    path: str = "/chat/", headers: dict[str, str] | None = None, client: Any = ("127.0.0.1", 5), **options: Any
) -> Request:
    """Return the request as the app sees it."""
    got: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.append(scope)

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "client": client,
        "server": ("127.0.0.1", 7860),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {"host": "a"}).items()],
    }
    asyncio.run(ProxyHeaders(app, **options)(scope, None, None))  # type: ignore[arg-type]
    return Request(got[0])


@pytest.mark.parametrize("trusted", [("127.0.0.1",), ("10.0.0.0/8", "127.0.0.0/8"), ("*",), ("10.0.0.1", "*")])
def test_the_headers_of_a_named_proxy_are_believed(trusted: tuple[str, ...]) -> None:
    request = seen(headers=FORWARDED, trusted=trusted)
    assert request.client and request.client.host == "203.0.113.9"
    assert str(request.base_url) == "https://park.example/"


@pytest.mark.parametrize("trusted", [(), ("127.0.0.2",), ("10.0.0.0/8",)])
@pytest.mark.parametrize("client", [("127.0.0.1", 5), None])
def test_those_of_anybody_else_are_not(trusted: tuple[str, ...], client: Any) -> None:
    request = seen(headers=FORWARDED, trusted=trusted, client=client)
    assert (request.client.host if request.client else None) == (client[0] if client else None)
    assert str(request.base_url) == "http://127.0.0.1:7860/"


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
def test_none_of_them_reaches_the_app(trusted: tuple[str, ...]) -> None:
    assert set(seen(headers=FORWARDED, trusted=trusted).headers) == {"host", "accept"}


def test_what_a_visitor_put_before_the_proxys_own_is_not_believed() -> None:
    headers = FORWARDED | {"x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.0.0.7"}
    request = seen(headers=headers, trusted=("127.0.0.1", "10.0.0.0/8"))
    assert request.client and request.client.host == "203.0.113.9"


def test_a_proxy_that_is_not_named_is_pointed_out_once(caplog: pytest.LogCaptureFixture) -> None:
    proxied = ProxyHeaders(lambda *_: asyncio.sleep(0))
    scope = {"type": "http", "path": "/", "client": ("127.0.0.1", 5), "headers": [(b"x-forwarded-for", b"1.2.3.4")]}
    for _ in range(3):
        asyncio.run(proxied(scope, None, None))  # type: ignore[arg-type]
    assert [record.getMessage().count("PARKQA_TRUSTED_PROXIES") for record in caplog.records] == [2]


@pytest.mark.parametrize(
    ("root", "path", "whole"),
    [
        ("", "/chat/", "/chat/"),
        ("/park", "/chat/", "/park/chat/"),
        ("/park", "/park/chat/", "/park/chat/"),
        ("/park", "/", "/park/"),
        ("/park", "/park", "/park/"),
        ("/park", "/parking", "/park/parking"),
        ("/a/b", "/a/b/api/ask", "/a/b/api/ask"),
        ("/a/b", "/api/ask", "/a/b/api/ask"),
    ],
)
def test_a_prefix_may_be_left_on_or_stripped(root: str, path: str, whole: str) -> None:
    scope = seen(path, root=root).scope
    assert (scope["path"], scope["raw_path"], scope["root_path"]) == (whole, whole.encode(), root)


def test_the_public_address_says_how_visitors_reach_its_host() -> None:
    for host, scheme in (("park.example", "https"), ("PARK.example", "https"), ("127.0.0.1:7860", "http")):
        assert seen(headers={"host": host}, public="https://park.example/qa").url.scheme == scheme


def test_what_is_no_request_passes_as_it_is() -> None:
    got = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.append(scope)

    asyncio.run(ProxyHeaders(app, root="/park")({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert got == [{"type": "lifespan"}]


@pytest.mark.parametrize("host", ["park.example", "a", "evil.example"])
def test_a_forwarded_host_does_not_win_over_the_public_address(host: str) -> None:
    headers = {"host": host, "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}
    request = seen(headers=headers, public="https://park.example/qa", trusted=("127.0.0.1",))
    assert str(request.base_url) == "https://park.example/"


def test_whose_connections_are_not_counted() -> None:
    assert is_trusted(["10.0.0.0/8"])("10.1.2.3") and not is_trusted(["10.0.0.0/8"])("192.0.2.1")
    assert is_trusted(["10.0.0.1", "*"])("192.0.2.1")
    assert not is_trusted([])("127.0.0.1")
