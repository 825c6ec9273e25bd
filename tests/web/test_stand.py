"""What the stand asks the server for, what the terminal says, and whether the machine is ready for it."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from apps import without_gradio
from engines import CORPUS
from parkqa.cli import check_stand
from parkqa.desk.readiness import FREE_BYTES, Finding, Said
from parkqa.engine import Engine
from parkqa.errors import IndexMissing
from parkqa.journal.entries import read
from parkqa.settings import Settings, load_settings
from parkqa.web import cards
from parkqa.web.app import create_app
from parkqa.web.pages.stand import Shows
from parkqa.web.paths import CONVERSATION
from parkqa.web.qr import svg
from parkqa.web.serving import network as lan
from parkqa.web.serving.banner import banner_lines
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue
from parkqa.web.turns import Links
from waiting import until

QUESTION = "江阴经济开发区靖江园区正式成立"


@contextmanager
def serving(load: Callable[[], Engine], journal: Path | str) -> Iterator[TestClient]:
    """Serve without Gradio's page; the engine is there from the start."""
    with pytest.MonkeyPatch.context() as patch:
        without_gradio(patch)
        settings = load_settings(corpus=CORPUS, journal=journal, lan=True)
        with TestClient(create_app(settings, load)) as client:
            yield client


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "address", lambda: "192.168.1.5")


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    with serving(lambda: engine, tmp_path / "journal.db") as started:
        yield started


def ask(client: TestClient, question: str, history: object = (), **more: object) -> dict[str, Any]:
    reply: dict[str, Any] = client.post(
        CONVERSATION, json={"question": question, "history": history, "mode": "event", **more}
    ).json()
    return reply


def test_an_answer_comes_with_a_code_and_is_recorded_as_the_stands(
    client: TestClient, network: None, tmp_path: Path
) -> None:
    reply = ask(client, QUESTION, conversation="c1")
    assert reply["history"] == [QUESTION]
    assert 'class="pq-qr"' in reply["html"]
    assert "手机扫码看原文和出处" in reply["html"]
    entries = until(lambda: read(tmp_path / "journal.db"))
    assert [(entry.mode, entry.question) for entry in entries] == [("event", QUESTION)]


def test_without_a_network_the_code_holds_the_quote(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "address", lambda: "")
    assert "不用联网" in ask(client, QUESTION)["html"]
    monkeypatch.setattr(lan, "address", lambda: "192.168.1.5")
    assert "不用联网" not in ask(client, QUESTION)["html"]


def test_a_refusal_has_no_code(client: TestClient) -> None:
    html = ask(client, "食堂晚饭几点开？")["html"]
    assert "pq-no" in html
    assert "pq-qr" not in html


def test_the_shows_are_the_suggestions_with_their_answers_and_not_recorded(
    client: TestClient, engine: Engine, tmp_path: Path
) -> None:
    answered = [question for question in engine.suggestions if not engine.ask(question).refused]
    assert answered
    shown = [client.get(f"/event/show/zh/{number}").json() for number in range(len(engine.suggestions))]
    assert {show["question"] for show in shown} == set(answered)
    assert client.get(f"/event/show/zh/{len(engine.suggestions)}").json() == shown[0]
    for show in shown:
        assert "pq-qr" in show["html"]
        quoted = engine.ask(show["question"]).quotes[0].text
        assert "".join(quoted.split()) in "".join(re.sub("<[^>]*>", "", show["html"]).split())
    ask(client, QUESTION)
    until(lambda: read(tmp_path / "journal.db"))  # it is written a moment after the answer
    assert [entry.question for entry in read(tmp_path / "journal.db")] == [QUESTION]


def test_phones_that_can_reach_it_are_led_to_the_chat_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "address", lambda: "192.168.1.5")
    show = client.get("/event/show/zh/0").json()
    assert str(svg("http://192.168.1.5:7860/chat/")) in show["phone"]
    assert "扫码用手机问" in show["phone"]
    assert "Scan to ask" in client.get("/event/show/en/0").json()["phone"]
    monkeypatch.setattr(lan, "address", lambda: "")
    assert client.get("/event/show/zh/0").json()["phone"] == ""


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/event/show/zh/x", "/event/show/zh", "/event/", "/event/show/zh/-1/2"])
def test_other_addresses_are_none(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, list(reply.json())) == (404, ["error"])


