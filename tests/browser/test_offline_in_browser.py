"""The network or the server is away for a moment: the page stays as it is, and what was asked is asked again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import BOX, DESKTOP, PHONE, ask, watched
from programs import stub

pytestmark = pytest.mark.browser

FIRST, SECOND, DRAFT = "三大科创载体是什么？", "园区什么时候成立的？", "还没有写完的问题"
LONG_ENOUGH = 7000
"""Milliseconds, several times those after which Gradio's page asked whether the server was back."""


@contextmanager
def asked_once(browser: Browser, address: str, mode: str = "") -> Iterator[Page]:
    """A page with a conversation on it, which notices whether it is loaded again."""
    with watched(browser, PHONE if mode else DESKTOP) as (page, _):
        page.goto(f"{address}/chat/{mode}")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        ask(page, FIRST)
        page.evaluate("window.stillHere = true")
        yield page
        assert page.evaluate("window.stillHere"), "the page was loaded again"
        expect(page.locator(".pq-me").first).to_have_text(FIRST)
        assert page.get_by_text("Connection").count() == 0


def test_offline_and_on_again_nothing_is_lost(browser: Browser, base: str) -> None:
    with asked_once(browser, base) as whole, asked_once(browser, base, "?mode=widget") as framed:
        pages = (whole, framed)
        for page in pages:
            page.fill(BOX, DRAFT)
        for offline in (True, False):
            for page in pages:
                page.context.set_offline(offline)
            whole.wait_for_timeout(LONG_ENOUGH)
        for page in pages:
            expect(page.locator(BOX)).to_have_value(DRAFT)
            expect(page.locator(".pq-turn")).to_have_count(1)


def test_what_is_asked_offline_says_so_and_is_answered_once_the_line_is_back(browser: Browser, base: str) -> None:
    with asked_once(browser, base) as page:
        page.context.set_offline(True)
        page.fill(BOX, SECOND)
        page.press(BOX, "Enter")
        expect(page.locator(".pq-wait :visible")).to_have_text("这台设备没有网络。问题留着，网络一通就自动再问。")
        page.locator("[data-switch]").click()
        expect(page.locator(".pq-wait :visible")).to_contain_text("This device is offline.")
        page.fill(BOX, DRAFT)
        page.context.set_offline(False)
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me").nth(1)).to_have_text(SECOND)
        expect(page.locator(".pq-turn").nth(1).locator(".pq-card").first).to_be_visible()
        expect(page.locator(BOX)).to_have_value(DRAFT)


def test_a_new_conversation_while_offline_asks_nothing_more(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP) as (page, _):
        page.goto(f"{base}/chat/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        page.context.set_offline(True)
        page.fill(BOX, SECOND)
        page.press(BOX, "Enter")
        expect(page.locator(".pq-wait")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/conversation/" in request.url else None)
        page.locator("[data-new]").click()
        page.context.set_offline(False)
        page.wait_for_timeout(LONG_ENOUGH)
        assert asked == []
        expect(page.locator(".pq-turn")).to_have_count(0)
        assert ask(page, FIRST).locator(".pq-card").count()


def test_a_server_that_is_started_again_goes_on_with_the_conversation(browser: Browser, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as first:
        address = first.enter_context(stub(folders[0], port=port))
        with asked_once(browser, address) as page:
            first.close()
            page.fill(BOX, "2014年呢？")
            page.press(BOX, "Enter")
            expect(page.locator(".pq-waiting .pq-wait")).to_contain_text("暂时连不上问答服务")
            with stub(folders[1], port=port):
                expect(page.locator(".pq-turn:not(.pq-waiting)")).to_have_count(2)
                expect(page.locator(".pq-turn").nth(1).locator(".pq-card").first).to_be_visible()
