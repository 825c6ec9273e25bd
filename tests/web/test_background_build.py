"""A build in a process of its own does what a build does, and never leaves the server without an index."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines import settings_for
from indexes import as_0_1_0_wrote_it, files
from parkqa.engine import Engine
from parkqa.errors import CorpusError, IndexMismatch, IndexMissing, ParkFileError, ParkqaError
from parkqa.indexing.report import BuildReport
from parkqa.settings import Settings
from parkqa.store.local.versions import verify
from parkqa.types import Encoder, Progress, Vectors
from parkqa.web.serving import background_build
from parkqa.web.serving.background_build import CHUNK, PIECE, Stopped, rebuild, start
from stubs import StubEncoder

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StubEncoder:
    """The encoder that ``start`` loads."""
    encoder = StubEncoder()
    monkeypatch.setattr(background_build, "load_encoder", lambda _: encoder)
    monkeypatch.setattr(background_build, "load_reranker", lambda _: None)
    return encoder


def build(settings: Settings, encoder: Encoder | None = None) -> BuildReport:
    return Engine.build(settings, encoder=encoder or StubEncoder())


def with_change(settings: Settings) -> Settings:
    (settings.corpus / "新.md").write_text("# 食堂\n\n食堂的晚饭五点半开始。", encoding="utf-8")
    return settings


class Slow(StubEncoder):
    """Tells when it is asked and how much at a time; answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()
        self.sizes: list[int] = []

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.sizes.append(len(texts))
        self.asked.set()
        assert self.go.wait(300)
        return super().encode_passages(texts, progress)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return StubEncoder().encode_queries(texts)


def test_it_writes_what_a_build_writes_and_embeds_here_in_small_parts(settings: Settings, tmp_path: Path) -> None:
    encoder = Slow()
    encoder.go.set()
    report = rebuild(settings, encoder, threading.Event())
    other = Engine.build(settings.model_copy(update={"index": tmp_path / "other"}), encoder=StubEncoder())
    assert files(settings.index) == files(tmp_path / "other")
    assert (report.documents, report.passages, report.embedded) == (other.documents, other.passages, other.embedded)
    assert report.dropped == other.dropped
    assert len(encoder.sizes) > 2
    assert max(encoder.sizes) <= CHUNK


class Reader:
    """Finds that nothing answers, and counts the texts that it was given at a time."""

    fingerprint = "reranker-1"

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def score(self, question: str, texts: Sequence[str]) -> Any:
        self.sizes.append(len(texts))
        return np.full(len(texts), -10, dtype=np.float32)


def test_suggested_questions_are_judged_by_the_reader_that_answers_and_not_again_at_the_opening(
    settings: Settings,
) -> None:
    reranker = Reader()
    rebuild(settings, StubEncoder(), threading.Event(), reranker)
    assert max(reranker.sizes) <= CHUNK
    count = len(reranker.sizes)
    Engine.open(settings, StubEncoder(), reranker)
    assert len(reranker.sizes) == count > 0


