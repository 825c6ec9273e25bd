"""The widget on another site's page, in Chromium: the page has a port of its own, the engine is a stub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from browsers import BOX, DESKTOP, PHONE, watched
from sites import LONE, bubble, chat, opened, panel, risen

pytestmark = pytest.mark.browser

QUESTION = "三大科创载体是什么？"
STORED = "JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])"


@contextmanager
def visit(
    browser: Browser, site: str, scripts: str, csp: str = "", noise: str = "", size: Any = DESKTOP, **options: Any
) -> Iterator[Page]:
    """Open a page of ``site``; at the end the console holds nothing but lines that match ``noise``."""
    with watched(browser, size, **options) as (page, seen):
        query = httpx.QueryParams({"scripts": scripts, "csp": csp})
        page.goto(f"{site}/?{query}")
        yield page
    assert [line for line in seen.console if not (noise and re.search(noise, line))] == []


def test_it_loads_on_the_first_click_answers_and_leaves_the_page_alone(browser: Browser, site: str, base: str) -> None:
    with visit(browser, site, LONE.format(base=base)) as page:
        expect(bubble(page)).to_be_visible()
        page.evaluate("window.onload = 'mine'; document.title = '某园区'")
        before = page.evaluate("document.body.outerHTML")
        assert page.locator("parkqa-widget iframe").count() == 0
        box = bubble(page).bounding_box()
        assert box is not None
        # The rules of the page for buttons, for what lies in html and for iframes have not reached it.
        assert box == {"x": 1280 - 24 - 56, "y": 800 - 24 - 56, "width": 56, "height": 56}
        inside = opened(page)
        assert panel(page).bounding_box() == {"x": 1280 - 24 - 400, "y": 800 - 96 - 640, "width": 400, "height": 640}
        # One line, though the frame is narrow.
        assert inside.locator(BOX).evaluate("(box) => box.getBoundingClientRect().height") < 60
        inside.locator(BOX).fill(QUESTION)
        inside.locator(BOX).press("Enter")
        expect(inside.locator(".pq-turn .pq-first mark").first).to_be_visible()
        assert page.evaluate("document.body.outerHTML") == before
        assert page.evaluate("[window.onload, document.documentElement.style.length]") == [None, 0]
        assert page.evaluate(STORED) == '[[],[],""]'
        assert page.context.cookies() == []


def ask_in(inside: FrameLocator, question: str) -> None:
    inside.locator(BOX).fill(question)
    inside.locator(BOX).press("Enter")


def test_a_source_opens_inside_and_escape_goes_back_step_by_step(browser: Browser, site: str, base: str) -> None:
    with visit(browser, site, LONE.format(base=base)) as page:
        inside = opened(page)
        expect(inside.locator(BOX)).to_be_focused()
        ask_in(inside, QUESTION)
        inside.locator(".pq-first [data-source]").click()
        expect(inside.locator("#pq-source mark").first).to_be_in_viewport()
        assert len(page.context.pages) == 1
        page.keyboard.press("Escape")
        expect(inside.locator("#pq-source")).to_be_hidden()
        expect(panel(page)).to_be_visible()
        page.keyboard.press("Escape")
        expect(panel(page)).to_be_hidden()
        expect(bubble(page)).to_be_focused()
        expect(bubble(page)).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        # What was asked is still there, and so is the place of the focus.
        expect(inside.locator(".pq-turn .pq-me")).to_have_text(QUESTION)
        assert page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == "IFRAME"


def test_the_button_in_the_frame_closes_and_the_focus_returns(browser: Browser, site: str, base: str) -> None:
    with visit(browser, site, LONE.format(base=base)) as page:
        expect(bubble(page)).to_be_visible()
        # As the body of a function: Playwright would call what ``on`` returns, which ends the hearing.
        page.evaluate("""() => { window.heard = []; for (const kind of ['open', 'ready', 'close', 'answer'])
            parkqa.on(kind, (it) => heard.push([kind, it.question, it.refused])); }""")
        page.locator("#mine").focus()
        page.evaluate(f"parkqa.open('{QUESTION}')")
        expect(chat(page).locator(".pq-turn .pq-me")).to_have_text(QUESTION)
        expect(chat(page).locator(".pq-first mark").first).to_be_visible()
        chat(page).locator("[data-leave]").click()
        expect(panel(page)).to_be_hidden()
        expect(page.locator("#mine")).to_be_focused()
        assert page.evaluate("heard") == [
            ["open", None, None],
            ["ready", None, None],
            ["answer", QUESTION, False],
            ["close", None, None],
        ]


def test_questions_opened_with_wait_for_their_turn(browser: Browser, site: str, base: str) -> None:
    with visit(browser, site, LONE.format(base=base)) as page:
        expect(bubble(page)).to_be_visible()
        page.evaluate(f"parkqa.open('{QUESTION}'); parkqa.open('今天晚上足球比赛几点开始？'); parkqa.open('   ')")
        expect(chat(page).locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text(
            [QUESTION, "今天晚上足球比赛几点开始？"]
        )
        page.evaluate("parkqa.close()")
        expect(panel(page)).to_be_hidden()


def test_a_site_that_is_not_allowed_is_stopped_by_the_browser(browser: Browser, site: str, base: str) -> None:
    other = site.replace("127.0.0.1", "localhost")
    with visit(browser, other, LONE.format(base=base), noise="frame-ancestors|ERR_BLOCKED_BY_RESPONSE") as page:
        bubble(page).click()
        expect(panel(page).locator(".state")).to_contain_text("在这里打不开")
        expect(panel(page).locator("a")).to_have_attribute("href", f"{base}/chat/")
        expect(panel(page).locator("iframe")).to_have_count(0)
        panel(page).locator(".leave").click()
        expect(panel(page)).to_be_hidden()


@pytest.mark.parametrize("trusted", ["", "; require-trusted-types-for 'script'"])
def test_a_strict_policy_of_the_page_suffices(browser: Browser, site: str, base: str, trusted: str) -> None:
    csp = f"default-src 'none'; style-src 'self'; img-src data:; script-src {base}; frame-src {base}{trusted}"
    with visit(browser, site, LONE.format(base=base), csp) as page:
        inside = opened(page)
        ask_in(inside, QUESTION)
        expect(inside.locator(".pq-first mark").first).to_be_visible()


def test_on_a_phone_it_fills_the_screen(browser: Browser, site: str, base: str) -> None:
    scripts = LONE.format(base=base).replace("<script", '<script data-lang="en"')
    with visit(browser, site, scripts, size=PHONE, has_touch=True, is_mobile=True) as page:
        bubble(page).tap()
        expect(chat(page).locator(".pq-hello-words")).to_contain_text("What would you like to know?")
        risen(page)
        assert panel(page).bounding_box() == {"x": 0, "y": 0, **PHONE}
        expect(panel(page)).to_have_attribute("aria-modal", "true")
        expect(bubble(page)).to_be_hidden()
        wide = chat(page).locator("html").evaluate("(page) => page.scrollWidth")
        assert wide <= PHONE["width"]
        chat(page).locator("[data-leave]").tap()
        expect(panel(page)).to_be_hidden()
        expect(bubble(page)).to_be_visible()


def test_two_on_a_page_live_side_by_side(browser: Browser, site: str, base: str) -> None:
    scripts = LONE.format(base=base) + (
        f'<script src="{base}/widget.js" data-title="Ask" data-lang="en" data-color="#ffd200" '
        'data-z="7" defer></script>'
        f'<script src="{base}/widget.js" data-position="left" defer></script>'
    )
    with visit(browser, site, scripts) as page:
        expect(page.locator("parkqa-widget")).to_have_count(3)
        places = page.locator("parkqa-widget .bubble").evaluate_all(
            "(all) => all.map((one) => [one.title, one.getBoundingClientRect().x])"
        )
        assert sorted(x for _, x in places) == [24, 1280 - 24 - 72 - 56, 1280 - 24 - 56]
        ask, left = [title for title, _ in places].index("Ask"), [x for _, x in places].index(24)
        colours = bubble(page, ask).evaluate(
            "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
        )
        assert colours == ["rgb(255, 210, 0)", "rgb(17, 17, 17)"]
        assert page.locator("parkqa-widget").nth(ask).evaluate("(one) => getComputedStyle(one).zIndex") == "7"
        for place in (ask, left):
            bubble(page, place).click()
            expect(panel(page, place).locator(".cover")).to_be_hidden()
        # One to the left does not close one to the right; each speaks its own language in its own frame.
        expect(panel(page, ask)).to_be_visible()
        expect(panel(page, ask).locator("iframe").content_frame.locator("#pq-send")).to_have_text("Send")
        expect(panel(page, left).locator("iframe").content_frame.locator("#pq-send")).to_have_text("发送")
        bubble(page, 3 - ask - left).click()
        expect(panel(page, ask)).to_be_hidden()
        expect(panel(page, left)).to_be_visible()


def test_messages_from_others_do_nothing(browser: Browser, site: str, base: str) -> None:
    with visit(browser, site, LONE.format(base=base)) as page:
        inside = opened(page)
        page.evaluate("postMessage({ parkqa: 'close' }, '*')")
        # From the frame's own window to itself, not from its parent.
        inside.locator("html").evaluate("() => postMessage({ parkqa: 'ask', question: '谁？' }, '*')")
        page.wait_for_timeout(300)
        expect(panel(page)).to_be_visible()
        assert inside.locator(".pq-turn").count() == 0


def test_a_frame_speaks_to_the_page_that_its_address_names_and_to_no_other(
    browser: Browser, site: str, base: str
) -> None:
    listening = (
        "<script>window.got = []; addEventListener('message', (event) => got.push(event.data.parkqa))</script>"
        f'<iframe id="by-hand" src="{base}/chat/?mode=widget&host=%s"></iframe>'
    )
    for named, heard in ((site, ["hello", "ready"]), ("https://other.example", [])):
        with visit(browser, site, listening % named, noise="target origin") as page:
            inside = page.locator("#by-hand").content_frame
            inside.locator(".pq-hello [data-ask]").first.wait_for(state="attached")
            page.evaluate("document.getElementById('by-hand').contentWindow.postMessage("
                          "{ parkqa: 'ask', question: '谁？' }, '*')")  # fmt: skip
            expect(inside.locator(".pq-turn")).to_have_count(len(heard) // 2)
            page.wait_for_timeout(500)
            assert [kind for kind in page.evaluate("got") if kind in ("hello", "ready")] == heard
            expect(inside.locator(".pq-turn")).to_have_count(len(heard) // 2)


def test_what_moves_keeps_still_where_that_is_asked_for(browser: Browser, site: str, base: str) -> None:
    for wish, name in (("reduce", "none"), ("no-preference", "rise")):
        with visit(browser, site, LONE.format(base=base), reduced_motion=wish) as page:
            opened(page)
            assert panel(page).evaluate("(one) => getComputedStyle(one).animationName") == name


def selftest(page: Page) -> list[str]:
    expect(page.locator("parkqa-widget .test")).to_be_visible()
    return page.locator("parkqa-widget .test li.bad").all_inner_texts()


def test_the_selftest_finds_nothing_where_all_is_well(browser: Browser, site: str, base: str) -> None:
    with visit(browser, site, LONE.format(base=base).replace(".js", ".js?selftest")) as page:
        assert selftest(page) == []
        expect(page.locator("parkqa-widget .test li")).to_have_text(
            [
                "通过：选项有效",
                "通过：按钮没有被遮住",
                "通过：地址的 https 与网页相合",
                "通过：CSP 没有拦截",
                "通过：问答页能打开",
            ]
        )


def test_the_selftest_names_what_is_in_the_way(browser: Browser, site: str, base: str) -> None:
    script = LONE.format(base=base).replace(".js", ".js?selftest").replace("data-title", 'data-z="top" data-title')
    cover = '<link rel="stylesheet" href="/site.css"><div id="consent"></div>'
    with visit(browser, site, cover + script, f"script-src {base}; frame-src 'self'", noise="frame-src") as page:
        page.evaluate("document.getElementById('consent').setAttribute('popover', 'manual')")
        page.evaluate("document.getElementById('consent').showPopover()")
        page.evaluate(
            "Object.assign(document.getElementById('consent').style, {inset: 0, width: '100%', height: '100%'})"
        )
        found = selftest(page)
    assert [re.sub(r"^有问题：", "", line) for line in found] == [
        "选项写错了：data-z",
        "按钮被 div#consent 遮住",
        "CSP 拦截了：frame-src",
        "问答页打不开",
    ]


def test_the_selftest_says_which_site_is_to_be_allowed(browser: Browser, site: str, base: str) -> None:
    other = site.replace("127.0.0.1", "localhost")
    script = LONE.format(base=base).replace(".js", ".js?selftest")
    with visit(browser, other, script, noise="frame-ancestors|ERR_BLOCKED_BY_RESPONSE") as page:
        assert selftest(page) == [f"有问题：问答页打不开：请在服务器的 PARKQA_EMBED_ORIGINS 里加上 {other}"]


def test_the_webmaster_chooses_sees_and_copies(browser: Browser, site: str, base: str) -> None:
    with visit(browser, base, "", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{base}/embed")
        expect(page.locator("#line")).to_have_text(f'<script src="{base}/widget.js" async></script>')
        page.select_option("[name=position]", "left")
        page.select_option("[name=lang]", "en")
        page.fill("[name=title]", '问"<b>')
        page.fill("[name=site]", "https://www.park.cn/news/1.html")
        expect(page.locator("#setting")).to_have_text(f"PARKQA_EMBED_ORIGINS={site},https://www.park.cn")
        expect(page.locator("#allowed")).to_have_text("（https://www.park.cn 还没有允许）")
        expect(page.locator("#policy")).to_contain_text(f"script-src 'self' {base}; frame-src 'self' {base}")
        expect(bubble(page)).to_have_attribute("title", '问"<b>')
        expect(page.locator("parkqa-widget")).to_have_count(1)
        place = bubble(page).bounding_box()
        assert place is not None
        assert place["x"] == 24
        page.locator("#copy").click()
        expect(page.locator("#copied")).to_have_text("已复制")
        copied = page.evaluate("navigator.clipboard.readText()")
    chosen = 'data-lang="en" data-position="left" data-title="问&quot;&lt;b>"'
    assert copied == f'<script src="{base}/widget.js" {chosen} async></script>'
    # The line works as it was copied.
    with visit(browser, site, copied) as page:
        inside = opened(page)
        expect(inside.locator("#pq-send")).to_have_text("Send")
