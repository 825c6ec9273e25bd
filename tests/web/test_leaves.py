"""The picture of a page: one tap from the text, at its own address, through the line, and never in the way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from apps import without_gradio
from engines import corpus as corpus_of
from papers import handbook_pdf
from parkqa.corpus.page_pictures import PagePictures
from parkqa.engine import Engine
from parkqa.settings import Settings
from parkqa.types import Block, Document, Leaf, Quote
from parkqa.web import boxes, cards, render
from parkqa.web.app import create_app
from parkqa.web.boxes import PAGES, sheets
from stubs import StubEncoder

PICTURE = b"RIFF....WEBP"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A corpus and its index, of which each test that may change them has a copy."""
    made = corpus_of(tmp_path_factory.mktemp("leaves"), 食堂_md="# 食堂\n\n食堂在一楼。\n")
    (made.corpus / "投资 手册.pdf").write_bytes(handbook_pdf())
    Engine.build(made, encoder=StubEncoder())
    return made


@pytest.fixture
def settings(built: Settings, tmp_path: Path) -> Settings:
    folders = {name: tmp_path / name for name in ("corpus", "index")}
    for name, folder in folders.items():
        shutil.copytree(getattr(built, name), folder)
    return built.model_copy(update={**folders, "cache": tmp_path / "cache"})


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return Engine.open(settings, StubEncoder())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which pages were drawn."""
    drawn: list[int] = []

    def draw(self: PagePictures, document: Document, leaf: Leaf, source: Path | None) -> bytes | None:
        drawn.append(leaf.number)
        return PICTURE

    monkeypatch.setattr(PagePictures, "_made", draw)
    return drawn


@contextmanager
def served(settings: Settings, engine: Engine, rate: str = "") -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        without_gradio(patch)
        app = create_app(settings.model_copy(update={"rate": rate}), lambda: engine)
        with TestClient(app) as client:
            yield client


@pytest.fixture
def client(settings: Settings, engine: Engine, asked: list[int]) -> Iterator[TestClient]:
    with served(settings, engine) as made:
        yield made


def link(engine: Engine, words: str) -> str:
    passage = next(passage for passage in engine.store.passages if words in passage.text)
    document = engine.documents[passage.document]
    quote = Quote(
        passage.text, document.path, "", passage.start, passage.end, document.sha256, "", 1, 1.0, passage.spans
    )
    return cards.source_link(quote).split("#")[0]


def pictures(html: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'<img src="([^"]+)"', html)]


def test_the_source_offers_the_page_and_its_boxes_and_loads_nothing_before_it_is_asked(
    client: TestClient, engine: Engine, asked: list[int]
) -> None:
    html = client.get(link(engine, "园区地处长江北岸")).text
    (address,) = pictures(html)
    assert '<details class="pq-leaves">' in html and 'loading="lazy"' in html and not asked
    assert len(re.findall("<rect", html)) == 2  # a box a line
    reply = client.get(address)
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (200, PICTURE, "image/webp")
    assert "max-age" in reply.headers["cache-control"]
    client.get(address)
    assert asked == [1]


@pytest.mark.slow
def test_a_quote_over_two_pages_shows_both(client: TestClient, engine: Engine) -> None:
    html = client.get(link(engine, "园区设立十亿元产业基金")).text
    assert [address[-1] for address in pictures(html)] == ["1", "2"]


@pytest.mark.slow
def test_text_without_pages_and_links_without_a_quote_show_none(client: TestClient, engine: Engine) -> None:
    assert not pictures(client.get(link(engine, "食堂在一楼")).text)
    assert not pictures(client.get(link(engine, "园区地处长江北岸").split("?")[0]).text)


@pytest.mark.slow
def test_where_the_file_is_gone_nothing_is_offered(client: TestClient, engine: Engine, settings: Settings) -> None:
    address = link(engine, "园区地处长江北岸")
    (settings.corpus / "投资 手册.pdf").unlink()
    reply = client.get(address)
    assert "园区地处长江北岸" in reply.text and not pictures(reply.text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", ["", "?v={}&n=9", "?v={}&n=x", "?v={}", "?v=" + "0" * 16 + "&n=1", "?n=1", "?v=&n=1", "?v={}&n=1%00"]
)
def test_what_is_no_page_is_one_sentence(client: TestClient, engine: Engine, asked: list[int], query: str) -> None:
    version = engine.documents["投资 手册.pdf"].file[:16]
    reply = client.get(f"/leaves/投资 手册.pdf{query.format(version)}")
    assert reply.status_code == 404 and "看不到" in reply.json()["error"] and not asked
    assert client.get(f"/leaves/没有.pdf?v={version}&n=1").status_code == 404


@pytest.mark.slow
def test_a_page_that_cannot_be_drawn_is_said(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PagePictures, "_made", lambda *_: None)
    (address,) = pictures(client.get(link(engine, "园区地处长江北岸")).text)
    assert client.get(address).status_code == 404


@pytest.mark.slow
def test_pictures_are_limited_like_questions(settings: Settings, engine: Engine, asked: list[int]) -> None:
    version = engine.documents["投资 手册.pdf"].file[:16]
    with served(settings, engine, "2/hour") as client:
        statuses = [client.get(f"/leaves/投资 手册.pdf?v={version}&n=1").status_code for _ in range(3)]
    assert statuses[-1] == 429


def test_a_recognised_quote_shows_its_page_at_once() -> None:
    leaf = Leaf(1, 595, 842, confidence=0.99, lines=(0, 6, 72, 90, 200, 104))
    document = Document("a.png", "通知", "限高2.1米", "", (), recognized=((0, 6),), leaves=(leaf,))
    document = replace(document, blocks=(Block("paragraph", 0, 0, 6),))
    looks = [(sheet, "/leaves/a.png") for sheet in sheets(document, [(0, 6)])]
    assert '<details class="pq-leaves" open>' in render.source(document, [(0, 6)], "same", looks=looks)


def test_boxes_cover_the_share_of_a_line_and_only_a_few_pages() -> None:
    leaves = tuple(Leaf(n, 595, 842, lines=(10 * n, 10, 100, 50, 200, 60)) for n in range(9))
    document = Document("a.pdf", "", "", "", (), leaves=leaves)
    found = sheets(document, [(5, 90)])
    assert [sheet.leaf.number for sheet in found] == list(range(PAGES))
    margin = boxes.MARGIN
    assert found[0].boxes == ((150 - margin, 50 - margin, 50 + 2 * margin, 10 + 2 * margin),)
    assert found[1].boxes == ((100 - margin, 50 - margin, 100 + 2 * margin, 10 + 2 * margin),)
    assert sheets(document, []) == () == sheets(document, [(90, 95)])
