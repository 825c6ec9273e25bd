"""What is set off as the answer: the shortest run of clauses that holds it, always within what is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.answer import extraction
from parkqa.answer.extraction import MOST, SHORT, answer
from parkqa.answer.quoting import marks
from parkqa.search.passage_texts import units
from parkqa.search.ranking import best_unit
from parkqa.search.reranking import unit_line
from parkqa.text.sentences import sentences
from parkqa.types import Hit, Passage, Query, Reading

LONG = "开发区位于临汐市东南部、望潮湾北岸，规划面积86.5平方公里，其中建成区32平方公里，下辖渔沟、白沙两个街道。"
ROW = "扫描电子显微镜（SEM）\t2019\t元/小时\t120\t1,200"


def query(asks: str = "", *concepts: str) -> Query:
    return Query("问", "问", "问", "zh", tuple((concept,) for concept in concepts), asks=asks)


def hit(text: str, start: int = 0, kind: str = "paragraph", scores: Sequence[float] | None = None) -> Hit:
    spans = tuple((start + a, start + b) for a, b in sentences(text))
    if kind == "list":
        ends = [0, *(place + 1 for place, character in enumerate(text) if character == "\n"), len(text) + 1]
        spans = tuple((start + a, start + b - 1) for a, b in pairwise(ends) if text[a : b - 1].strip())
    passage = Passage("p", "a.md", start, start + len(text), text, kind, (), spans)  # type: ignore[arg-type]
    return Hit(0, passage, 1.0, 0.9, 1.0, tuple(scores or (1.0,) * len(units(passage))))


def reading(found: Hit, said: str, sure: float = 9.0) -> Reading:
    """A reading with a token a code point that is ``sure`` that the answer is what is said."""
    line = unit_line(found.passage, units(found.passage)[best_unit(found)])
    at = line.index(said)
    ends = np.zeros((len(line), 2), dtype=np.float32)
    ends[at, 0], ends[at + len(said) - 1, 1] = sure, sure
    return Reading(1.0, np.array([(place, place + 1) for place in range(len(line))]), ends)


def shown(found: Hit, said: str, question: Query | None = None, sure: float = 9.0) -> list[str]:
    spans = answer(question or query(), found, marks(found), reading(found, said, sure))
    passage = found.passage
    return [passage.text[a - passage.start : b - passage.start] for a, b in spans]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("32平方公里", "其中建成区32平方公里"),
        ("望潮湾", "开发区位于临汐市东南部、望潮湾北岸"),
        ("86.5平方公里,其中建成区32平方公里", "规划面积86.5平方公里，其中建成区32平方公里"),
    ],
)
def test_the_clauses_that_hold_the_answer_are_set_off(said: str, expected: str) -> None:
    assert shown(hit(LONG), said) == [expected]


def test_a_cell_of_a_row_is_set_off_with_its_thousands() -> None:
    assert shown(hit(ROW), "1,200") == ["1,200"]


def test_a_short_sentence_is_set_off_whole() -> None:
    text = "电话，86001234"
    assert len(text) <= SHORT
    assert shown(hit(text), "86001234") == [text]


def test_where_the_reranker_is_unsure_more_is_set_off() -> None:
    assert shown(hit(LONG), "32平方公里", sure=0.0) == [LONG.rstrip("。")]


MANY = (
    "建设飞地、科创园、工业园三大科创载体，培育船舶、冶金、钢构、机械、物流五大产业基地，"
    "2024年起推进安居、焕新、畅通六类民生项目。"
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (query("", "三大", "科创", "载体"), "建设飞地、科创园、工业园三大科创载体"),
        (query("", "载体", "项目"), MANY.rstrip("。")),  # no clause names both
        (query("", "食堂"), MANY.rstrip("。")),
        (query("when", "载体"), MANY.rstrip("。")),  # another clause has the date
    ],
)
def test_where_it_tells_only_where_the_answer_begins_the_clause_that_names_what_is_asked_is_set_off(
    question: Query, expected: str
) -> None:
    found = hit(MANY)
    unsure = reading(found, "飞地")
    unsure.ends[:, 1] = 0.0
    assert len(MANY) > extraction.LONG
    (span,) = answer(question, found, marks(found), unsure)
    assert MANY[slice(*span)] == expected


def test_never_a_wall_of_text_where_it_is_unsure_of_a_long_sentence() -> None:
    long = "，".join(f"第{number}个项目建设内容包括厂房和道路以及配套设施" for number in range(12)) + "。"
    (text,) = shown(hit(long), "厂房", sure=1.0)
    assert len(text) <= MOST
    assert text in long


def test_of_a_list_the_item_that_answers_is_set_off_unless_all_are_asked_for() -> None:
    items = hit("二手车交易中心位于南区三号门对面\n保税仓库\n冷链中心", kind="list")
    assert shown(items, "保税仓库") == ["保税仓库"]
    assert len(shown(items, "保税仓库", replace(query(), search="有哪些"))) == 3


def test_offsets_are_of_the_document_also_where_folding_changes_the_length() -> None:
    found = hit("園區成立於０３年，占地５㎡，有很長很長的一句話在後面。", start=40)
    assert shown(found, "占地5m2") == ["占地５㎡"]


def test_without_a_reading_the_clause_with_what_is_asked_for_is_set_off() -> None:
    found = hit(LONG)
    spans = answer(query("area", "建成区"), found, marks(found), None)
    assert [LONG[a:b] for a, b in spans] == ["其中建成区32平方公里"]


def test_what_faq_yaml_marks_is_narrowed_by_words_only() -> None:
    found = replace(hit(LONG), marks=((18, 40),))
    spans = answer(query("area", "规划面积"), found, marks(found), reading(found, "白沙"))
    assert [LONG[a:b] for a, b in spans] == ["规划面积86.5平方公里"]


@pytest.mark.slow
@given(
    st.text(alphabet="园区０3年，。；：、（）()“” \n\t—a8,.:㎡", min_size=1, max_size=80).filter(str.strip),
    st.sampled_from(("paragraph", "list")),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_what_is_set_off_lies_within_what_is_marked(text: str, kind: str, start: int, chance: object) -> None:
    found = hit(text, start, kind)
    line = unit_line(found.passage, units(found.passage)[best_unit(found)])
    rng = np.random.default_rng(chance.randrange(1000))  # type: ignore[attr-defined]
    read = Reading(
        1.0, np.array([(i, i + 1) for i in range(len(line))]).reshape(-1, 2), rng.normal(size=(len(line), 2))
    )
    marked = marks(found)
    for one in (read, None):
        spans = answer(query("when", "园区"), found, marked, one)
        assert spans
        assert all(any(a <= first < last <= b for a, b in marked) for first, last in spans)


@pytest.mark.parametrize(
    ("concepts", "cell"),
    [
        (("大工业", "低谷"), ["0.30"]),
        (("大工业", "高峰"), ["0.97"]),
        (("大工业", "电价"), ["0.97 | 0.64"]),  # no column is named: what the reader found
        (("大工业", "尖峰"), ["0.97 | 0.64"]),  # nothing stands in it
    ],
)
def test_the_cell_of_the_column_that_the_question_names_is_the_answer(
    concepts: tuple[str, ...], cell: list[str]
) -> None:
    text = "大工业 | — | 0.97 | 0.64 | 0.30"
    passage = Passage(
        "p", "a.md", 7, 7 + len(text), text, "row", ("电价", "类别 | 尖峰 | 高峰 | 平段 | 低谷"), ((7, 7 + len(text)),)
    )
    row = Hit(0, passage, 1.0, 0.9, 1.0, (1.0,))
    assert shown(row, "0.97 | 0.64", query("money", *concepts)) == cell
