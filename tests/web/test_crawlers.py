"""Search engines: kept from the source pages by default, shown each document once where the office wants it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from apps import without_gradio
from engines import corpus
from parkqa.engine import Engine
from parkqa.errors import ParkqaError, SettingsError
from parkqa.settings import load_settings
from parkqa.web.app import create_app
from parkqa.web.pages import crawlers
from parkqa.web.serving.loader import Loader
from stubs import StubEncoder

PUBLIC = "https://p.cn"
PAPERS = {
    "租金_md": "# 租金\n\n厂房租金每平方米每月18元。\n",
    "内部_md": "---\nstaff_only: true\n---\n# 内部\n\n底价每平方米每月12元。\n",
}
Serve = Callable[..., TestClient]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Return what makes a client of a server with these settings; it ends with the test."""
    without_gradio(monkeypatch)
    made = corpus(tmp_path, **PAPERS)
    Engine.build(made, encoder=StubEncoder())

    def client(**settings: object) -> TestClient:
        chosen = made.model_copy(update={"journal": None, "public_url": PUBLIC, **settings})
        return stack.enter_context(TestClient(create_app(chosen, lambda: Engine.open(chosen, StubEncoder())), PUBLIC))

    with ExitStack() as stack:
        yield client


def rules(client: TestClient) -> RobotFileParser:
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt").text.splitlines())
    return parser


def canonical(html: str) -> list[str]:
    return re.findall(r'<link rel="canonical" href="([^"]*)">', html)


def test_by_default_source_pages_are_kept_from_search_engines(serve: Serve) -> None:
    client = serve()
    assert not rules(client).can_fetch("AnyBot", f"{PUBLIC}/source/租金.md")
    assert rules(client).can_fetch("AnyBot", f"{PUBLIC}/chat/")
    assert rules(client).site_maps() is None
    assert client.get("/source/租金.md").headers["x-robots-tag"] == "noindex"
    assert client.get("/sitemap.xml").status_code == 404


def test_where_the_office_wants_it_each_document_for_visitors_is_listed(serve: Serve) -> None:
    client = serve(indexable=True)
    assert rules(client).can_fetch("AnyBot", f"{PUBLIC}/source/租金.md")
    assert rules(client).site_maps() == [f"{PUBLIC}/sitemap.xml"]
    for path in ("/ask?q=租金", "/api/docs", "/desk/", "/leaves/租金.pdf", "/event", "/metrics"):
        assert not rules(client).can_fetch("AnyBot", f"{PUBLIC}{path}")
    listed = re.findall("<loc>(.*?)</loc>", client.get("/sitemap.xml").text)
    assert listed == [f"{PUBLIC}/source/%E7%A7%9F%E9%87%91.md"]
    page = client.get(listed[0])
    assert "x-robots-tag" not in page.headers
    assert canonical(page.text) == listed


def test_every_link_to_a_quote_of_a_document_has_one_canonical_address(serve: Serve) -> None:
    client = serve()
    plain = canonical(client.get("/source/租金.md").text)
    assert plain == canonical(client.get("/source/租金.md?v=0123456789ab&start=1&end=5").text)
    assert not canonical(client.get("/source/nothing.md").text)


def test_without_a_public_address_no_page_claims_one(serve: Serve) -> None:
    client = serve(public_url="", hosts=("p.cn",))
    assert not canonical(client.get("/source/租金.md").text)
    with pytest.raises(SettingsError, match="PARKQA_PUBLIC_URL"):
        load_settings(indexable=True)
    assert load_settings(indexable=True, public_url=PUBLIC).indexable


def test_a_large_corpus_is_listed_in_parts(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawlers, "MOST_ADDRESSES", 1)
    client = serve(indexable=True)
    assert "<urlset" in client.get("/sitemap.xml").text
    assert client.get("/sitemap.xml?part=1").text == client.get("/sitemap.xml").text
    assert client.get("/sitemap.xml?part=2").status_code == 404
    assert client.get("/sitemap.xml?part=x").status_code == 422


def test_before_the_engine_is_ready_it_says_so() -> None:
    def fails() -> Engine:
        raise ParkqaError("没有索引", "no index")

    app = FastAPI()
    app.include_router(crawlers.router(Loader(fails), "", PUBLIC, indexable=True))
    response = TestClient(app).get("/sitemap.xml")
    assert response.status_code == 503
    assert "<" not in response.text
