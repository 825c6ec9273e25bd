"""Source pages: a link shows whether its quote still stands in the document, and marks it; nonsense does no harm."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from engines import CORPUS, stub_engine
from parkqa.corpus.curation.park import Park
from parkqa.engine import Engine
from parkqa.types import Block, BlockKind, Document, Quote
from parkqa.web import cards, render
from parkqa.web.assets import address as asset_address
from parkqa.web.pages import source
from parkqa.web.responses import crowded
from parkqa.web.serving.face import Face
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue

SAID = {
    "same": "逐字核对一致",
    "moved": "引文仍逐字在其中",
    "gone": "引文已不在其中",
    "changed": "链接里的位置已不能核对",
    "broken": "链接不完整",
}
OLD = "第一章 码头\n\n码头长300米。\n仓库两座，面积1,000平方米。"
NEW = f"新的前言。\n\n{OLD}"
GONE = OLD.replace("300", "400")
ODD_PATH = "港口 资料/a b#c?d%&e='\"<x>.md"
# A short quote of OLD, and one that runs over two blocks.
SHORT, LONG = (8, 16), (8, len(OLD))


def document(text: str, path: str = "port.md") -> Document:
    blocks, start = [], 0
    for line in text.split("\n"):
        kind: BlockKind = "heading" if line.startswith("第") else "paragraph"
        if line:
            blocks.append(Block(kind, 1, start, start + len(line)))
        start += len(line) + 1
    return Document(path, "码头资料", text, source.sha256(text), tuple(blocks), date="2024-05-01")


def link(text: str, span: tuple[int, int], path: str = "port.md") -> str:
    """A link as it was made when the document still had this text."""
    quote = Quote(text[slice(*span)], path, "", *span, source.sha256(text), "", None, 1.0, (span,))
    return cards.source_link(quote)


class Marks(HTMLParser):
    """The text within <mark>, and how often an element is the one that links lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.anchors: list[str] = []
        self._inside = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "mark"
        if self._inside:
            self.texts.append("")
        if dict(attrs).get("id") == "quote":
            self.anchors.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def serve(
    *documents: Document, root: str = "", queue: QuestionQueue | None = None, park: Park | None = None
) -> TestClient:
    engine = cast(Engine, type("Held", (), {"documents": {document.path: document for document in documents}})())
    loader = Loader(lambda: engine)
    loader.start()
    loader.engine(10)
    app = FastAPI()
    face = cast(Face, SimpleNamespace(park=park)) if park else None
    app.include_router(source.router(loader, root, queue=queue, face=face))
    return TestClient(app)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return serve(document(OLD), document(OLD, ODD_PATH))


def said(html: str) -> str:
    """The state that a page tells."""
    states = [state for state, words in SAID.items() if words in html]
    assert len(states) <= 1
    return states[0] if states else ""


@pytest.mark.parametrize("span", [SHORT, LONG, (0, len(OLD)), (0, 1)])
def test_a_fresh_link_is_the_same_and_marked(client: TestClient, span: tuple[int, int]) -> None:
    html = client.get(link(OLD, span)).text
    marks = Marks(html)
    assert said(html) == "same"
    assert "".join(marks.texts) == OLD[slice(*span)].replace("\n", "")
    assert marks.anchors == ["mark"]


def test_the_quote_alone_is_marked(client: TestClient) -> None:
    html = client.get(link(OLD, SHORT)).text
    assert f'<p><mark id="quote">{OLD[slice(*SHORT)]}</mark>' in html


def test_a_quote_that_has_moved_is_marked_where_it_stands_now() -> None:
    html = serve(document(NEW)).get(link(OLD, SHORT)).text
    assert said(html) == "moved"
    assert Marks(html).texts == [OLD[slice(*SHORT)]]


def test_a_quote_that_has_gone_is_said_to_be() -> None:
    html = serve(document(GONE)).get(link(OLD, SHORT)).text
    assert said(html) == "gone"
    assert Marks(html).texts == []


def test_a_changed_document_without_the_quotes_hash_cannot_be_checked() -> None:
    address = link(OLD, SHORT).split("&q=")[0]
    html = serve(document(NEW)).get(address).text
    assert said(html) == "changed"
    assert Marks(html).texts == []


