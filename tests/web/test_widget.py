"""The widget's script as it is sent, and the webmaster's page."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from apps import serving, without_gradio
from engines import CORPUS
from parkqa.engine import Engine
from parkqa.errors import IndexMissing
from parkqa.settings import load_settings
from parkqa.web import render
from parkqa.web.app import create_app
from parkqa.web.pages.widget import COMMENT, FRESH_SECONDS, SCRIPT

WIDGET = SCRIPT.read_text(encoding="utf-8")
SENT = COMMENT.sub(b"", SCRIPT.read_bytes())


def fails() -> Engine:
    raise IndexMissing("还没有索引。", "There is no index yet.")


@pytest.fixture(params=[{}, {"public_url": "https://ask.example.cn/park/", "embed_origins": ("https://a.example",)}])
def client(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    without_gradio(monkeypatch)
    settings = load_settings(corpus=CORPUS, **request.param)
    with TestClient(create_app(settings, fails)) as client:
        client.headers["x-public"] = settings.public_url
        yield client


def test_the_script_takes_at_most_six_kilobytes_on_the_wire(client: TestClient) -> None:
    reply = client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert int(reply.headers["content-length"]) == len(gzip.compress(SENT, mtime=0)) <= 6000
    assert reply.content == SENT


def test_the_script_says_its_character_set_and_comes_anew_soon(client: TestClient) -> None:
    reply = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert reply.content == SENT
    assert "content-encoding" not in reply.headers
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["cache-control"] == f"public, max-age={FRESH_SECONDS}"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "Accept-Encoding" in reply.headers["vary"]
    assert FRESH_SECONDS <= 3600
    assert client.head("/widget.js").status_code == 200


def test_a_script_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/widget.js").headers["etag"]
    again = client.get("/widget.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_no_comment_is_sent_and_no_code_is_left_out() -> None:
    dropped = [line for line in SCRIPT.read_bytes().splitlines() if line not in SENT.splitlines()]
    assert dropped
    assert all(line.lstrip().startswith(b"//") for line in dropped)


def test_any_site_may_read_the_script_and_nothing_else(engine: Engine) -> None:
    with serving(lambda: engine) as client:
        origin = {"Origin": "https://elsewhere.example"}
        assert client.get("/widget.js", headers=origin).headers["access-control-allow-origin"] == "*"
        for other in ("/embed", "/api/suggestions", "/ask", "/chat/", "/assets/page.js", "/healthz"):
            reply = client.get(other, headers=origin)
            assert [name for name in reply.headers if name.startswith("access-control-")] == [], other


@pytest.mark.parametrize(
    "word",
    ["localStorage", "sessionStorage", "indexedDB", ".cookie", "onload", "innerHTML", "eval(", "<style", ".cssText"],
)
def test_the_script_touches_nothing_of_the_page(word: str) -> None:
    assert word not in WIDGET
    assert re.search(r"setAttribute\(.style|history\.|document\.body\.(?:style|class)", WIDGET) is None


def test_the_page_names_the_visitors_address_and_who_may_embed(client: TestClient) -> None:
    reply = client.get("/embed")
    public = client.headers["x-public"]
    address, origin = ("https://ask.example.cn/park", "https://ask.example.cn") if public else ["http://testserver"] * 2
    assert f'data-address="{address}" data-origin="{origin}"' in reply.text
    assert ("PARKQA_PUBLIC_URL 没有" in reply.text or "没有设 PARKQA_PUBLIC_URL" in reply.text) is not bool(public)
    assert ("<li>https://a.example</li>" in reply.text) is bool(public)
    assert ("没有别的网站" in reply.text) is not bool(public)


def test_behind_a_prefix_the_line_has_it(client: TestClient) -> None:
    page = TestClient(client.app, root_path="/park").get("/embed").text
    assert f'data-address="{client.headers["x-public"] or "http://testserver/park"}"' in page


@pytest.mark.parametrize(("accepted", "language"), [("en-GB,en", "en"), ("zh-CN", "zh-CN"), ("", "zh-CN")])
def test_the_page_speaks_the_webmasters_language(client: TestClient, accepted: str, language: str) -> None:
    reply = client.get("/embed", headers={"Accept-Language": accepted})
    assert reply.headers["content-language"] == language
    assert reply.headers["vary"] == "Accept-Language"
    assert f'<html lang="{language}">' in reply.text


def test_what_the_operator_wrote_is_shown_as_text() -> None:
    hostile = '"><script>alert(1)</script>${x}{{y}}'
    drawn = render.embed(f"https://{hostile}", False, [hostile], hostile, hostile)
    assert "<script>alert" not in drawn
    assert html.escape(hostile).replace("&quot;", "&#34;") in drawn
