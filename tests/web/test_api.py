"""REST: the contract of an answer, and one sentence for whatever goes wrong."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from apps import serving
from engines import KEYS, QUOTE_KEYS
from parkqa.engine import Engine
from parkqa.errors import IndexDamaged, IndexMissing
from parkqa.web.api.routes import router
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue
from waiting import PATIENCE

NOT_READY = {"ready": False, "error": "", "suggestions": [], "suggestions_en": []}
SECRET = "password of the database"
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def fails() -> Engine:
    raise IndexMissing("还没有索引，请先建立。", "There is no index yet; build it first.")


def crashes() -> Engine:
    raise RuntimeError(SECRET)


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    with serving(lambda: engine) as client:
        yield client


def ask(client: TestClient, **request: Any) -> dict[str, Any]:
    reply = client.post("/api/ask", json=request)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def sentence(text: str) -> str:
    """The sentence of an error, checked to be one line for readers, Chinese and English, and nothing else."""
    error = json.loads(text)
    assert list(error) == ["error"]
    words: str = error["error"]
    assert " / " in words
    assert "\n" not in words
    assert "Traceback" not in words
    return words


@pytest.mark.parametrize(
    "question",
    ["江阴经济开发区靖江园区正式成立", "新兴产业有哪些？", "食堂晚饭几点开？", "When was it founded?", "Hi"],
)
def test_an_answer_keeps_the_contract_and_quotes_slices(client: TestClient, engine: Engine, question: str) -> None:
    answer = ask(client, question=question)
    assert list(answer) == KEYS
    assert answer["question"] == question
    assert answer["refused"] == (answer["kind"] != "answer")
    for quote in (*answer["quotes"], *answer["related"]):
        assert list(quote) == QUOTE_KEYS
        document = engine.documents[quote["document"]]
        assert quote["text"] == document.text[quote["start"] : quote["end"]]
        assert quote["sha256"] == document.sha256


def test_what_is_sent_is_the_answer_as_json(client: TestClient) -> None:
    reply = client.post("/api/ask", json={"question": "新兴产业有哪些？"})
    assert reply.headers["content-type"] == "application/json"
    assert "高端装备\\n新能源" in reply.content.decode("utf-8")


@pytest.mark.parametrize("name", ["a-7", 7, 1.5, "", None, "园区😀"])
def test_an_id_comes_back_as_it_went(client: TestClient, name: str | float | None) -> None:
    assert ask(client, question="你好", id=name)["id"] == name


def test_half_a_character_in_an_id_breaks_nothing(client: TestClient) -> None:
    reply = client.post("/api/ask", content=rb'{"question": "\u4f60\u597d", "id": "\ud800"}')
    assert reply.status_code == 200
    assert reply.json()["id"] == "?"


def test_history_completes_and_literal_undoes(client: TestClient) -> None:
    history = ["2009年园区获评什么？"]
    assert ask(client, question="2014年呢？", history=history)["understood"] == "2014年园区获评什么?"
    assert ask(client, question="2014年呢？", history=history, literal=True)["understood"] == "2014年呢？"
    assert ask(client, question="园曲的荣誉")["repairs"] == [["园曲", "园区"]]
    assert ask(client, question="园曲的荣誉", literal=True)["repairs"] == []


@pytest.mark.parametrize("question", ["问" * 500, "😀" * 500])
def test_the_longest_question_is_taken(client: TestClient, question: str) -> None:
    assert ask(client, question=question)["question"] == question


def test_unknown_keys_do_no_harm(client: TestClient) -> None:
    assert ask(client, question="你好", model="x", temperature=1)["kind"] == "smalltalk"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"question=x",
        b"\xff\xfe\x00",
        b"[" * 60_000,
        b"9" * 5_000,
        b"null",
        b'"question"',
        b'["question"]',
        b"{}",
        b'{"question": null}',
        b'{"question": 7}',
        b'{"question": ["x"]}',
        b'{"question": ""}',
        b'{"question": " \\n\\t\\u3000\\u200b"}',
        b'{"question": "\\u0000\\u0007\\u001b"}',
        b'{"question": "\\ud800"}',
        b'{"question": "x\\udfff"}',
        json.dumps({"question": "问" * 501}).encode(),
        json.dumps({"question": "😀" * 501}).encode(),
        b'{"question": "x", "history": "x"}',
        b'{"question": "x", "history": {"x": 1}}',
        b'{"question": "x", "history": [1]}',
        b'{"question": "x", "history": ["y", null]}',
        b'{"question": "x", "literal": "yes"}',
        b'{"question": "x", "literal": 1}',
        b'{"question": "x", "id": []}',
        b'{"question": "x", "id": {}}',
        b'{"question": "x", "id": true}',
        b'{"question": "x", "id": 1e999}',
        b'{"question": "x", "id": NaN}',
        b'{"question": "x", "literal": 0}',
        b'{"question": "x", "literal": ""}',
        b'{"question": "x", "history": 0}',
        b'{"question": "x", "history": {}}',
        b'{"question": "x", "other": NaN}',
        b'{"question": "x", "other": [{"y": -Infinity}]}',
        b'{"question": "x", "other": ' + b"[" * 900 + b"NaN" + b"]" * 900 + b"}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_bad_input_is_said_in_a_sentence(client: TestClient, body: bytes) -> None:
    reply = client.post("/api/ask", content=body)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/json"
    assert sentence(reply.text)


@given(st.dictionaries(st.sampled_from(["question", "history", "literal", "id", "x"]), JUNK, max_size=5) | JUNK)
@settings(max_examples=50)
def test_any_json_is_answered_or_said_to_be_bad(client: TestClient, body: Any) -> None:
    reply = client.post("/api/ask", content=json.dumps(body).encode())
    if reply.status_code == 200:
        assert list(reply.json()) == KEYS
    else:
        assert reply.status_code == 422
        assert sentence(reply.text)


def test_suggestions_are_those_of_the_engine(client: TestClient, engine: Engine) -> None:
    assert client.get("/api/suggestions").json() == {
        "ready": True,
        "error": "",
        "suggestions": list(engine.suggestions),
        "suggestions_en": list(engine.suggestions_en),
    }


def test_ready_and_well(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/readyz").status_code == 200


def test_while_the_engine_loads_the_server_is_well_and_asks_for_patience() -> None:
    with serving(fails, loads=False) as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        asked = client.post("/api/ask", json={"question": "园区"})
        suggestions = client.get("/api/suggestions")
    assert ready.status_code == asked.status_code == 503
    assert ready.json()["status"] == "not ready"
    assert "Still getting ready" in ready.json()["error"]
    assert "Still getting ready" in sentence(asked.text)
    assert "Still getting ready" in suggestions.json().pop("error")
    assert suggestions.json() | {"error": ""} == NOT_READY


def test_a_bad_question_is_said_while_the_engine_loads() -> None:
    with serving(fails, loads=False) as client:
        assert client.post("/api/ask", json={"question": 7}).status_code == 422


def test_an_engine_that_cannot_be_loaded_says_why() -> None:
    with serving(fails) as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        asked = client.post("/api/ask", json={"question": "园区"})
        suggestions = client.get("/api/suggestions")
    assert ready.status_code == asked.status_code == 503
    assert "There is no index yet; build it first." in ready.json()["error"]
    assert "There is no index yet; build it first." in suggestions.json()["error"]
    assert "There is no index yet; build it first." in sentence(asked.text)


@pytest.mark.parametrize(
    "place", ["/srv/park/index/manifest.json", "C:\\park\\index\\manifest.json", "index/versions/1f/manifest.json"]
)
def test_no_place_on_this_machine_is_told_to_visitors(place: str, caplog: pytest.LogCaptureFixture) -> None:
    def damaged() -> Engine:
        raise IndexDamaged("manifest.json", f"{place} 坏了，请重建。", f"{place} is damaged; build it again.")

    with serving(damaged) as client:
        replies = [client.get("/readyz"), client.get("/api/suggestions"), client.get("/source/x")]
        replies += [client.post(path, json={"question": "园区"}) for path in ("/api/ask", "/conversation/ask")]
    for reply in replies:
        assert "manifest.json" in reply.text
        assert not [part for part in ("park/index", "park\\", "index/versions", "srv") if part in reply.text]
    assert replies[0].json()["error"] == "manifest.json 坏了，请重建。 / manifest.json is damaged; build it again."
    assert place in caplog.text


def test_faults_of_a_ready_server_name_no_place_either(engine: Engine) -> None:
    loader = Loader(lambda: engine)
    loader.load()
    loader.faults["build_error"] = "/srv/corpus/park.yaml:3：写错了。 / /srv/corpus/park.yaml:3: it is wrong."
    loader.faults["index_error"] = "连不上 postgresql://db:5432/park 。 / No postgresql://db:5432/park here."
    app = FastAPI()
    app.include_router(router(loader, QuestionQueue(1, 0)))
    said = TestClient(app).get("/readyz").json()
    assert said["build_error"] == "park.yaml:3：写错了。 / park.yaml:3: it is wrong."
    assert said["index_error"] == "连不上 PARKQA_STORE 。 / No PARKQA_STORE here."


def test_a_crash_while_loading_is_not_told_to_visitors() -> None:
    with serving(crashes) as client:
        replies = client.get("/readyz"), client.post("/api/ask", json={"question": "园区"})
    assert [reply.status_code for reply in replies] == [503, 503]
    assert all(SECRET not in reply.text for reply in replies)


def test_a_crash_while_asking_is_not_told_to_visitors(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ask", lambda *_, **__: crashes())
    reply = client.post("/api/ask", json={"question": "园区"})
    assert reply.status_code == 500
    assert SECRET not in reply.text
    assert "RuntimeError" not in reply.text
    assert sentence(reply.text)


@pytest.mark.parametrize(
    "address",
    [
        "/nothing",
        "/api",
        "/api/nothing",
        "/api/ask/",
        "/healthz/",
        "/static",
        "/static/nothing.js",
        "/static/%2e%2e/app.py",
        "/.env",
        "/chatter",
        "/chat/nothing",
        "/gradio_api/info",
    ],
)
def test_an_unknown_address_is_404_in_json(client: TestClient, address: str) -> None:
    reply = client.get(address)
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/json"
    assert "There is no such address" in sentence(reply.text)


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [("GET", "/api/ask", "POST"), ("POST", "/healthz", "GET"), ("DELETE", "/", "GET"), ("PUT", "/source/x", "GET")],
)
def test_another_method_is_405_in_json(client: TestClient, method: str, address: str, allowed: str) -> None:
    reply = client.request(method, address)
    assert reply.status_code == 405
    assert reply.headers["allow"] == allowed
    assert "cannot be requested in this way" in sentence(reply.text)


@pytest.mark.parametrize("address", ["/docs", "/redoc", "/openapi.json"])
def test_no_api_browser_is_served(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("root", "leads_to"),
    [("", "/chat/"), ("/", "/chat/"), ("/park", "/park/chat/"), ("park/", "/park/chat/"), ("/a/b", "/a/b/chat/")],
)
def test_the_front_door_leads_to_the_chat(root: str, leads_to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKQA_ROOT_PATH", root)
    with serving(fails, loads=False) as client:
        replies = client.get("/"), client.get("/chat")
        asked = client.get("/chat?__theme=dark&x=%E5%9B%AD")
    assert [reply.status_code for reply in replies] == [307, 307]
    assert [reply.headers["location"] for reply in replies] == [leads_to, leads_to]
    assert asked.headers["location"] == f"{leads_to}?__theme=dark&x=%E5%9B%AD"


def test_the_page_finds_its_files(client: TestClient) -> None:
    # Gradio, once imported, changes what Python calls a script.
    kinds = {"/static/parkqa.css": "text/css", "/static/chat.js": "javascript", "/favicon.ico": "image/svg+xml"}
    for address, kind in kinds.items():
        reply = client.get(address)
        assert reply.status_code == 200
        assert kind in reply.headers["content-type"]


def test_a_burst_is_answered_or_told_to_wait(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKQA_CONCURRENCY", "2")
    monkeypatch.setenv("PARKQA_QUEUE", "3")
    full, ask = threading.Event(), engine.ask

    def slowly(*asked: Any, **options: Any) -> Any:
        assert full.wait(PATIENCE)
        return ask(*asked, **options)

    monkeypatch.setattr(engine, "ask", slowly)
    with serving(lambda: engine) as client, ThreadPoolExecutor(20) as people:
        asked = [people.submit(client.post, "/api/ask", json={"question": "你好"}) for _ in range(20)]
        told = [future.result() for future in itertools.islice(as_completed(asked, timeout=PATIENCE), 15)]
        full.set()
        answered = [future.result() for future in asked if future.result() not in told]
    assert [reply.status_code for reply in told] == [503] * 15
    assert all("现在人多，请稍候" in sentence(reply.text) and reply.headers["retry-after"] == "5" for reply in told)
    assert [reply.status_code for reply in answered] == [200] * 5
