"""What the web face records: questions with how they were asked, and 有用 or 没用 with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import waiting
from apps import serving
from parkqa.corpus.curation.park import Park
from parkqa.engine import Engine
from parkqa.journal.entries import Entry, read
from parkqa.journal.recorder import Recorder
from parkqa.web import render, turns
from parkqa.web.paths import CONVERSATION

FOUNDED = "江阴经济开发区靖江园区正式成立"
Wait = Callable[[Callable[[list[Entry]], bool]], list[Entry]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def wait(place: Path) -> Wait:
    """Wait until the journal is as told."""

    def until(true: Callable[[list[Entry]], bool]) -> list[Entry]:
        waiting.until(lambda: place.exists() and true(read(place)))
        return read(place)

    return until


@pytest.fixture
def client(engine: Engine, place: Path) -> Iterator[TestClient]:
    """A server that keeps a journal at ``place``; without Gradio."""
    with serving(lambda: engine, journal=place) as started:
        yield started


def ask(client: TestClient, question: str = FOUNDED) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/api/ask", json={"question": question}).json()
    return answer


def test_what_is_asked_of_the_api_is_recorded(client: TestClient, wait: Wait) -> None:
    answer = ask(client)
    (made,) = wait(lambda held: len(held) == 1)
    assert made.id == answer["answer_id"]
    assert (made.mode, made.question, made.kind) == ("api", FOUNDED, answer["kind"])
    shown = answer["quotes"] or answer["related"]
    assert [cited.text for cited in made.quotes or made.related] == [quote["text"] for quote in shown]


def test_feedback_is_kept_with_the_answer_and_the_last_word_counts(client: TestClient, wait: Wait) -> None:
    name = ask(client)["answer_id"]
    for said in ({"liked": True}, {"liked": False}, {"liked": False, "reason": "  打13812345678问的不是这个 "}):
        reply = client.post("/api/feedback", json={"answer_id": name} | said)
        assert (reply.status_code, reply.json()) == (200, {"recorded": True})
    (made,) = wait(lambda held: bool(held and held[0].reason))
    assert (made.liked, made.reason) == (False, "打〔电话〕问的不是这个")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b'{"answer_id": "a"}',
        b'{"answer_id": 1, "liked": true}',
        b'{"answer_id": "a", "liked": 1}',
        b'{"answer_id": "a", "liked": true, "reason": 7}',
    ],
)
def test_feedback_of_another_form_is_refused(client: TestClient, body: bytes) -> None:
    reply = client.post("/api/feedback", content=body)
    assert reply.status_code == 422
    assert " / " in reply.json()["error"]


def test_odd_feedback_breaks_nothing(client: TestClient, wait: Wait, caplog: pytest.LogCaptureFixture) -> None:
    odd = {"answer_id": "\ud800'; DROP TABLE asked; --", "liked": True, "reason": "\ud800" * 9000}
    assert client.post("/api/feedback", content=json.dumps(odd)).status_code == 200
    ask(client)
    wait(lambda held: len(held) == 1)
    assert caplog.records == []


def test_what_is_no_number_of_an_answer_waits_for_no_disk(
    client: TestClient, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand of these would take 60 MB while the journal cannot be written."""
    answer = ask(client)
    wait(lambda held: len(held) == 1)
    judged: list[str] = []
    monkeypatch.setattr(Recorder, "judge", lambda _, answer_id, *more: judged.append(answer_id))
    for answer_id in (answer["answer_id"], answer["answer_id"] + "x", "a" * 60_000):
        assert client.post("/api/feedback", json={"answer_id": answer_id, "liked": True}).status_code == 200
    assert judged == [answer["answer_id"]]


def test_without_a_journal_it_is_said_that_nothing_was_recorded(engine: Engine) -> None:
    with serving(lambda: engine, journal="none") as client:
        assert ask(client)
        reply = client.post("/api/feedback", json={"answer_id": "a", "liked": True})
    assert reply.json() == {"recorded": False}


@pytest.mark.slow
def test_a_journal_that_cannot_be_written_is_said_and_stops_no_answer(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with serving(lambda: engine, journal=tmp_path / "file" / "journal.db") as client:
        waiting.until(lambda: "journal" in client.get("/readyz").json())
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert "PARKQA_JOURNAL" in ready.json()["journal"]
        assert ask(client)["answer_id"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "mode"), [("event", "event"), ("widget", "widget"), (None, "chat"), ("api", "chat"), ([1], "chat")]
)
def test_the_page_records_its_mode_and_its_conversation(
    engine: Engine, place: Path, wait: Wait, said: Any, mode: str
) -> None:
    past: list[str] = []
    with serving(lambda: engine, journal=place) as client:
        for question, conversation in ((FOUNDED, "aa"), ("食堂晚饭几点开？", "aa"), ("园区的荣誉有哪些？", "bb")):
            message = {"question": question, "history": past, "mode": said, "conversation": conversation}
            reply = client.post(CONVERSATION, json=message).json()
            assert "pq-me" in reply["html"]
            past = reply["history"]
    first, second, third = wait(lambda held: len(held) == 3)
    assert {first.mode, second.mode, third.mode} == {mode}
    assert first.conversation == second.conversation != third.conversation


def test_buttons_stand_on_the_first_quote_and_only_where_feedback_is_kept(engine: Engine) -> None:
    found = replace(engine.ask(FOUNDED), kind="answer", related=())
    shown = engine.ask(FOUNDED)
    found = replace(found, quotes=shown.quotes or shown.related)
    html = turns.turn(found, Park(), {}, turns.Links(), judged=True)
    assert html.count(f'data-answer="{found.answer_id}"') == 1
    assert re.findall(r'data-judge="(\d)"', html) == ["1", "0"]
    assert html.index("data-judge") < html.index("</article>")
    assert "data-judge" not in turns.turn(found, Park(), {}, turns.Links())


def test_the_page_says_that_questions_are_recorded_when_they_are() -> None:
    assert "问题会被记录以改进问答，不含个人信息" in render.shell(Park(), recorded=True)
    assert "pq-recorded" not in render.shell(Park())
