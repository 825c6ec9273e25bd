"""What helps visitors to ask and to read: known questions while one types, other suggestions, larger type, speech."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, watched

pytestmark = pytest.mark.browser

LEADING, EMERGING, FOUNDED = "园区的主导产业有哪些？", "园区有哪些新兴产业？", "园区是什么时候成立的？"
# Chinese is read by a voice of the device, English by one that is a service's.
VOICES = """
const said = window.said = [];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [
    { localService: true, lang: "zh-CN", name: "own" }, { localService: false, lang: "zh-CN", name: "far" },
    { localService: false, lang: "en-US", name: "far" },
  ],
  speak: (words) => said.push([words.text, words.voice.name]), cancel: () => said.push("quiet"), addEventListener() {},
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
HEARS = """
window.SpeechRecognition = class {
  static available(options) { window.wanted = options; return Promise.resolve("STATE"); }
  start() {
    window.local = this.processLocally;
    this.onresult({ results: [[{ transcript: "园区的主导" }], [{ transcript: "产业有哪些" }]] });
    this.onend();
  }
};
"""


@contextmanager
def chat(browser: Browser, base: str, size: Any = DESKTOP, script: str = "", **options: Any) -> Iterator[Page]:
    with watched(browser, size, base, reduced_motion="reduce", **options) as (page, seen):
        if script:
            page.add_init_script(script)
        page.goto(f"{base}/chat/")
        page.wait_for_function("parkqaPage.arrived")
        yield page
    assert seen == Seen()


def suggested(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator(".pq-hello .pq-suggest-zh [data-ask]").all() if one.is_visible()]


def test_known_questions_are_offered_and_chosen_with_the_keyboard(browser: Browser, base: str) -> None:
    with chat(browser, base) as page:
        box, options = page.locator(BOX), page.get_by_role("option")
        box.focus()
        assert box.get_attribute("role") == "combobox"
        page.wait_for_function("parkqaPage.known().then((known) => known.length > 0)")
        page.keyboard.type("园区产业")
        expect(options).to_have_count(2)
        assert box.get_attribute("aria-expanded") == "true"
        page.keyboard.press("ArrowUp")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        assert box.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
        page.keyboard.press("ArrowDown")
        assert box.get_attribute("aria-activedescendant") is None
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        assert box.get_attribute("aria-expanded") == "false"
        page.keyboard.type("有")
        page.keyboard.press("Backspace")
        expect(options).to_have_count(2)
        chosen = options.first.inner_text()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(".pq-turn:not(.pq-waiting) .pq-me")).to_have_text(chosen)
        expect(box).to_have_value("")
        # What was asked is not offered again; what is typed is sent as it stands.
        page.keyboard.type("园区产业")
        expect(options).to_have_count(1)
        assert options.first.inner_text() != chosen
        page.keyboard.press("Enter")
        expect(page.locator(".pq-turn .pq-me").nth(1)).to_have_text("园区产业")
        page.keyboard.type("where is yang")
        expect(options.first).to_have_text("Where is Yangzijiang Shipbuilding listed?")
        page.keyboard.type(" xyz")
        expect(options).to_have_count(0)


def test_a_finger_chooses_one_and_an_input_method_is_left_alone(browser: Browser, base: str) -> None:
    with chat(browser, base, PHONE, has_touch=True, is_mobile=True) as page:
        page.locator(BOX).tap()
        page.wait_for_function("parkqaPage.known().then((known) => known.length > 0)")
        page.locator(BOX).press_sequentially("新兴")
        option = page.get_by_role("option").first
        expect(option).to_have_text(EMERGING)
        place = option.bounding_box()
        assert place and place["height"] >= 44
        # An input method's Enter takes its candidate; nothing is asked.
        page.locator(BOX).evaluate(
            """box => {
              const more = { isComposing: true, bubbles: true, cancelable: true };
              for (const key of ["ArrowDown", "Enter"])
                box.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
            }"""
        )
        assert page.locator(".pq-turn").count() == 0
        option.tap()
        expect(page.locator(".pq-turn .pq-me")).to_have_text(EMERGING)