def test_a_server_that_builds_at_its_start_has_its_reader_judge_them_once(
    settings: Settings, stub: StubEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reranker = Reader()
    monkeypatch.setattr(background_build, "load_reranker", lambda _: reranker)
    judged: list[int] = []

    def built(*models: Any) -> None:
        Engine.build(settings, None, *models)
        judged.append(len(reranker.sizes))

    start(settings, built)
    assert judged == [len(reranker.sizes)] != [0]


def test_only_what_changed_is_embedded(settings: Settings) -> None:
    # The title is embedded with each passage from the second document on, so the step from one to two embeds all.
    (settings.corpus / "another.md").write_text("# 另一份\n\n园区另有一份资料。\n", encoding="utf-8")
    first = build(settings)
    report = rebuild(with_change(settings), StubEncoder(), threading.Event())
    assert 0 < report.embedded <= 3
    assert report.reused == first.embedded


def test_why_it_fails_is_said_and_the_index_stays(settings: Settings) -> None:
    build(settings)
    before = files(settings.index)
    (settings.corpus / "park.yaml").write_text("name: [")
    with pytest.raises(ParkqaError, match=r"park\.yaml.*YAML"):
        rebuild(settings, StubEncoder(), threading.Event())
    assert files(settings.index) == before


def test_told_to_stop_it_ends_the_process_and_an_index_answers(settings: Settings) -> None:
    build(settings)
    encoder, stop = Slow(), threading.Event()

    def end() -> None:
        assert encoder.asked.wait(300)
        stop.set()
        encoder.go.set()

    threading.Thread(target=end).start()
    with pytest.raises(Stopped):
        rebuild(with_change(settings), encoder, stop)
    assert verify(settings.index) == []
    assert not multiprocessing.active_children()


def test_a_process_that_is_killed_is_an_error_and_the_index_stays(settings: Settings) -> None:
    build(settings)
    before, encoder = files(settings.index), Slow()

    def kill() -> None:
        assert encoder.asked.wait(300)
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
        time.sleep(0.2)
        encoder.go.set()

    threading.Thread(target=kill).start()
    with pytest.raises(ParkqaError, match="unexpectedly"):
        rebuild(with_change(settings), encoder, threading.Event())
    assert files(settings.index) == before
    assert rebuild(settings, StubEncoder(), threading.Event()).embedded > 0


def test_the_last_document_gone_the_index_stays(settings: Settings) -> None:
    build(settings)
    before = files(settings.index)
    for path in settings.corpus.glob("*.md"):
        path.unlink()
    with pytest.raises(CorpusError, match=r"没有了.*untouched"):
        build(settings)
    assert files(settings.index) == before


def test_a_first_build_of_an_empty_folder_is_none_of_that(settings: Settings) -> None:
    for path in settings.corpus.glob("*.md"):
        path.unlink()
    assert build(settings).documents == 0
    assert build(settings).documents == 0


def test_it_starts_with_the_index_of_the_corpus_as_it_is(settings: Settings, stub: StubEncoder) -> None:
    started = start(settings, lambda encoder, _: build(settings, encoder))
    engine, fault = started.engine, started.fault
    assert fault is None
    assert engine.documents
    count = stub.encoded
    started = start(settings, lambda encoder, _: build(settings, encoder))
    again, fault = started.engine, started.fault
    assert (again.version, fault) == (engine.version, None)
    assert stub.encoded - count < 20, "only the suggestions"
    changed = start(with_change(settings), lambda encoder, _: build(settings, encoder)).engine
    assert "新.md" in changed.documents


def test_where_it_cannot_be_built_the_old_index_answers_and_why_is_said(settings: Settings, stub: StubEncoder) -> None:
    build(settings, stub)
    (settings.corpus / "jiangyin-jingjiang-park.md").write_text("", encoding="utf-8")

    def failing(*_: object) -> None:
        raise CorpusError("坏了", "broken")

    started = start(settings, failing)
    engine, fault = started.engine, started.fault
    assert fault is not None
    assert fault.en == "broken"
    assert engine.documents


def test_where_nothing_answers_it_says_why(settings: Settings, stub: StubEncoder) -> None:
    def failing(*_: object) -> None:
        raise CorpusError("坏了", "broken")

    with pytest.raises(CorpusError, match="broken"):
        start(settings, failing)
    (settings.corpus / "park.yaml").write_text("name: [")
    with pytest.raises((ParkFileError, IndexMissing)):
        start(settings, lambda encoder, _: build(settings, encoder))


def test_an_index_of_version_0_1_0_is_built_anew(settings: Settings, stub: StubEncoder) -> None:
    build(settings, stub)
    as_0_1_0_wrote_it(settings.index)
    with pytest.raises(IndexMismatch, match="Run parkqa build to rebuild it"):
        Engine.open(settings, stub)
    started = start(settings, lambda encoder, _: build(settings, encoder))
    assert started.fault is None
    assert started.engine.documents
    assert verify(settings.index) == []


def test_a_damaged_index_or_one_of_another_model_is_built_anew(
    settings: Settings, stub: StubEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(settings, stub)
    (vectors,) = settings.index.glob("versions/*/passages.faiss")
    raw = vectors.read_bytes()
    vectors.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    started = start(settings, lambda encoder, _: build(settings, encoder))
    engine, fault = started.engine, started.fault
    assert fault is None
    assert engine.documents
    monkeypatch.setattr(background_build, "load_encoder", lambda _: StubEncoder("stub-2"))
    started = start(settings, lambda encoder, _: build(settings, encoder))
    engine, fault = started.engine, started.fault
    assert fault is None
    assert engine.encoder.fingerprint == "stub-2"


def test_while_visitors_ask_less_is_embedded_at_a_time(settings: Settings, tmp_path: Path) -> None:
    encoder = Slow()
    encoder.go.set()
    rebuild(settings, encoder, threading.Event(), busy=lambda: True)
    other = Engine.build(settings.model_copy(update={"index": tmp_path / "other"}), encoder=StubEncoder())
    assert other.embedded > CHUNK
    assert files(settings.index) == files(tmp_path / "other")
    assert max(encoder.sizes) == PIECE < CHUNK
