"""Evidence and order: what speaks for a sentence, and which passage comes first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parkqa.engine import Engine
from parkqa.search.features import FEATURES, Features, UnitEvidence
from parkqa.search.passage_texts import units
from parkqa.search.ranking import best_unit, rank
from parkqa.settings import load_settings
from parkqa.types import Hit, Query
from stubs import StubEncoder


def asked(engine: Engine, question: str) -> tuple[Query, list[Hit], dict[tuple[int, int], dict[str, float]]]:
    """The hits for a question, all features weighing the same, and the features of each unit by name."""
    query, vector = engine.understand(question)
    evidence = engine.pipeline.evidence(query, vector)
    named = {(row.row, row.unit): row.features._asdict() for row in evidence.units}
    return query, rank(evidence.candidates, evidence.units, np.ones(len(FEATURES))), named


def features(engine: Engine, question: str, text: str) -> dict[str, float]:
    """The features of the unit that holds ``text``."""
    _, hits, named = asked(engine, question)
    for hit in hits:
        for unit, (start, end) in enumerate(units(hit.passage)):
            if text in hit.passage.text[start - hit.passage.start : end - hit.passage.start]:
                return named[hit.row, unit]
    raise AssertionError(text)


def test_every_sentence_of_every_candidate_has_evidence(engine: Engine) -> None:
    _, hits, named = asked(engine, "园区什么时候成立的？")
    assert {(hit.row, unit) for hit in hits for unit in range(len(units(hit.passage)))} == set(named)
    assert all(len(hit.unit_scores) == len(units(hit.passage)) for hit in hits)


def test_hits_come_best_first_by_their_best_unit(engine: Engine) -> None:
    _, hits, named = asked(engine, "园区什么时候成立的？")
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    for hit in hits:
        assert hit.score == pytest.approx(sum(named[hit.row, best_unit(hit)].values()))


@pytest.mark.parametrize("titles", [("2023年收费标准", "2024年收费标准"), ("2024年收费标准",)])
def test_a_year_that_only_the_title_has_counts_as_named(tmp_path: Path, titles: tuple[str, ...]) -> None:
    (tmp_path / "corpus").mkdir()
    for price, title in enumerate(titles, 3):
        text = f"---\ntitle: {title}\n---\n物业费每平方米{price}元。\n"
        (tmp_path / "corpus" / f"{price}.md").write_text(text, encoding="utf-8")
    settings = load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    Engine.build(settings, encoder=StubEncoder())
    engine = Engine.open(settings, StubEncoder())
    last = f"物业费每平方米{len(titles) + 2}元"
    assert features(engine, "2024年物业费是多少？", last)["year"] == 1
    assert features(engine, "2022年物业费是多少？", last)["year"] == -1
    assert engine.ask("2024年物业费是多少？").quotes[0].heading == ""


def test_the_named_year_speaks_for_its_entry_and_against_others(engine: Engine) -> None:
    question = "2009年园区获评什么？"
    assert features(engine, question, "中国重钢结构产业基地。")["year"] == 1
    assert features(engine, question, "2014年园区获评省级船舶特色产业园")["year"] == -1
    assert features(engine, "园区获评什么？", "2014年园区获评省级船舶特色产业园")["year"] == 0


def test_a_thing_of_the_kind_asked_for_must_be_there(engine: Engine) -> None:
    assert features(engine, "哪一年上市的？", "2007年扬子江船业股票")["asked"] == 1
    assert features(engine, "上市募集了多少资金？", "2007年扬子江船业股票")["asked"] == -1
    assert features(engine, "扬子江船业怎么样？", "2007年扬子江船业股票")["asked"] == 0


def test_a_list_answers_a_question_for_a_list(engine: Engine) -> None:
    assert features(engine, "主导产业有哪些？", "船舶制造\n高精钢构")["whole"] == 1
    assert features(engine, "主导产业在哪里？", "船舶制造\n高精钢构")["whole"] == -1
    assert features(engine, "主导产业有哪些？", "船舶制造\n高精钢构")["heading"] > 0


def test_captions_are_known(engine: Engine) -> None:
    assert features(engine, "江花公园", "江花公园")["caption"] == 1
    assert features(engine, "园区什么时候成立的？", "2003年8月29日,江阴")["caption"] == 0


def test_words_that_are_there_are_covered(engine: Engine) -> None:
    whole = features(engine, "扬子江船业在哪里上市？", "新加坡挂牌上市")
    none = features(engine, "扬子江船业在哪里上市？", "2009年园区获评中国重钢结构产业基地")
    assert whole["covered"] == whole["covered_here"] == pytest.approx(1)
    assert none["covered"] < 0.5
    assert whole["lexical"] == pytest.approx(1)


def test_a_clause_can_be_nearer_than_its_sentence(engine: Engine) -> None:
    _, hits, named = asked(engine, "亿吨港区")
    assert all(unit["clause"] >= unit["sentence"] - 1e-6 for unit in named.values())
    long = max((hit for hit in hits if hit.passage.kind == "paragraph"), key=lambda hit: len(hit.passage.text))
    assert any(named[long.row, u]["clause"] > named[long.row, u]["sentence"] for u in range(len(long.unit_scores)))


def test_translations_are_searched_in_english_only(engine: Engine) -> None:
    translations = set(engine.store.translations.values())
    for question in ("园区什么时候成立的？", "When was the park founded?"):
        query, hits, _ = asked(engine, question)
        assert not {hit.row for hit in hits} & translations
        found = engine.pipeline.evidence(*engine.understand(question)).candidates
        assert all((candidate.translation is not None) == (query.language == "en") for candidate in found)


def test_units_without_evidence_come_last(engine: Engine) -> None:
    found = engine.pipeline.evidence(*engine.understand("园区")).candidates[:2]
    row = UnitEvidence(found[0].row, 0, Features(*[1.0] * len(FEATURES)), (True,))
    hits = rank(found, [row], np.ones(len(FEATURES)))
    assert hits[0].row == found[0].row
    assert hits[1].score == -np.inf


def test_the_same_question_gives_the_same_order(engine: Engine) -> None:
    first, second = (asked(engine, "园区有哪些荣誉？")[1] for _ in range(2))
    assert first == second


def test_an_empty_store_gives_no_candidates(tmp_path: Path) -> None:
    from parkqa.settings import load_settings
    from stubs import StubEncoder

    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.png").write_bytes(b"")
    settings = load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    Engine.build(settings, encoder=StubEncoder())
    empty = Engine.open(settings, StubEncoder())
    assert empty.ask("园区什么时候成立的？").refused
