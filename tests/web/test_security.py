"""What every response carries, and what does not come through."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from apps import without_gradio
from engines import CORPUS
from parkqa.engine import Engine
from parkqa.errors import IndexMissing
from parkqa.settings import load_settings
from parkqa.web.app import create_app
from parkqa.web.middleware import security
from parkqa.web.middleware.headers import policy
from parkqa.web.middleware.security import BODY_LIMIT, SecurityMiddleware
from parkqa.web.responses import on_http_error
from parkqa.web.serving.loader import Loader


def fails() -> Engine:
    raise IndexMissing("还没有索引。", "There is no index yet.")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    without_gradio(monkeypatch)
    monkeypatch.setenv("PARKQA_EMBED_ORIGINS", "https://a.example, https://b.example:8443")
    with TestClient(create_app(load_settings(corpus=CORPUS), fails), follow_redirects=False) as client:
        yield client


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer how many bytes came."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def guarded(
    *chunks: bytes,
    headers: dict[str, str] | None = None,
    path: str = "/api/ask",
    root: str = "",
    method: str = "POST",
    version: str = "1.1",
) -> tuple[int, int]:
    """Send chunks one by one through the guard to ``echo``; return the status, and how many chunks were taken."""
    app = FastAPI()
    app.mount("/", echo)
    app.add_middleware(SecurityMiddleware)
    left = list(chunks)
    sent: list[Message] = []

    async def receive() -> Message:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": version,
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": root,
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"]), len(chunks) - len(left)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 503),
        ("GET", "/", 307),
        ("GET", "/static/parkqa.css", 200),
        ("GET", "/favicon.ico", 200),
        ("GET", "/source/x", 503),
        ("GET", "/nothing", 404),
        ("GET", "/static/nothing", 404),
        ("POST", "/api/ask", 422),
        ("POST", "/chat/gradio_api/upload", 404),
    ],
)
def test_every_response_has_the_headers(client: TestClient, method: str, address: str, status: int) -> None:
    reply = client.request(method, address)
    assert reply.status_code == status
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert reply.headers["cross-origin-opener-policy"] == "same-origin"
    # Only the chat page is spoken to.
    allowed = "microphone=(self)" if address == "/chat/" else "microphone=()"
    assert allowed in reply.headers["permissions-policy"]
    assert reply.headers.get_list("content-security-policy") == [
        policy(["https://a.example", "https://b.example:8443"], gradio=address.startswith("/chat/"))
    ]


@pytest.mark.parametrize("address", ["/source/x", "/embed", "/api/docs", "/api/openapi.json", "/static/x", "/nothing"])
def test_where_there_is_no_gradio_only_our_own_files_run(client: TestClient, address: str) -> None:
    given = client.get(address).headers["content-security-policy"]
    assert "script-src 'self';" in given and "style-src 'self';" in given
    assert "unsafe" not in given and "report" not in given


@pytest.mark.parametrize("address", ["/embed", "/api/docs"])
def test_those_pages_hold_neither_scripts_nor_styles(client: TestClient, address: str) -> None:
    page = client.get(address).text
    assert not re.search(r"<style|<script(?![^>]* src=)|<[^>]+ (?:style|on[a-z]+)=|javascript:", page)


@pytest.mark.parametrize(("address", "kept"), [("", False), ("config", False), ("assets/x.js", True)])
def test_a_page_that_holds_its_own_address_is_not_kept(address: str, kept: bool) -> None:
    app = SecurityMiddleware(PlainTextResponse("x", headers={"Cache-Control": "max-age=9"}))
    for root in ("", "/park"):
        reply = TestClient(app, root_path=root).get(f"{root}/chat/{address}")
        assert reply.headers["cache-control"] == ("max-age=9" if kept else "no-store")


def test_a_body_that_is_refused_has_the_headers(client: TestClient) -> None:
    reply = client.post("/api/ask", content=b"x" * (BODY_LIMIT + 1))
    assert reply.status_code == 413
    assert list(reply.json()) == ["error"]
    assert "frame-ancestors" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("origins", "framers"),
    [
        ((), "frame-ancestors 'self'"),
        (("https://a.example",), "frame-ancestors 'self' https://a.example"),
        (("https://a.example", "http://b:81"), "frame-ancestors 'self' https://a.example http://b:81"),
    ],
)
def test_only_named_sites_may_embed(origins: tuple[str, ...], framers: str) -> None:
    assert policy(origins).split("; ")[-1] == framers


def test_the_policy_names_no_other_host() -> None:
    assert "//" not in policy(())
    assert "*" not in policy(())
    assert "default-src 'self'" in policy(())


def test_a_body_up_to_the_limit_comes_through() -> None:
    half = b"x" * (BODY_LIMIT // 2)
    assert guarded(half, half) == (200, 2)
    assert guarded(half, half, headers={"content-length": str(BODY_LIMIT)}) == (200, 2)


def test_a_body_announced_as_too_large_is_not_read() -> None:
    assert guarded(b"x", b"x", headers={"content-length": str(BODY_LIMIT + 1)}) == (413, 0)


def test_a_body_that_grows_too_large_is_broken_off() -> None:
    chunks = [b"x" * (BODY_LIMIT // 4)] * 100
    assert guarded(*chunks) == (413, 5)
    assert guarded(*chunks, headers={"transfer-encoding": "chunked"}) == (413, 5)
    assert guarded(*chunks, headers={"content-length": "10"}) == (413, 5)


@pytest.mark.parametrize("size", ["-1", "", "abc", "1e3", "+5", "0x10", "1 2", "٣", "9" * 21, "9" * 5000])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    assert guarded(b"x", headers={"content-length": size}) == (413, 0)


@pytest.mark.parametrize(
    ("version", "names", "status"),
    [
        ("1.1", ("transfer-encoding", "content-length"), 400),
        ("1.0", ("transfer-encoding",), 400),
        ("1.1", ("transfer-encoding",), 200),
        ("1.0", ("content-length",), 200),
    ],
)
def test_a_body_whose_end_is_told_in_two_ways_is_refused(version: str, names: tuple[str, ...], status: int) -> None:
    """A proxy in front might take the rest of it for the next request, which would be another visitor's."""
    told = {"transfer-encoding": "chunked", "content-length": "1"}
    assert guarded(b"x", headers={name: told[name] for name in names}, version=version)[0] == status


