"""The stand in Chromium, with the real model and corpus: nobody there, a visitor, the next one; asleep and offline."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Error, Locator, Page, expect

from browsers import BOX, Seen, ask, in_time, watched
from parkqa.journal.entries import read
from programs import real
from waiting import until

pytestmark = pytest.mark.browser

SCREEN, WALL, PORTRAIT = (
    {"width": 1920, "height": 1080},
    {"width": 3840, "height": 2160},
    {"width": 1080, "height": 1920},
)

FOUNDED = "2003年8月29日,江阴经济开发区靖江园区正式成立。"
SECRET = "我的电话和姓名是什么园区"
RESET = 20
"""Seconds; set for the server of these tests."""
LOST = "Failed to load resource"
"""What a browser writes into its console when a request gets nowhere."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, real_index: Path) -> Path:
    made = tmp_path_factory.mktemp("stand")
    shutil.copytree(real_index, made / "index")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with real(folder, "--event", event_reset_seconds=RESET) as url:
        yield url


@contextmanager
def stand(
    browser: Browser, address: str, size: Any = SCREEN, clock: bool = False, noise: str = "", **options: Any
) -> Iterator[Page]:
    """Open the stand's page and wait for the first question it shows by itself."""
    with watched(browser, size, address, **options) as (page, seen):
        if clock:
            page.clock.install()
        page.goto(f"{address}/chat/?mode=event")
        expect(page.locator(".pq-show .pq-first")).to_be_visible()
        yield page
    seen.console = [line for line in seen.console if not (noise and noise in line)]
    assert seen == Seen()


def kept(folder: Path) -> list[tuple[str, str]]:
    """Where each question in the journal was asked, and the question."""
    return [(entry.mode, entry.question) for entry in read(folder / "journal.db")]


def shown(page: Page) -> str:
    return page.locator(".pq-show .pq-me").inner_text()


def asleep(page: Page, seconds: int) -> None:
    """Let the machine sleep: its timers fire once at most when it wakes."""
    page.clock.fast_forward(seconds * 1000)


def scanned(page: Page, code: Locator, folder: Path) -> str:
    """What a phone reads from the screen."""
    expect(code).to_be_visible()

    def seen() -> list[zxingcpp.Barcode]:
        """What is on the screen at this moment, on which the code may still be on its way to its place."""
        page.screenshot(path=folder / "screen.png")
        return zxingcpp.read_barcodes(np.asarray(Image.open(folder / "screen.png").convert("L")))

    (found,) = until(seen)
    return found.text


def test_while_nobody_is_there_questions_turn_with_their_answers(browser: Browser, address: str, folder: Path) -> None:
    before = len(read(folder / "journal.db")) if (folder / "journal.db").exists() else 0
    with stand(browser, address, clock=True) as page:
        seen = {}
        for _ in range(6):
            question, words = page.locator(".pq-show").evaluate(
                "show => ['.pq-me', '.pq-first'].map((name) => show.querySelector(name).textContent)"
            )
            seen[question] = words
            page.clock.run_for(14_000)
            expect(page.locator(".pq-show .pq-me")).not_to_have_text(question)
        assert len(seen) > 3
        for question, words in seen.items():
            answer = httpx.post(f"{address}/api/ask", json={"question": question}, timeout=60).json()
            quoted = answer["quotes"][0]["text"]
            assert "".join(quoted.split()) in "".join(words.split())
        expect(page.locator("#pq-count")).to_be_hidden()
    asked = until(lambda: [entry.mode for entry in read(folder / "journal.db")][before:])
    assert set(asked) == {"api"}


@pytest.mark.parametrize("sign", ["touch", "key", "wheel"])
def test_it_stops_at_once_when_somebody_comes(browser: Browser, address: str, sign: str) -> None:
    with stand(browser, address, clock=True, has_touch=True) as page:
        question = shown(page)
        if sign == "touch":
            page.touchscreen.tap(600, 480)
        elif sign == "key":
            page.keyboard.press("y")
        else:
            page.mouse.move(600, 500)
            page.mouse.wheel(0, 40)
        expect(page.locator("#pq-count")).to_be_visible()
        page.clock.run_for(14_500)
        assert shown(page) == question
        if sign == "key":
            expect(page.locator(BOX)).to_be_focused()
            expect(page.locator(BOX)).to_have_value("y")