CITED = re.compile(r'<p class="pq-doc-cite">.*<bdi>(.*)</bdi> <a href="([^"]*)">')


def test_a_line_to_cite_names_the_place_and_leads_to_it_as_it_stands_now() -> None:
    served = serve(document(NEW))
    found = CITED.search(served.get(link(OLD, SHORT)).text)
    assert found
    words, address = map(unescape, found.groups())
    assert words.startswith(document(NEW).title)
    assert address.startswith("http://testserver/source/")
    again = served.get(address).text
    assert said(again) == "same"
    assert Marks(again).texts == [OLD[slice(*SHORT)]]


def test_what_is_cited_names_its_headings_and_the_visitors_address() -> None:
    text = "甲\n乙\n丙丁"
    blocks = (Block("heading", 1, 0, 1), Block("heading", 2, 2, 3), Block("paragraph", 0, 4, 6))
    made = replace(document(text), blocks=blocks, date="2024")
    words, address = cards.cite(made, (4, 5), "https://ask.example.cn/park")
    assert words == f"{made.title}（2024），甲 › 乙"
    assert address.startswith("https://ask.example.cn/park/source/")


def test_nothing_is_cited_where_nothing_is_marked_or_beside_the_chat(client: TestClient) -> None:
    assert not CITED.search(client.get("/source/port.md").text)
    assert not CITED.search(client.get(f"{link(OLD, SHORT).split('#')[0]}&part=article").text)


def test_without_a_place_the_document_is_shown_as_it_is(client: TestClient) -> None:
    for address in ("/source/port.md", "/source/port.md?v=abc", "/source/port.md?q=abc#quote"):
        html = client.get(address).text
        assert said(html) == ""
        assert "码头长300米。" in html
        assert Marks(html).texts == []


@pytest.mark.parametrize("length", [0, 1, 11])
def test_a_version_that_is_too_short_proves_nothing(client: TestClient, length: int) -> None:
    version = source.sha256(OLD)[:length]
    assert said(client.get("/source/port.md", params={"v": version, "start": "0", "end": "5"}).text) == "broken"


@pytest.mark.parametrize("length", [12, 16, 64])
def test_a_version_in_small_letters_or_capitals_is_known(client: TestClient, length: int) -> None:
    version = source.sha256(OLD)[:length]
    for written in (version, version.upper()):
        assert said(client.get("/source/port.md", params={"v": written, "start": "0", "end": "5"}).text) == "same"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("5", "5"),
        ("7", "3"),
        ("0", "999999999"),
        ("0", "9" * 5000),
        ("9" * 5000, "9" * 5001),
        ("-1", "5"),
        ("0", ""),
        ("", ""),
        ("x", "5"),
        ("0", "5.0"),
        ("0", "1e1"),
        ("0x0", "5"),
        (" 0", "5"),
        ("0\n", "5"),
        ("٠", "٥"),
        ("０", "５"),
        ("0", "\x00"),
        ("<script>", "</script>"),
    ],
)
def test_a_place_that_is_none_is_said_to_be_broken(client: TestClient, start: str, end: str) -> None:
    reply = client.get("/source/port.md", params={"v": source.sha256(OLD), "start": start, "end": end})
    assert reply.status_code == 200
    assert said(reply.text) == "broken"
    assert Marks(reply.text).texts == []


@pytest.mark.parametrize("query", ["start=0", "end=5", "start=%ED%A0%80&end=%ED%BF%BF", "start=%FF&end=%00", "end&end"])
def test_half_a_place_marks_nothing(client: TestClient, query: str) -> None:
    reply = client.get(f"/source/port.md?v={source.sha256(OLD)}&{query}")
    assert reply.status_code == 200
    assert Marks(reply.text).texts == []