@pytest.mark.parametrize("sign", ["\n", "\r", "\0", "\x7f", "\t"])
def test_a_path_with_a_control_character_is_none(sign: str) -> None:
    """Routes overlook a line break at the end; the limits of rate do not know such a path."""
    for path in ("/api/ask", "/conversation/ask", "/ask", "/chat/", "/static/x"):
        assert guarded(b"x", path=path + sign) == (404, 0)
        assert guarded(b"x", path=sign + path) == (404, 0)


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["bytes=0-0", "bytes=x", "bytes=99999999-", "bytes=0-0,1-1,2-2", "lines=1-2"])
def test_no_parts_of_files_are_sent(client: TestClient, asked: str) -> None:
    whole = client.get("/static/parkqa.css")
    part = client.get("/static/parkqa.css", headers={"Range": asked, "If-Range": '"x"'})
    assert (part.status_code, part.content) == (200, whole.content)


def test_a_chunked_question_that_is_too_large_is_said_to_be(client: TestClient) -> None:
    reply = client.post("/api/ask", content=(b"x" * 65536 for _ in range(5)))
    assert "content-length" not in reply.request.headers
    assert reply.status_code == 413
    assert list(reply.json()) == ["error"]
    assert "Traceback" not in reply.text


def test_a_crash_is_said_in_a_sentence_with_the_headers(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_: Loader, __: float = 0.0) -> Engine:
        raise RuntimeError("secret")

    monkeypatch.setattr(Loader, "engine", crash)
    for reply in (client.get("/source/x"), client.post("/api/ask", json={"question": "x"})):
        assert reply.status_code == 500
        assert list(reply.json()) == ["error"]
        assert "secret" not in reply.text
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors" in reply.headers["content-security-policy"]
    assert [record.getMessage() for record in caplog.records if record.name == "parkqa" and record.exc_text] == [
        "GET '/source/x' could not be answered",
        "POST '/api/ask' could not be answered",
    ]


