"""Behind a proxy with a path prefix, stripped or left on, and with limits: in Chromium, the engine is a stub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, open_source, watched
from prefixes import proxied
from programs import stub

pytestmark = pytest.mark.browser

QUESTION = "三大科创载体是什么？"
ORIGIN = re.compile(r"https?://127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server below /park, as its proxy reaches it, whatever that does to paths."""
    with stub(tmp_path_factory.mktemp("prefix"), root_path="/park", trusted_proxies="127.0.0.1") as url:
        yield url


@pytest.fixture(scope="module", params=["stripped", "left on"])
def address(request: pytest.FixtureRequest, upstream: str) -> Iterator[str]:
    """Its address as visitors reach it."""
    with proxied(upstream, "/park", strip=request.param == "stripped") as url:
        yield url


@contextmanager
def visit(browser: Browser, address: str, path: str, size: Any = DESKTOP) -> Iterator[tuple[Page, Seen]]:
    """Open the page at ``path``; at the end nothing may be in the console, nothing asked of another host or prefix."""
    with watched(browser, size, address) as (page, seen):
        page.goto(f"{address}{path}")
        yield page, seen
    assert seen == Seen()


def test_the_chat_answers_and_opens_the_source(browser: Browser, address: str) -> None:
    with visit(browser, address, "/") as (page, _):
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        card = ask(page, QUESTION).locator(".pq-card").first
        assert urlsplit(page.url).path == "/park/chat/"
        open_source(page, card)
        expect(page.locator("#pq-source mark").first).to_be_visible()
        link = page.locator(".pq-card [data-link]").first.get_attribute("data-link") or ""
        assert link.startswith("/park/source/")
        page.goto(f"{ORIGIN.match(address)[0]}{link}")  # type: ignore[index]
        expect(page.locator("mark#quote")).to_be_visible()
        expect(page.locator(".pq-same")).to_be_visible()


def test_the_page_for_webmasters_names_the_public_address(browser: Browser, address: str) -> None:
    with visit(browser, address, "/embed") as (page, _):
        expect(page.locator("#line")).to_contain_text(f'src="{address}/widget.js"')
        page.locator("parkqa-widget .bubble").click()
        frame = page.frame_locator("parkqa-widget iframe")
        frame.locator(".pq-hello [data-ask]:visible").first.click()
        expect(frame.locator(".pq-turn:not(.pq-waiting)")).to_have_count(1)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_page_of_the_api_shows(browser: Browser, address: str, size: Any) -> None:
    with visit(browser, address, "/api/docs", size) as (page, _):
        expect(page.locator("h1")).to_have_text("REST API")
        expect(page.locator("pre").first).to_contain_text(f"curl -X POST {address}/api/ask")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_address_lies_below_the_prefix(address: str) -> None:
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        for path in ("/", "/chat/", "/widget.js", "/embed", "/api/docs", "/api/openapi.json", "/api/suggestions"):
            reply = client.get(path)
            assert reply.status_code == 200, path
            assert str(reply.url).startswith(f"{address}/")
        for path in ("/static/parkqa.css", "/favicon.ico", "/healthz", "/readyz"):
            assert client.get(path).status_code == 200, path
        assert client.post("/chat/gradio_api/upload").status_code == 404
        assert client.post("/chat/gradio_api/run/handle", json={"data": []}).status_code == 404
        answer = client.post("/api/ask", json={"question": QUESTION}).json()
        quote = answer["quotes"][0] if answer["quotes"] else answer["related"][0]
        source = client.get(f"/source/{quote['document']}")
        assert source.status_code == 200
        assert 'href="/park/assets/plain.css?v=' in source.text
        assert client.get("/api/openapi.json").json()["servers"] == [{"url": address}]


def test_who_asks_too_often_is_told_so_on_the_page(browser: Browser, tmp_path: Path) -> None:
    with stub(tmp_path, rate="1/hour") as url, watched(browser, PHONE) as (page, _):
        page.goto(f"{url}/chat/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        for count in (1, 2):
            page.fill(BOX, QUESTION)
            page.press(BOX, "Enter")
            expect(page.locator(".pq-turn:not(.pq-waiting)")).to_have_count(count)
        told = page.locator(".pq-turn").nth(1).locator(".pq-wait")
        expect(told).to_have_text(re.compile(r"^这个网络地址问得太快了，请 \d+ 秒后再问。"), use_inner_text=True)
        expect(page.get_by_text("这个网络地址问得太快了")).to_have_count(1)
        expect(page.locator(BOX)).to_be_enabled()
