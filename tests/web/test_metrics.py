"""/metrics: who may read it, and that it counts what happens and holds no word of anybody's."""

from __future__ import annotations

import asyncio
import builtins
import math
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from fastapi import FastAPI
from starlette.testclient import TestClient

from apps import without_gradio
from engines import corpus
from parkqa.engine import Engine
from parkqa.errors import IndexMissing, ParkqaError
from parkqa.search.stages import Stage
from parkqa.settings import Settings, load_settings
from parkqa.store.backend import backend
from parkqa.web import app as web_app
from parkqa.web.api.metrics import SHORTEST, read_token
from parkqa.web.app import create_app
from parkqa.web.serving import background_build
from parkqa.web.serving.loader import BUILD, Loader, Started
from parkqa.web.serving.metrics import Meter, Metrics
from parkqa.web.serving.question_queue import QuestionQueue
from stubs import StubEncoder

TOKEN = "correct-horse-battery"
ALERTS = Path(__file__).parents[2] / "docs/deploy/alerts.yml"
ASKED = "租金多少钱暗号甲"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus and its index, of which each test has a copy."""
    folder = tmp_path_factory.mktemp("park")
    made = corpus(folder, 租金_md="# 租金\n\n厂房租金每平方米每月18元。\n")
    Engine.build(made, encoder=StubEncoder())
    return folder


@pytest.fixture
def settings(park: Path, tmp_path: Path) -> Settings:
    shutil.copytree(park, tmp_path, dirs_exist_ok=True)
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="ascii")
    return load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index").model_copy(
        update={
            "metrics": True,
            "metrics_token_file": tmp_path / "token",
            "journal": None,
            "public_url": "https://p.cn",
        }
    )


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    without_gradio(monkeypatch)
    made = create_app(settings, lambda: Engine.open(settings, StubEncoder()))
    with TestClient(made):
        yield made


def here(app: FastAPI, client: tuple[str, int] = ("127.0.0.1", 5), host: str = "127.0.0.1:7860") -> TestClient:
    """A client at an address, which names the server ``host``."""
    return TestClient(app, f"http://{host}", client=client, raise_server_exceptions=False)


def numbers(app: FastAPI) -> dict[str, float]:
    lines = here(app).get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_without_the_setting_there_is_no_such_address(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    without_gradio(monkeypatch)
    made = create_app(settings.model_copy(update={"metrics": False}), lambda: Engine.open(settings, StubEncoder()))
    with TestClient(made):
        assert here(made).get("/metrics").status_code == 404
        assert here(made).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


@pytest.mark.parametrize(
    ("client", "host", "headers", "status"),
    [
        ("127.0.0.1", "127.0.0.1:7860", {}, 200),
        ("::1", "[::1]:7860", {}, 200),
        ("127.0.0.1", "localhost", {}, 200),
        ("127.0.0.1", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", "127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
        ("127.0.0.1", "127.0.0.1", {"Via": "1.1 proxy"}, 404),
        ("127.0.0.1", "p.cn", {}, 404),
        ("203.0.113.7", "p.cn", {}, 404),
        ("203.0.113.7", "127.0.0.1", {}, 404),
        ("203.0.113.7", "p.cn", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.7", "p.cn", {"Authorization": f"bearer {TOKEN}", "X-Forwarded-For": "198.51.100.1"}, 200),
        ("203.0.113.7", "p.cn", {"Authorization": f"Bearer {TOKEN}x"}, 404),
        ("203.0.113.7", "p.cn", {"Authorization": "Bearer "}, 404),
        ("203.0.113.7", "p.cn", {"Authorization": TOKEN}, 404),
        ("203.0.113.7", "p.cn", {"Authorization": f"Basic {TOKEN}"}, 404),
        ("203.0.113.7", "p.cn", {"Authorization": "Bearer é"}, 404),
    ],
)
def test_it_is_for_this_machine_or_with_the_token(
    app: FastAPI, client: str, host: str, headers: dict[str, str], status: int
) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    reply = here(app, (client, 5), host).get("/metrics", headers=raw)  # type: ignore[arg-type]
    assert reply.status_code == status
    assert ("parkqa_" in reply.text) is (status == 200)


def test_without_a_token_none_is_right(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    without_gradio(monkeypatch)
    bare = settings.model_copy(update={"metrics_token_file": None})
    made = create_app(bare, lambda: Engine.open(bare, StubEncoder()))
    with TestClient(made):
        for given in ("Bearer ", "Bearer", "Bearer None"):
            reply = here(made, ("203.0.113.7", 5), "p.cn").get("/metrics", headers={"Authorization": given})
            assert reply.status_code == 404


def test_every_way_of_asking_is_counted_by_the_kind_of_its_answer(app: FastAPI) -> None:
    before, person = numbers(app), here(app)
    page = {"question": "厂房租金", "mode": "chat"}
    kinds = [person.post("/api/ask", json={"question": said}).json()["kind"] for said in ("厂房租金", "谢谢", ASKED)]
    assert person.post("/conversation/ask", json=page).status_code == 200
    assert person.get("/ask", params={"q": "厂房租金"}).status_code == 200
    after = numbers(app)
    kinds += [kinds[0]] * 2
    for kind in ("answer", "refusal", "smalltalk"):
        name = f'parkqa_questions_total{{kind="{kind}"}}'
        assert after[name] - before[name] == kinds.count(kind)
    assert after['parkqa_stage_seconds_count{stage="answer"}'] == 5
    assert after['parkqa_stage_seconds_count{stage="line"}'] == 5
    assert after['parkqa_stage_seconds_sum{stage="answer"}'] > 0
    counts = {stage: after[f'parkqa_stage_seconds_count{{stage="{stage}"}}'] for stage in get_args(Stage)}
    assert counts == {"understand": 4, "encode": 4, "search": 4, "rerank": 0, "quote": 4}  # small talk has none of them
    parts = sum(after[f'parkqa_stage_seconds_sum{{stage="{stage}"}}'] for stage in get_args(Stage))
    assert 0 < parts <= after['parkqa_stage_seconds_sum{stage="answer"}'] + 0.01
    assert after["parkqa_line_waiting"] == after["parkqa_line_answering"] == 0


def test_the_text_is_what_prometheus_reads(app: FastAPI) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    here(app).post("/api/ask", json={"question": "厂房租金"})
    found = {family.name: family.type for family in text_string_to_metric_families(here(app).get("/metrics").text)}
    assert found["parkqa_stage_seconds"] == "histogram"
    assert found["parkqa_questions"] == "counter"
    assert found["parkqa_index_age_seconds"] == "gauge"


def test_no_word_and_no_address_of_a_visitor_is_in_it(app: FastAPI) -> None:
    far = here(app, ("203.0.113.77", 5), "p.cn")
    far.post("/api/ask", json={"question": ASKED, "history": ["暗号乙"], "id": "暗号丙"})
    far.get("/ask", params={"q": "暗号丁"})
    far.get("/source/暗号戊.md")
    far.get("/nowhere/secret-word")
    text = here(app).get("/metrics").text
    assert not re.search("暗号|secret|203[.]0|租金", text) and text.isascii()


def test_errors_are_counted_also_those_that_no_route_has_met(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    assert numbers(app)['parkqa_responses_total{status="500"}'] == 0
    here(app).get("/nowhere")
    here(app).post("/api/ask", content=b"x" * 70_000)
    monkeypatch.setattr(Engine, "ask", fails)
    assert here(app).post("/api/ask", json={"question": "厂房租金"}).status_code == 500
    found = numbers(app)
    assert [found[f'parkqa_responses_total{{status="{status}"}}'] for status in (404, 413, 500)] == [1, 1, 1]


def test_the_age_of_the_index_is_that_of_its_build(app: FastAPI, settings: Settings) -> None:
    assert 0 <= numbers(app)["parkqa_index_age_seconds"] < 600
    made = backend(settings).built()
    os.utime(settings.index / "current", (made - 86_400, made - 86_400))
    assert 86_400 <= numbers(app)["parkqa_index_age_seconds"] < 87_000
    (settings.index / "current").unlink()
    age = numbers(app)["parkqa_index_age_seconds"]
    assert math.isnan(age)
    with pytest.raises(IndexMissing):
        backend(settings).built()


def test_the_line_is_measured() -> None:
    class Watch(Meter):
        seconds: list[float] = []  # noqa: RUF012 - one test, one list

        def waited(self, seconds: float) -> None:
            self.seconds.append(seconds)

    async def ask() -> tuple[int, int]:
        queue, gate = QuestionQueue(1, 5, Watch()), threading.Event()
        asking = [asyncio.ensure_future(queue.run("a", gate.wait, 60)) for _ in range(3)]
        async with asyncio.timeout(60):
            while queue.line != (2, 1):
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        seen = queue.line
        gate.set()
        await asyncio.gather(*asking)
        return seen

    assert asyncio.run(ask()) == (2, 1)
    assert len(Watch.seconds) == 3 and Watch.seconds[0] < 0.05 < min(Watch.seconds[1:])


def counted(metrics: Metrics) -> list[float]:
    text = metrics.text()[0].decode()
    return [
        float(re.findall(rf'parkqa_builds_total{{result="{result}"}} (\S+)', text)[0]) for result in ("done", "failed")
    ]


def test_builds_at_the_start_are_counted(settings: Settings) -> None:
    engine, metrics = Engine.open(settings, StubEncoder()), Metrics()
    for started in (engine, Started(engine), Started(engine, built=True), Started(engine, ParkqaError("坏", "bad"))):
        Loader(lambda started=started: started, metrics).load()  # type: ignore[misc]
    assert counted(metrics) == [1, 1]


def test_a_start_says_whether_it_has_built(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_build, "load_encoder", lambda _: StubEncoder())
    monkeypatch.setattr(background_build, "load_reranker", lambda _: None)

    def build(encoder: Any, reranker: Any) -> object:
        return Engine.build(settings, encoder=encoder, reranker=reranker)

    assert not background_build.start(settings, build).built
    (settings.corpus / "新.md").write_text("# 新\n\n新的一句。\n", encoding="utf-8")
    assert background_build.start(settings, build).built


def test_builds_of_the_desk_are_counted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ParkqaError("坏", "bad")

    engine, metrics = Engine.open(settings, StubEncoder()), Metrics()
    monkeypatch.setattr(background_build, "rebuild", lambda *_: "report")
    web_app._beside(metrics, bool, settings, engine, threading.Event())
    monkeypatch.setattr(background_build, "rebuild", fails)
    with pytest.raises(ParkqaError):
        web_app._beside(metrics, bool, settings, engine, threading.Event())
    assert counted(metrics) == [1, 1]


def test_faults_are_those_of_readyz(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    loaders: list[Loader] = []
    without_gradio(monkeypatch)
    taken = Loader.load
    monkeypatch.setattr(Loader, "start", lambda self: (loaders.append(self), taken(self)))
    app = create_app(settings, lambda: Engine.open(settings, StubEncoder()))
    with TestClient(app):
        assert numbers(app)["parkqa_ready"] == 1
        assert numbers(app)['parkqa_fault{fault="build_error"}'] == 0
        loaders[0].faults[BUILD] = "a sentence with /a/path"
        found = numbers(app)
    assert found['parkqa_fault{fault="build_error"}'] == 1
    assert found['parkqa_fault{fault="index_error"}'] == found['parkqa_fault{fault="journal"}'] == 0
    assert {name for name in found if name.startswith("parkqa_fault{")} == {
        f'parkqa_fault{{fault="{name}"}}' for name in ("build_error", "index_error", "journal", "messages")
    }


@pytest.mark.parametrize(
    "content", [b"", b"\n" + TOKEN.encode(), b"short", b"a b" * 9, "令牌".encode() * 9, b"a\x00" * 20]
)
def test_a_file_that_holds_no_token_is_named_at_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(ParkqaError, match=re.escape(str(tmp_path / "t"))):
        read_token(tmp_path / "t")


def test_a_token_is_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(ParkqaError, match="cannot be read"):
        read_token(tmp_path / "none")
    (tmp_path / "t").write_bytes(b"x" * SHORTEST + b"\r\nmore")
    assert read_token(tmp_path / "t") == "x" * SHORTEST
    assert read_token(None) == ""


def test_without_the_extra_the_start_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *given: Any) -> Any:
        if name == "prometheus_client":
            raise ImportError(name)
        return real(name, *given)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ParkqaError, match=r"\.\[metrics\]"):
        Metrics()


def test_the_sample_alerts_use_numbers_that_there_are(app: FastAPI) -> None:
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    names = {name for rule in rules for name in re.findall(r"parkqa_\w+", rule["expr"])}
    assert len(names) >= 7
    assert names <= {name.partition("{")[0] for name in numbers(app)}
