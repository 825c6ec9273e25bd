"""What was seen on screenshots of the pages and mended: what is cut off, too small, said twice, or pushed away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, watched

pytestmark = pytest.mark.browser

SCREEN, WALL, PORTRAIT = (
    {"width": 1920, "height": 1080},
    {"width": 3840, "height": 2160},
    {"width": 1080, "height": 1920},
)
LONG = "建设科创飞地、科创园、科技工业园三大科创载体,培育船舶制造、特色冶金、高精钢构、机械装备、港口物流五大产业基地"
FONT = "(node) => parseFloat(getComputedStyle(node).fontSize)"
CONTRAST = """(node) => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3)
      .map((part) => part / (colour.startsWith("color") ? 1 : 255))
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = light(getComputedStyle(document.getElementById("pq-shell")).backgroundColor);
  const style = getComputedStyle(node);
  const ringed = node === document.activeElement && !node.closest("#pq-box");
  const edge = light(ringed ? style.outlineColor : style.borderTopColor);
  return (Math.max(ground, edge) + 0.05) / (Math.min(ground, edge) + 0.05);
}"""


@contextmanager
def visit(browser: Browser, base: str, size: Any, query: str = "", **options: Any) -> Iterator[Page]:
    with watched(browser, size, base, reduced_motion="reduce", **options) as (page, seen):
        page.goto(f"{base}/chat/{query}")
        place = ".pq-show .pq-first" if query else ".pq-hello [data-ask]:visible"
        expect(page.locator(place).first).to_be_visible()
        yield page
    assert seen == Seen()


def top(place: Locator) -> float:
    box = place.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("width", [320, 390])
def test_the_name_of_the_park_is_whole_beside_the_buttons(browser: Browser, base: str, width: int, locale: str) -> None:
    with visit(browser, base, PHONE | {"width": width}, locale=locale, has_touch=True, is_mobile=True) as page:
        for _ in range(2):
            cut = "(node) => [node.scrollHeight - node.clientHeight, node.scrollWidth - node.clientWidth]"
            down, right = page.locator(".pq-bar h1").evaluate(cut)
            # An English name of 42 letters needs more than 320 pixels leave.
            assert right <= 0 and (down <= 1 or (width, locale) == (320, "en-GB"))
            ask(page, "园区什么时候成立的？")


@pytest.mark.parametrize("size", [SCREEN, WALL, PORTRAIT], ids=["1080p", "4k", "portrait"])
def test_a_long_answer_takes_three_lines_at_a_stand(browser: Browser, base: str, size: Any) -> None:
    unit = min(size.values()) / 1080
    with visit(browser, base, size, "?mode=event", has_touch=True) as page:
        ask(page, "三大科创载体是什么？")
        headline = page.locator(".pq-turn .pq-answer").last
        for text in (LONG, (2 * LONG)[:100]):
            headline.evaluate(
                """(node, text) => {
                  node.querySelector("mark").textContent = text;
                  node.closest("article").style.setProperty("--n", 2 * [...text].length);
                }""",
                text,
            )
            lines = headline.evaluate("(node) => node.clientHeight / parseFloat(getComputedStyle(node).lineHeight)")
            assert round(lines) <= 3
            assert headline.evaluate(FONT) >= 27 * unit


@pytest.mark.parametrize("size", [SCREEN, WALL], ids=["1080p", "4k"])
def test_at_a_stand_nothing_is_small(browser: Browser, base: str, size: Any) -> None:
    unit = min(size.values()) / 1080
    with visit(browser, base, size, "?mode=event", has_touch=True) as page:
        page.wait_for_function("parkqaPage.arrived")
        assert page.locator(BOX).evaluate(FONT) >= 30 * unit
        page.locator("[data-switch]").tap()
        for question in ("What are the leading industries?", "When was the park founded?", "Is there a subway?"):
            ask(page, question)
            small = page.locator("#pq-shell").evaluate(
                """(shell, least) => [...shell.querySelectorAll("*")].filter((node) => node.getClientRects().length
                  && !node.closest(".pq-sr") && getComputedStyle(node).visibility !== "hidden"
                  && [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim())
                  && parseFloat(getComputedStyle(node).fontSize) < least).map((node) => node.outerHTML.slice(0, 90))""",
                20 * unit,
            )
            assert small == []


def test_before_gradio_has_come_the_box_of_a_stand_is_as_large(browser: Browser, base: str) -> None:
    with watched(browser, SCREEN, base, has_touch=True) as (page, _):
        page.route("**/*", lambda route: route.abort() if "/chat/assets/" in route.request.url else route.continue_())
        page.goto(f"{base}/chat/?mode=event")
        expect(page.locator(".pq-show .pq-first")).to_be_visible()
        box = page.locator(".pq-first-box #pq-box input")
        assert box.evaluate(FONT) >= 30
        place = box.bounding_box()
        assert place and place["height"] >= 90


@pytest.mark.parametrize("mode", ["", "?mode=event"])
def test_what_was_pressed_stays_where_it_was_beside_the_source(browser: Browser, base: str, mode: str) -> None:
    with visit(browser, base, SCREEN if mode else DESKTOP, mode, has_touch=bool(mode)) as page:
        for question in ("园区什么时候成立的？", "三大科创载体是什么？", "园区有地铁吗？", "2014年园区获评了什么？"):
            turn = ask(page, question)
        opener = turn.locator("[data-source]").first
        before = top(opener)
        opener.click()
        expect(page.locator("#pq-source mark").first).to_be_in_viewport()
        assert abs(top(opener) - before) < 2
        page.keyboard.press("Escape")
        expect(page.locator("#pq-source")).to_be_hidden()
        assert abs(top(opener) - before) < 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_and_the_ring_of_the_focus_are_seen(browser: Browser, base: str, scheme: Any) -> None:
    with visit(browser, base, DESKTOP, color_scheme=scheme) as page:
        assert page.locator(BOX).evaluate(CONTRAST) >= 3
        ask(page, "园区什么时候成立的？")
        page.keyboard.press("Shift+Tab")
        assert page.locator(":focus-visible").evaluate(CONTRAST) >= 3
        page.locator(".pq-turn [data-source]").first.focus()
        assert page.locator(".pq-turn [data-source]").first.evaluate(CONTRAST) >= 3


IN_SIGHT = """() => {
  const node = document.activeElement, { x, y, width, height } = node.getBoundingClientRect();
  const seen = [0.1, 0.5, 0.9].map((part) => document.elementFromPoint(x + width / 2, y + height * part));
  if (node.id === "pq-log" || node === document.body) return true;
  return seen.every((one) => node.contains(one) || one?.contains(node));
}"""


@pytest.mark.parametrize("size", [DESKTOP, {"width": 320, "height": 640}, {"width": 320, "height": 400}, SCREEN])
def test_nothing_that_has_the_focus_lies_under_the_box(browser: Browser, base: str, size: Any) -> None:
    query = "?mode=event" if size is SCREEN else ""
    with visit(browser, base, size, query) as page:
        for question in ("园区什么时候成立的，主导产业有哪些？", "园区有地铁吗？", "三大科创载体是什么？"):
            ask(page, question)
        hidden, reached = [], set()
        for key in ["Tab"] * 40 + ["Shift+Tab"] * 40:
            page.keyboard.press(key)
            name = page.evaluate("document.activeElement.textContent.trim().slice(0, 20)")
            reached.add(name)
            if not page.evaluate(IN_SIGHT):
                hidden.append(name)
        assert hidden == [] and len(reached) > 10


def test_the_end_of_a_long_answer_can_be_scrolled_to(browser: Browser, base: str) -> None:
    with visit(browser, base, {"width": 320, "height": 500}) as page:
        turn = ask(page, "三大科创载体是什么？")
        page.wait_for_function("parkqaPage.arrived")
        page.locator("#pq-log").evaluate("(log) => log.scrollTo(0, log.scrollHeight)")
        last, box = turn.locator("[data-ask]").last.bounding_box(), page.locator(BOX).bounding_box()
        assert last and box and last["y"] + last["height"] <= box["y"]


def test_the_header_stays_whatever_stands_below_the_window(browser: Browser, base: str) -> None:
    with visit(browser, base, PHONE) as page:
        for question in ("园区什么时候成立的？", "园区有地铁吗？"):
            turn = ask(page, question)
            turn.locator("[data-judge='0']").click()
            expect(turn.locator(".pq-why input")).to_be_visible()
        page.reload()
        expect(page.locator(".pq-turn")).to_have_count(2)
        page.locator("[data-large]").click()
        for question in ("三大科创载体是什么？", "2014年园区获评了什么？"):
            ask(page, question)
            assert page.locator("#pq-shell").evaluate("(shell) => shell.scrollHeight - shell.clientHeight") == 0
            assert top(page.locator(".pq-bar")) == 0


def test_a_source_is_no_wider_than_a_phone(browser: Browser, base: str) -> None:
    with visit(browser, base, PHONE) as page:
        ask(page, "园区什么时候成立的？").locator("[data-source]").first.click()
        expect(page.locator("#pq-source mark").first).to_be_in_viewport()
        assert page.locator("#pq-source").evaluate("(panel) => panel.scrollWidth - panel.clientWidth") == 0


def test_the_question_is_put_into_the_log_once(browser: Browser, base: str) -> None:
    with visit(browser, base, DESKTOP) as page:
        page.evaluate(
            """() => new MutationObserver((seen) => seen.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
              const questions = node.matches?.(".pq-me") ? [node] : [...node.querySelectorAll?.(".pq-me") || []];
              window.put = (window.put || 0) + questions.length;
            }))).observe(document.getElementById("pq-log"), { childList: true, subtree: true })"""
        )
        ask(page, "园区什么时候成立的？")
        assert page.evaluate("window.put") == 1


def test_a_question_is_printed_with_its_answer(browser: Browser, base: str) -> None:
    with visit(browser, base, DESKTOP) as page:
        ask(page, "园区有地铁吗？")
        page.emulate_media(media="print")
        style = "(node) => [getComputedStyle(node).breakAfter, getComputedStyle(node).breakInside]"
        assert page.locator(".pq-turn .pq-me").evaluate(style)[0] == "avoid-page"
        # A refusal with cards in it may be longer than a page.
        assert page.locator(".pq-no").evaluate(style)[1] == "auto"


def test_with_the_systems_colours_what_can_be_pressed_has_an_edge(browser: Browser, base: str) -> None:
    with visit(browser, base, DESKTOP, forced_colors="active") as page:
        ask(page, "园区什么时候成立的？")
        for name in ("#pq-send", ".pq-turn .pq-me", ".pq-bar nav button:visible"):
            style = page.locator(name).first.evaluate("(node) => getComputedStyle(node).borderTopStyle")
            assert style == "solid", name
