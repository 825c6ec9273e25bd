"""The way of a question, whole: one pipeline, the numbers that hold for each reranker, and staff's own word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engines import corpus, opened
from parkqa.engine import Engine
from parkqa.query.understanding import understand
from parkqa.search import confidence
from parkqa.search.passage_texts import PassageTexts
from parkqa.search.pipeline import Evidence, Pipeline, competitors
from parkqa.types import Hit, Passage, PassageKind, Query, Vectors

QUESTION = "园区什么时候成立的？"


class Preferring:
    """A reranker that scores a text by how often ``word`` stands in it."""

    def __init__(self, word: str, fingerprint: str) -> None:
        self.word, self.fingerprint = word, fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.array([9.0 * text.count(self.word) - 4 for text in texts], dtype=np.float32)


def fitted(word: str) -> Preferring:
    """One with the fingerprint that the shipped numbers were fitted with."""
    return Preferring(word, confidence.load(reranked=True).reranker)


def asked(engine: Engine, question: str = QUESTION) -> tuple[Query, Vectors]:
    return engine.understand(question)


def test_the_steps_one_by_one_give_what_rank_gives(engine: Engine) -> None:
    query, vector = asked(engine)
    for reranker in (None, fitted("成立")):
        pipeline = replace(engine.pipeline, reranker=reranker)
        evidence, numbers = pipeline.evidence(query, vector), pipeline.plain
        if reranker:
            numbers = pipeline.reranked
            evidence = pipeline.rerank(evidence, pipeline.plain, numbers.cascade(query.language))
        hits = pipeline.order(evidence, numbers)
        ranking = pipeline.rank(query, vector)
        assert [hit.row for hit in ranking.hits] == [hit.row for hit in hits]
        assert ranking.confidence == pipeline.confidence(evidence, hits, numbers)
        assert ranking.calibration is numbers


def test_the_fitted_reranker_is_weighed_and_its_score_is_a_sign(engine: Engine) -> None:
    query, vector = asked(engine)
    pipeline = replace(engine.pipeline, reranker=fitted("成立"))
    evidence = pipeline.rerank(pipeline.evidence(query, vector), pipeline.plain)
    assert 0 < len(evidence.units) <= 6
    assert {unit.reranker is None for unit in evidence.units} == {False}
    hits = pipeline.order(evidence, pipeline.reranked)
    assert pipeline.signs(evidence, hits).shape == (len(confidence.sign_names(True)),)
    sure = {word: replace(pipeline, reranker=fitted(word)).rank(query, vector).confidence for word in ("成立", "无")}
    assert sure["成立"] > sure["无"]


def test_a_reranker_that_nothing_was_fitted_to_orders_and_does_not_judge(engine: Engine) -> None:
    query, vector = asked(engine)
    plain = replace(engine.pipeline, reranker=None).rank(query, vector)
    second = plain.hits[1].passage.text
    other = replace(engine.pipeline, reranker=Preferring(second[:12], "another")).rank(query, vector)
    assert other.calibration is engine.pipeline.plain
    assert other.confidence == plain.confidence
    assert other.hits[0].row == plain.hits[1].row
    assert {hit.row for hit in other.hits} <= {hit.row for hit in plain.hits}


@pytest.mark.parametrize(
    ("question", "kind", "left"),
    [
        ("重点企业有哪些", "paragraph", [0, 2]),
        ("有几家企业", "row", [0, 2]),
        ("华砺机床哪年上市", "paragraph", [0, 1, 2]),
        ("重点企业有哪些", "list", [0, 1, 2]),
    ],
)
def test_what_answers_a_question_for_all_together_casts_no_doubt(
    engine: Engine, question: str, kind: PassageKind, left: list[int]
) -> None:
    texts = (("企业", "华砺公司:机床"), ("企业", "拓锐公司:机器人"), ("班车", "一天六趟"))
    hits = [
        Hit(row, Passage(f"{row}", "a.md", 0, len(text), text, kind, (heading,), ((0, len(text)),)), 1.0, 0, 0, (1.0,))
        for row, (heading, text) in enumerate(texts)
    ]
    query = understand(question, (), engine.vocabulary, literal=True)
    assert [hit.row for hit in competitors(query, hits)] == left
    assert competitors(query, []) == []


def test_documents_can_be_kept_out_of_the_candidates(engine: Engine) -> None:
    query, vector = asked(engine)
    kept: Evidence = engine.pipeline.evidence(query, vector, lambda candidate: candidate.passage.kind == "entry")
    assert {candidate.passage.kind for candidate in kept.candidates} == {"entry"}
    assert {unit.row for unit in kept.units} == {candidate.row for candidate in kept.candidates}


def test_without_candidates_nothing_answers(engine: Engine) -> None:
    query, vector = asked(engine)
    nothing = engine.pipeline.evidence(query, vector, lambda _: False)
    assert nothing.candidates == nothing.units == ()


def test_newer_before_older_is_part_of_the_order_that_numbers_are_fitted_on(tmp_path: Path) -> None:
    text = "---\ndate: {}\n---\n# 工作报告\n\n园区内企业总数达到{}家。\n"
    engine = opened(corpus(tmp_path, a_md=text.format(2022, 480), b_md=text.format(2023, 512)))
    query, vector = asked(engine, "园区内企业总数达到480家？")
    hits = engine.pipeline.order(engine.pipeline.evidence(query, vector), engine.pipeline.plain)
    assert hits[0].passage.document == "b.md"


def test_a_pipeline_cannot_be_changed(engine: Engine) -> None:
    with pytest.raises(AttributeError):
        engine.pipeline.reranker = None  # type: ignore[misc]
    assert isinstance(engine.pipeline, Pipeline)


@pytest.mark.parametrize("name", ["蘇澳智谷", "ＡＢＣ園區", "A-B 智谷"])
def test_a_park_finds_its_own_name_however_it_is_written(tmp_path: Path, name: str) -> None:
    settings = corpus(tmp_path, a_md=f"# 简介\n\n{name}坐落在江边。\n\n码头长300米。\n")
    (settings.corpus / "park.yaml").write_text(f"name: {name}\n", encoding="utf-8")
    engine = opened(settings)
    query, vector = asked(engine, f"{name}在哪里？")
    evidence = engine.pipeline.evidence(query, vector)
    named = max(evidence.candidates, key=lambda candidate: candidate.lexical)
    assert name in named.passage.text
    assert named.lexical > 0
    assert not evidence.rarity.nowhere[0]


def test_what_is_folded_of_passages_belongs_to_the_index_that_was_opened(tmp_path: Path) -> None:
    """Two indexes have other passages in the same rows; what one has folded never answers for the other."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = opened(corpus(tmp_path / "one", a_md="# 甲\n\n码头长300米。\n"))
    two = opened(corpus(tmp_path / "two", a_md="# 乙\n\n食堂五点半开门。\n"))
    assert one.pipeline.texts is not two.pipeline.texts
    for engine, question, word in (
        (one, "码头多长？", "码头"),
        (two, "食堂几点开门？", "食堂"),
        (one, "码头多长？", "码头"),
    ):
        best = max(engine.pipeline.evidence(*asked(engine, question)).units, key=lambda unit: unit.features.covered)
        assert word in engine.pipeline.texts.of(best.row, engine.store.passages[best.row]).whole
        assert best.features.covered > 0


def test_no_more_passages_are_kept_folded_than_there_is_room_for(engine: Engine) -> None:
    texts = PassageTexts(most=3)
    for row, passage in enumerate(engine.store.passages):
        assert texts.of(row, passage).units == engine.pipeline.texts.of(row, passage).units
        assert texts.of(row, passage) is texts.of(row, passage)
        assert len(texts._kept) <= 3
