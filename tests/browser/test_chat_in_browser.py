"""The chat page in Chromium, with the real model and corpus: what a visitor sees and does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, watched
from parkqa.journal.entries import read
from programs import real
from waiting import until

pytestmark = pytest.mark.browser

FOUNDED = "2003年8月29日,江阴经济开发区靖江园区正式成立。"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, real_index: Path) -> Path:
    made = tmp_path_factory.mktemp("served")
    shutil.copytree(real_index, made / "index")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with real(folder, probe="/healthz") as url:
        yield url


@contextmanager
def visit(browser: Browser, address: str, size: Any = DESKTOP, **options: Any) -> Iterator[tuple[Page, Seen]]:
    """Open the chat page and wait until it can be asked; at the end nothing may have been seen."""
    with watched(browser, size, address, **options) as (page, seen):
        page.goto(f"{address}/")
        page.locator(".pq-hello [data-ask]:visible").first.wait_for()
        yield page, seen
    assert seen == Seen()


def test_a_question_is_answered_with_the_quote_marked(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        turn = ask(page, "园区什么时候成立的？")
        expect(turn.locator(".pq-first blockquote mark")).to_have_text(FOUNDED)
        expect(turn.locator(".pq-first footer")).to_contain_text("园区介绍（2024） › 大事记")
        expect(page.locator(BOX)).to_have_value("")


def test_a_suggested_question_is_asked_with_one_click(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        button = page.locator(".pq-hello [data-ask]:visible").first
        question = button.inner_text()
        button.click()
        expect(page.locator(".pq-turn .pq-me")).to_have_text(question)
        expect(page.locator(".pq-turn .pq-first mark").first).to_be_visible()


def test_what_the_documents_do_not_say_is_refused(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        turn = ask(page, "今天晚上足球比赛几点开始？")
        expect(turn.locator(".pq-no h2")).to_have_text("园区资料里没有写到这个问题")
        expect(turn.locator(".pq-no")).to_contain_text("相关资料（未必回答您的问题）")
        assert turn.locator(".pq-first").count() == 0
        turn.locator(".pq-no .pq-next [data-ask]").first.click()
        expect(page.locator(".pq-turn").nth(1).locator(".pq-first mark").first).to_be_visible()


def test_a_mended_question_says_so_and_can_be_undone(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        turn = ask(page, "圆区的主倒产业有哪些")
        expect(turn.locator(".pq-read b:visible")).to_have_text("园区的主导产业有哪些")
        turn.locator(".pq-read button").click()
        second = page.locator(".pq-turn").nth(1)
        expect(second).not_to_have_class(re.compile("pq-waiting"))
        assert second.locator(".pq-read").count() == 0
        expect(turn.locator(".pq-me")).to_have_text("圆区的主倒产业有哪些")


def test_a_follow_up_is_completed_and_a_new_conversation_forgets(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        ask(page, "2014年园区获评了什么？")
        expect(ask(page, "2009年呢？").locator(".pq-first blockquote mark")).to_contain_text("中国重钢结构产业基地")
        page.locator("[data-new]").click()
        assert page.locator(".pq-turn").count() == 0
        expect(page.locator(".pq-hello")).to_be_visible()
        turn = ask(page, "那新兴产业呢？")
        assert turn.locator(".pq-read").count() == 0


def test_the_source_opens_at_the_quote_and_says_that_it_was_checked(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        turn = ask(page, "扬子江船业在哪里上市？")
        turn.locator(".pq-first [data-source]").click()
        mark = page.locator("#pq-source mark#quote")
        expect(mark).to_be_in_viewport()
        expect(mark).to_contain_text("新加坡")
        expect(page.locator("#pq-source .pq-same")).to_contain_text("逐字核对一致")
        page.keyboard.press("Escape")
        expect(page.locator("#pq-source")).to_be_hidden()
        expect(turn.locator(".pq-first blockquote mark")).to_be_visible()


def test_copying_takes_quote_source_and_link(browser: Browser, address: str) -> None:
    with visit(browser, address, permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        ask(page, "园区什么时候成立的？").locator(".pq-first [data-copy]").click()
        expect(page.locator("#pq-toast")).to_contain_text("已复制")
        copied = page.evaluate("navigator.clipboard.readText()")
    words, link = copied.split("\n")
    assert words == f"“{FOUNDED}” ——园区介绍（2024），大事记"
    assert link.startswith(f"{address}/source/")
    page_text = httpx.get(link, timeout=60).text
    assert f'<mark id="quote">{FOUNDED}</mark>' in page_text


def test_an_answer_is_judged_and_the_reason_kept(browser: Browser, address: str, folder: Path) -> None:
    with visit(browser, address) as (page, _):
        expect(page.locator(".pq-recorded")).to_contain_text("问题会被记录以改进问答，不含个人信息")
        turn = ask(page, "园区是哪一年成立的？")
        bad, why = turn.locator("[data-judge='0']"), turn.locator(".pq-why input")
        expect(why).to_be_hidden()
        bad.click()
        expect(bad).to_have_attribute("aria-pressed", "true")
        why.fill("要的是批准的日子")
        why.press("Enter")
        expect(page.locator("#pq-toast")).to_contain_text("已记下")
        expect(why).to_be_hidden()
    until(lambda: any(entry.reason for entry in read(folder / "journal.db")))  # written a moment after the reply
    (made,) = [entry for entry in read(folder / "journal.db") if entry.question == "园区是哪一年成立的？"]
    assert (made.mode, made.kind, made.liked, made.reason) == ("chat", "answer", False, "要的是批准的日子")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, address: str, scheme: str) -> None:
    with visit(browser, address, PHONE, color_scheme=scheme, has_touch=True, is_mobile=True) as (page, _):
        turn = ask(page, "园区的主导产业有哪些？")
        expect(turn.locator(".pq-first .pq-chips li")).to_have_count(6)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        size = page.evaluate(f"parseFloat(getComputedStyle(document.querySelector('{BOX}')).fontSize)")
        assert size >= 16
        turn.locator(".pq-first [data-source]").tap()
        expect(page.locator("#pq-source mark").first).to_be_in_viewport()
        page.go_back()
        expect(page.locator("#pq-source")).to_be_hidden()
        expect(turn.locator(".pq-first .pq-chips")).to_be_visible()


def test_an_english_browser_gets_english_and_can_change(browser: Browser, address: str) -> None:
    with visit(browser, address, locale="en-GB") as (page, _):
        expect(page.locator(".pq-hello-words")).to_contain_text("What would you like to know?")
        expect(page.locator("#pq-send")).to_have_text("Send")
        turn = ask(page, "When was the park founded?")
        expect(turn.locator(".pq-first mark").first).to_contain_text("29 August 2003")
        expect(turn.locator(".pq-first blockquote mark").first).to_contain_text("2003年8月29日")
        expect(turn.locator(".pq-first .pq-where")).to_contain_text("Introduction to the Park (2024)")
        page.locator("[data-switch]").click()
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        expect(page.locator("#pq-send")).to_have_text("发送")


def test_enter_while_an_input_method_composes_sends_nothing(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        page.fill(BOX, "yuanqu")
        page.evaluate(
            f"""for (const kind of ["keydown", "keypress", "keyup"]) document.querySelector("{BOX}").dispatchEvent(
            new KeyboardEvent(kind, {{key: "Enter", isComposing: true, bubbles: true, cancelable: true}}))"""
        )
        page.wait_for_timeout(300)
        expect(page.locator(BOX)).to_have_value("yuanqu")
        assert page.locator(".pq-turn").count() == 0


def test_markup_in_a_question_is_shown_as_text(browser: Browser, address: str) -> None:
    hostile = "<img src=x onerror=\"document.title='gone'\">${1+1}{{1}}`园区`"
    with visit(browser, address) as (page, _):
        expect(ask(page, hostile).locator(".pq-me")).to_have_text(hostile)
        assert page.title() != "gone"


def test_a_source_page_needs_no_script(browser: Browser, address: str) -> None:
    found = httpx.post(f"{address}/api/ask", json={"question": "园区有哪些新兴产业？"}, timeout=60).json()["quotes"][0]
    link = f"{address}/source/{found['document']}?v={found['sha256'][:12]}&start={found['start']}&end={found['end']}"
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{link}#quote")
        expect(page.locator(".pq-same")).to_be_visible()
        assert "".join(page.locator("mark").all_inner_texts()) == found["text"].replace("\n", "")
