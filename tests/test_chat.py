"""The chat page's own part: its handler, which never raises, and the page that Gradio serves."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from starlette.testclient import TestClient

from engines import CORPUS
from parkqa.engine import Engine
from parkqa.errors import IndexMissing
from parkqa.park import Park
from parkqa.question import HISTORY
from parkqa.settings import load_settings
from parkqa.web import chat, render
from parkqa.web.line import Line
from parkqa.web.ready import Loader

# Gradio leaves event loops open; see ``page``.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Handler = Callable[[Any, Any], tuple[str, list[str]]]
PARK = Park(name="</script><script>alert(1)</script>${x}{{y}} 园区", english_name='Park "&<b>', colour="#123456")
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
        "fresh": st.booleans() | JUNK,
        "history": JUNK,
        "id": JUNK,
        "at": JUNK,
    },
)


def loaded(load: Callable[[], Engine]) -> Loader:
    loader = Loader(load)
    loader.load()
    return loader


def fails() -> Engine:
    raise IndexMissing("还没有索引<b>。", "There is no index yet <b>.")


@pytest.fixture(scope="module")
def handle(engine: Engine) -> Handler:
    return chat.answering(loaded(lambda: engine), render.Links())


def ask(handle: Handler, question: str, earlier: object = (), **more: object) -> tuple[str, list[str]]:
    """Ask as the page does; return the HTML, and the questions so far."""
    reply, asked = handle(json.dumps({"question": question, **more}), earlier)
    return json.loads(reply)["html"], asked


def test_a_question_is_answered_by_a_card_and_remembered(handle: Handler) -> None:
    html, asked = ask(handle, "江阴经济开发区靖江园区正式成立", [])
    assert "2003年8月29日,江阴经济开发区靖江园区正式成立。" in re.sub("<[^>]*>", "", html)
    assert asked == ["江阴经济开发区靖江园区正式成立"]


def test_a_refused_question_is_part_of_the_conversation(handle: Handler) -> None:
    html, asked = ask(handle, "食堂晚饭几点开？", ["园区的荣誉有哪些？"])
    assert "pq-no" in html
    assert asked == ["园区的荣誉有哪些？", "食堂晚饭几点开？"]


def test_the_conversation_completes_a_follow_up(handle: Handler) -> None:
    _, asked = ask(handle, "2009年园区获评什么？", [])
    html, asked = ask(handle, "2014年呢？", asked)
    assert "2014年园区获评什么?" in html
    assert asked == ["2009年园区获评什么？", "2014年呢？"]


def test_a_new_conversation_forgets_the_old(handle: Handler) -> None:
    html, asked = ask(handle, "2014年呢？", ["2009年园区获评什么？"], fresh=True)
    assert "2014年园区获评什么?" not in html
    assert asked == ["2014年呢？"]
    assert ask(handle, "", ["2009年园区获评什么？"], fresh=True)[1] == []


def test_undo_takes_the_question_as_it_stands(handle: Handler) -> None:
    assert "data-literal" in ask(handle, "园曲的荣誉", [])[0]
    assert "data-literal" not in ask(handle, "园曲的荣誉", [], literal=True)[0]


def test_only_the_last_questions_are_kept(handle: Handler) -> None:
    earlier = [f"问题{number}" for number in range(HISTORY + 5)]
    assert ask(handle, "园区", earlier)[1] == [*earlier[-HISTORY + 1 :], "园区"]
    assert ask(handle, "", earlier)[1] == earlier[-HISTORY:]


@pytest.mark.parametrize("question", ["", " \n", "\x00", "问" * 501, "\ud800"])
def test_a_bad_question_is_said_and_not_remembered(handle: Handler, question: str) -> None:
    html, asked = ask(handle, question, ["园区"])
    assert "pq-notice" in html
    assert asked == ["园区"]


@pytest.mark.parametrize("raw", [None, 7, [], {"question": "x"}, "", "园区", "[]", "null", "{", "[" * 100_000, b"{}"])
def test_what_is_no_request_is_said_to_be_none(handle: Handler, raw: object) -> None:
    reply, asked = handle(raw, ["园区"])
    assert "pq-notice" in json.loads(reply)["html"]
    assert asked == ["园区"]


@pytest.mark.parametrize("earlier", [None, "园区", 7, {"园区": 1}, ("园区",)])
def test_a_conversation_that_is_none_is_forgotten(handle: Handler, earlier: object) -> None:
    assert ask(handle, "园区", earlier)[1] == ["园区"]


@given(MESSAGE.map(json.dumps) | JUNK.map(json.dumps) | JUNK, st.lists(TEXT, max_size=25) | JUNK)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_the_handler_never_raises(handle: Handler, raw: Any, earlier: Any) -> None:
    reply, asked = handle(raw, earlier)
    message = json.loads(reply)
    assert list(message) == ["html"]
    assert isinstance(message["html"], str)
    assert len(asked) <= HISTORY
    assert all(isinstance(text, str) for text in asked)


def test_a_crash_is_not_told_to_visitors(handle: Handler, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(engine, "ask", crash)
    html, asked = ask(handle, "园区", ["荣誉"])
    assert "pq-notice" in html
    assert "secret" not in html
    assert asked == ["荣誉"]


def test_without_an_engine_the_reason_is_said() -> None:
    html, asked = ask(chat.answering(loaded(fails), render.Links()), "园区", ["荣誉"])
    assert "There is no index yet &lt;b&gt;." in html
    assert asked == ["荣誉"]


def test_a_question_waits_for_the_engine_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "WAIT_SECONDS", 0.01)
    html, asked = ask(chat.answering(Loader(fails), render.Links()), "园区", [])
    assert "Still getting ready" in html
    assert asked == []


def test_in_line_the_crowd_is_answered_or_told_to_wait() -> None:
    gate = threading.Event()

    def answer(raw: Any, earlier: Any) -> tuple[str, list[str]]:
        assert gate.wait(20)
        return "{}", [*earlier, raw]

    async def crowd() -> list[tuple[str, Any]]:
        handle = chat.in_line(answer, Line(1, 1))
        tasks = [asyncio.create_task(handle("问", ["前"])) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert [task.done() for task in tasks] == [False, False, True, True]
        gate.set()
        return await asyncio.gather(*tasks)

    *answered, told, _ = asyncio.run(crowd())
    assert answered == [("{}", ["前", "问"])] * 2
    assert "现在人多，请稍候" in json.loads(told[0])["html"]
    assert told[1] == ["前"]


@pytest.fixture(scope="module")
def page() -> Iterator[TestClient]:
    """The real page, in a park with a name of the worst kind, below a prefix."""
    below = load_settings(corpus=CORPUS, root_path="/park")
    # As in the server, in a thread of its own: the event loops that Gradio leaves open end with it, not in other tests.
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(chat.app, loaded(fails), PARK, below).result()
    gc.collect()
    with TestClient(made) as client:
        yield client
    gc.collect()


def test_the_page_is_served_with_its_shell(page: TestClient) -> None:
    assert page.get("/chat/").status_code == 200
    config = page.get("/chat/config").json()
    values = [component["props"].get("value") for component in config["components"]]
    assert render.shell(PARK) in values
    assert config["title"] == f"{PARK.name} 问答"
    assert ":root{--pq-accent:#123456}" in config["css"]


def test_the_page_asks_no_other_host(page: TestClient) -> None:
    html = page.get("/chat/").text
    config = page.get("/chat/config").json()
    assert re.findall(r"//[\w-]+\.[\w.-]+", html + config["head"] + json.dumps(config["stylesheets"])) == []
    assert not config["analytics_enabled"]
    assert "url(http" not in page.get("/chat/theme.css").text


def test_the_page_has_its_title_and_language_before_any_script_runs(page: TestClient) -> None:
    for headers in ({"accept-encoding": "identity"}, {"accept-encoding": "gzip, br"}):
        html = page.get("/chat/", headers=headers).text
        assert re.findall(r"<title>(.*?)</title>", html) == [str(escape(f"{PARK.name} 问答"))]
        assert re.search(r'<html\s+lang="zh-CN"', html)
        assert "Gradio" not in re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)
    assert page.head("/chat/").status_code == 200


def test_the_page_finds_its_files_below_the_prefix(page: TestClient) -> None:
    assert 'href="/park/static/parkqa.css"' in page.get("/chat/config").json()["head"]
    assert 'src="/park/static/chat.js" data-root="/park"' in page.get("/chat/").text


def test_the_scripts_of_the_page_run_before_gradios_and_in_their_order(page: TestClient) -> None:
    scripts = re.findall(r"<script\b[^>]*>", page.get("/chat/").text)
    assert [re.findall(r"static/(\w+)\.js", script) for script in scripts[:3]] == [["chat"], ["frame"], ["event"]]
    assert not any(re.search(r"\b(async|defer|type)\b", script) for script in scripts[:3])
    assert "<script" not in page.get("/chat/config").json()["head"]


def test_the_name_of_the_park_is_no_script(page: TestClient) -> None:
    assert "<script>alert(1)" not in page.get("/chat/").text


def test_nothing_is_offered_to_programs(page: TestClient) -> None:
    info = page.get("/chat/gradio_api/info").json()
    assert info["named_endpoints"] == info["unnamed_endpoints"] == {}


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "assets/nothing.js", 404),
        ("GET", "assets/%2e%2e/x", 403),
        ("GET", "gradio_api/queue/join", 405),
    ],
)
def test_what_gradio_refuses_is_a_sentence(page: TestClient, method: str, address: str, status: int) -> None:
    reply = page.request(method, f"/chat/{address}")
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


def test_a_crash_of_gradio_is_a_sentence(page: TestClient) -> None:
    quiet = TestClient(page.app, raise_server_exceptions=False)
    reply = quiet.post("/chat/gradio_api/queue/join", json={"fn_index": 999, "data": [], "session_hash": "x"})
    assert reply.status_code == 500
    assert list(reply.json()) == ["error"]


def test_the_queue_cannot_be_passed_by(page: TestClient) -> None:
    direct = page.post("/chat/gradio_api/api/handle", json={"data": ["{}", []], "session_hash": "x"})
    assert direct.status_code == 404
