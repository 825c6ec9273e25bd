"""Nothing that a visitor asked is lost: it waits its turn, outlives the page and the network, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from browsers import BOX, DESKTOP, PHONE, ask, watched
from sites import LONE, chat, opened

pytestmark = pytest.mark.browser

FIRST, SECOND, THIRD = "三大科创载体是什么？", "园区什么时候成立的？", "2014年呢？"


@contextmanager
def visit(browser: Browser, base: str, mode: str = "", size: Any = DESKTOP, **options: Any) -> Iterator[Page]:
    with watched(browser, size, base, reduced_motion="reduce", **options) as (page, _):
        page.goto(f"{base}/chat/{mode}")
        page.locator("#pq-box textarea").wait_for()
        yield page


def asked_of(page: Page) -> list[str]:
    """The bodies that the page posts from now on."""
    posted: list[str] = []
    page.on("request", lambda one: posted.append(one.post_data or "") if "/conversation/" in one.url else None)
    return posted


def type_and_send(page: Page, question: str) -> None:
    page.fill(BOX, question)
    page.press(BOX, "Enter")


@dataclass
class Held:
    """What a page asks is held back until it is let go."""

    routes: list[Route] = field(default_factory=list)
    open: bool = False

    def __call__(self, route: Route) -> None:
        if self.open:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        self.open = True
        for route in self.routes:
            route.continue_()


def held(page: Page) -> Held:
    """Hold back what the page asks from now on."""
    holding = Held()
    page.route("**/conversation/ask", lambda route: holding(route))
    return holding


def test_questions_sent_while_another_is_answered_wait_their_turn(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        holding = held(page)
        for question in (FIRST, SECOND, THIRD):
            type_and_send(page, question)
            expect(page.locator(BOX)).to_have_value("")
        expect(page.locator(".pq-waiting")).to_have_count(3)
        expect(page.locator(".pq-wait:visible").nth(1)).to_contain_text("前一个问题答完就查")
        page.wait_for_timeout(200)
        assert len(holding.routes) == 1
        posted = asked_of(page)
        holding.let_go()
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST, SECOND, THIRD])
        assert [f'"question":"{SECOND}"' in posted[0], f'"history":["{FIRST}","{SECOND}"]' in posted[1]] == [True, True]


def test_of_too_many_questions_the_last_stays_in_the_box(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        held(page)
        for number in range(6):
            type_and_send(page, f"问题{number}？")
        type_and_send(page, "第七问？")
        page.wait_for_timeout(200)
        expect(page.locator(BOX)).to_have_value("第七问？")
        expect(page.locator(".pq-turn")).to_have_count(6)


@pytest.mark.parametrize("mode", ["", "?mode=widget"])
def test_after_reloading_the_conversation_is_there_and_nothing_is_asked_again(
    browser: Browser, base: str, mode: str
) -> None:
    with visit(browser, base, mode) as page:
        ask(page, FIRST).locator("[data-judge='1']").click()
        expect(page.locator("#pq-toast")).to_have_text("谢谢，已记下")
        ask(page, "2009年园区获评什么？")
        before = page.locator(".pq-turn").all_inner_texts()
        posted = asked_of(page)
        page.reload()
        page.locator("#pq-box textarea").wait_for()
        assert page.locator(".pq-turn").all_inner_texts() == before
        expect(page.locator("[data-judge='1']").first).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".pq-turn").last).to_be_in_viewport()
        assert posted == []
        ask(page, THIRD)
        assert f'"history":["{FIRST}","2009年园区获评什么？"]' in posted[0]


def test_on_the_way_back_from_a_source_page_the_conversation_is_there(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        ask(page, FIRST)
        page.goto(f"{base}/source/jiangyin-jingjiang-park.md")
        page.go_back()
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST])


def test_a_question_without_an_answer_is_asked_after_reloading(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        held(page)
        type_and_send(page, FIRST)
        expect(page.locator(".pq-waiting")).to_be_visible()
        page.unroute("**/conversation/ask")
        page.reload()
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST])
        expect(page.locator(".pq-turn .pq-card").first).to_be_visible()


def test_the_stand_keeps_nothing(browser: Browser, base: str) -> None:
    with visit(browser, base, "?mode=event") as page:
        ask(page, FIRST)
        page.reload()
        page.locator("#pq-box textarea").wait_for()
        assert page.locator(".pq-turn").count() == 0


def test_on_the_sites_next_page_the_conversation_goes_on(browser: Browser, base: str, site: str) -> None:
    with watched(browser, DESKTOP) as (page, _):
        address = f"{site}/?{httpx.QueryParams({'scripts': LONE.format(base=base)})}"
        page.goto(address)
        inside = opened(page)
        inside.locator(BOX).fill(FIRST)
        inside.locator(BOX).press("Enter")
        expect(inside.locator(".pq-first").first).to_be_visible()
        page.goto(f"{address}&page=2")
        page.locator("parkqa-widget .bubble").click()
        expect(chat(page).locator(".pq-turn .pq-me")).to_have_text([FIRST])


def test_a_cleared_conversation_can_be_taken_back(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        ask(page, FIRST)
        page.locator("[data-new]").click()
        expect(page.locator(".pq-turn")).to_have_count(0)
        expect(page.locator(".pq-hello")).to_be_visible()
        ask(page, SECOND)
        page.locator("[data-undo]").click()
        expect(page.locator(".pq-turn .pq-me")).to_have_text([FIRST, SECOND])
        expect(page.locator("#pq-undo")).to_be_hidden()
        posted = asked_of(page)
        ask(page, THIRD)
        assert f'"history":["{FIRST}","{SECOND}"]' in posted[0]


def test_after_ten_seconds_it_is_gone(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        page.clock.install()
        ask(page, FIRST)
        page.locator("[data-new]").click()
        page.clock.run_for(9_000)
        expect(page.locator("[data-undo]")).to_be_visible()
        page.clock.run_for(2_000)
        expect(page.locator("[data-undo]")).to_be_hidden()
        page.reload()
        page.locator(".pq-hello").wait_for()
        assert page.locator(".pq-turn").count() == 0


def test_a_question_that_was_waiting_is_taken_back_too(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        held(page)
        type_and_send(page, FIRST)
        expect(page.locator(".pq-waiting")).to_be_visible()
        page.locator("[data-new]").click()
        page.unroute("**/conversation/ask")
        page.locator("[data-undo]").click()
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST])


def test_what_failed_can_be_asked_again(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        page.route("**/conversation/ask", lambda route: route.fulfill(status=500, json={"error": "坏了。 / Broken."}))
        type_and_send(page, FIRST)
        expect(page.locator(".pq-wait")).to_contain_text("坏了。")
        page.unroute("**/conversation/ask")
        page.locator("[data-again]").click()
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST])
        expect(page.locator(".pq-turn .pq-card").first).to_be_visible()
        assert page.locator(".pq-turn").count() == 1


def test_the_line_may_be_away_for_long(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        page.clock.install()
        page.context.set_offline(True)
        type_and_send(page, FIRST)
        expect(page.locator(".pq-wait")).to_contain_text("这台设备没有网络")
        for _ in range(30):
            page.clock.run_for(10_000)
        expect(page.locator(".pq-waiting")).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST])


def test_a_server_that_gets_ready_slowly_is_waited_for(browser: Browser, base: str) -> None:
    busy = {"error": "正在准备，请稍候几秒再问。 / Still getting ready; please ask again in a few seconds."}
    with visit(browser, base) as page:
        page.clock.install()
        page.route(
            "**/conversation/ask", lambda route: route.fulfill(status=503, headers={"Retry-After": "5"}, json=busy)
        )
        type_and_send(page, FIRST)
        expect(page.locator(".pq-wait")).to_have_text("服务正在启动或很忙。问题留着，会自动再问。", use_inner_text=True)
        for _ in range(30):
            page.clock.run_for(10_000)
        expect(page.locator(".pq-waiting")).to_be_visible()
        page.unroute("**/conversation/ask")
        page.clock.run_for(10_000)
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text([FIRST])


def test_a_full_storage_loses_nothing_that_is_shown(browser: Browser, base: str) -> None:
    with visit(browser, base, size=PHONE) as page:
        page.evaluate("sessionStorage.setItem('filler', 'x'.repeat(5_242_000 - sessionStorage.length))")
        ask(page, FIRST)
        ask(page, SECOND)
        expect(page.locator(".pq-turn .pq-me")).to_have_text([FIRST, SECOND])