@pytest.mark.slow
def test_many_who_look_at_once_have_each_answer_computed_once(engine: Engine) -> None:
    asked: list[str] = []

    class Counted:
        def __getattr__(self, name: str) -> Any:
            return getattr(engine, name)

        def ask(self, question: str) -> Any:
            asked.append(question)
            time.sleep(0.02)
            return engine.ask(question)

    loader = Loader(lambda: cast(Engine, Counted()))
    loader.load()
    shows = Shows(loader, Links("", "", lambda: ""), QuestionQueue(4, 60))

    async def look() -> list[dict[str, str]]:
        return await asyncio.gather(*(shows.show("zh", 0, f"visitor {n}") for n in range(60)))

    shown = asyncio.run(look())
    assert shown[0]["html"] and shown == [shown[0]] * 60
    assert len(asked) == len(set(asked))


def test_what_it_shows_waits_its_turn_and_is_empty_where_the_line_is_full(engine: Engine) -> None:
    async def look() -> tuple[dict[str, str], dict[str, str]]:
        line, gate = QuestionQueue(1, 0), threading.Event()
        loader = Loader(lambda: engine)
        loader.load()
        shows = Shows(loader, Links("", "", lambda: ""), line)
        busy = asyncio.create_task(line.run("a", gate.wait, 20))
        await asyncio.sleep(0)
        crowded = await shows.show("zh", 0, "b")
        gate.set()
        await busy
        return crowded, await shows.show("zh", 0, "b")

    crowded, later = asyncio.run(look())
    assert crowded == {"question": "", "html": "", "phone": ""}
    assert later["html"]


def test_what_cannot_be_shown_yet_is_empty() -> None:
    def fails() -> Engine:
        raise IndexMissing("还没有索引。", "There is no index yet.")

    with serving(fails, "none") as client:
        assert client.get("/event/show/zh/0").json() == {"question": "", "html": "", "phone": ""}
        assert "还没有索引" in ask(client, "园区")["error"]


@pytest.mark.slow
def test_the_marked_part_stands_large_above_a_long_quote_and_only_there(client: TestClient, engine: Engine) -> None:
    seen = set()
    for question in (*engine.suggestions, "高质量跨江融合发展一体化", "产业基础", "绿色低碳发展理念"):
        quote = engine.ask(question).quotes[:1]
        html = ask(client, question)["html"]
        large = re.findall(r'<p class="pq-answer"[^>]*><mark>(.*?)</mark>', html, re.DOTALL)
        if quote:
            marked = [quote[0].text[start - quote[0].start : end - quote[0].start] for start, end in quote[0].spans]
            short = 2 * sum(map(len, marked)) < len(quote[0].text)
            known = [] if cards.chips(quote[0]) else list(cards.answers(quote[0]))
            assert large == (known or (marked if short else []))
            seen.add(short)
    assert seen == {True, False}


def test_the_terminal_says_where(network: None) -> None:
    def said(stand: bool, **given: Any) -> str:
        return "\n".join(banner_lines("http://127.0.0.1:7860/", load_settings(**given), stand))

    assert said(False).count("\n") == 0
    assert "http://127.0.0.1:7860/chat/?mode=event" in said(True)
    assert "█" not in said(True)
    both = said(True, lan=True)
    assert "http://192.168.1.5:7860/chat/" in both
    assert "█" in both
    assert "https://ask.example.cn/chat/" in said(True, public_url="https://ask.example.cn")


def test_the_terminal_says_how_to_open_the_stand_and_the_pin() -> None:
    text = "\n".join(banner_lines("http://127.0.0.1:7860/", load_settings(event_pin="0427"), True))
    assert '--app="http://127.0.0.1:7860/chat/?mode=event" --start-fullscreen' in text
    assert "chromium --kiosk" not in text
    assert "不用 --kiosk" in text
    assert "PIN 0427" in text


def test_the_terminal_says_when_there_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "address", lambda: "")
    assert "没有局域网" in "\n".join(banner_lines("http://127.0.0.1:7860/", load_settings(lan=True), False))


# parkqa check --event


