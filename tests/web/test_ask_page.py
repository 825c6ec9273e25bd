"""``GET /ask``: the answers as pages for those without scripts, in the line and counted as all others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from apps import serving
from parkqa.engine import Engine
from parkqa.errors import IndexMissing
from parkqa.journal.entries import read
from parkqa.query.request import LONGEST
from parkqa.web.serving.question_queue import QuestionQueue

QUESTION = "江阴经济开发区靖江园区正式成立"
QUOTED = "2003年8月29日,江阴经济开发区靖江园区正式成立。"


def fails() -> Engine:
    raise IndexMissing("还没有索引。", "There is no index yet.")


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    with serving(lambda: engine) as started:
        yield started


def text(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


def test_a_question_is_answered_with_the_card_of_the_chat_page(client: TestClient) -> None:
    reply = client.get("/ask", params={"q": QUESTION})
    assert reply.status_code == 200
    assert QUOTED in text(reply.text)
    assert 'class="pq-card pq-first"' in reply.text
    assert "<script" not in reply.text
    assert f'value="{QUESTION}"' in reply.text


def test_what_the_documents_do_not_say_is_refused(client: TestClient) -> None:
    assert "没有写到" in text(client.get("/ask", params={"q": "食堂晚饭几点开？"}).text)


def test_without_a_question_the_page_asks(client: TestClient, engine: Engine) -> None:
    for query in ("", "?q=", "?q=%20"):
        html = client.get(f"/ask{query}").text
        assert all(f'value="{each}"' in html for each in engine.suggestions)
        assert "pq-turn" not in html


@pytest.mark.parametrize(
    ("accept", "words"),
    [("en", "Reference translation"), ("zh-TW", "與原文逐字一致"), ("zh-CN", "与原文逐字一致")],
)
def test_the_page_speaks_the_readers_language(client: TestClient, accept: str, words: str) -> None:
    asked = "Milestones 29 August 2003 Jingjiang Park formally established" if accept == "en" else QUESTION
    assert words in client.get("/ask", params={"q": asked}, headers={"Accept-Language": accept}).text
    assert words in client.get("/ask", params={"q": asked, "lang": accept}).text


def test_literal_takes_the_question_as_it_stands(client: TestClient) -> None:
    assert "data-literal" in client.get("/ask", params={"q": "园曲的荣誉"}).text
    assert "data-literal" not in client.get("/ask", params={"q": "园曲的荣誉", "literal": "1"}).text


@pytest.mark.parametrize("question", ["问" * (LONGEST + 1), "\x00"])
def test_a_bad_question_is_refused_on_a_page(client: TestClient, question: str) -> None:
    reply = client.get("/ask", params={"q": question})
    assert reply.status_code == 422
    assert reply.headers["content-type"].startswith("text/html")
    assert "请" in text(reply.text)


def test_hostile_words_stay_words(client: TestClient) -> None:
    html = client.get("/ask", params={"q": '"><script>alert(1)</script>${1}{{7*7}}'}).text
    assert "<script>alert" not in html
    assert "{{7*7}}" in html


def test_without_an_engine_the_reason_is_said() -> None:
    with serving(fails) as client:
        reply = client.get("/ask", params={"q": QUESTION})
        assert client.get("/ask").status_code == 200
    assert reply.status_code == 503
    assert "There is no index yet." in reply.text


def test_it_waits_in_the_line_of_all_questions(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[object] = []
    run = QuestionQueue.run

    async def watched(self: QuestionQueue, *call: object) -> object:
        waited.append(call)
        return await run(self, *call)  # type: ignore[arg-type]

    monkeypatch.setattr(QuestionQueue, "run", watched)
    client.get("/ask", params={"q": QUESTION})
    assert len(waited) == 1


def test_it_is_counted_with_all_questions(engine: Engine) -> None:
    with serving(lambda: engine, rate="2/hour") as client:
        statuses = [client.get("/ask", params={"q": QUESTION}).status_code for _ in range(2)]
        statuses.append(client.post("/api/ask", json={"question": QUESTION}).status_code)
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("headers", "recorded"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Referer": "https://elsewhere.example/"}, False),
        ({"Referer": "http://testserver/ask"}, True),
        ({"Referer": "http://testserver:80/ask"}, True),
        ({"Referer": "http://["}, False),
        ({"Referer": "http://testserver@elsewhere.example/"}, False),
        ({"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}, False),
        ({"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "Referer": "http://testserver/ask"}, True),
    ],
)
def test_what_another_site_links_to_is_not_recorded(
    engine: Engine, tmp_path: Path, headers: dict[str, str], recorded: bool
) -> None:
    journal = tmp_path / "journal.db"
    with serving(lambda: engine, journal=journal) as client:
        assert client.get("/ask", params={"q": QUESTION}, headers=headers).status_code == 200
    assert [entry.question for entry in read(journal)] == [QUESTION] * recorded