def test_a_crash_within_an_answer_is_passed_on() -> None:
    sent = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("secret")

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    with pytest.raises(RuntimeError):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        asyncio.run(SecurityMiddleware(app)(scope, receive, send))
    assert sent == ["http.response.start"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "upload",
        "upload/",
        "upload?upload_id=1",
        "run/predict",
        "run/handle/",
        "run/",
        "api/handle",
        "call/handle",
        "call/v2/handle",
        "call/v2/handle/1",
        "info",
        "info/",
        "openapi.json",
        "file=/etc/passwd",
        "proxy=http://a.example",
        "component_server",
        "queue/join",
        "queue/join/",
        "queue/data?session_hash=s",
        "heartbeat/x",
        "app_id",
        "startup-events",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_the_page_does_not_use_of_gradio_is_shut(client: TestClient, method: str, address: str) -> None:
    for prefix in ("", "/chat", "/park/chat"):
        reply = client.request(method, f"{prefix}/gradio_api/{address}")
        assert reply.status_code == 404
        assert list(reply.json()) == ["error"]


@pytest.mark.parametrize(
    "address",
    [
        "/chat/gradio_api/%75pload",
        "/chat/gradio_api%2Fupload",
        "/chat//gradio_api/upload",
        "/chat/gradio_api/upload%0A",
        "/chat/gradio_api/queue/join%0A",
    ],
)
def test_an_address_in_disguise_is_shut_too(client: TestClient, address: str) -> None:
    assert "error" in client.post(address).json()


@pytest.mark.parametrize("root", ["", "/park"])
@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ("/chat/", True),
        ("/chat/config", True),
        ("/chat/theme.css", True),
        ("/chat/assets/a/b.js", True),
        ("/chat/static/js/x.js", True),
        ("/chat/gradio_api/queue/join", False),
        ("/chat/gradio_api/queue/data", False),
        ("/chat/gradio_api/heartbeat/x1", False),
        ("/chat/gradio_api/app_id", False),
        ("/source/chat/gradio_api/info", True),
        ("/chat/gradio_api/info", False),
        ("/chat/gradio_api/call/v2/handle", False),
        ("/chat/monitoring", False),
        ("/chat/login", False),
    ],
)
def test_what_the_page_uses_of_gradio_passes(root: str, address: str, passes: bool) -> None:
    assert guarded(path=f"{root}{address}", root=root, method="GET")[0] == (200 if passes else 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "X"])
def test_gradio_is_sent_nothing(method: str) -> None:
    for address in ("", "config", "assets/x.js"):
        assert guarded(b"{}", path=f"/chat/{address}", method=method) == (405, 0)


def test_what_is_no_request_passes() -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {}

    async def send(_: Message) -> None: ...

    for kind in ("lifespan", "websocket"):
        asyncio.run(SecurityMiddleware(app)({"type": kind, "path": "/chat/gradio_api/upload"}, receive, send))
    assert seen == ["lifespan", "websocket"]


def limited(monkeypatch: pytest.MonkeyPatch, rate: str) -> TestClient:
    without_gradio(monkeypatch)
    return TestClient(create_app(load_settings(corpus=CORPUS, rate=rate, trusted_proxies=["10.0.0.1"]), fails))


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/api/ask"),
        ("POST", "/api/feedback"),
        ("POST", "/conversation/ask"),
        ("GET", "/source/x"),
        ("GET", "/event/show/zh/0"),
    ],
)
def test_who_asks_too_often_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch, method: str, address: str
) -> None:
    with limited(monkeypatch, "2/hour") as client:
        replies = [client.request(method, address) for _ in range(3)]
    assert 429 not in (replies[0].status_code, replies[1].status_code)
    assert replies[2].status_code == 429
    assert 1 <= int(replies[2].headers["retry-after"]) <= 3600
    assert "秒后再问。 / " in replies[2].json()["error"]
    assert replies[2].headers["x-content-type-options"] == "nosniff"