def test_the_countdown_is_seen_and_stopped_by_any_sign_of_life(browser: Browser, address: str) -> None:
    with stand(browser, address, clock=True, has_touch=True) as page:
        ask(page, "园区什么时候成立的？")
        seconds = page.locator("#pq-seconds")
        for sign in ("touch", "type", "wheel"):
            page.clock.run_for(15_000)
            expect(seconds).to_have_text(re.compile("^[456]$"))
            expect(page.locator("#pq-count")).to_have_class(re.compile("pq-soon"))
            if sign == "touch":
                page.touchscreen.tap(600, 880)
            elif sign == "type":
                page.locator(BOX).press_sequentially("园")
            else:
                page.mouse.move(600, 500)
                page.mouse.wheel(0, 40)
            page.clock.run_for(500)
            expect(seconds).to_have_text(re.compile("^(19|20)$"))
        assert page.locator(".pq-turn").count() == 1


def test_after_the_quiet_time_nothing_of_the_visitor_is_left(browser: Browser, address: str) -> None:
    with stand(browser, address, clock=True, has_touch=True) as page:
        ask(page, "2009年园区获评什么？").locator(".pq-first [data-source]").click()
        expect(page.locator("#pq-source mark").first).to_be_visible()
        page.keyboard.press("Escape")
        page.locator("[data-switch]").click()
        ask(page, SECRET)
        page.locator(BOX).press_sequentially(SECRET)
        page.clock.run_for((RESET + 1) * 1000)
        expect(page.locator(".pq-show .pq-first")).to_be_visible()
        assert page.locator(".pq-turn").count() == 0
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        expect(page.locator(BOX)).to_have_value("")
        page.locator(BOX).focus()
        page.keyboard.press("Control+z")
        expect(page.locator(BOX)).to_have_value("")
        assert page.locator("#pq-source").is_hidden()
        left = page.evaluate(
            "[document.documentElement.outerHTML, JSON.stringify(history.state), location.href, document.cookie,"
            " JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join()"
        )
        assert SECRET not in left
        # A follow-up of the next visitor has nothing to follow.
        assert ask(page, "2014年呢？").locator(".pq-read").count() == 0


def test_a_question_still_on_its_way_is_never_answered_to_the_next_visitor(browser: Browser, address: str) -> None:
    with stand(browser, address, noise=LOST) as page:
        held: list[Any] = []
        page.route("**/conversation/ask", lambda route: held.append(route))
        page.fill(BOX, SECRET)
        with page.expect_request("**/conversation/ask"):  # the page shows the turn a moment before
            page.press(BOX, "Enter")
        expect(page.locator(".pq-waiting")).to_be_visible()
        in_time(page, lambda: held)
        page.locator(".pq-bar h1").click()
        page.keyboard.press("Alt+w")
        expect(page.locator(".pq-turn")).to_have_count(0)
        page.unroute("**/conversation/ask")
        turn = ask(page, "园区什么时候成立的？")
        for route in held:
            with suppress(Error):
                route.abort()
        page.wait_for_timeout(300)
        expect(turn.locator(".pq-first blockquote mark")).to_have_text(FOUNDED)
        assert page.get_by_text(SECRET).count() == 0


def test_a_machine_that_wakes_wipes_first(browser: Browser, address: str) -> None:
    with stand(browser, address, clock=True) as page:
        ask(page, SECRET)
        asleep(page, 3600)
        expect(page.locator(".pq-show .pq-first")).to_be_visible()
        assert page.locator(".pq-turn").count() == 0


def test_the_touch_that_finds_the_time_over_presses_nothing(browser: Browser, address: str) -> None:
    with stand(browser, address, clock=True) as page:
        box = ask(page, "园区什么时候成立的？").locator("xpath=..").locator(".pq-next button").first.bounding_box()
        assert box
        # No timer fires before the touch.
        page.clock.pause_at(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000 + 2))
        page.clock.set_system_time("2040-01-01T00:00:00")
        page.mouse.click(box["x"] + 20, box["y"] + 20)
        expect(page.locator(".pq-turn")).to_have_count(0)
        page.wait_for_timeout(500)
        expect(page.locator(".pq-turn")).to_have_count(0)
        expect(page.locator("#pq-count")).to_be_visible()


def test_a_clock_set_back_does_not_keep_the_visitor(browser: Browser, address: str) -> None:
    with stand(browser, address, clock=True) as page:
        ask(page, SECRET)
        page.clock.set_system_time("2001-01-01T00:00:00")
        page.clock.run_for((RESET + 1) * 1000)
        expect(page.locator(".pq-turn")).to_have_count(0)


