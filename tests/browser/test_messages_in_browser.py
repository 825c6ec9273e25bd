"""Leaving a message in Chromium, with the stub encoder: on a phone, at a stand with its keyboard, without scripts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from browsers import DESKTOP, PHONE, ask, watched
from engines import CORPUS
from parkqa.journal import messages
from programs import stub
from waiting import until

pytestmark = pytest.mark.browser

REFUSED = "今天晚上足球比赛几点开始？"
CONTACT = "13912345678"
SCREEN = {"width": 1920, "height": 1080}
GRAVE = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const grave = found.violations.filter(({ impact }) => ["critical", "serious"].includes(impact));
  return grave.map(({ id, nodes }) => [id, nodes[0].html]);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("messages")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A server of the real corpus with a contact, which takes messages."""
    corpus = shutil.copytree(CORPUS, folder / "park")
    park = corpus / "park.yaml"
    told = park.read_text(encoding="utf-8").replace('contact: ""', 'contact: "电话 0523-80000000"\nmessages: true')
    park.write_text(told, encoding="utf-8")
    settings = {"corpus": corpus, "messages": folder / "messages.db", "event_reset_seconds": 30}
    with stub(folder, **settings, public_url="https://park.example", hosts="127.0.0.1") as url:
        yield url


@pytest.fixture
def file(folder: Path) -> Path:
    (folder / "messages.db").unlink(missing_ok=True)
    return folder / "messages.db"


def grave(page: Page) -> list[Any]:
    """What axe-core finds that is critical or serious."""
    page.evaluate(AXE_SCRIPT)
    found: list[Any] = page.evaluate(GRAVE)
    return found


def test_a_refusal_leads_to_the_form_and_what_was_written_is_gone_when_it_is_kept(
    browser: Browser, address: str, file: Path
) -> None:
    with watched(browser, PHONE, address, has_touch=True, is_mobile=True) as (page, seen):
        page.goto(f"{address}/chat/")
        ask(page, REFUSED).locator("[data-message]").tap()
        expect(page.locator("#pq-message-question")).to_have_value(REFUSED)
        assert grave(page) == []
        page.fill("#pq-message-contact", CONTACT)
        page.tap(".pq-message-send")  # the browser says that there is no consent
        assert not file.exists()
        page.check("[name=consent]")
        page.tap(".pq-message-send")
        expect(page.locator(".pq-message-kept")).to_be_visible()
        (kept,) = messages.read(file)
        expect(page.locator(".pq-message-kept b")).to_have_text(kept.number)
        assert (kept.question, kept.contact, kept.mode) == (REFUSED, CONTACT, "chat")
        assert grave(page) == []
        page.go_back()
        expect(page.locator("#pq-message")).to_be_hidden()
        assert CONTACT not in page.content() and kept.number not in page.content()
        assert CONTACT not in page.evaluate("JSON.stringify(sessionStorage)")
    assert seen.console == [] and seen.elsewhere == []


def test_what_cannot_be_sent_stays_and_goes_once_when_the_network_is_back(
    browser: Browser, address: str, file: Path
) -> None:
    with watched(browser, DESKTOP, address) as (page, _):
        page.goto(f"{address}/chat/")
        page.click(".pq-write")
        page.fill("#pq-message-question", "停车位怎么申请？")
        page.fill("#pq-message-contact", CONTACT)
        page.check("[name=consent]")
        page.context.set_offline(True)
        page.click(".pq-message-send")
        expect(page.locator("#pq-toast")).to_contain_text("没有连上")
        expect(page.locator("#pq-message-contact")).to_have_value(CONTACT)
        page.context.set_offline(False)
        page.click(".pq-message-send")
        expect(page.locator(".pq-message-kept")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#pq-message")).to_be_hidden()
        expect(page.locator(".pq-write")).to_be_focused()
    assert [each.contact for each in messages.read(file)] == [CONTACT]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator(f'.hg-button[data-skbtn="{key}"]').tap()


def test_at_a_stand_its_keyboard_writes_it_and_nothing_stays_on_the_screen(
    browser: Browser, address: str, file: Path
) -> None:
    with watched(browser, SCREEN, address, has_touch=True) as (page, seen):
        page.goto(f"{address}/chat/?mode=event")
        page.wait_for_function("() => Boolean(window.parkqaPage?.forgetField)")
        page.evaluate("question => window.parkqaPage.ask(question, false)", REFUSED)
        page.locator(".pq-no [data-message]").tap()
        expect(page.locator(".pq-message-form .pq-qr")).to_be_visible()
        page.locator("#pq-message-name").tap()
        expect(page.locator("#pq-pad")).to_be_visible()
        press(page, *"wang")
        page.locator(".pq-pad-words button", has_text=re.compile("^王$")).tap()
        assert grave(page) == []
        press(page, "{enter}")
        expect(page.locator("#pq-message-contact")).to_be_focused()
        press(page, *CONTACT)
        expect(page.locator("#pq-message-contact")).to_have_value(CONTACT)
        box = page.locator("#pq-message-contact").bounding_box()
        keys = page.locator("#pq-pad").bounding_box()
        assert box and keys and box["y"] + box["height"] <= keys["y"]
        press(page, "{enter}")
        expect(page.locator("#pq-pad")).to_be_hidden()
        page.locator("[name=consent]").tap()
        page.locator(".pq-message-send").tap()
        expect(page.locator(".pq-message-kept")).to_be_visible()
        assert CONTACT not in page.content() and "王" not in page.locator("#pq-message").inner_html()
        (kept,) = messages.read(file)
        assert (kept.name, kept.contact, kept.mode) == ("王", CONTACT, "event")
        page.evaluate("window.parkqaStand.wipe()")
        expect(page.locator("#pq-message")).to_be_hidden()
        assert kept.number not in page.content()
    assert seen.console == []


def test_a_form_that_comes_or_goes_while_the_stand_is_wiped_shows_the_next_visitor_nothing(
    browser: Browser, address: str, file: Path
) -> None:
    with watched(browser, SCREEN, address, has_touch=True) as (page, _):
        page.goto(f"{address}/chat/?mode=event")
        page.wait_for_function("() => Boolean(window.parkqaPage?.forgetField)")
        page.locator(".pq-write").tap()
        page.fill("#pq-message-question", REFUSED)
        page.fill("#pq-message-contact", CONTACT)
        page.check("[name=consent]")
        page.evaluate("() => { document.querySelector('.pq-message-send').click(); window.parkqaStand.wipe(); }")
        page.wait_for_timeout(1000)
        expect(page.locator("#pq-message")).to_be_hidden()
        assert page.locator("#pq-message-body").inner_html() == ""
        assert CONTACT not in page.content()
    assert len(until(lambda: messages.read(file))) == 1


def test_without_scripts_it_is_a_plain_form(browser: Browser, address: str, file: Path) -> None:
    with watched(browser, PHONE, address, java_script_enabled=False) as (page, _):
        page.goto(f"{address}/ask?q={REFUSED}")
        page.fill("#pq-message-contact", CONTACT)
        page.check("[name=consent]")
        page.click(".pq-message-send")
        expect(page.locator(".pq-message-kept")).to_be_visible()
    assert [each.question for each in messages.read(file)] == [REFUSED]


def test_the_plain_pages_are_for_everybody(browser: Browser, address: str) -> None:
    for scheme in ("light", "dark"):
        with watched(browser, PHONE, address, color_scheme=scheme) as (page, _):
            for path in (f"/message?q={REFUSED}", f"/ask?q={REFUSED}", "/message?lang=en"):
                page.goto(f"{address}{path}")
                assert grave(page) == [], (scheme, path)
