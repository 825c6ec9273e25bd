"""Readers of English, of Traditional Chinese and of other languages are no second thought."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from browsers import BOX, DESKTOP, PHONE, ask, open_source, watched

pytestmark = pytest.mark.browser

ENGLISH, CHINESE, REFUSED = "What happened in 2005?", "2009年园区获评什么？", "食堂晚饭几点开？"
STAND = {"width": 1920, "height": 1080}
LOOK = "(it) => [parseFloat(getComputedStyle(it).fontSize), Number(getComputedStyle(it).fontWeight)]"
MIXED = """(card) => [...card.querySelectorAll("span, p, summary, button, h3")]
  .filter((one) => one.getClientRects().length && !one.closest("[lang]:not(.pq-card [lang=en])"))
  .map((one) => one.textContent).filter((text) => /[\\u4e00-\\u9fff]/.test(text))"""


@pytest.mark.parametrize(
    ("locale", "language", "title"),
    [
        ("ja-JP", "en", "What would you like to know?"),
        ("ko-KR", "en", "What would you like to know?"),
        ("de-DE", "en", "What would you like to know?"),
        ("zh-TW", "zh-TW", "想了解園區的什麼？"),
        ("zh-HK", "zh-TW", "想了解園區的什麼？"),
        ("zh-CN", "zh-CN", "想了解园区的什么？"),
    ],
)
def test_each_reader_gets_a_language_from_the_first_moment(
    browser: Browser, base: str, locale: str, language: str, title: str
) -> None:
    with watched(browser, DESKTOP, base, locale=locale) as (page, _):
        page.goto(f"{base}/chat/", wait_until="domcontentloaded")
        expect(page.locator(".pq-hello h2 :visible")).to_have_text(title)
        page.locator("#pq-box textarea").wait_for()
        assert page.evaluate("document.documentElement.lang") == language
        expect(page.locator(".pq-hello h2 :visible")).to_have_text(title)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_english_card_is_english_and_its_translation_comes_first(browser: Browser, base: str, size: Any) -> None:
    with watched(browser, size, base, locale="en-GB") as (page, _):
        page.goto(f"{base}/chat/")
        card = ask(page, ENGLISH).locator(".pq-first")
        translation, original = card.locator(".pq-words"), card.locator("blockquote")
        expect(card.locator(".pq-label").first).to_have_text("Reference translation")
        expect(translation.locator("mark")).to_contain_text("2005")
        top, below = translation.bounding_box(), original.bounding_box()
        assert top and below and top["y"] < below["y"]
        size_of = "(it) => parseFloat(getComputedStyle(it).fontSize)"
        assert translation.evaluate(size_of) > original.evaluate(size_of)
        expect(original).to_have_attribute("lang", "zh-CN")
        assert card.evaluate(MIXED) == []
        open_source(page, card)
        named = re.compile("^Source Introduction to the Park")
        expect(page.locator("#pq-source-name")).to_have_text(named, use_inner_text=True)
        below_it = page.locator("#pq-source mark").first.locator("xpath=ancestor::p/following-sibling::*[1]")
        expect(below_it.locator(".pq-label")).to_have_text("Reference translation")
        expect(below_it.locator(".pq-words")).to_be_in_viewport()
        expect(below_it.locator(".pq-words")).to_have_text(translation.inner_text())
        expect(page.locator("#pq-source .pq-same :visible").last).to_have_text("Checked: word for word the same")


def test_at_a_stand_the_translation_is_what_is_seen_first(browser: Browser, base: str) -> None:
    with watched(browser, STAND, base, locale="en-GB", has_touch=True) as (page, _):
        page.goto(f"{base}/chat/?mode=event")
        card = ask(page, ENGLISH).locator(".pq-first")
        for bold in (700, 400):
            size, weight = card.locator(".pq-words").evaluate(LOOK)
            below = [node.evaluate(LOOK) for node in card.locator("blockquote, blockquote mark").all()]
            assert weight == bold
            assert all(size > other and weight >= heavy for other, heavy in below)
            # What is too long to be set large.
            card.evaluate("(it) => { it.classList.add('pq-long'); it.style.setProperty('--n', 400); }")


def test_the_parts_of_an_english_question_begin_with_a_capital(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base, locale="en-GB") as (page, _):
        page.goto(f"{base}/chat/")
        parts = ask(page, "When was the park founded and what are the leading industries?").locator(".pq-part")
        expect(parts).to_have_count(2)
        for part in parts.all():
            assert part.evaluate("(it) => getComputedStyle(it, '::first-letter').textTransform") == "uppercase"


def test_a_card_stays_in_its_language_when_the_page_is_switched(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base) as (page, _):
        page.goto(f"{base}/chat/")
        english, chinese = ask(page, ENGLISH).locator(".pq-first"), ask(page, CHINESE).locator(".pq-first")
        before = english.inner_text(), chinese.inner_text()
        page.locator("[data-switch]").click()
        expect(page.locator("#pq-send")).to_have_text("Send")
        assert (english.inner_text(), chinese.inner_text()) == before
        assert "Verbatim" in before[0] and "Verbatim" not in before[1]


def test_a_reader_of_traditional_chinese_reads_our_words_in_it(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base, locale="zh-TW") as (page, _):
        page.goto(f"{base}/chat/")
        page.locator("#pq-box textarea").wait_for()
        expect(page.locator(BOX)).to_have_attribute("placeholder", "請輸入問題，中英文都可以")
        expect(page.locator(".pq-ok")).to_have_count(0)
        turn = ask(page, CHINESE)
        expect(turn.locator(".pq-first .pq-ok")).to_have_text("與原文逐字一致")
        expect(turn.locator(".pq-first blockquote")).to_contain_text("2009年园区获评")
        expect(ask(page, REFUSED).locator(".pq-no h2")).to_have_text("園區資料裡沒有寫到這個問題")
        page.locator("[data-switch]").click()
        expect(page.locator("#pq-send")).to_have_text("Send")
        page.locator("[data-switch]").click()
        assert page.evaluate("document.documentElement.lang") == "zh-TW"
        suggested = page.locator(".pq-no .pq-next [data-ask]").first
        assert "創載體" in suggested.inner_text()
        suggested.click()
        expect(page.locator(".pq-turn").nth(2).locator(".pq-first")).to_be_visible()


def test_a_source_page_is_in_the_readers_language(browser: Browser, base: str) -> None:
    for locale, words in (("zh-TW", "引用時請寫"), ("fr-FR", "To cite"), ("zh-CN", "引用时请写")):
        with watched(browser, DESKTOP, base, locale=locale) as (page, _):
            page.goto(f"{base}/chat/")
            link = ask(page, CHINESE).locator(".pq-first [data-source]").get_attribute("href")
            page.goto(f"{base}{link}")
            expect(page.locator(".pq-doc-cite :visible").first).to_contain_text(words)
