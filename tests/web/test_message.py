"""Leaving a message: off unless the park wants it, kept before it is acknowledged, and nothing of it but text."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from apps import serving, without_gradio
from engines import corpus, opened
from parkqa.corpus.curation.park import load_park
from parkqa.engine import Engine
from parkqa.errors import ParkFileError
from parkqa.journal import entries, messages, sqlite_file
from parkqa.journal.messages import Message
from parkqa.settings import load_settings
from parkqa.web.app import create_app
from parkqa.web.pages import message
from parkqa.web.serving import letterbox
from waiting import until

PARK = "name: 某园区\ncontact: 0510-86001234\nmessages: true\n"
TEXT = "# 租金\n\n3号楼的租金是每平方米每月20元。\n"
REFUSED = "食堂晚饭几点开？"
FORM = {"question": REFUSED, "name": "王先生", "contact": "wang@example.cn", "consent": "yes", "token": "1"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return opened(corpus(tmp_path_factory.mktemp("park"), park_yaml=PARK, a_md=TEXT))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "messages.db"


@pytest.fixture
def client(engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    without_gradio(monkeypatch)
    monkeypatch.setattr(message, "RATE", "")
    settings = load_settings(corpus=engine_corpus(engine), messages=file, messages_days=30, hosts=["testserver"])
    with TestClient(create_app(settings, lambda: engine), follow_redirects=False) as started:
        yield started


def engine_corpus(engine: Engine) -> Path:
    return engine.settings.corpus


def text(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def fields(html: str) -> dict[str, str]:
    """What the form of a page would send, as it stands."""
    form = BeautifulSoup(html, "html.parser").select_one("form.pq-message-form")
    assert form and form["method"] == "post"
    found = {str(each["name"]): str(each.get("value", "")) for each in form.select("input:not([type=checkbox])")}
    area = form.select_one("textarea")
    assert area
    return found | {"question": area.get_text().strip()}


def test_it_is_off_by_default(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = corpus(tmp_path, park_yaml="name: 某园区\n", a_md=TEXT)
    closed = opened(settings)
    without_gradio(monkeypatch)
    with TestClient(create_app(settings.model_copy(update={"messages": tmp_path / "m.db"}), lambda: closed)) as client:
        assert client.get("/message").status_code == 404
        assert client.post("/message", data=FORM).status_code == 404
        html = client.get("/ask", params={"q": REFUSED}).text
        turn = client.post("/conversation/ask", json={"question": REFUSED}).json()["html"]
    assert "pq-no" in html and "message" not in html
    assert "pq-no" in turn and "message" not in turn
    assert not (tmp_path / "m.db").exists()


def test_a_park_that_takes_messages_must_say_whom_to_ask(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").write_text("name: 某园区\nmessages: true\n", encoding="utf-8")
    with pytest.raises(ParkFileError, match="contact") as caught:
        load_park(tmp_path)
    assert caught.value.line == 2
    (tmp_path / "park.yaml").write_text("messages: yes\n", encoding="utf-8")
    with pytest.raises(ParkFileError, match="messages 应写成 true 或 false"):
        load_park(tmp_path)


def test_the_form_says_what_for_how_long_and_whom_to_ask(client: TestClient) -> None:
    said = text(client.get("/message", params={"q": REFUSED}).text)
    assert "只用来回答这个问题" in said and "最多 30 天" in said and "备份" in said and "0510-86001234" in said
    english = text(client.get("/message", headers={"Accept-Language": "en"}).text)
    assert "30 days at most" in english and "0510-86001234" in english
    assert "園區辦公室" in text(client.get("/message", params={"lang": "zh-TW"}).text)


def test_without_scripts_a_refusal_has_the_form_and_what_is_sent_is_kept(client: TestClient, file: Path) -> None:
    page = client.get("/ask", params={"q": REFUSED}).text
    assert 'href="#message"' in page and "<script" not in page
    sent = fields(page) | {"contact": "13912345678", "consent": "yes"}
    assert sent["question"] == REFUSED
    reply = client.post("/message", data=sent)
    (kept,) = messages.read(file)
    assert reply.status_code == 200 and kept.number in reply.text
    assert (kept.question, kept.name, kept.contact, kept.state) == (REFUSED, "", "13912345678", "new")
    assert (kept.mode, kept.language) == ("chat", "zh")
    # Nothing of what was written is shown again, or kept by a cache.
    assert "13912345678" not in reply.text and REFUSED not in reply.text
    assert reply.headers["cache-control"] == "no-store"


def test_an_answer_has_a_way_to_the_form_and_no_form(client: TestClient) -> None:
    page = client.get("/ask", params={"q": "3号楼的租金"}).text
    assert "pq-first" in page and 'href="/message?lang=' in page and "pq-message-form" not in page


def test_the_turn_of_a_refusal_leads_to_the_form_with_its_question(client: TestClient) -> None:
    html = client.post("/conversation/ask", json={"question": REFUSED}).json()["html"]
    link = BeautifulSoup(html, "html.parser").select_one("[data-message]")
    assert link and link["data-message"] == REFUSED
    assert fields(client.get(str(link["href"])).text)["question"] == REFUSED


def test_the_same_form_sent_twice_is_one_message_and_one_written_anew_another(client: TestClient, file: Path) -> None:
    for more in ({}, {}, {"contact": "13912345678"}):
        assert client.post("/message", data=FORM | more).status_code == 200
    assert sorted(each.contact for each in messages.read(file)) == ["13912345678", "wang@example.cn"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"consent": ""}, "同意"),
        ({"question": " \n"}, "请写下您的问题"),
        ({"contact": "\u3000 "}, "请写下怎么联系您"),
        ({"question": "问" * 501}, "问题最多 500 个字"),
        ({"name": "王" * 61}, "称呼最多 60 个字"),
        ({"contact": "1" * 121}, "联系方式最多 120 个字"),
    ],
)
def test_what_is_not_filled_in_is_said_and_what_was_is_still_there(
    client: TestClient, file: Path, more: dict[str, str], words: str
) -> None:
    given = FORM | more
    reply = client.post("/message", data=given)
    assert reply.status_code == 422
    assert words in text(reply.text)
    assert {name: fields(reply.text)[name] for name in ("question", "name", "contact", "token")} == {
        "question": given["question"].strip(),
        "name": given["name"],
        "contact": given["contact"],
        "token": "1",
    }
    assert not file.exists()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"&" * 5000, b"a=%ff"])
def test_what_is_no_form_is_refused(client: TestClient, file: Path, body: bytes) -> None:
    assert client.post("/message", content=body).status_code == 422
    assert not file.exists()


def test_more_than_a_form_can_hold_is_refused(client: TestClient) -> None:
    assert client.post("/message", content=b"question=" + b"1" * 70_000).status_code == 413


def test_markup_and_control_characters_stay_text(client: TestClient, file: Path) -> None:
    nasty = '<a href="https://evil.example">x</a>\x1b[31m\x00{{7*7}} https://evil.example'
    page = client.post("/message", data=FORM | {"question": nasty, "consent": ""}).text
    assert '<a href="https://evil' not in page and "&lt;a href=" in page and "{{7*7}}" in page
    client.post("/message", data=FORM | {"question": nasty, "name": "\ud800".encode("utf-8", "surrogatepass")})
    (kept,) = messages.read(file)
    assert kept.question == nasty.replace("\x1b", "").replace("\x00", "")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_pages_of_other_sites_can_leave_none(client: TestClient, file: Path, headers: dict[str, str]) -> None:
    assert client.post("/message", data=FORM, headers=headers).status_code == 403
    assert not file.exists()


def test_one_address_is_throttled_and_its_form_is_not_lost(
    engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_gradio(monkeypatch)
    monkeypatch.setattr(message, "RATE", "2/hour")
    settings = load_settings(corpus=engine_corpus(engine), messages=file)
    with TestClient(create_app(settings, lambda: engine)) as client:
        replies = [client.post("/message", data=FORM | {"token": str(n)}) for n in range(3)]
    assert [each.status_code for each in replies] == [200, 200, 429]
    assert int(replies[2].headers["retry-after"]) > 0
    assert fields(replies[2].text)["contact"] == FORM["contact"]
    assert len(messages.read(file)) == 2


def test_what_cannot_be_kept_is_not_acknowledged_and_readyz_says_why(
    client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/message", data=FORM)
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        reply = client.post("/message", data=FORM | {"token": "2"})
    assert reply.status_code == 503
    assert "没有存上" in text(reply.text) and str(file) not in reply.text
    assert fields(reply.text)["contact"] == FORM["contact"]
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready" and "locked" in ready["messages"] and str(file.parent) not in ready["messages"]
    assert client.post("/message", data=FORM | {"token": "2"}).status_code == 200
    assert "messages" not in client.get("/readyz").json()
    assert len(messages.read(file)) == 2


def test_a_full_box_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST", 0)
    reply = client.post("/message", data=FORM)
    assert reply.status_code == 503 and "满了" in text(reply.text)


def test_scripts_get_the_form_alone(client: TestClient) -> None:
    form = client.get("/message", params={"part": "form", "q": REFUSED, "mode": "widget"}).text
    assert form.lstrip().startswith("<form") and fields(form)["mode"] == "widget"
    kept = client.post("/message", data=FORM | {"part": "form", "lang": "en"}).text
    assert kept.lstrip().startswith("<div") and "Your message has been kept" in kept


def test_at_a_stand_a_code_leads_phones_to_the_form(
    engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_gradio(monkeypatch)
    settings = load_settings(corpus=engine_corpus(engine), messages=file, public_url="https://park.example")
    made: list[str] = []
    monkeypatch.setattr(message, "svg", lambda url: made.append(url) or "")  # type: ignore[func-returns-value]
    with TestClient(create_app(settings, lambda: engine)) as client:
        for question, mode in ((REFUSED, "event"), ("问" * 400, "event"), (REFUSED, "chat")):
            client.get("/message", params={"part": "form", "q": question, "mode": mode})
        assert fields(client.get(made[0].removeprefix("https://park.example")).text)["question"] == REFUSED
    assert made[0].startswith("https://park.example/message?lang=zh-CN&q=%E9")
    assert made[1:] == ["https://park.example/message?lang=zh-CN"]


def test_what_is_old_goes_when_the_server_starts_also_where_none_are_taken(tmp_path: Path, engine: Engine) -> None:
    file = tmp_path / "m.db"
    for number, days in ((1, 10), (2, 40)):
        at = entries.stamp(datetime.now(UTC) - timedelta(days=days))
        messages.leave(file, Message(f"{number:032x}", at, "zh", "chat", "问", "", "电话"))
    with serving(lambda: engine, messages=file, messages_days=30) as client:
        client.get("/healthz")
        until(lambda: len(messages.read(file)) == 1)
    assert [each.id for each in messages.read(file)] == [f"{1:032x}"]


def test_a_clock_that_is_ahead_is_named(tmp_path: Path, engine: Engine) -> None:
    file = tmp_path / "m.db"
    at = entries.stamp(datetime.now(UTC) - timedelta(days=3000))
    messages.leave(file, Message("1" * 32, at, "zh", "chat", "问", "", "电话"))
    box = letterbox.Letterbox(load_settings(messages=file), lambda: engine.park)
    box.tidy()
    assert box.fault and "时钟" in str(box.fault)
    assert len(messages.read(file)) == 1


def test_nothing_of_a_message_is_in_the_journal(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_gradio(monkeypatch)
    settings = load_settings(corpus=engine_corpus(engine), journal=tmp_path / "journal.db")
    with TestClient(create_app(settings, lambda: engine)) as client:
        client.get("/ask", params={"q": REFUSED}, headers={"Sec-Fetch-Site": "none"})
        client.post("/message", data=FORM)
    (kept,) = messages.read(tmp_path / "messages.db")
    assert kept.contact == FORM["contact"]
    for file in tmp_path.glob("journal.db*"):
        assert not re.search(rb"wang@example|\xe7\x8e\x8b\xe5\x85\x88\xe7\x94\x9f", file.read_bytes())
