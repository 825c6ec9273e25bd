"""Newer beats older at equal fit, the year asked for beats both, and nothing else changes its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines import corpus, opened
from parkqa.corpus.curation.glossary import glossary
from parkqa.engine import Engine
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.search.recency import BEHIND, TIE, distinct, equal, newest_first, replaced
from parkqa.types import Document, Hit, Passage, Query

LORE = learn([], glossary({}), ())


def query(text: str = "园区有多少家企业？") -> Query:
    return understand(text, (), LORE, literal=True)


def hit(row: int, name: str, text: str, score: float) -> Hit:
    passage = Passage(f"{row}", name, 0, len(text), text, "paragraph", (), ((0, len(text)),))
    return Hit(row, passage, score, 0.0, 0.0, (score,))


def dated(**dates: str | None) -> dict[str, Document]:
    return {name: Document(name, name, "", "", (), date=date) for name, date in dates.items()}


DATES = dated(old="2022", new="2023-05-01", none=None)


def names(hits: list[Hit]) -> list[str]:
    return [each.passage.document for each in hits]


def test_of_two_that_say_the_same_but_for_figures_the_newer_goes_first() -> None:
    hits = [
        hit(0, "old", "全年新增企业31家,总数达到480家。", 9.0),
        hit(1, "new", "全年新增企业4家,总数达到484家。", 3.0),
    ]
    assert names(newest_first(query(), hits, DATES)) == ["new", "old"]
    assert distinct(hits) == hits[:1]


@pytest.mark.parametrize(("gap", "first"), [(TIE * 0.9, "new"), (TIE * 1.1, "old")])
def test_of_two_that_say_something_else_only_a_near_tie_is_equal(gap: float, first: str) -> None:
    hits = [hit(0, "old", "园区的企业有很多。", 2.0), hit(1, "new", "码头旁是造船厂。", 2.0 - gap)]
    assert names(newest_first(query(), hits, DATES))[0] == first
    assert distinct(hits) == hits


def test_without_a_date_nothing_is_newer_or_older() -> None:
    hits = [hit(0, "none", "总数达到480家。", 2.0), hit(1, "new", "总数达到484家。", 2.0)]
    assert newest_first(query(), hits, DATES) == hits
    hits = [hit(0, "old", "总数达到480家。", 2.0), hit(1, "none", "总数达到484家。", 2.0)]
    assert newest_first(query(), hits, DATES) == hits


def test_within_a_document_the_order_stays() -> None:
    hits = [hit(0, "new", "总数达到480家。", 2.0), hit(1, "new", "总数达到484家。", 2.0)]
    assert newest_first(query(), hits, DATES) == hits and not equal(*hits, DATES)


def test_the_year_that_is_named_goes_first() -> None:
    hits = [hit(1, "new", "总数达到484家。", 2.1), hit(0, "old", "总数达到480家。", 2.0)]
    assert names(newest_first(query("2022年园区有多少家企业？"), hits, DATES)) == ["old", "new"]
    assert names(newest_first(query("2023年园区有多少家企业？"), hits, DATES)) == ["new", "old"]


SCORES = st.lists(st.tuples(st.sampled_from(["old", "new", "none"]), st.sampled_from("甲乙丙"), st.floats(0, 3)))


@given(SCORES)
def test_nothing_is_lost_and_what_has_no_equal_stays_where_it_was(made: list[tuple[str, str, float]]) -> None:
    hits = [hit(row, name, text * 5, score) for row, (name, text, score) in enumerate(made)]
    hits.sort(key=lambda each: -each.score)
    ordered = newest_first(query(), hits, DATES)
    assert sorted(each.row for each in ordered) == sorted(each.row for each in hits)
    for place, each in enumerate(hits):
        if not any(equal(each, other, DATES) for other in hits):
            assert ordered[place] == each


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Two yearly reports with the same sentence and other figures, the years in their front matter only."""
    text = "---\ndate: {}\n---\n# 工作报告\n\n园区内企业总数达到{}家,就业人员{}万人。\n\n码头共有泊位{}个。\n"
    first, second = text.format(2022, 480, 3, 7), text.format(2023, 512, 4, 9)
    return opened(corpus(tmp_path_factory.mktemp("reports"), a_md=first, b_md=second))


