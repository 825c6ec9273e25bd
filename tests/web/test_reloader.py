"""A running server takes a new index over between two questions, and has it built where it is to watch."""

from __future__ import annotations

import multiprocessing
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engines import settings_for
from parkqa.corpus import watching
from parkqa.engine import Engine
from parkqa.errors import StoreError
from parkqa.indexing.report import BuildReport
from parkqa.settings import Settings
from parkqa.store.backend import LocalBackend
from parkqa.types import Encoder
from parkqa.web.app import create_app
from parkqa.web.serving import background_build, reloader
from parkqa.web.serving.background_build import start
from parkqa.web.serving.loader import BUILD, INDEX, Started
from stubs import StubEncoder
from waiting import until

pytestmark = pytest.mark.slow

LONG = 300.0
"""Seconds that nothing here takes, unless it hangs."""
DINING = "# 食堂\n\n食堂的晚饭五点半开始。"
QUESTION = "食堂的晚饭五点半开始"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkqa.web.pages.chat", SimpleNamespace(app=lambda *_, **__: FastAPI()), raising=False)
    monkeypatch.setattr(reloader, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(reloader, "FIRST_WAIT", 0.1)
    monkeypatch.setattr(reloader, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(watching, "REST_SECONDS", 0.1)
    monkeypatch.setattr(background_build, "load_encoder", lambda _: StubEncoder())
    monkeypatch.setattr(background_build, "load_reranker", lambda _: None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


def build(settings: Settings, encoder: Encoder | None = None) -> BuildReport:
    return Engine.build(settings, encoder=encoder or StubEncoder())


def add(settings: Settings, text: str = DINING, name: str = "食堂.md") -> Path:
    (settings.corpus / name).write_text(text, encoding="utf-8")
    return settings.corpus / name


@contextmanager
def serving(settings: Settings, watch: bool = False) -> Iterator[TestClient]:
    """A server over the index, as ``parkqa serve`` makes it."""
    settings = settings.model_copy(update={"watch": watch, "rate": ""})

    def load() -> Started:
        return start(settings, lambda encoder, _: build(settings, encoder))

    with TestClient(create_app(settings, load)) as client:
        yield client


def ready(client: TestClient) -> dict[str, Any]:
    return until(lambda: (reply := client.get("/readyz")).status_code == 200 and reply.json())


def ask(client: TestClient, question: str = QUESTION) -> dict[str, Any]:
    reply = client.post("/api/ask", json={"question": question})
    assert reply.status_code == 200
    return reply.json()


def builds(client: TestClient) -> dict[str, float]:
    """How many builds ``/metrics`` has counted, by their result."""
    here = TestClient(client.app, "http://127.0.0.1:7860", client=("127.0.0.1", 5))
    found = re.findall(r'parkqa_builds_total{result="(\w+)"} (\S+)', here.get("/metrics").text)
    return {result: float(count) for result, count in found}


def quoted(client: TestClient, question: str = QUESTION) -> list[str]:
    answer = ask(client, question)
    return [quote["document"] for quote in (*answer["quotes"], *answer["related"])]


def test_a_new_index_is_taken_over_and_no_question_dropped(settings: Settings) -> None:
    texts = {path.name: {path.read_text(encoding="utf-8")} for path in settings.corpus.glob("*.md")}
    versions = [f"# 食堂\n\n食堂的晚饭{hour}点半开始。" for hour in "五六七"]
    stop, wrong, seen = threading.Event(), [], set()

    def keep_asking(client: TestClient) -> None:
        while not stop.is_set():
            answer = ask(client)
            for quote in (*answer["quotes"], *answer["related"]):
                if quote["document"] == "食堂.md":
                    seen.add(quote["text"])
                    if quote["text"] not in {version.split("\n\n")[1] for version in versions}:
                        wrong.append(quote)
                elif quote["document"] not in texts:
                    wrong.append(quote)

    with serving(settings) as client:
        ready(client)
        asking = [threading.Thread(target=keep_asking, args=[client]) for _ in range(3)]
        for thread in asking:
            thread.start()
        for version in versions:
            add(settings, version)
            build(settings)
            until(lambda version=version: version.split("\n\n")[1] in seen)
        stop.set()
        for thread in asking:
            thread.join()
        assert not wrong
        assert len(seen) == 3
        until(lambda: ready(client) == {"status": "ready"})


def test_pages_and_suggestions_follow_and_a_link_from_before_says_that_the_document_changed(settings: Settings) -> None:
    add(settings)
    park = "suggestions:\n  - 食堂的晚饭五点半开始\n"
    add(settings, park, "park.yaml")
    with serving(settings) as client:
        ready(client)
        before = client.get("/api/suggestions").json()["suggestions"]
        answer = ask(client)
        quote = next(q for q in answer["quotes"] + answer["related"] if q["document"] == "食堂.md")
        link = f"/source/食堂.md?v={quote['sha256'][:12]}&start={quote['start']}&end={quote['end']}&part=article"
        old = client.get(link).text
        add(settings, "# 食堂\n\n食堂已经关门，晚饭请到别处。")
        add(settings, "suggestions: []\n", "park.yaml")
        build(settings)
        new = until(lambda: (page := client.get(link).text) != old and page)
        assert "五点半" in old
        assert "关门" in new
        assert "can no longer be checked" in new
        assert client.get("/api/suggestions").json()["suggestions"] == []
        assert before in ([], ["食堂的晚饭五点半开始"])


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_the_files_of_the_old_index_are_let_go_and_removed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkqa.store.local.mmap.READ", 0)

    def mapped() -> set[str]:
        maps = Path("/proc/self/maps").read_text().splitlines()
        return {line.split("versions/")[1].split("/")[0] for line in maps if str(settings.index) in line}

    with serving(settings) as client:
        ready(client)
        (first,) = mapped()
        for number in range(3):
            add(settings, f"# 食堂\n\n食堂的晚饭{number}点开始。")
            build(settings)
            current = (settings.index / "current").read_text().split("/")[1]
            until(lambda current=current: mapped() == {current})
        assert len([*(settings.index / "versions").iterdir()]) == 2
        assert not (settings.index / "versions" / first).exists()


def test_a_damaged_new_index_leaves_the_old_one_answering_and_is_named(settings: Settings) -> None:
    with serving(settings) as client:
        ready(client)
        add(settings)
        pointer = settings.index / "current"
        line = pointer.read_bytes()
        pointer.write_bytes(line[:-2])
        assert "current" in until(lambda: ready(client).get(INDEX))
        assert ask(client)["answer_id"]
        pointer.write_bytes(line)
        until(lambda: ready(client) == {"status": "ready"})
        assert "食堂.md" not in quoted(client)
        build(settings)
        until(lambda: "食堂.md" in quoted(client))


def test_an_index_of_another_model_is_not_taken_over(settings: Settings) -> None:
    with serving(settings) as client:
        ready(client)
        add(settings)
        build(settings, StubEncoder("stub-2"))
        assert "stub-2" in until(lambda: ready(client).get(INDEX))
        assert "食堂.md" not in quoted(client)
        build(settings)
        until(lambda: "食堂.md" in quoted(client))
        until(lambda: ready(client) == {"status": "ready"})


def test_without_watching_nothing_is_built(settings: Settings) -> None:
    with serving(settings) as client:
        ready(client)
        add(settings)
        time.sleep(1)
        assert "食堂.md" not in quoted(client)


def test_watching_a_change_is_built_and_answered_while_questions_go_on(settings: Settings) -> None:
    with serving(settings, watch=True) as client:
        ready(client)
        add(settings)
        until(lambda: "食堂.md" in quoted(client))
        (settings.corpus / "食堂.md").unlink()
        until(lambda: "食堂.md" not in quoted(client))
        until(lambda: ready(client) == {"status": "ready"})


def test_a_build_that_fails_is_said_and_mends_itself(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with serving(settings.model_copy(update={"metrics": True}), watch=True) as client:
        ready(client)
        assert builds(client) == {"done": 1, "failed": 0}  # at the start
        park = (settings.corpus / "park.yaml").read_text(encoding="utf-8")
        add(settings, "name: [", "park.yaml")
        add(settings)
        assert "park.yaml" in until(lambda: ready(client).get(BUILD))
        assert "park.yaml" in caplog.text
        assert "食堂.md" not in quoted(client)
        assert builds(client)["failed"] > 0
        add(settings, park, "park.yaml")
        until(lambda: "食堂.md" in quoted(client))
        until(lambda: ready(client) == {"status": "ready"})
        assert builds(client)["done"] > 1


def test_a_folder_that_is_taken_away_leaves_the_old_answers(settings: Settings) -> None:
    add(settings)
    with serving(settings, watch=True) as client:
        ready(client)
        settings.corpus.rename(settings.corpus.with_name("away"))
        assert "corpus" in until(lambda: ready(client).get(BUILD))
        assert "食堂.md" in quoted(client)
        settings.corpus.with_name("away").rename(settings.corpus)
        until(lambda: ready(client) == {"status": "ready"})
        assert "食堂.md" in quoted(client)


def test_a_damaged_index_is_built_anew_where_it_is_watched(settings: Settings) -> None:
    with serving(settings, watch=True) as client:
        ready(client)
        (settings.index / "current").write_bytes(b"nonsense")
        until(lambda: (settings.index / "current").read_bytes() != b"nonsense")
        until(lambda: ready(client) == {"status": "ready"})
        assert ask(client)["answer_id"]


def test_what_could_not_be_built_at_the_start_is_built_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(settings)
    add(settings)
    real = LocalBackend.drafted
    monkeypatch.setattr(LocalBackend, "drafted", lambda *_: (_ for _ in ()).throw(StoreError("满了", "full")))
    with serving(settings, watch=True) as client:
        assert "full" in ready(client).get(BUILD, "")
        monkeypatch.setattr(LocalBackend, "drafted", real)
        until(lambda: "食堂.md" in quoted(client))
        until(lambda: ready(client) == {"status": "ready"})


def test_a_server_without_an_index_becomes_ready_when_it_is_mended(settings: Settings) -> None:
    away = settings.corpus.with_name("away")
    settings.corpus.rename(away)
    with serving(settings) as client:
        until(lambda: "corpus" in client.get("/readyz").json().get("error", ""))
        assert client.get("/readyz").status_code == 503
        away.rename(settings.corpus)
        until(lambda: ready(client) == {"status": "ready"})
        assert ask(client)["answer_id"]


def test_a_server_that_ends_ends_its_build(settings: Settings) -> None:
    with serving(settings, watch=True) as client:
        ready(client)
        add(settings)
        until(multiprocessing.active_children)
    until(lambda: not any(thread.name == "parkqa-reload" for thread in threading.enumerate()))
    assert not multiprocessing.active_children()