@pytest.mark.slow
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "v": st.sampled_from([source.sha256(OLD)[:16], source.sha256(NEW)]) | st.text(max_size=20),
            "start": st.integers(0, 60).map(str) | st.text(max_size=5),
            "end": st.integers(0, 60).map(str) | st.text(max_size=5),
            "q": st.just(source.sha256(OLD[slice(*SHORT)])[:16]) | st.text(max_size=16),
            "part": st.sampled_from(["article", "", "page", "<b>"]),
        },
    )
)
@settings(max_examples=100)
def test_whatever_a_link_says_a_slice_is_marked_or_nothing(client: TestClient, query: dict[str, str]) -> None:
    reply = client.get("/source/port.md", params=query)
    assert reply.status_code == 200
    marks = Marks(reply.text)
    assert not marks.texts or said(reply.text) == "same"
    assert "".join(marks.texts) in OLD.replace("\n", "")


def test_only_the_part_that_is_asked_for(client: TestClient) -> None:
    article = client.get(link(OLD, SHORT).replace("#", "&part=article#")).text
    assert article.startswith('<article class="pq-doc">')
    assert "<html" not in article
    assert said(article) == "same"
    for other in ("", "Article", "page"):
        assert client.get("/source/port.md", params={"part": other}).text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-US,en;q=0.9", "en"),
        ("EN", "en"),
        ("de-DE,en;q=0.5,zh;q=0.1", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-TW"),
        ("zh-Hant-HK,en", "zh-TW"),
        ("fr", "en"),
        ("ja,ko;q=0.9", "en"),
        ("*", "zh-CN"),
        ("", "zh-CN"),
        ('"><script>', "zh-CN"),
    ],
)
def test_a_page_speaks_the_readers_language(client: TestClient, accepted: str, language: str) -> None:
    reply = client.get("/source/port.md", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in reply.text
    assert reply.headers["content-language"] == language
    assert reply.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(
    "path",
    [
        "nothing.md",
        "",
        "park.yaml",
        "../corpus/park.yaml",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "port.md/",
        "PORT.MD",
        "port.md%00",
        "%FF%FE",
        "%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_what_is_no_document_is_not_there(client: TestClient, path: str) -> None:
    reply = client.get(f"/source/{path}")
    assert reply.status_code == 404
    assert "<script" not in reply.text
    assert "root:" not in reply.text


def test_a_missing_document_has_a_page_in_the_readers_language(client: TestClient) -> None:
    reply = client.get("/source/nothing.md", headers={"Accept-Language": "en"})
    assert reply.headers["content-type"].startswith("text/html")
    assert '<html lang="en">' in reply.text
    assert "There is no such document" in reply.text


def test_any_name_of_a_file_can_be_linked(client: TestClient) -> None:
    html = client.get(link(OLD, SHORT, ODD_PATH)).text
    assert said(html) == "same"
    assert Marks(html).texts == [OLD[slice(*SHORT)]]


def test_every_link_of_an_answer_opens_at_its_quote(engine: Engine) -> None:
    client = serve(*engine.documents.values())
    for question in ("新兴产业有哪些？", "江阴经济开发区靖江园区正式成立", "食堂晚饭几点开？"):
        answer = engine.ask(question)
        assert answer.quotes or answer.related
        for quote in (*answer.quotes, *answer.related):
            html = client.get(cards.source_link(quote)).text
            assert said(html) == "same"
            assert "".join(Marks(html).texts) == quote.text.replace("\n", "")


def test_pages_below_a_prefix_find_their_files_there() -> None:
    html = serve(document(OLD), root="/park").get("/source/port.md").text
    assert f'href="{asset_address("plain.css", "/park")}"' in html
    assert 'href="/assets' not in html


def test_a_quote_of_a_text_that_has_changed_is_looked_for_in_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes as long as a question."""
    waited: list[object] = []
    ask = QuestionQueue.ask

    async def watched(self: QuestionQueue, *call: object) -> object:
        waited.append(call)
        return await ask(self, *call)  # type: ignore[arg-type]

    monkeypatch.setattr(QuestionQueue, "ask", watched)
    queue = QuestionQueue(1, 1)
    client = serve(document(NEW), queue=queue)
    assert said(client.get("/source/port.md").text) == ""
    assert said(client.get(link(NEW, SHORT)).text) == "same"
    assert not waited
    assert said(client.get(link(OLD, SHORT)).text) == "moved"
    assert len(waited) == 1
    queue.close()


def test_where_there_is_no_place_in_the_line_a_source_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise crowded()

    monkeypatch.setattr(QuestionQueue, "ask", full)
    reply = serve(document(NEW), queue=QuestionQueue(1, 1)).get(link(OLD, SHORT))
    assert reply.status_code == 503
    assert "请稍候" in reply.text


def test_while_the_engine_loads_a_page_asks_for_patience() -> None:
    app = FastAPI()
    app.include_router(source.router(Loader(lambda: stub_engine(CORPUS)), ""))
    reply = TestClient(app).get("/source/port.md")
    assert reply.status_code == 503
    assert "Still getting ready" in reply.text


@given(st.text("甲乙\n", max_size=12), st.integers(1, 14), st.text("丙\n", max_size=3))
def test_a_quote_is_found_where_it_stands_now(quoted_from: str, length: int, before: str) -> None:
    wanted, text = quoted_from[:length], before + quoted_from
    quoted = source.sha256(wanted)[: cards.SHORT_SHA]
    state, marks = source.check(document(text), "0" * 12, (0, length), quoted)
    if length <= len(quoted_from):
        assert state == "moved"
        assert text[slice(*marks[0])] == wanted
    else:
        assert (state, marks) == ("gone", [])


@given(st.integers(-3, 40), st.integers(0, 60), st.integers(0, 60))
def test_the_nearest_places_are_looked_at(count: int, middle: int, most: int) -> None:
    places = source.nearest(count, middle, most)
    assert len(places) == max(min(count, most), 0)
    assert all(0 <= place < count for place in places)
    if middle < count and most:
        assert middle in places


@pytest.mark.parametrize("length", [1, 100, 20_000, 30_000, 59_999])
def test_looking_for_a_quote_costs_little_whatever_a_link_says(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    paper = document("码" * 60_000)
    hashed = 0

    def count(text: str) -> str:
        nonlocal hashed
        hashed += len(text)
        return "0" * 64

    monkeypatch.setattr(source, "sha256", count)
    state, marks = source.check(paper, "1" * 12, (0, length), "1" * cards.SHORT_SHA)
    assert hashed <= source.MOST_WORK + len(paper.text)
    assert marks == []
    assert state == ("changed" if 100 < length < 59_000 else "gone")


def test_in_a_long_document_a_quote_is_looked_for_near_its_old_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_WORK", 80 * 100)
    quoted = source.sha256("仓库")[: cards.SHORT_SHA]
    for place, state in ((470, "moved"), (530, "moved"), (100, "changed"), (900, "changed")):
        paper = document("码" * place + "仓库" + "头" * (1000 - place))
        assert source.check(paper, "0" * 12, (500, 502), quoted)[0] == state


def test_above_the_page_stand_the_park_the_heading_and_a_way_to_ask() -> None:
    client = serve(document(OLD), root="/park", park=Park(name="试园 <b>", english_name="Test Park"))
    page = client.get(link(OLD, SHORT)).text
    bar = page[page.index("<header") : page.index("</header>")]
    assert "试园 &lt;b&gt;" in bar
    assert ">第一章 码头<" in bar
    assert bar.count('href="/park/chat/"') == 2
    assert "问更多" in bar
    without = client.get("/source/port.md").text
    assert ">码头资料</span>" in without
    assert "<header" not in client.get(f"{link(OLD, SHORT).partition('#')[0]}&part=article").text
    assert "<header" not in serve(document(OLD)).get(link(OLD, SHORT)).text


def test_a_converted_file_says_so_and_where_its_original_is() -> None:
    shown = render_source(replace(document(OLD), converted=True))
    assert "由 LibreOffice 转换后读取" in shown and "可向园区索取" in shown
    assert "LibreOffice" not in render_source(document(OLD))


def test_a_fetched_page_links_to_the_live_page_at_the_quote() -> None:
    fetched = replace(document(OLD), url="https://a.cn/port.html?a=1&b=2")
    assert 'href="https://a.cn/port.html?a=1&amp;b=2#:~:text=' in render_source(fetched, [SHORT])
    assert 'href="https://a.cn/port.html?a=1&amp;b=2"' in render_source(fetched)


def render_source(shown: Document, marks: list[tuple[int, int]] | None = None) -> str:
    return render.source(shown, marks or [], "")