@pytest.fixture
def ready(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(check_stand, "examine", lambda _: [])
    monkeypatch.setattr(Engine, "open", lambda *_: engine)
    return engine.settings


def findings(settings: Settings) -> dict[str, Finding]:
    return {finding.name.en.split()[-1]: finding for finding in check_stand.examine_event(settings)}


def test_a_machine_that_is_ready_is_ready_in_all(ready: Settings) -> None:
    found = findings(ready)
    assert [name for name, finding in found.items() if not finding.ok] == []
    assert re.search(r"“.+” \d+ ms", str(found["question"].detail))


def test_what_wants_out_is_named(ready: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Curious:
        def __getattr__(self, name: str) -> Any:
            return getattr(engine, name)

        def ask(self, question: str) -> Any:
            for attempt in (
                lambda: socket.create_connection(("192.0.2.1", 9), 1),
                lambda: socket.getaddrinfo("hub.example", 443),
            ):
                with pytest.raises(OSError, match="the network is shut"):
                    attempt()
            return engine.ask(question)

    monkeypatch.setattr(Engine, "open", lambda *_: Curious())
    found = findings(ready)
    assert not found["network"].ok
    assert "192.0.2.1, hub.example" in str(found["network"].detail)


def test_the_network_is_shut_only_while_it_asks_and_never_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, check_stand.shut(attempts := []):
        socket.create_connection(server.getsockname(), 1).close()
        socket.getaddrinfo("localhost", 80)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(OSError, match="shut"):
            probe.connect(("192.0.2.1", 9))
    assert attempts == ["192.0.2.1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError as error:
            assert "shut" not in str(error)


def test_a_slow_answer_and_one_that_fails_are_faults(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_stand, "SLOW_MS", -1)
    slow = findings(ready)["question"]
    assert "太慢" in slow.detail.zh
    assert "PARKQA_RERANKER=none" in slow.cure.zh

    def none(*_: Any) -> Engine:
        raise IndexMissing("还没有索引。", "There is no index yet.")

    monkeypatch.setattr(Engine, "open", none)
    assert "还没有索引" in findings(ready)["question"].detail.zh


@pytest.mark.parametrize(("second", "ok"), [(0.9, True), (1.1, False)])
def test_the_cold_first_answer_is_not_what_counts(
    ready: Settings, monkeypatch: pytest.MonkeyPatch, second: float, ok: bool
) -> None:
    """The clock is ours: a busy machine makes no answer slow."""
    asked: list[str] = []
    now = [0.0]
    answer = Engine.ask

    def cold(self: Engine, question: str, *more: Any, **options: Any) -> Any:
        now[0] += check_stand.SLOW_MS / 1000 * (second if question in asked else 10)
        asked.append(question)
        return answer(self, question, *more, **options)

    monkeypatch.setattr(Engine, "ask", cold)
    monkeypatch.setattr(check_stand, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    assert findings(ready)["question"].ok is ok
    assert len(asked) >= 2


@pytest.mark.parametrize(("days", "ok"), [(0, True), (3, False), (-366 * 11, False)])
def test_a_clock_is_held_against_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, ok: bool
) -> None:
    written = tmp_path / "index" / "manifest.json"
    written.parent.mkdir()
    written.touch()
    at = time.time() + days * 86400
    os.utime(written, (at, at))
    monkeypatch.setattr(check_stand, "RELEASED", check_stand.RELEASED.replace(year=2000))
    settings = load_settings(index=written.parent, corpus=CORPUS)
    finding = check_stand.look(Said("时钟", "clock"), check_stand._clock, Said(), settings)
    assert finding.ok is ok


def test_phones_need_a_network_only_where_one_was_asked_for(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "address", lambda: "")
    assert findings(ready)["phones"].ok
    wanted = ready.model_copy(update={"lan": True, "host": "0.0.0.0"})
    assert not findings(wanted)["phones"].ok
    monkeypatch.setattr(lan, "address", lambda: "192.168.1.5")
    assert "http://192.168.1.5:7860/chat/" in str(findings(wanted)["phones"].detail)


def test_the_ordinary_findings_come_first(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        check_stand, "examine", lambda _: [Finding(Said("盘", "disk"), False, Said(of=str(FREE_BYTES)))]
    )
    monkeypatch.setattr(Engine, "open", lambda *_: engine)
    assert next(iter(findings(engine.settings))) == "disk"
