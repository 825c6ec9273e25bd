"""A slow line, no script, no Gradio: the page is there, and a question is answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, in_time, watched
from parkqa.journal.entries import read
from programs import stub
from sites import hosting

pytestmark = pytest.mark.browser

QUESTION, REFUSED = "三大科创载体是什么？", "食堂晚饭几点开？"
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
"""400 kbit/s and 400 ms."""
PATIENCE = 3
"""Seconds after which something to read and to ask with has to be there on such a line."""
VISITS = 5
"""So many may be made until one is not held up by other tests."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slow")


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with stub(folder, journal=folder / "journal.db") as url:
        yield url


@contextmanager
def slow(browser: Browser, base: str) -> Iterator[tuple[Page, Seen]]:
    with watched(browser, PHONE, base) as (page, seen):
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
        yield page, seen


def shown_after(browser: Browser, base: str) -> float:
    """Seconds of one visit until there is something to read and to ask with; it is asked, too."""
    with slow(browser, base) as (page, _):
        started = time.monotonic()
        page.goto(f"{base}/chat/", wait_until="commit")
        expect(page.locator(".pq-hello [data-ask]:visible").first).to_be_visible()
        expect(page.locator(BOX)).to_be_visible()
        seen = time.monotonic() - started
        page.fill(BOX, QUESTION)
        page.press(BOX, "Enter")
        expect(page.locator(".pq-turn .pq-first mark").first).to_be_visible()
        # Gradio's files are still on their way.
        assert page.locator("#pq-place").count() == 0
    return seen


def test_on_a_slow_line_the_page_can_be_read_and_asked_within_three_seconds(browser: Browser, base: str) -> None:
    # The line is what is measured, not the tests that run beside: .6 s alone, once 3.2 s beside a build.
    visits = []
    while len(visits) < VISITS and not (visits and min(visits) < PATIENCE):
        visits.append(shown_after(browser, base))
    assert min(visits) < PATIENCE, visits


def test_what_comes_before_gradio_is_little(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base) as (page, _):
        sizes: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        addresses: dict[str, str] = {}
        session.on("Network.requestWillBeSent", lambda it: addresses.update({it["requestId"]: it["request"]["url"]}))
        session.on(
            "Network.loadingFinished",
            lambda it: sizes.update({addresses.get(it["requestId"], ""): it["encodedDataLength"]}),
        )
        page.route("**/chat/assets/**", lambda route: route.abort())
        page.goto(f"{base}/chat/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        in_time(page, lambda: any("/assets/page.js" in url for url in sizes))
    first = {url: size for url, size in sizes.items() if "/chat/assets/" not in url}
    assert any("/assets/page.js" in url for url in first)
    assert sum(first.values()) < 60_000, first


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_without_scripts_a_form_answers(browser: Browser, base: str, width: dict[str, int]) -> None:
    with watched(browser, width, base, java_script_enabled=False) as (page, seen):
        page.goto(f"{base}/chat/")
        expect(page.locator(".pq-hello h2 :visible")).to_have_text("想了解园区的什么？")
        suggestion = page.locator(f".pq-hello [data-ask='{QUESTION}']:visible")
        for _ in range(3):  # each visit sees other suggestions
            if not suggestion.count():
                page.goto(f"{base}/chat/")
        suggestion.click()
        expect(page.locator(".pq-first mark").first).to_be_visible()
        assert page.url.startswith(f"{base}/ask?")
        page.fill("[name=q]", REFUSED)
        page.press("[name=q]", "Enter")
        expect(page.locator(".pq-no h2")).to_have_text("园区资料里没有写到这个问题")
        page.locator(".pq-no .pq-next [data-ask]").first.click()
        page.locator(".pq-first [data-source]").click()
        expect(page.locator(".pq-same")).to_be_visible()
        page.goto(f"{base}/chat/")
        page.fill(BOX, QUESTION)
        page.press(BOX, "Enter")
        expect(page.locator(".pq-first")).to_be_visible()
        assert page.locator(":is(button, a):visible").filter(has_text="复制").count() == 0
    assert seen == Seen()


def test_where_gradio_never_comes_the_page_works(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base) as (page, _):
        page.route("**/chat/assets/**", lambda route: route.abort())
        page.goto(f"{base}/chat/")
        expect(ask(page, QUESTION).locator(".pq-first mark").first).to_be_visible()
        expect(ask(page, REFUSED).locator(".pq-no")).to_be_visible()
        page.locator("[data-new]").click()
        expect(page.locator(".pq-hello")).to_be_visible()


def test_what_is_typed_before_gradio_comes_stays(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base) as (page, seen):
        held: list[Route] = []
        page.route("**/chat/assets/index-*.js", lambda route: held.append(route))
        page.goto(f"{base}/chat/", wait_until="commit")
        page.locator("#pq-box input").click()
        page.keyboard.type("half a quest")
        ask_first = page.locator(".pq-first-box")
        expect(ask_first).to_be_visible()
        held[0].continue_()
        page.locator("#pq-box textarea").wait_for()
        page.keyboard.type("ion")
        expect(page.locator(BOX)).to_have_value("half a question")
        expect(page.locator(BOX)).to_be_focused()
        expect(page.locator("#pq-ask")).to_have_count(1)
        assert page.evaluate("document.getElementById('pq-place').contains(document.getElementById('pq-shell'))")
        page.press(BOX, "Enter")
        expect(page.locator(".pq-turn .pq-me")).to_have_text("half a question")
    assert seen == Seen()


def test_a_question_in_the_address_is_asked_unless_another_site_led_here(
    browser: Browser, base: str, folder: Path
) -> None:
    link = f"{base}/chat/?q={QUESTION}"
    with watched(browser, DESKTOP, base) as (page, _):
        page.goto(link)
        expect(page.locator(".pq-turn .pq-first")).to_be_visible()
        assert page.url == f"{base}/chat/"
        page.reload()
        expect(page.locator(".pq-turn")).to_have_count(1)
    before = len(read(folder / "journal.db"))
    html = f'<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><a href="{link}">问</a>{{scripts}}'
    with hosting(html) as site, watched(browser, DESKTOP) as (page, _):
        page.goto(f"{site.replace('127.0.0.1', 'localhost')}/")
        page.locator("a").click()
        expect(page.locator(BOX)).to_have_value(QUESTION)
        page.locator("#pq-box textarea").wait_for()
        page.wait_for_timeout(500)
        expect(page.locator(".pq-turn")).to_have_count(0)
        assert len(read(folder / "journal.db")) == before
        page.press(BOX, "Enter")
        expect(page.locator(".pq-turn .pq-first")).to_be_visible()


def test_a_question_can_be_shared(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base, permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        page.goto(f"{base}/chat/")
        ask(page, QUESTION).locator("[data-share]").click()
        expect(page.locator("#pq-toast")).to_have_text("已复制这个问题的链接")
        copied = page.evaluate("navigator.clipboard.readText()")
        page.locator("[data-new]").click()
        page.goto(copied)
        expect(page.locator(".pq-turn .pq-me")).to_have_text(QUESTION)
