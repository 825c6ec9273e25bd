"""Where the first hit holds no value of the kind that is asked for, the next that does is taken, or none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from parkqa.answer.meaning import Meaning
from parkqa.corpus.curation.glossary import glossary
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.search import confidence
from parkqa.search.pipeline import Ranking
from parkqa.types import Document, Hit, Passage, PassageKind
from stubs import StubEncoder

LORE = learn([], glossary({}), ())


def asked(
    question: str,
    *lines: tuple[str, float],
    sure: float = 0.9,
    heading: tuple[str, ...] = (),
    kind: PassageKind = "paragraph",
) -> Ranking:
    """The ranking of passages of one line each, with scores, for a question."""
    hits = [
        Hit(
            row,
            Passage(f"{row}", "a.md", 0, len(text), text, kind, heading, ((0, len(text)),)),
            score,
            0,
            0,
            (score,),
        )
        for row, (text, score) in enumerate(lines)
    ]
    pipeline: Any = SimpleNamespace(
        rank=lambda query, vector: Ranking(tuple(hits), sure, confidence.load()),
        store=SimpleNamespace(documents={"a.md": Document("a.md", "", "", "", ())}),
    )
    return Meaning(pipeline, StubEncoder(), LORE).ranked(understand(question, (), LORE)).ranking


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ([("大厦共28层。", 3.0), ("大厦在江边。", 2.0)], "大厦共28层。"),
        ([("大厦写字间32元。", 3.0), ("大厦共28层。", 2.5)], "大厦共28层。"),
        ([("大厦写字间32元。", 3.0), ("大厦在江边。", 2.8), ("大厦共28层。", 2.5)], "大厦共28层。"),
    ],
)
def test_the_first_hit_with_the_value_leads(lines: list[tuple[str, float]], first: str) -> None:
    ranking = asked("大厦有几层", *lines)
    assert ranking.answers
    assert ranking.hits[0].passage.text == first


@pytest.mark.parametrize(("score", "confidence"), [(2.5, 0.9), (0.0, 0.448)])
def test_it_is_as_sure_as_if_the_first_were_known_not_to_answer(score: float, confidence: float) -> None:
    ranking = asked("大厦有几层", ("大厦写字间32元。", 3.0), ("大厦共28层。", score))
    assert ranking.confidence == pytest.approx(confidence, abs=0.001)


@pytest.mark.parametrize(
    "lines",
    [
        [("大厦写字间32元。", 3.0), ("大厦在江边。", 2.5)],
        [("大厦写字间32元。", 3.0), ("大厦共28层。", -2.0)],
    ],
)
def test_where_none_near_has_it_nothing_answers(lines: list[tuple[str, float]]) -> None:
    ranking = asked("大厦有几层", *lines)
    assert not ranking.answers
    assert len(ranking.hits) == 2


@pytest.mark.parametrize(
    ("question", "line", "answers"),
    [
        ("二期丙类厂房租金多少", "丙类厂房 | 14.5 | 17.0", True),
        ("二期丙类厂房押金多少", "丙类厂房 | 14.5 | 17.0", False),
        ("三期丙类厂房租金多少", "丙类厂房 | 14.5 | 17.0", False),
        ("二期乙类厂房租金多少", "丙类厂房 | 14.5 | 17.0", False),
        ("二期丙类厂房租金多少", "丙类厂房 | 面议 | 面议", False),
        ("2023年丙类厂房租金多少", "丙类厂房 | 14.5 | 17.0", False),
        ("丙类厂房租金怎么交", "丙类厂房 | 14.5 | 17.0", False),
    ],
)
def test_a_row_that_has_all_of_the_question_answers_it_however_unsure_the_models_are(
    question: str, line: str, answers: bool
) -> None:
    heads = ("厂房租金（元/平方米·月）", "类型 | 一期 | 二期")
    assert asked(question, (line, 3.0), sure=0.05, heading=heads, kind="row").answers is answers
    assert not asked(question, (line, 3.0), sure=0.0, heading=heads, kind="row").answers  # by the word of staff
