"""What the build found out of the suggested questions is believed at the opening, as long as it still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import settings_for
from parkqa.answer import suggestions
from parkqa.engine import Engine
from parkqa.search.pipeline import Pipeline
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.store.postgres.connection import database
from servers import new_database
from stubs import StubEncoder

ASKED = "江阴经济开发区靖江园区正式成立"


class Reader:
    """Reads nothing and says how often it was asked."""

    fingerprint = "another"

    def __init__(self) -> None:
        self.asked = 0

    def score(self, question: str, texts: Sequence[str]) -> Any:
        self.asked += 1
        return np.zeros(len(texts), dtype=np.float32)


@pytest.fixture(params=["faiss", pytest.param("postgres", marks=pytest.mark.postgres)])
def built(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    settings = settings_for(tmp_path)
    if request.param == "postgres":
        settings = settings.model_copy(update={"store": new_database()})
    (settings.corpus / "park.yaml").write_text(
        f"suggestions:\n  - {ASKED}\n  - 食堂晚饭几点开？\nsuggestions_en:\n  - zzz?\n", encoding="utf-8"
    )
    # Staff say that nothing answers these two, so that no newly fitted numbers decide otherwise.
    (settings.corpus / "faq.yaml").write_text(
        "- questions: ['食堂晚饭几点开？', 'zzz?']\n  out_of_scope: true\n", encoding="utf-8"
    )
    Engine.build(settings, encoder=StubEncoder())
    yield settings
    if settings.store:
        database(settings.store).close()


def opened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[Engine, list[str]]:
    """Open an engine; the second value lists what it had to find out."""
    asked: list[str] = []
    rank = Pipeline.rank

    def counted(pipeline: Pipeline, query: Any, vector: Any) -> Any:
        asked.append(query.question)
        return rank(pipeline, query, vector)

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "rank", counted)
        return Engine.open(settings, StubEncoder()), asked


def test_the_manifest_says_which_passage_answers(built: Settings) -> None:
    note = json.loads(backend(built).manifest().note[suggestions.NOTE])
    engine = Engine.open(built, StubEncoder())
    row = engine._suggested.zh[0].row
    assert note["rows"] == {ASKED: row, "食堂晚饭几点开？": None, "zzz?": None}
    assert "正式成立" in engine.store.passages[row].text


def test_opening_asks_nothing_and_suggests_the_same(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, asked = opened(built, monkeypatch)
    assert asked == []
    assert engine.suggestions == (ASKED,)
    assert engine.suggestions_en == ()


@pytest.mark.slow
def test_a_question_that_came_later_waits_for_the_next_build(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    later = "2003年8月29日,江阴经济开发区靖江园区正式成立。"
    before = Engine.open(built, StubEncoder()).suggestions
    (built.corpus / "park.yaml").write_text(f"suggestions:\n  - {ASKED}\n  - {later}\n", encoding="utf-8")
    assert Engine.open(built, StubEncoder()).suggestions == before
    Engine.build(built, encoder=StubEncoder())
    engine, asked = opened(built, monkeypatch)
    assert asked == []
    assert engine.suggestions == (ASKED, later)


@pytest.mark.slow
def test_what_was_asked_in_the_conversation_is_not_suggested_again(built: Settings) -> None:
    other = "2014年园区获评省级船舶特色产业园"
    (built.corpus / "park.yaml").write_text(f"suggestions:\n  - {ASKED}\n  - {other}\n", encoding="utf-8")
    Engine.build(built, encoder=StubEncoder())
    engine = Engine.open(built, StubEncoder())
    assert set(engine.suggestions) == {ASKED, other}
    assert ASKED in engine.ask("食堂晚饭几点开？").suggestions
    assert engine.ask("食堂晚饭几点开？", [ASKED.replace("园区", "園區")]).suggestions == (other,)
    assert engine.ask("能问什么", [ASKED]).suggestions == (other,)


def test_another_reader_decides_anew(built: Settings) -> None:
    reranker = Reader()
    Engine.open(built, StubEncoder(), reranker)
    assert reranker.asked == 3


def test_nothing_is_known_of_a_store_without_the_note_or_judged_by_other_numbers(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Engine.open(built, StubEncoder()).store
    bare: Any = SimpleNamespace(note={})
    assert suggestions.kept_in(store, None).keys() == {ASKED, "食堂晚饭几点开？", "zzz?"}
    assert suggestions.kept_in(bare, None) == {}
    monkeypatch.setattr(suggestions, "judge", lambda reranker: "other numbers")
    assert suggestions.kept_in(store, None) == {}