def test_the_two_ways_to_ask_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    with limited(monkeypatch, "1/hour") as client:
        client.post("/api/ask")
        assert client.post("/conversation/ask").status_code == 429


def test_pages_and_health_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    with limited(monkeypatch, "1/hour") as client:
        for address in ("/healthz", "/readyz", "/static/parkqa.css", "/widget.js", "/api/suggestions", "/"):
            assert {client.get(address, follow_redirects=False).status_code for _ in range(5)}.isdisjoint({429})


@pytest.mark.parametrize(("proxy", "counted_apart"), [("10.0.0.1", True), ("10.0.0.2", False)])
def test_visitors_behind_a_named_proxy_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, proxy: str, counted_apart: bool
) -> None:
    with limited(monkeypatch, "1/hour") as first:
        client = TestClient(first.app, client=(proxy, 5))
        asked = [client.post("/api/ask", headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(3)]
    assert [reply.status_code for reply in asked] == ([422] * 3 if counted_apart else [422, 429, 429])


def test_no_site_may_read_an_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Access-Control-Allow-Origin": "https://evil.example", "Access-Control-Allow-Credentials": "true"}
        await PlainTextResponse("x", headers=headers)(scope, receive, send)

    reply = TestClient(SecurityMiddleware(app)).get("/", headers={"Origin": "https://evil.example"})
    assert [name for name in reply.headers if name.startswith("access-control-")] == []


def test_a_file_name_longer_than_a_system_takes_is_no_address(client: TestClient) -> None:
    assert client.get(f"/chat/static/{'a' * 3000}").status_code == 404
    assert client.get(f"/chat/assets/{'%E5%9B%AD' * 90}").status_code == 404


def test_a_visitor_who_leaves_while_sending_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()

    async def left() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None: ...

    scope = {"type": "http", "method": "POST", "path": "/conversation/ask", "headers": [], "query_string": b""}
    asyncio.run(SecurityMiddleware(app)(scope, left, send))
    assert caplog.records == []


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "BODY_SECONDS", 0.05)
    sent: list[Message] = []

    async def receive() -> Message:
        if sent:
            return {"type": "http.disconnect"}
        await asyncio.sleep(30)
        return {"type": "http.request", "body": b"", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    async def app() -> FastAPI:
        wrapped = FastAPI(exception_handlers={HTTPException: on_http_error})
        wrapped.mount("/", echo)
        return wrapped

    async def ask() -> None:
        scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"", "root_path": ""}
        await SecurityMiddleware(await app())(scope, receive, send)

    asyncio.run(ask())
    assert sent[0]["status"] == 408
    assert "太慢" in json.loads(sent[1]["body"])["error"]


def test_who_waits_for_an_answer_may_wait_longer_than_for_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "BODY_SECONDS", 0.05)
    left: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        left.append((await receive())["type"])

    messages = [{"type": "http.request", "body": b"x"}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.sleep(0.2)
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None: ...

    scope = {"type": "http", "method": "POST", "path": "/api/ask", "headers": [], "query_string": b""}
    asyncio.run(SecurityMiddleware(app)(scope, receive, send))
    assert left == ["http.disconnect"]


@pytest.mark.parametrize("address", ["/event/show/zh/x", "/event/show/zh/-1", "/event/show/zh/1e3", "/event/show/zh/٣"])
def test_an_address_of_the_wrong_form_is_none(client: TestClient, address: str) -> None:
    reply = client.get(address)
    assert reply.status_code == 404
    assert list(reply.json()) == ["error"]


def test_what_a_framework_refuses_is_one_sentence_too() -> None:
    """FastAPI's own 422 is a list of places in its own words."""
    app = create_app(load_settings(corpus=CORPUS), fails)

    @app.get("/typed/{number}")
    async def typed(number: int) -> None: ...

    reply = TestClient(app).get("/typed/x")
    assert reply.status_code == 422
    assert list(reply.json()) == ["error"]