def test_each_visit_sees_others_and_what_was_asked_is_left_out(browser: Browser, base: str) -> None:
    with chat(browser, base) as page:
        first = suggested(page)
        page.reload()
        page.wait_for_function("parkqaPage.arrived")
        second = suggested(page)
        assert len(first) == len(second) == 6
        assert len({*first, *second}) > 8
        ask(page, second[0])
        page.locator("[data-new]").click()
        assert second[0] not in suggested(page)
        assert len(suggested(page)) == 6
        ask(page, second[1])
        page.reload()
        page.wait_for_function("parkqaPage.arrived")
        page.locator("[data-new]").click()
        assert second[1] not in suggested(page)
        ask(page, second[0])
        page.locator("[data-new]").click()
        assert not {second[0], second[1]} & set(suggested(page))
        # Asked in other words, but for the particles.
        ask(page, "园区什么时候成立")
        page.locator("[data-new]").click()
        offered = page.locator(".pq-hello [data-ask]").evaluate_all("(all) => all.map((one) => one.value)")
        assert FOUNDED not in offered and len(offered) > 6


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_larger_type_is_kept_for_the_tab_and_nothing_is_cut_off(browser: Browser, base: str, size: Any) -> None:
    with chat(browser, base, size) as page:
        ask(page, LEADING)
        width = ".getBoundingClientRect().width / document.querySelector('.pq-turn .pq-me').textContent.length"
        before = page.evaluate(f"document.querySelector('.pq-turn .pq-me'){width}")
        page.locator("[data-large]").click()
        page.reload()
        page.wait_for_function("parkqaPage.arrived")
        assert page.evaluate(f"document.querySelector('.pq-turn .pq-me'){width}") > 1.2 * before
        expect(page.locator("[data-large]")).to_have_attribute("aria-pressed", "true")
        outside = page.evaluate(
            """() => [...document.querySelectorAll("#pq-shell :is(button, a, h1, p, mark), #pq-ask textarea, #pq-send")]
            .filter((node) => node.getClientRects().length && !node.closest(".pq-sr"))
            .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
            .filter(([, { left, right }]) => left < 0 || right > innerWidth + 1)"""
        )
        assert outside == []
        page.locator(".pq-first [data-source]").click()
        expect(page.locator("#pq-source")).to_be_visible()
        panel = page.locator("#pq-source").bounding_box()
        assert panel and panel["x"] + panel["width"] <= size["width"] + 1
        page.keyboard.press("Escape")
        page.locator("[data-large]").click()
        assert page.evaluate(f"document.querySelector('.pq-turn .pq-me'){width}") < 1.1 * before


def test_answers_are_read_aloud_by_a_voice_of_the_device_only(browser: Browser, base: str) -> None:
    with chat(browser, base, script=VOICES) as page:
        card = ask(page, "三大科创载体是什么？").locator(".pq-first")
        aloud = card.locator("[data-speak]")
        expect(aloud).to_be_visible()
        aloud.click()
        expect(aloud).to_have_attribute("aria-pressed", "true")
        text, name = page.evaluate("said.at(-1)")
        assert name == "own"
        shown = card.locator(".pq-answer, .pq-quote, .pq-chips li").all_inner_texts()
        assert text and text.split("\n")[0] in "\n".join(shown)
        aloud.click()
        assert page.evaluate("said.at(-1)") == "quiet"
        expect(aloud).to_have_attribute("aria-pressed", "false")
        aloud.click()
        english = ask(page, "What are the leading industries?").locator(".pq-first")
        assert page.evaluate("said.at(-1)") == "quiet"
        expect(english.locator("[data-speak]")).to_be_hidden()
    with chat(browser, base, script=VOICES.replace("localService: true", "localService: false")) as page:
        expect(ask(page, LEADING).locator(".pq-first [data-speak]")).to_be_hidden()


def test_speaking_is_offered_only_where_the_device_hears_by_itself(browser: Browser, base: str) -> None:
    with chat(browser, base, script=HEARS.replace("STATE", "available")) as page:
        page.locator("#pq-mic").click()
        expect(page.locator(BOX)).to_have_value("园区的主导产业有哪些")
        assert page.evaluate("[window.local, window.wanted.processLocally]") == [True, True]
        assert page.locator(".pq-turn").count() == 0
    with chat(browser, base, script=HEARS.replace("STATE", "downloadable")) as page:
        expect(page.locator("#pq-mic")).to_have_count(0)