@pytest.mark.parametrize(
    ("asked", "document"),
    [
        ("园区内企业总数达到多少家？", "b.md"),
        ("园区内企业总数和就业人员", "b.md"),
        ("2022年园区内企业总数达到多少家？", "a.md"),
        ("2023年园区内企业总数达到多少家？", "b.md"),
        ("码头共有泊位多少个？", "b.md"),
        ("2022年码头共有泊位多少个？", "a.md"),
    ],
)
def test_two_yearly_reports(reports: Engine, asked: str, document: str) -> None:
    answer = reports.ask(asked)
    found = answer.quotes or answer.related
    assert found[0].document == document
    assert Path(found[1].document).name != document


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Two versions of the same measures, worded anew; only the titles, or the numbers at the top, tell the years."""
    old = "首次取得三类医疗器械注册证的，每张奖励120万元，二类注册证每张奖励10万元。"
    new = "取得三类医疗器械注册证的，每张奖励200万元，取得二类注册证的，每张奖励15万元。"
    return opened(
        corpus(
            tmp_path_factory.mktemp("measures"),
            a_md=f"# 医药产业扶持办法（2023年版）\n\n{old}\n",
            b_md=f"# 医药产业扶持办法（2025年修订）\n\n{new}\n",
        )
    )


@pytest.mark.parametrize(
    ("asked", "document"),
    [
        ("三类医疗器械注册证每张奖励多少？", "b.md"),
        ("首次取得三类医疗器械注册证的奖励是多少？", "b.md"),
        ("2023年三类医疗器械注册证每张奖励多少？", "a.md"),
        ("以前三类医疗器械注册证每张奖励多少？", "a.md"),
        ("按旧办法三类医疗器械注册证每张奖励多少？", "a.md"),
    ],
)
def test_two_versions_of_one_document(measures: Engine, asked: str, document: str) -> None:
    answer = measures.ask(asked)
    assert (answer.quotes or answer.related)[0].document == document


def test_the_year_stands_in_the_title_the_path_or_the_number_at_the_top() -> None:
    hits = [hit(0, "old", "总数达到480家。", 2.0), hit(1, "new", "总数达到484家。", 2.0)]
    none = Document("old", "通知", "甲园管〔2021〕8号\n正文", "", ())
    for new in (
        Document("new", "通知（2024年）", "", "", ()),
        replace(none, path="new", text="甲园管〔2024〕3号\n正文"),
    ):
        assert names(newest_first(query(), hits, {"old": none, "new": new})) == ["new", "old"]
    path = "通知2024.md"
    found = newest_first(
        query(), [hits[0], hit(1, path, "总数达到484家。", 2.0)], {"old": none, path: replace(none, path=path, text="")}
    )
    assert names(found) == [path, "old"]


OLD, NEW = "自2021年9月1日起，停车场30分钟内免费。", "停车收费自2024年2月1日起调整，停车场60分钟内免费。"


@pytest.mark.parametrize(
    ("question", "lines", "place"),
    [
        ("停车场免费多久？", [OLD, NEW], 1),
        ("停车场免费多久？", [NEW, OLD], None),
        ("停车场免费多久？", [OLD, "食堂自2024年2月1日起涨价。"], None),  # another rule
        ("停车场免费多久？", [OLD, "停车场现在60分钟内免费。"], None),  # it does not say since when
        ("停车场免费多久？", ["停车场30分钟内免费。", NEW], None),
        ("停车场免费多久？", [OLD, "从2022年5月起停车场免费45分钟。", NEW], 2),
        ("2021年停车场免费多久？", [OLD, NEW], None),
        ("停车场以前免费多久？", [OLD, NEW], None),
        ("How long is parking free?", [OLD, NEW], None),  # nothing tells that both are about it
    ],
)
def test_what_has_been_in_force_since_later_has_replaced_the_best(
    question: str, lines: list[str], place: int | None
) -> None:
    hits = [hit(row, "a.txt", text, 9.0 - row) for row, text in enumerate(lines)]
    assert replaced(query(question), hits) == place


def test_what_fits_far_worse_has_replaced_nothing() -> None:
    assert replaced(query("停车场免费多久？"), [hit(0, "a", OLD, 9.0), hit(1, "a", NEW, 9.0 - BEHIND)]) is None
    assert replaced(query("停车场免费多久？"), []) is None
