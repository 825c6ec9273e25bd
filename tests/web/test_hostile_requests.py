"""Requests as an attacker writes them, byte by byte: each gets one sentence or what it asks for, none a traceback."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stub_server import StubServer, started

pytestmark = pytest.mark.slow

SECONDS = 10.0
"""In which each has its answer, however busy the machine."""
ASKING = json.dumps({"question": "园区"}).encode()
HUGE = 60_000
HOSTS = (
    b"[::1", b"[::1]evil.example", b"[::1]:x", b"localhost:80@evil.example", b"localhost:evil", b"evil.example",
    b"localhost, evil.example", b"127.0.0.1:80<script>", b"[::ffff:203.0.113.9]", b"2130706433", b"0x7f.1", b"@",
    b":80",
    b"xn--lcalhost-kdf", b"\xef\xbd\x8cocalhost", b"localhost#x", b"localhost\\evil", b"[]", b"[v1.x]",
)  # fmt: skip
PATHS = (
    b"/static/%00", b"/static/..%2f..%2f..%2f..%2fetc%2fpasswd", b"/static/%2e%2e/%2e%2e/app.py",
    b"/static//etc/passwd",
    b"/static/C:%5cwindows", b"/static/page.css/x", b"/static/%ff", b"/source/%00", b"/source/..%2f..%2fpark.yaml",
    b"/source/park.yaml", b"/source/%ff?v=%ff&start=%ff&end=%ff&q=%ff", b"/source/" + b"a" * HUGE, b"/assets/x",
    b"/chat/assets/..%2f..%2fconfig", b"/chat/assets/../gradio_api/queue/join",
    b"/chat/static/%2e%2e/%2e%2e/etc/passwd",
    b"/chat/assets/%00", b"/chat/gradio_api%2finfo", b"/CHAT/gradio_api/info", b"//chat/config", b"/api/ask%0a",
    b"/healthz%0a", b"/event/show/zh/99999999999", b"/event/show/%00/1", b"/event/show/zh/%d9%a1", b"/nothing",
    b"http://evil.example/readyz", b"*",
)  # fmt: skip
QUERIES = (
    b"q=%ed%a0%80", b"q=%00", b"q=" + b"%E5" * 20_000, b"literal=x&q=a", b"a=1&" * 15_000, b"lang=%0d%0aX:1&q=a",
    b"q=a&q=b", b"q[]=a", b"&" * HUGE, b"q=%3Cscript%3Ealert(1)%3C/script%3E&lang=%22", b"%", b"q=%",
)  # fmt: skip
HEADERS = (
    b"Referer: http://[", b"Referer: \xff\xfe", b"Origin: http://[", b"Accept-Language: en;q=., zh;q=nan",
    b"Accept-Language: " + b"a;q=." * 10_000, b"Accept-Language: zh" + b" " * HUGE + b"!",
    b"Cookie: " + b"a=b; " * 12_000,
    b"Cookie: \xff=;;;=\x01", b"Range: bytes=x", b"Range: bytes=" + b",".join(b"%d-%d" % (n, n) for n in range(5000)),
    b"If-Modified-Since: " + b"9" * 5000, b"If-None-Match: \xff", b"Expect: x", b"X-A: a\r\n b",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: YQ==\r\nSec-WebSocket-Version: 13",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAA", b"X-Forwarded-Host: evil.example",
    b"X-Forwarded-For: ::1, \xff", b"Forwarded: for=\"[", b"Sec-Fetch-Site: x", b"Content-Length: 0",
    b"\r\n".join(b"X-%d: %d" % (n, n) for n in range(2000)), b"\r\n".join(b"X-%d: %d" % (n, n) for n in range(30_000)),
)  # fmt: skip
FRAMES = (
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"Content-Length: +5\r\n\r\n{}",
    b"Content-Length: -1\r\n\r\n{}", b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}.",
    b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nZZZ\r\n",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 2\r\n\r\n{}garbage garbage\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * HUGE + b"\r\nabcde\r\n0\r\n\r\n",
)  # fmt: skip
BODIES = (
    b"", b"[]", b"\xff\xfe", b'{"question":"\\ud800"}', b'{"question":"a","id":"\\ud800"}',
    b'{"question":"a","id":NaN}',
    b'{"question":"a","id":' + b"9" * 4400 + b"}", b'{"question":"a","id":1e999}',
    b'{"question":"a","history":["\\ud800"]}',
    b'{"question":"a","mode":[1],"conversation":{},"language":1}',
    b'{"answer_id":"\\ud800","liked":true,"reason":"\\x9b"}',
    b'{"answer_id":"' + b"a" * 50_000 + b'","liked":true}', b"[" * HUGE, '{"question":"园"}'.encode("utf-32"),
)  # fmt: skip
LINES = (
    b"GET /healthz",
    b"PRI * HTTP/2.0",
    b"GET / HTTP/9.9",
    b"\x16\x03\x01\x02\x00",
    b"CONNECT evil.example:443 HTTP/1.1",
)

DISGUISES = (
    b"/api/ask",
    b"/api/ask%0a",
    b"/api/ask/",
    b"//api/ask",
    b"/api/%61sk",
    b"/API/ask",
    b"/api/ask?x",
    b"/./api/ask",
    b"/api/ask%3f",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubServer]:
    with started(tmp_path_factory.mktemp("hostile")) as running:
        yield running


def request(path: bytes, *lines: bytes, method: bytes = b"GET", host: bytes = b"localhost") -> bytes:
    head = [method + b" " + path + b" HTTP/1.1", b"Host: " + host, b"Connection: close", *lines]
    return b"\r\n".join(head) + b"\r\n\r\n"


def requests() -> Iterator[bytes]:
    """All of them."""
    yield from (request(path, host=host) for host in HOSTS for path in (b"/", b"/ask?q=a", b"/embed", b"/api/docs"))
    yield from map(request, PATHS)
    yield from (request(path + b"?" + query) for query in QUERIES for path in (b"/", b"/ask", b"/chat/", b"/widget.js"))
    for header in HEADERS:
        yield from (
            request(path, header) for path in (b"/ask?q=a", b"/chat/", b"/static/parkqa.css", b"/assets/page.js")
        )
    for path in (b"/api/ask", b"/conversation/ask", b"/api/feedback", b"/nothing", b"/chat/"):
        start = b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        yield from (start + frame for frame in FRAMES)
        yield from (start + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in BODIES)
        yield request(path, b"Content-Length: %d" % len(ASKING), b"Origin: null", method=b"POST") + ASKING
    yield from (line + b"\r\n\r\n" for line in LINES)
    yield from (request(b"/", method=method) for method in (b"TRACE", b"OPTIONS", b"HEAD", b"X" * 5000, b"get"))
    yield request(b"/healthz").replace(b"\r\n", b"\n")
    yield request(b"/healthz").replace(b"HTTP/1.1", b"HTTP/1.0")


def said(server: StubServer, sent: bytes) -> bytes:
    """All that comes back; what is cut off by our closing while it still sends is all there was."""
    came = b""
    with socket.create_connection(("127.0.0.1", server.port), SECONDS) as connection:
        try:
            connection.sendall(sent)
            while more := connection.recv(65536):
                came += more
        except ConnectionError:
            pass
    return came


def test_each_gets_a_sentence_or_what_it_asks_for_and_none_a_traceback(server: StubServer) -> None:
    for sent in requests():
        came = said(server, sent)
        head, _, body = came.partition(b"\r\n\r\n")
        status = int(head[9:12] or 0)
        assert head.startswith(b"HTTP/1.1 ") and status < 500, (sent[:200], came[:200])
        assert b"evil.example" not in came or b"evil.example" not in sent.split(b"\r\n")[1], sent[:200]
        assert not re.search(rb"<script>alert|\nX:1|Traceback|root:x:", came), sent[:200]
        if status >= 400 and body and b"text/html" not in head and not sent.startswith(b"HEAD"):
            assert list(json.loads(body.split(b"HTTP/1.1")[0])) == ["error"], (sent[:200], came[:300])
    assert said(server, request(b"/readyz")).startswith(b"HTTP/1.1 200")
    assert not [line for line in server.log if "Traceback" in line or "ERROR" in line], server.log


def test_many_requests_at_once_on_one_connection_are_answered_one_after_the_other(server: StubServer) -> None:
    asked = b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(ASKING) + ASKING
    came = said(server, asked * 20 + request(b"/healthz"))
    assert (came.count(b"HTTP/1.1 200 OK"), came.count(b'"answer_id"')) == (21, 20)


def test_a_path_in_disguise_is_no_way_round_the_limits_of_rate(tmp_path: Path) -> None:
    with started(tmp_path, rate="2/hour") as limited:
        start = b"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        requests = [start % (path, len(ASKING)) + ASKING for path in DISGUISES * 4]
        answered = [sent for sent in requests if said(limited, sent)[9:12] == b"200"]
        assert len(answered) == 2