def test_without_the_server_it_goes_on_and_a_question_waits_for_it(browser: Browser, address: str) -> None:
    with stand(browser, address, clock=True, noise=LOST) as page:
        for _ in range(3):
            before = shown(page)
            page.clock.run_for(15_000)
            expect(page.locator(".pq-show .pq-me")).not_to_have_text(before)
        page.context.set_offline(True)
        first = shown(page)
        page.clock.run_for(15_000)
        expect(page.locator(".pq-show .pq-me")).not_to_have_text(first)
        page.fill(BOX, "园区什么时候成立的？")
        page.press(BOX, "Enter")
        expect(page.locator("#pq-away")).to_be_visible()
        page.context.set_offline(False)
        page.clock.run_for(2_000)
        expect(page.locator(".pq-turn .pq-first blockquote mark")).to_have_text(FOUNDED)
        expect(page.locator("#pq-away")).to_be_hidden()
        page.context.set_offline(True)
        asleep(page, 3600)
        expect(page.locator(".pq-turn")).to_have_count(0)
        page.context.set_offline(False)


def test_a_reload_begins_anew_by_itself(browser: Browser, address: str) -> None:
    with stand(browser, address) as page:
        ask(page, SECRET)
        page.reload()
        expect(page.locator(".pq-show .pq-first")).to_be_visible()
        assert page.locator(".pq-turn").count() == 0
        expect(ask(page, "园区什么时候成立的？").locator(".pq-first blockquote mark")).to_have_text(FOUNDED)


def test_the_server_may_go_and_come_back(browser: Browser, folder: Path, address: str) -> None:
    assert httpx.get(f"{address}/readyz", timeout=60)  # the index is built
    with watched(browser, SCREEN) as (page, _):
        with real(folder, "--event", probe="/healthz", journal="none") as url:
            page.goto(f"{url}/chat/?mode=event")
            expect(page.locator(".pq-show .pq-first")).to_be_visible()
        page.fill(BOX, "园区什么时候成立的？")
        page.press(BOX, "Enter")
        expect(page.locator("#pq-away")).to_be_visible()
        with real(folder, "--event", probe="/healthz", journal="none", port=urlsplit(url).port):
            expect(page.locator(".pq-turn .pq-first blockquote mark")).to_have_text(FOUNDED, timeout=40_000)


def test_the_staffs_keys(browser: Browser, address: str, folder: Path) -> None:
    with stand(browser, address, clock=True) as page:
        page.keyboard.press("?")
        expect(page.locator("#pq-keys")).to_be_visible()
        page.keyboard.press("?")
        expect(page.locator("#pq-keys")).to_be_hidden()
        question = shown(page)
        page.keyboard.press("Alt+n")
        expect(page.locator(".pq-show .pq-me")).not_to_have_text(question)
        expect(page.locator("#pq-count")).to_be_hidden()
        before = page.locator(".pq-show .pq-me").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        page.keyboard.press("Alt+l")
        after = page.locator(".pq-show .pq-me").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        assert after > 1.15 * before
        page.keyboard.press("Alt+l")
        page.keyboard.press("Alt+l")
        ask(page, "园区什么时候成立的？")
        page.keyboard.press("Escape")
        page.keyboard.press("Alt+n")
        expect(page.locator(".pq-turn")).to_have_count(2)
        expect(page.locator(".pq-turn").nth(1).locator(".pq-first")).to_be_visible()
        page.keyboard.press("Alt+p")
        expect(page.locator("#pq-paused")).to_be_visible()
        page.clock.run_for(3 * RESET * 1000)
        assert page.locator(".pq-turn").count() == 2
        page.keyboard.press("Alt+p")
        page.keyboard.press("Alt+w")
        expect(page.locator(".pq-turn")).to_have_count(0)


def test_keys_do_nothing_while_somebody_types(browser: Browser, address: str) -> None:
    with stand(browser, address) as page:
        page.locator(BOX).focus()
        page.keyboard.type("园区?")
        for key in ("Alt+w", "Alt+l", "Alt+p", "Alt+n"):
            page.keyboard.press(key)
        expect(page.locator(BOX)).to_have_value("园区?")
        expect(page.locator("#pq-keys")).to_be_hidden()
        expect(page.locator("#pq-paused")).to_be_hidden()
        assert page.evaluate("document.documentElement.style.getPropertyValue('--pq-scale')") == ""
        page.keyboard.press("Escape")
        page.evaluate(
            """() => {
              const alt = (letter) => ({ key: letter, code: `Key${letter.toUpperCase()}`, altKey: true });
              const more = { isComposing: true, bubbles: true, cancelable: true };
              for (const key of [{ key: "?" }, alt("w"), alt("p")])
                document.body.dispatchEvent(new KeyboardEvent("keydown", { ...key, ...more }));
            }"""
        )
        expect(page.locator("#pq-keys")).to_be_hidden()
        expect(page.locator("#pq-paused")).to_be_hidden()
        expect(page.locator(BOX)).to_have_value("园区?")


