"""A question from a page and its answer as HTML: validated, recorded, in the line, and nothing kept."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from apps import serving
from parkqa.engine import Engine
from parkqa.errors import IndexMissing, StoreUnavailable
from parkqa.query.request import HISTORY, LONGEST
from parkqa.web.conversation import read_page_request
from parkqa.web.middleware.security import BODY_LIMIT
from parkqa.web.paths import CONVERSATION
from parkqa.web.serving.question_queue import QuestionQueue
from waiting import PATIENCE

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEXT = st.text(st.characters(), max_size=30)
"""Halves of surrogate pairs included."""
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "question": TEXT | JUNK,
        "literal": st.booleans() | JUNK,
        "history": st.lists(TEXT, max_size=25) | JUNK,
        "id": JUNK,
        "mode": JUNK,
        "conversation": TEXT | JUNK,
    },
)


def fails() -> Engine:
    raise IndexMissing("还没有索引。", "There is no index yet.")


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    with serving(lambda: engine) as started:
        yield started


def post(client: TestClient, question: object, history: object = (), **more: object) -> httpx2.Response:
    return client.post(CONVERSATION, json={"question": question, "history": history, **more})


def ask(client: TestClient, question: str, history: object = (), **more: object) -> tuple[str, list[str]]:
    """Ask as the page does; return the HTML, and the questions so far."""
    reply = post(client, question, history, **more)
    assert reply.status_code == 200, reply.text
    return reply.json()["html"], reply.json()["history"]


def refused(reply: httpx2.Response, status: int) -> str:
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]
    return str(reply.json()["error"])


def test_a_question_is_answered_by_a_card_and_remembered(client: TestClient) -> None:
    html, asked = ask(client, "江阴经济开发区靖江园区正式成立")
    assert "2003年8月29日,江阴经济开发区靖江园区正式成立。" in re.sub("<[^>]*>", "", html)
    assert asked == ["江阴经济开发区靖江园区正式成立"]


def test_a_refused_question_is_part_of_the_conversation(client: TestClient) -> None:
    html, asked = ask(client, "食堂晚饭几点开？", ["园区的荣誉有哪些？"])
    assert "pq-no" in html
    assert asked == ["园区的荣誉有哪些？", "食堂晚饭几点开？"]


def test_the_conversation_is_the_pages_to_keep(client: TestClient) -> None:
    _, asked = ask(client, "2009年园区获评什么？")
    html, asked = ask(client, "2014年呢？", asked)
    assert "2014年园区获评什么?" in html
    assert asked == ["2009年园区获评什么？", "2014年呢？"]
    assert "2014年园区获评什么?" not in ask(client, "2014年呢？")[0]


def test_undo_takes_the_question_as_it_stands(client: TestClient) -> None:
    assert "data-literal" in ask(client, "园曲的荣誉")[0]
    assert "data-literal" not in ask(client, "园曲的荣誉", literal=True)[0]


def test_only_the_last_questions_are_kept(client: TestClient) -> None:
    earlier = [f"问题{number}" for number in range(HISTORY + 5)]
    assert ask(client, "园区", earlier)[1] == [*earlier[-HISTORY + 1 :], "园区"]


def test_only_the_stand_gets_a_code(client: TestClient) -> None:
    question = "江阴经济开发区靖江园区正式成立"
    assert "pq-qr" in ask(client, question, mode="event")[0]
    for mode in ("widget", "chat", None, 7, "kiosk"):
        assert "pq-qr" not in ask(client, question, mode=mode)[0]


@pytest.mark.parametrize("question", ["", " \n", "\x00", "问" * (LONGEST + 1), None, 7, ["园区"], {"question": "x"}])
def test_a_bad_question_is_refused_in_words(client: TestClient, question: object) -> None:
    refused(post(client, question), 422)


@pytest.mark.parametrize("history", ["园区", 7, {"园区": 1}, [7], [None], ["园区", ["园区"]]])
def test_a_conversation_that_is_none_is_refused(client: TestClient, history: object) -> None:
    assert "history" in refused(post(client, "园区", history), 422)


@pytest.mark.parametrize("body", ["", "园区", "[]", "null", "{", "[" * 60_000, '{"question": "\\ud800"}', "\ud800"])
def test_what_is_no_request_is_refused(client: TestClient, body: str) -> None:
    refused(client.post(CONVERSATION, content=body.encode("utf-8", "surrogatepass")), 422)


@pytest.mark.slow
@given(MESSAGE | JUNK)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_posted_is_answered_or_refused_in_words(client: TestClient, message: Any) -> None:
    reply = client.post(CONVERSATION, content=json.dumps(message))
    said = reply.json()
    assert (reply.status_code, list(said)) in ((200, ["html", "history"]), (422, ["error"]))
    assert len(said.get("history", ())) <= HISTORY


def test_the_longest_conversation_of_a_page_is_taken_and_what_is_larger_is_not(client: TestClient) -> None:
    longest = {"question": "问" * LONGEST, "history": ["园" * LONGEST] * HISTORY, "conversation": "c" * 24}
    body = json.dumps(longest)
    assert len(body) < BODY_LIMIT
    assert client.post(CONVERSATION, content=body).status_code == 200
    refused(client.post(CONVERSATION, content=body + " " * BODY_LIMIT), 413)


def test_the_name_of_a_conversation_is_cut() -> None:
    assert read_page_request(json.dumps({"question": "x", "conversation": "c" * 999}).encode()).conversation == "c" * 64
    assert read_page_request(json.dumps({"question": "x", "conversation": 7}).encode()).conversation == ""


def test_a_crash_is_not_told_to_visitors(client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(engine, "ask", crash)
    assert "secret" not in refused(post(client, "园区"), 500)


def test_a_store_that_is_away_is_asked_again(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("数据库没有连上。", "No connection to the database.")

    monkeypatch.setattr(engine, "ask", away)
    reply = post(client, "园区")
    assert refused(reply, 503).startswith("资料暂时查不了，请稍后再试。")
    assert "数据库没有连上" in caplog.text
    assert reply.headers["retry-after"] == "5"


def test_without_an_engine_the_reason_is_said_and_nobody_comes_back_for_it() -> None:
    with serving(fails) as client:
        reply = post(client, "园区")
    assert "There is no index yet." in refused(reply, 503)
    assert "retry-after" not in reply.headers


def test_while_the_engine_loads_the_page_is_told_to_come_back_and_nothing_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QuestionQueue, "run", lambda *_: pytest.fail("it has taken a place in the queue"))
    with serving(fails, loads=False) as client:
        replies = [post(client, "园区") for _ in range(40)]
    assert all("Still getting ready" in refused(reply, 503) for reply in replies)
    assert {reply.headers["retry-after"] for reply in replies} == {"5"}


def test_pages_and_programs_wait_in_one_line(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, asking, ask_engine = threading.Event(), threading.Event(), engine.ask

    def slowly(*asked: Any, **options: Any) -> Any:
        asking.set()
        assert gate.wait(PATIENCE)
        return ask_engine(*asked, **options)

    monkeypatch.setattr(engine, "ask", slowly)
    with serving(lambda: engine, concurrency=1, queue=0) as client, ThreadPoolExecutor(1) as people:
        first = people.submit(client.post, "/api/ask", json={"question": "园区"})
        assert asking.wait(PATIENCE)
        reply = post(client, "园区")
        gate.set()
        assert first.result().status_code == 200
    assert "现在人多，请稍候" in refused(reply, 503)
    assert reply.headers["retry-after"] == "5"
