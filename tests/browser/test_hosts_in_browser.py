"""Pages of all kinds that hold the widget: it comes once, in its place, however the line was put in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import BOX, DESKTOP, watched
from sites import bubble, chat, opened, panel

pytestmark = pytest.mark.browser

QUESTION = "三大科创载体是什么？"
PAGE = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><link rel="icon" href="data:,"><h1>站</h1>{line}</html>'
LINE = '<script src="{base}/widget.js" async></script>'
TALL = '<div style="height:3000px">长</div>'
PLACE = {"x": 1280 - 24 - 56, "y": 800 - 24 - 56, "width": 56, "height": 56}


@contextmanager
def holding(browser: Browser, site: str, html: str) -> Iterator[Page]:
    """Open a page of ``site`` with this HTML; at the end the console holds nothing."""
    with watched(browser, DESKTOP) as (page, seen):
        page.goto(f"{site}/?{httpx.QueryParams({'html': html})}")
        yield page
    assert seen.console == []


def works(page: Page) -> None:
    """The bubble and the panel are in their places, and a question is answered."""
    expect(bubble(page)).to_be_visible()
    # A scroll bar of the page takes some of the width.
    width = page.evaluate("document.compatMode === 'CSS1Compat' ? document.documentElement.clientWidth : innerWidth")
    box = bubble(page).bounding_box()
    assert box
    assert box in (PLACE, PLACE | {"x": width - 24 - 56})
    inside = opened(page)
    place = panel(page).bounding_box()
    assert place
    assert (place["y"], place["width"], place["height"]) == (800 - 96 - 640, 400, 640)
    assert place["x"] in (1280 - 24 - 400, width - 24 - 400)
    inside.locator(BOX).fill(QUESTION)
    inside.locator(BOX).press("Enter")
    expect(inside.locator(".pq-first mark").first).to_be_visible()


def integrity(base: str) -> str:
    script = httpx.get(f"{base}/widget.js").content
    return f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"


@pytest.mark.parametrize(
    "line",
    [
        '<script type="module" src="{base}/widget.js"></script>',
        '<script src="{base}/widget.js" crossorigin></script>',
        '<script src="{base}/widget.js" crossorigin="anonymous" integrity="{hash}" defer></script>',
    ],
    ids=["module", "crossorigin", "integrity"],
)
def test_every_kind_of_script_works(browser: Browser, site: str, base: str, line: str) -> None:
    line = line.replace("{base}", base).replace("{hash}", integrity(base) if "{hash}" in line else "")
    with holding(browser, site, PAGE.format(line=line)) as page:
        works(page)


@pytest.mark.parametrize(
    "html",
    [
        '<!doctype html><html lang="zh" style="transform:translateX(0)"><body>{tall}{line}</html>',
        '<!doctype html><html lang="zh" style="will-change:transform"><body>{tall}{line}</html>',
        '<!doctype html><html lang="zh" style="contain:paint"><body>{tall}{line}</html>',
        '<html lang="zh"><body bgcolor="white">{tall}{line}</html>',
        '<!doctype html><html lang="zh" dir="rtl"><body>{tall}{line}</html>',
        '<!doctype html><html lang="zh"><base href="https://cdn.example/x/"><body>{line}</html>',
        '<!doctype html><html lang="zh" style="font-size:8px;line-height:3;letter-spacing:9px"><body>{line}</html>',
        '<!doctype html><html lang="zh"><style>html{font-size:62.5%}*{all:unset!important}</style>'
        "<body>{tall}{line}</html>",
        '<!doctype html><html lang="zh"><style>:not(:defined),html>:not(head,body){display:none!important;'
        "opacity:0!important;transform:scale(.1)!important}</style><body>{tall}{line}</html>",
        '<!doctype html><html lang="zh" style="writing-mode:vertical-rl"><body>{line}</html>',
        '<!doctype html><html lang="zh" style="pointer-events:none;visibility:hidden"><body>{tall}{line}</html>',
        '<!doctype html><html lang="zh" style="display:grid;height:100%;overflow:hidden"><body style="overflow:auto;'
        'zoom:.8">{tall}{line}</html>',
        '<!doctype html><html lang="zh"><body><div style="height:400000px"></div>{line}</html>',
    ],
    ids=[
        "transform",
        "will-change",
        "contain",
        "quirks",
        "rtl",
        "base",
        "type",
        "reset",
        "hidden",
        "vertical",
        "unseen",
        "grid",
        "long",
    ],
)
def test_on_every_kind_of_page_it_is_in_its_place(browser: Browser, site: str, base: str, html: str) -> None:
    body = html.replace("{tall}", TALL).replace("{line}", LINE.format(base=base))
    with holding(browser, site, body.replace("<body", '<link rel="icon" href="data:,"><body')) as page:
        works(page)


def test_pasted_twice_it_comes_once(browser: Browser, site: str, base: str) -> None:
    twice = LINE.format(base=base) * 2 + f'<script type="module" src="{base}/widget.js"></script>'
    with holding(browser, site, PAGE.format(line=twice)) as page:
        works(page)
        page.wait_for_timeout(300)
        expect(page.locator("parkqa-widget")).to_have_count(1)
        assert page.evaluate("parkqa.widgets.length") == 1


def test_modules_with_options_of_their_own_are_several(browser: Browser, site: str, base: str) -> None:
    module = '<script type="module" src="{base}/widget.js" data-position="{side}"></script>'
    lines = "".join(module.format(base=f"{base}", side=side) for side in ("right", "left"))
    # A module is run once for an address: the second line is another address.
    lines = lines.replace("widget.js", "widget.js?2", 1)
    with holding(browser, site, PAGE.format(line=lines)) as page:
        expect(page.locator("parkqa-widget")).to_have_count(2)
        places = page.locator("parkqa-widget .bubble").evaluate_all(
            "(all) => all.map((it) => it.getBoundingClientRect().x)"
        )
        assert sorted(places) == [24, 1280 - 24 - 56]


def test_on_the_routes_of_a_single_page_site_it_stays_the_same(browser: Browser, site: str, base: str) -> None:
    again = """(src) => new Promise((onload) => {
      document.body.replaceChildren(document.createElement("h1"));
      document.body.append(Object.assign(document.createElement("script"), { src, onload: () => onload() }));
    })"""
    with holding(browser, site, PAGE.format(line=LINE.format(base=base))) as page:
        works(page)
        for _ in range(3):
            page.evaluate(again, f"{base}/widget.js")
        page.wait_for_timeout(300)
        expect(page.locator("parkqa-widget")).to_have_count(1)
        expect(chat(page).locator(".pq-turn .pq-me")).to_have_text(QUESTION)
        # A route that has thrown it out gets it back.
        page.evaluate("document.querySelector('parkqa-widget').remove()")
        page.evaluate(again, f"{base}/widget.js")
        expect(page.locator("parkqa-widget")).to_have_count(1)


LISTENERS = """<script>window.heard = new Set();
for (const [what, name] of [[window, "window"], [document, "document"], [document.documentElement, "html"]]) {
  const { addEventListener: add, removeEventListener: drop } = what;
  what.addEventListener = (kind, ...more) => { heard.add(`${name} ${kind}`); add.call(what, kind, ...more); };
  what.removeEventListener = (kind, ...more) => { heard.delete(`${name} ${kind}`); drop.call(what, kind, ...more); };
}</script>"""


def test_destroyed_it_leaves_nothing(browser: Browser, site: str, base: str) -> None:
    with holding(browser, site, PAGE.format(line=LISTENERS + LINE.format(base=base))) as page:
        expect(bubble(page)).to_be_visible()
        before = page.evaluate("[document.documentElement.outerHTML.length, Object.keys(window).length]")
        opened(page)
        page.evaluate("parkqa.on('answer', () => {}); parkqa.destroy()")
        expect(page.locator("parkqa-widget")).to_have_count(0)
        assert page.evaluate("'parkqa' in window") is False
        assert page.evaluate("[...heard]") == []
        size, names = page.evaluate("[document.documentElement.outerHTML.length, Object.keys(window).length]")
        assert size < before[0] and names <= before[1]
        page.evaluate(
            "(src) => document.body.append(Object.assign(document.createElement('script'), { src }))",
            f"{base}/widget.js",
        )
        works(page)


@pytest.mark.parametrize("zoom", [0.5, 1.5, 2])
def test_on_a_page_that_is_zoomed_the_panel_fits(browser: Browser, site: str, base: str, zoom: float) -> None:
    html = PAGE.format(line=LINE.format(base=base)).replace("<html", f'<html style="zoom:{zoom}"')
    with holding(browser, site, html) as page:
        inside = opened(page)
        place = panel(page).bounding_box()
        assert place and place["x"] >= 0 and place["y"] >= 0
        assert place["y"] + place["height"] <= 800 and place["height"] >= 320
        expect(inside.locator(BOX)).to_be_in_viewport(ratio=0.98)


def test_open_it_lies_above_all_that_the_page_has_and_closed_it_does_not(
    browser: Browser, site: str, base: str
) -> None:
    other = (
        '<p id="other" style="position:fixed;inset:auto 0 0 auto;width:300px;height:500px;z-index:2147483647">客服</p>'
    )
    topmost = """() => {
      const { shadowRoot } = document.querySelector("parkqa-widget");
      const { x, y, width, height } = shadowRoot.querySelector(".panel:not([hidden]), .bubble").getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height - 20).tagName;
    }"""
    with holding(browser, site, PAGE.format(line=other + LINE.format(base=base))) as page:
        expect(page.locator("parkqa-widget")).to_be_attached()
        assert page.evaluate(topmost) == "P"
        page.evaluate("parkqa.open()")
        expect(panel(page)).to_be_visible()
        assert page.evaluate(topmost) == "PARKQA-WIDGET"
        page.evaluate("parkqa.close()")
        assert page.evaluate(topmost) == "P"
    chosen = LINE.format(base=base).replace(" async", ' data-z="5" async')
    with holding(browser, site, PAGE.format(line=other + chosen)) as page:
        page.wait_for_function("'parkqa' in window")
        page.evaluate("parkqa.open()")
        assert page.evaluate("getComputedStyle(document.querySelector('parkqa-widget')).zIndex") == "5"


def test_on_paper_there_is_none_of_it(browser: Browser, site: str, base: str) -> None:
    html = PAGE.format(line=LINE.format(base=base)).replace("<html", '<html style="transform:translateX(0)"')
    for each in (
        html,
        html.replace("<html style", "<html title"),
        html.replace("<h1>", "<style>@media print{*{display:block!important}}</style><h1>"),
    ):
        with holding(browser, site, each) as page:
            opened(page)
            page.emulate_media(media="print")
            expect(panel(page)).to_be_hidden()
            expect(bubble(page)).to_be_hidden()


@pytest.mark.parametrize(
    ("lang", "title", "send"),
    [("zh-TW", "園區問答", "發送"), ("ja", "Ask the park", "Send"), ("zh-CN", "园区问答", "发送")],
)
def test_it_speaks_the_pages_language(browser: Browser, site: str, base: str, lang: str, title: str, send: str) -> None:
    html = PAGE.format(line=LINE.format(base=base)).replace('lang="zh-CN"', f'lang="{lang}"')
    with watched(browser, DESKTOP, locale="ko-KR") as (page, _):
        page.goto(f"{site}/?{httpx.QueryParams({'html': html})}")
        expect(bubble(page)).to_have_attribute("title", title)
        expect(opened(page).locator("#pq-send")).to_have_text(send)