def test_a_phone_takes_the_quote_from_the_screen(browser: Browser, address: str, folder: Path) -> None:
    with stand(browser, address) as page:
        code = ask(page, "园区什么时候成立的？").locator(".pq-code svg")
        assert scanned(page, code, folder) == f"“{FOUNDED}”\n——园区介绍（2024） › 大事记"


def test_with_an_address_a_phone_is_led_to_the_source(browser: Browser, address: str, folder: Path) -> None:
    site = "https://ask.example.cn/park"
    with (
        real(folder, "--event", journal="none", public_url=site) as url,
        stand(browser, url, color_scheme="dark") as page,
    ):
        code = ask(page, "园区什么时候成立的？").locator(".pq-code svg")
        link = scanned(page, code, folder)
        assert link.startswith("https://ask.example.cn/park/source/jiangyin-jingjiang-park.md?v=")
        found = httpx.get(link.replace("https://ask.example.cn/park", url), timeout=60).text
        assert f'<mark id="quote">{FOUNDED}</mark>' in found


@pytest.mark.parametrize("size", [SCREEN, WALL, PORTRAIT], ids=["1080p", "4k", "portrait"])
def test_it_is_read_from_two_metres_and_pressed_with_a_thumb(browser: Browser, address: str, size: Any) -> None:
    with stand(browser, address, size, has_touch=True) as page:
        turn = ask(page, "园区的特色服务品牌是什么？")
        unit = min(size.values()) / 1080
        names = (".pq-turn mark", ".pq-turn .pq-me", ".pq-turn .pq-next button", ".pq-foot", "#pq-box textarea")
        for name in names:  # what can be asked next comes behind the answer
            page.locator(name).first.wait_for()
        fonts = page.evaluate(
            "(names) => names.map((name) => parseFloat(getComputedStyle(document.querySelector(name)).fontSize))",
            names,
        )
        for font, least in zip(fonts, (44, 30, 26, 22, 30), strict=True):
            assert font >= least * unit
        small = page.evaluate(
            """() => [...document.querySelectorAll("#pq-shell :is(button, a, summary), #pq-send, #pq-box textarea")]
            .filter((node) => node.getClientRects().length)
            .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
            .filter(([, box]) => Math.min(box.width, box.height) < 64)"""
        )
        assert small == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        expect(turn.locator(".pq-take")).to_be_in_viewport(ratio=0.98)
        expect(turn.locator(".pq-first")).to_be_in_viewport(ratio=0.98)
        expect(page.locator("#pq-count")).to_be_in_viewport(ratio=0.98)
        second = ask(page, "2014年园区获评了什么？")
        expect(second.locator(".pq-me")).to_be_in_viewport(ratio=0.98)
        top = "limit => [...document.querySelectorAll('.pq-me')].at(-1).getBoundingClientRect().y < limit"
        page.wait_for_function(top, arg=200 * unit)


def test_who_wants_less_motion_gets_none(browser: Browser, address: str) -> None:
    name = "getComputedStyle(document.querySelector('.pq-show')).animationName"
    with stand(browser, address) as page:
        assert page.evaluate(name) == "pq-turn"
    with stand(browser, address, reduced_motion="reduce") as page:
        assert page.evaluate(name) == "none"


def test_what_is_asked_is_recorded_as_the_stands(browser: Browser, address: str, folder: Path) -> None:
    with stand(browser, address) as page:
        ask(page, "扬子江船业在哪里上市？")
    until(lambda: ("event", "扬子江船业在哪里上市？") in kept(folder))


def test_the_chat_page_shows_nothing_of_the_stand(browser: Browser, address: str) -> None:
    with watched(browser, SCREEN) as (page, seen):
        page.goto(f"{address}/chat/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        for name in (".pq-foot", ".pq-keys", ".pq-welcome", ".pq-full", ".pq-show"):
            assert page.locator(f"{name}:visible").count() == 0
        for question in ("园区的主导产业有哪些？", "2014年园区获评了什么？", "园区什么时候成立的？"):
            turn = ask(page, question)
        expect(turn.locator(".pq-me")).to_be_in_viewport(ratio=0.98)
        page.wait_for_function("document.querySelector('#pq-log').scrollTop > 0")
        page.keyboard.press("?")
        expect(page.locator(BOX)).to_have_value("?")
    assert seen == Seen()
