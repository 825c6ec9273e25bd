"""Documents, names, questions and suggestions full of markup: shown as text on every page, with the real model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from browsers import BOX, DESKTOP, PHONE, Seen, ask, watched
from parkqa.journal.entries import read
from programs import PROGRAM, real
from sites import opened
from waiting import until

pytestmark = pytest.mark.browser

SCRIPT, IMAGE = "<script>window.gone=1</script>", '<img src=x onerror="window.gone=1">'
FACTS = {
    "停车费是多少？": f"园区的停车费是每小时5元{SCRIPT}。",
    "食堂什么时候开放？": f"食堂的开放时间是每天11点到13点{IMAGE}。",
    "班车几点发车？": "园区的班车每天早上8点发车${window.gone=1}。",
    "图书馆在哪里？": "图书馆在创新大厦二楼{{window.gone=1}}{% raw %}{# x #}。",
    "园区什么时候成立的？": "园区于2011年成立\u202e反\u202c\u200f。",
    "园区的招商电话是多少？": "园区的招商电话是[点这里](javascript:window.gone=1)![x](http://evil.example/x.png)转8。",
    "游泳馆门票多少钱？": "游泳馆的门票每人30元`${window.gone=1}`。",
    "污水处理厂处理能力多大？": "污水处理厂的日处理能力是2万吨</blockquote></template><svg onload=window.gone=1>&lt;。",
}
"""Each question with the paragraph that answers it."""
TITLE = f"园区指南{SCRIPT}${{window.gone=1}}"
PARK = {
    "name": f"园区{SCRIPT}${{window.gone=1}}",
    "english_name": "Park{{window.gone=1}}</span>",
    "suggestions": [f"停车费是多少{IMAGE}？", "班车几点发车${window.gone=1}？"],
    "contact": f"服务台{IMAGE}",
    "documents": {"guide.txt": {"title": TITLE}},
}
QUESTION = f"食堂什么时候开放{SCRIPT}${{window.gone=1}}\u202e？"
REFUSED = f"世界杯冠军是谁{SCRIPT}？"
MENDED = "听车费是多少${window.gone=1}{{window.gone=1}}？"
GONE = """() => [window.gone, document.querySelectorAll(
    "main img, main script:not([src]), #pq-shell img, #pq-shell script, a[href^='javascript' i], [onerror], [onload]"
  ).length]"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile")
    corpus = made / "corpus"
    corpus.mkdir()
    (corpus / "guide.txt").write_text("\n\n".join(("服务指南", *FACTS.values())), encoding="utf-8")
    # JSON is YAML.
    (corpus / "park.yaml").write_text(json.dumps(PARK), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def address(folder: Path, site: str) -> Iterator[str]:
    with real(folder, corpus=str(folder / "corpus"), embed_origins=site) as url:
        yield url


@contextmanager
def visit(browser: Browser, address: str, size: Any = DESKTOP, **options: Any) -> Iterator[Page]:
    """Open an address; at the end nothing of all that has run, been asked for or become an element."""
    home = address[: address.index("/", 8)]
    with watched(browser, size, home, **options) as (page, seen):
        page.goto(address)
        yield page
        assert [frame.evaluate(GONE) for frame in page.frames] == [[None, 0]] * len(page.frames)
    assert seen == Seen()


def test_every_paragraph_is_quoted_as_it_stands(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/chat/") as page:
        for question, paragraph in FACTS.items():
            turn = ask(page, question)
            expect(turn.locator(".pq-first .pq-quote")).to_have_text(paragraph)
            expect(turn.locator(".pq-first .pq-where")).to_contain_text(TITLE)
            turn.locator(".pq-first [data-source]").click()
            mark = page.locator("#pq-source mark")
            expect(mark.first).to_be_in_viewport()
            assert "".join(mark.all_inner_texts()) == paragraph
            expect(page.locator("#pq-source h1")).to_have_text(TITLE)
            page.keyboard.press("Escape")
            expect(page.locator("#pq-source")).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_names_suggestions_and_questions_are_text(browser: Browser, address: str, size: Any) -> None:
    with visit(browser, f"{address}/chat/", size) as page:
        expect(page.locator(".pq-suggest-zh [data-ask]")).to_have_text(PARK["suggestions"])
        expect(page.locator(".pq-bar h1")).to_contain_text(str(PARK["name"]))
        assert page.title() == f"{PARK['name']} 问答"
        page.locator(".pq-suggest-zh [data-ask]").first.click()
        expect(page.locator(".pq-turn .pq-first .pq-quote")).to_have_text(FACTS["停车费是多少？"])
        expect(ask(page, QUESTION).locator(".pq-me")).to_have_text(QUESTION)
        refused = ask(page, REFUSED)
        expect(refused.locator(".pq-no")).to_contain_text(str(PARK["contact"]))
        expect(refused.locator(".pq-no .pq-card").first).to_be_visible()
        assert set(refused.locator(".pq-next [data-ask]").all_inner_texts()) <= set(PARK["suggestions"])
        mended = ask(page, MENDED)
        expect(mended.locator(".pq-read b:visible")).to_contain_text("停车费是多少${window.gone=1}{{window.gone=1}}")
        page.locator(".pq-read [data-literal]").click()
        expect(page.locator(".pq-turn").nth(4).locator(".pq-me")).to_have_text(MENDED)


def test_what_turns_the_writing_round_turns_nothing_of_ours(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/chat/") as page:
        read = ask(page, "听车费是多少\u202e？").locator(".pq-read")
        words, undo = read.locator("b:visible").bounding_box(), read.locator("button").bounding_box()
        assert words and undo
        assert undo["x"] >= words["x"] + words["width"]


def test_the_source_page(browser: Browser, address: str) -> None:
    found = httpx.post(f"{address}/api/ask", json={"question": "停车费是多少？"}, timeout=60).json()["quotes"][0]
    link = f"{address}/source/{found['document']}?v={found['sha256'][:12]}&start={found['start']}&end={found['end']}"
    with visit(browser, link) as page:
        expect(page.locator("mark#quote")).to_have_text(FACTS["停车费是多少？"])
        assert page.title() == TITLE
        assert page.locator("article p:not([class])").all_inner_texts()[-len(FACTS) :] == list(FACTS.values())
        page.goto(f"{link}0&q={IMAGE}&part={SCRIPT}")
        expect(page.locator(".pq-doc-check")).to_be_visible()
    assert SCRIPT not in httpx.get(f"{address}/source/{SCRIPT}", timeout=60).text


def test_the_stand(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/chat/?mode=event", {"width": 1920, "height": 1080}) as page:
        expect(page.locator(".pq-show .pq-me")).to_have_text(PARK["suggestions"][0])
        expect(page.locator(".pq-show .pq-first .pq-quote")).to_have_text(FACTS["停车费是多少？"])
        turn = ask(page, QUESTION)
        expect(turn.locator(".pq-me")).to_have_text(QUESTION)
        expect(turn.locator(".pq-first .pq-quote")).to_have_text(FACTS["食堂什么时候开放？"])
        expect(turn.locator(".pq-code svg")).to_be_visible()


def test_the_widget(browser: Browser, site: str, address: str) -> None:
    name = "问答</b><script>window.gone=1</script>${window.gone=1}"
    line = f'<script src="{address}/widget.js" data-title="{name}" data-color="red;}}*{{x:y" async></script>'
    with watched(browser, DESKTOP) as (page, seen):
        page.goto(f"{site}/?{httpx.QueryParams({'scripts': line})}")
        inside: FrameLocator = opened(page)
        expect(page.locator("parkqa-widget .bubble")).to_have_attribute("title", name)
        page.evaluate("(question) => parkqa.open(question)", QUESTION)
        expect(inside.locator(".pq-turn .pq-me")).to_have_text(QUESTION)
        expect(inside.locator(".pq-first .pq-quote")).to_have_text(FACTS["食堂什么时候开放？"])
        inside.locator(BOX).fill(REFUSED)
        inside.locator(BOX).press("Enter")
        expect(inside.locator(".pq-no .pq-card").first).to_be_visible()
        assert [frame.evaluate(GONE) for frame in page.frames] == [[None, 0]] * 2
    assert seen == Seen()


def test_the_report(browser: Browser, address: str, folder: Path) -> None:
    """The journal holds what the other tests have asked; one question more, should this one run alone."""
    httpx.post(f"{address}/api/ask", json={"question": REFUSED}, timeout=60)
    made = folder / "report.html"
    options = ["--journal", folder / "journal.db", "--index", folder / "index", "-o", made]
    until(lambda: any("世界杯" in entry.question for entry in read(folder / "journal.db")))  # a moment after the answer
    subprocess.run([PROGRAM, "report", *options], check=True, capture_output=True)
    with watched(browser, DESKTOP, "file://") as (page, seen):
        page.goto(made.as_uri())
        expect(page.get_by_text(REFUSED).first).to_be_visible()
        assert page.evaluate(GONE) == [None, 0]
    assert seen == Seen()
