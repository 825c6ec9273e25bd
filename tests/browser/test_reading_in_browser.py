"""What a reader's hand and eye need: nothing jumps, the focus stays, the keyboard gives way, paper shows all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from browsers import BOX, DESKTOP, PHONE, ask, in_time, watched

pytestmark = pytest.mark.browser

FIRST, SECOND, REFUSED = "三大科创载体是什么？", "园区什么时候成立的？", "食堂晚饭几点开？"
TOUCH: dict[str, Any] = {"has_touch": True, "is_mobile": True}
FINGER = 44
"""CSS pixels of the smallest side of what a finger presses (WCAG 2.5.5)."""
SMALL = """(least) => [...document.querySelectorAll("#pq-shell :is(button, summary, footer a, dd a), #pq-send")]
  .filter((one) => one.getClientRects().length && getComputedStyle(one).visibility === "visible")
  .map((one) => [one.textContent.trim() || one.className, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < least - .01 || box.width < least - .01)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""


@contextmanager
def visit(browser: Browser, base: str, size: Any = DESKTOP, **options: Any) -> Iterator[Page]:
    with watched(browser, size, base, reduced_motion="reduce", **options) as (page, _):
        page.goto(f"{base}/chat/")
        page.locator("#pq-box textarea").wait_for()
        yield page


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.className")
    return found


def test_who_scrolls_up_while_waiting_stays_there(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        for question in (FIRST, SECOND):
            ask(page, question)
        waiting: list[Route] = []
        page.route("**/conversation/ask", lambda route: waiting.append(route))
        page.fill(BOX, REFUSED)
        with page.expect_request("**/conversation/ask"):  # the page shows the turn a moment before
            page.press(BOX, "Enter")
        expect(page.locator(".pq-waiting")).to_be_in_viewport()
        page.mouse.move(400, 400)
        page.mouse.wheel(0, -5000)
        page.wait_for_function("document.getElementById('pq-log').scrollTop === 0")
        in_time(page, lambda: waiting)
        waiting[0].continue_()
        expect(page.locator(".pq-waiting")).to_have_count(0)
        page.wait_for_timeout(200)
        assert page.evaluate("document.getElementById('pq-log').scrollTop") == 0
        page.unroute("**/conversation/ask")
        ask(page, SECOND)
        expect(page.locator(".pq-turn").last.locator(".pq-me")).to_be_in_viewport()


def test_the_focus_comes_back_from_the_source(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        opener = ask(page, FIRST).locator(".pq-first [data-source]")
        for closing in ("Escape", "button", "back"):
            opener.click()
            expect(page.locator("#pq-source [data-close]")).to_be_focused()
            expect(page.locator("#pq-source-title")).to_have_text("园区介绍")
            if closing == "Escape":
                page.keyboard.press("Escape")
            elif closing == "button":
                page.locator("#pq-source [data-close]").click()
            else:
                page.go_back()
            expect(page.locator("#pq-source")).to_be_hidden()
            expect(opener).to_be_focused()


def test_a_new_question_closes_the_old_source(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        ask(page, FIRST).locator(".pq-first [data-source]").click()
        expect(page.locator("#pq-source")).to_be_visible()
        ask(page, SECOND)
        expect(page.locator("#pq-source")).to_be_hidden()
        expect(page.locator(BOX)).to_be_focused()


def test_the_panel_is_named_by_its_document(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        ask(page, FIRST).locator(".pq-first [data-source]").click()
        expect(page.get_by_role("complementary", name="原文 园区介绍")).to_be_visible()


def test_nothing_that_was_asked_is_suggested_again(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        asked: list[str] = []
        for _ in range(5):
            offered = page.locator(".pq-turn:last-child .pq-next [data-ask], .pq-hello [data-ask]:visible")
            texts = offered.all_inner_texts()
            assert not set(texts) & set(asked), (texts, asked)
            if not texts:
                break
            asked.append(texts[0])
            ask(page, texts[0])
        assert len(asked) > 2


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB", "zh-TW"])
def test_what_a_finger_presses_is_large_enough(browser: Browser, base: str, locale: str) -> None:
    with visit(browser, base, PHONE, locale=locale, **TOUCH) as page:
        assert page.evaluate(SMALL, FINGER) == []
        first = ask(page, FIRST if locale != "en-GB" else "What happened in 2005?")
        first.locator("summary").tap()
        first.locator("[data-judge='0']").tap()
        expect(first.locator(".pq-why input")).to_be_visible()
        ask(page, REFUSED)
        assert page.evaluate(SMALL, FINGER) == []
        first.locator(".pq-first [data-source]").tap()
        expect(page.locator("#pq-source")).to_be_visible()
        assert page.evaluate(SMALL, FINGER) == []


def test_after_sending_the_phones_keyboard_goes(browser: Browser, base: str) -> None:
    with visit(browser, base, PHONE, **TOUCH) as page:
        page.locator(BOX).tap()
        expect(page.locator(BOX)).to_be_focused()
        ask(page, FIRST)
        expect(page.locator(BOX)).not_to_be_focused()
        page.locator("[data-new]").tap()
        expect(page.locator(BOX)).not_to_be_focused()


def test_the_keyboard_makes_the_page_smaller(browser: Browser, base: str) -> None:
    with visit(browser, base, PHONE, **TOUCH) as page:
        viewport = page.locator("meta[name=viewport]").get_attribute("content")
        assert viewport and "interactive-widget=resizes-content" in viewport
        # Where it covers the page instead, the box moves above it.
        page.evaluate(
            """() => {
              Object.defineProperty(visualViewport, "height", { value: innerHeight - 300 });
              visualViewport.dispatchEvent(new Event("resize"));
            }"""
        )
        box = page.locator("#pq-ask").bounding_box()
        assert box and round(box["y"] + box["height"]) == PHONE["height"] - 300


def test_near_the_limit_the_box_says_how_much_is_left(browser: Browser, base: str) -> None:
    with visit(browser, base, PHONE, **TOUCH) as page:
        page.fill(BOX, "问" * 399)
        expect(page.locator("#pq-left")).to_be_hidden()
        page.fill(BOX, "问" * 470)
        expect(page.locator("#pq-left")).to_have_text("还可以写 30 字")
        page.fill(BOX, "𠮷" * 512)
        expect(page.locator("#pq-left")).to_have_text("超出 12 字，请缩短")
        page.press(BOX, "Enter")
        page.wait_for_timeout(200)
        assert page.locator(".pq-turn").count() == 0
        expect(page.locator(BOX)).to_have_value("𠮷" * 512)
        page.fill(BOX, "问" * 500)
        page.press(BOX, "Enter")
        expect(page.locator("#pq-left")).to_be_hidden()
        expect(page.locator(".pq-turn")).to_have_count(1)


def test_below_a_long_question_what_became_of_it_is_in_sight(browser: Browser, base: str) -> None:
    with visit(browser, base, PHONE, **TOUCH) as page:
        page.route("**/conversation/ask", lambda route: route.fulfill(status=500, json={"error": "坏了。 / Broken."}))
        page.fill(BOX, "问" * 500)
        page.press(BOX, "Enter")
        expect(page.locator(".pq-wait")).to_contain_text("坏了")
        expect(page.locator("[data-again]")).to_be_in_viewport(ratio=1)
        question = page.locator(".pq-me")
        short = question.bounding_box()
        question.tap()
        whole = question.bounding_box()
        assert short and whole and whole["height"] > 2 * short["height"]


def test_on_paper_the_conversation_is_whole_and_nothing_else_is_there(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        for question in (FIRST, SECOND, "2009年园区获评什么？", REFUSED):
            ask(page, question)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        for gone in ("#pq-ask", ".pq-bar nav", ".pq-next:visible", ".pq-judge:visible", "#pq-source"):
            assert page.locator(gone).filter(visible=True).count() == 0, gone
        expect(page.locator(".pq-me")).to_have_count(4)
        heights = page.evaluate(
            """() => { const log = document.getElementById("pq-log"), shell = document.getElementById("pq-shell");
            return [log.scrollHeight - log.clientHeight, shell.scrollHeight - shell.clientHeight,
              getComputedStyle(document.body).overflow, getComputedStyle(shell).position]; }"""
        )
        assert heights == [0, 0, "visible", "static"]
        assert page.locator(".pq-more[open]").count() == page.locator(".pq-more").count() > 0
        mark = page.locator(".pq-first mark").first
        assert "solid" in mark.evaluate("(it) => getComputedStyle(it).borderBottom")
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".pq-more[open]").count() == 0


def test_a_printed_source_keeps_mark_title_date_and_address(browser: Browser, base: str) -> None:
    with visit(browser, base) as page:
        link = ask(page, FIRST).locator(".pq-first [data-source]").get_attribute("href")
        page.goto(f"{base}{link}")
        page.emulate_media(media="print")
        mark = page.locator("mark#quote")
        style = mark.evaluate("(it) => [getComputedStyle(it).borderBottom, getComputedStyle(it).backgroundColor]")
        assert "2px solid" in style[0] and style[1] == "rgba(0, 0, 0, 0)"
        assert page.locator(".pq-source-top").evaluate("(it) => it.getBoundingClientRect().top + scrollY") >= 0
        expect(page.locator(".pq-doc h1")).to_have_text("园区介绍")
        expect(page.locator(".pq-doc-meta")).to_contain_text("2024")
        expect(page.locator(".pq-doc-cite")).to_contain_text(f"{base}/source/")


def test_a_conversation_is_saved_as_one_file(browser: Browser, base: str, tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>${1}园区"
    with visit(browser, base) as page:
        ask(page, FIRST)
        ask(page, hostile)
        with page.expect_download() as download:
            page.locator("[data-save]").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        quoted = page.locator(".pq-first blockquote").first.inner_text()
    assert re.fullmatch(r"园区问答-\d{4}-\d\d-\d\d\.html", file.name)
    with watched(browser, DESKTOP, "file:") as (saved, seen):
        saved.goto(file.as_uri())
        expect(saved.locator(".pq-me")).to_have_text([FIRST, hostile])
        expect(saved.locator("blockquote").first).to_contain_text(quoted.strip())  # nothing is folded in a file
        assert saved.locator("button, input, script").count() == 0
        assert (saved.locator("a[href]").first.get_attribute("href") or "").startswith(f"{base}/source/")
        assert saved.locator("img").count() == 0
    assert seen.elsewhere == []
    assert seen.console == []
