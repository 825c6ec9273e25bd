"""Every page in every state, as axe-core sees it: no critical and no serious finding. The engine is a stub."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from audits import SCHEMES, Audit, audited
from browsers import BOX, DESKTOP, PHONE, RESET, ask, stop_clock, watched
from sites import LONE, bubble, chat, opened, panel

pytestmark = pytest.mark.browser

TONGUES = ("zh-CN", "en-GB")
SCREEN = {"width": 1920, "height": 1080}
QUESTION, REFUSED, MENDED = "三大科创载体是什么？", "今天晚上足球比赛几点开始？", "圆区的主倒产业有哪些"


def quoted(base: str) -> dict[str, Any]:
    answer = httpx.post(f"{base}/api/ask", json={"question": QUESTION}, timeout=60).json()
    quote: dict[str, Any] = answer["quotes"][0]
    return quote


def test_a_finding_is_noticed(browser: Browser) -> None:
    with watched(browser, DESKTOP) as (page, _):
        page.set_content("<html lang='zh'><title>x</title><main><h1>x</h1><button></button></main>")
        audit = Audit(page)
        audit.look("a button without a name")
    assert [(scheme, impact, rule) for scheme, _, impact, rule, _ in audit.found] == [
        (scheme, "critical", "button-name") for scheme in SCHEMES
    ]


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_chat_page(browser: Browser, base: str, size: Any, tongue: str) -> None:
    with audited(browser, size, locale=tongue) as (page, audit):
        held: list[Route] = []
        page.route("**/chat/assets/index-*.js", lambda route: held.append(route))
        page.goto(f"{base}/chat/", wait_until="domcontentloaded")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        audit.look("before any script of Gradio's has come")
        page.wait_for_timeout(300)
        for route in held:
            route.continue_()
        page.locator("#pq-box textarea").wait_for()
        audit.look("empty")
        first = ask(page, QUESTION)
        audit.look("answered")
        first.locator("summary").click()
        first.locator("[data-judge='0']").click()
        expect(first.locator(".pq-why input")).to_be_visible()
        audit.look("folded quotes opened, a reason asked for")
        expect(ask(page, MENDED).locator(".pq-read")).to_be_visible()
        audit.look("mended")
        no = ask(page, REFUSED).locator(".pq-no")
        for folded in no.locator("summary").all():
            folded.click()
        audit.look("refused, opened")
        ask(page, "What happened in 2005?")
        audit.look("with a translation")
        first.locator(".pq-first [data-source]").click()
        expect(page.locator("#pq-source mark").first).to_be_in_viewport()
        audit.look("source open")
        page.keyboard.press("Escape")
        page.locator("[data-new]").click()
        expect(page.locator("#pq-undo")).to_be_visible()
        page.locator("[data-large]").click()
        audit.look("larger type")
        page.locator(BOX).focus()
        page.wait_for_function("parkqaPage.known().then((known) => known.length > 0)")
        page.locator(BOX).press_sequentially("when wa" if tongue == "en-GB" else "新兴")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        audit.look("known questions offered")
        page.keyboard.press("Escape")
        page.fill(BOX, "问" * 480)
        expect(page.locator("#pq-left")).to_be_visible()
        audit.look("cleared, to be undone; near the limit")


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_page_without_scripts(browser: Browser, base: str, tongue: str) -> None:
    for size in (DESKTOP, PHONE):
        with audited(browser, size, locale=tongue) as (page, audit):
            for question in ("", QUESTION, REFUSED, "What happened in 2005?"):
                page.goto(f"{base}/ask?{httpx.QueryParams({'q': question})}")
                audit.look(question)


def test_the_chat_page_while_it_waits_and_when_it_fails(browser: Browser, base: str) -> None:
    with audited(browser) as (page, audit):
        page.goto(f"{base}/chat/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        page.route("**/conversation/ask", lambda _: None)
        page.locator(".pq-hello [data-ask]:visible").first.click()
        expect(page.locator(".pq-waiting")).to_be_visible()
        audit.look("looking it up")
        page.evaluate("parkqaPage.fail()")
        expect(page.locator(".pq-waiting")).to_have_count(0)
        audit.look("not connected")


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_source_page(browser: Browser, base: str, tongue: str) -> None:
    quote = quoted(base)
    place = f"start={quote['start']}&end={quote['end']}"
    with audited(browser, PHONE, locale=tongue) as (page, audit):
        for query, state in (
            ("", "whole"),
            (f"?v={quote['sha256'][:16]}&{place}#quote", "with a mark"),
            (f"?v={'0' * 16}&{place}&q={'0' * 16}", "the quote is gone"),
            (f"?v=0&{place}", "a broken link"),
            (".not", "no such document"),
        ):
            page.goto(f"{base}/source/{quote['document']}{query}")
            audit.look(state)


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("path", ["/embed", "/api/docs"])
def test_the_pages_for_webmasters(browser: Browser, base: str, path: str, tongue: str) -> None:
    for size in (DESKTOP, PHONE):
        with audited(browser, size, locale=tongue) as (page, audit):
            page.goto(f"{base}{path}")
            audit.look(path)


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_stand(browser: Browser, base: str, tongue: str) -> None:
    with audited(browser, SCREEN, locale=tongue, has_touch=True) as (page, audit):
        page.clock.install()
        page.goto(f"{base}/chat/?mode=event")
        expect(page.locator(".pq-show .pq-first")).to_be_visible()
        audit.look("nobody there")
        page.wait_for_function("'parkqaPinyin' in window && parkqaPage.arrived")
        page.locator(BOX).tap()
        page.locator('#pq-pad-keys [data-skbtn="q"]').tap()
        if tongue == "zh-CN":
            expect(page.locator("#pq-pad-words button").first).to_be_visible()
        audit.look("keys on the page")
        page.locator('#pq-pad-keys [data-skbtn="{hide}"]').tap()
        page.evaluate("document.getElementById('pq-staff').showModal()")
        audit.look("asked for the PIN")
        page.evaluate("document.getElementById('pq-staff').classList.add('pq-open')")
        audit.look("the staff's panel")
        page.evaluate("document.getElementById('pq-staff').close()")
        page.keyboard.press("?")
        audit.look("help open")
        page.keyboard.press("?")
        turn = ask(page, QUESTION)
        expect(turn.locator(".pq-code svg")).to_be_visible()
        audit.look("answered, with a code")
        turn.locator(".pq-first [data-source]").click()
        expect(page.locator("#pq-source mark").first).to_be_visible()
        audit.look("source open")
        page.keyboard.press("Escape")
        ask(page, REFUSED)
        page.keyboard.press("Escape")
        page.keyboard.press("Alt+p")
        expect(page.locator("#pq-paused")).to_be_visible()
        audit.look("refused, the reset paused")
        page.keyboard.press("Alt+p")
        expect(page.locator("#pq-paused")).to_be_hidden()
        for scheme in SCHEMES:
            page.keyboard.press("Escape")  # Somebody is there, or is there again if the look took long.
            ask(page, REFUSED)
            stop_clock(page)
            page.clock.run_for((RESET - 8) * 1000)
            expect(page.locator("#pq-count.pq-soon")).to_be_visible()
            page.clock.resume()
            audit.look("counting down", scheme)


@pytest.mark.parametrize("colour", ["", 'data-color="#ffd200"', 'data-color="#0a7"'])
def test_the_widget_and_the_page_that_holds_it(browser: Browser, site: str, base: str, colour: str) -> None:
    script = LONE.format(base=base).replace("<script", f"<script {colour}")
    for size in (DESKTOP, PHONE):
        with audited(browser, size) as (page, audit):
            page.goto(f"{site}/?{httpx.QueryParams({'scripts': script})}")
            expect(bubble(page)).to_be_visible()
            audit.look("closed")
            inside = opened(page)
            audit.look("open")
            inside.locator(BOX).fill(QUESTION)
            inside.locator(BOX).press("Enter")
            inside.locator(".pq-first mark").first.wait_for()
            audit.look("answered")
            inside.locator(".pq-first [data-source]").click()
            expect(chat(page).locator("#pq-source mark").first).to_be_visible()
            audit.look("source open")


def test_the_widget_where_it_may_not_be(browser: Browser, site: str, base: str) -> None:
    script = LONE.format(base=base).replace(".js", ".js?selftest")
    with audited(browser) as (page, audit):
        page.goto(f"{site.replace('127.0.0.1', 'localhost')}/?{httpx.QueryParams({'scripts': script})}")
        expect(page.locator("parkqa-widget .test")).to_be_visible()
        expect(panel(page).locator(".state a")).to_be_visible()
        audit.look("it could not be opened")
