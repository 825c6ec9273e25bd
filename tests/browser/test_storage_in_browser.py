"""With third-party storage blocked and with no clipboard it works; in a browser that keeps things it leaves none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, launched, watched
from programs import stub
from sites import LONE, hosting, opened

pytestmark = pytest.mark.browser

QUESTION = "三大科创载体是什么？"
STORAGE = "() => { try { return localStorage.length; } catch (error) { return error.name; } }"
KEPT = """async () => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie,
  (await indexedDB.databases()).length, (await caches.keys()).length]"""
NOTHING = [[], [], "", 0, 0]
FOR_THE_TAB = [[], ["parkqa::chat"], "", 0, 0]
"""What is gone with the tab."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Another site than the server's, to the browser too: it goes by names, not by ports."""
    with hosting() as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def base(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stub(tmp_path_factory.mktemp("storage"), embed_origins=site) as url:
        yield url


def embedding(site: str, base: str) -> str:
    return f"{site}/?{httpx.QueryParams({'scripts': LONE.format(base=base)})}"


@pytest.fixture(scope="module")
def strict(browser: Browser) -> Iterator[Browser]:
    """A browser that lets no frame of another site store anything: asking for it there is an error."""
    with closing(launched(browser.browser_type, "--test-third-party-cookie-phaseout")) as one:
        yield one


@pytest.mark.slow
def test_twenty_loads_without_storage_and_none_hangs(strict: Browser, site: str, base: str) -> None:
    for number in range(20):
        with watched(strict, (DESKTOP, PHONE)[number % 2]) as (page, seen):
            page.goto(embedding(site, base))
            assert opened(page).locator(BOX).is_enabled()
        assert seen == Seen(), number


def test_a_frame_without_storage_answers(strict: Browser, site: str, base: str) -> None:
    with watched(strict, DESKTOP) as (page, seen):
        page.goto(embedding(site, base))
        inside = opened(page)
        assert page.frames[1].evaluate(STORAGE) == "SecurityError"
        inside.locator(BOX).fill(QUESTION)
        inside.locator(BOX).press("Enter")
        expect(inside.locator(".pq-first mark").first).to_be_visible()
        assert page.context.cookies() == []
    assert seen == Seen()


@pytest.mark.parametrize(("mode", "left"), [("", FOR_THE_TAB), ("?mode=event", NOTHING)], ids=["chat", "stand"])
def test_a_conversation_leaves_nothing_in_the_browser(browser: Browser, base: str, mode: str, left: object) -> None:
    with watched(browser, DESKTOP, base) as (page, seen):
        page.goto(f"{base}/chat/{mode}")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        ask(page, QUESTION).locator(".pq-first [data-source]").click()
        expect(page.locator("#pq-source mark").first).to_be_visible()
        page.locator("[data-switch]").click()
        assert page.evaluate(KEPT) == left
        assert page.context.cookies() == []
        assert len(page.context.pages) == 1
    assert seen == Seen()


def test_copying_works_where_there_is_no_clipboard_to_write_to(browser: Browser, base: str) -> None:
    """As on a page without HTTPS, or in WeChat's browser."""
    options: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    with watched(browser, PHONE, base, **options) as (page, seen):
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.goto(f"{base}/chat/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        turn = ask(page, QUESTION)
        turn.locator(".pq-first [data-copy]").tap()
        expect(page.locator("#pq-toast")).to_have_text("已复制引文和出处")
        page.locator(BOX).focus()
        page.keyboard.press("Control+v")
        quoted = turn.locator(".pq-first [data-copy]").get_attribute("data-copy")
        assert quoted
        assert page.locator(BOX).input_value().startswith(quoted)
        assert page.locator("textarea.pq-offscreen").count() == 0
    assert seen == Seen()


@pytest.mark.parametrize("mode", ["", "?mode=widget"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_back_closes_the_source_and_keeps_the_answer(browser: Browser, base: str, size: Any, mode: str) -> None:
    with watched(browser, size, base) as (page, seen):
        page.goto(f"{base}/chat/{mode}")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        turn = ask(page, QUESTION)
        for _ in range(2):
            turn.locator(".pq-first [data-source]").click()
            expect(page.locator("#pq-source mark").first).to_be_in_viewport()
            page.go_back()
            expect(page.locator("#pq-source")).to_be_hidden()
            expect(turn.locator(".pq-first mark").first).to_be_visible()
        assert page.url == f"{base}/chat/{mode}"
    assert seen == Seen()
