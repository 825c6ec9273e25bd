"""What a question takes for granted and the document has otherwise is told, with its place; nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.answer import premise
from parkqa.corpus.curation.glossary import glossary
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.search import confidence
from parkqa.search.pipeline import Ranking
from parkqa.types import Document, Hit, Note, Passage, Query

LORE = learn([], glossary({}), ())
TEXT = "民生工程\n2011年8月，园区建成七类便民设施和两家国家级实验室，获评AA级平台。"


def query(text: str) -> Query:
    return understand(text, (), LORE, literal=True)


def found(question: str, text: str = TEXT, heading: tuple[str, ...] = ("民生工程",)) -> tuple[Note, ...]:
    document = Document("a.md", "介绍", text, "", ())
    start = text.find("\n") + 1
    passage = Passage("1", "a.md", start, len(text), text[start:], "paragraph", heading, ((start, len(text)),))
    return premise.notes(query(question), passage, document, passage.spans)


@pytest.mark.parametrize(
    ("question", "kind", "asked", "value"),
    [
        ("九类便民设施有哪些", "number", "九类", "七类"),
        ("9类便民设施有哪些？", "number", "9类", "七类"),
        ("有三家国家级实验室吗", "number", "三家", "两家"),
        ("AAA级平台是什么", "rank", "AAA级", "AA级"),
        ("省级实验室有几家", "rank", "省级", "国家级"),
        ("便民设施是2012年建成的吗", "year", "2012年", "2011年"),
        ("Were the facilities built in 2012?", "year", "2012", "2011年"),
    ],
)
def test_another_value_is_told_with_its_place(question: str, kind: str, asked: str, value: str) -> None:
    note = found(question)[0]
    assert (note.kind, note.asked, note.found) == (kind, asked, value)
    assert TEXT[note.span[0] : note.span[1]] == value


def test_of_several_years_that_of_the_clause_about_it_is_told() -> None:
    text = "企业\n鼎峰重工：2012年落户，年产4万吨，2019年在香港上市，2021年扩建。"
    assert found("鼎峰重工是2020年上市的吗", text)[0].found == "2019年"
    assert found("鼎峰重工是2020年扩建的吗", text)[0].found == "2021年"


@pytest.mark.parametrize(
    "question",
    [
        "七类便民设施有哪些",
        "7类便民设施有哪些",
        "2家国家级实验室是什么",
        "AA级平台是什么",
        "aa级平台是什么",
        "便民设施是2011年建成的吗",
        "八类企业有哪些",
        "市级博物馆在哪",
        "便民设施有哪些",
        "第三类是什么",
    ],
)
def test_the_same_value_and_other_things_are_not(question: str) -> None:
    assert found(question) == ()


def test_the_heading_may_have_the_whole_name_of_what_is_counted() -> None:
    text = "主导产业\n园区主攻三大产业：机床、机器人。"
    assert [(note.asked, note.found) for note in found("四大主导产业是哪四个", text, ("主导产业",))] == [
        ("四大", "三大")
    ]
    assert found("四大新兴产业是哪四个", text, ("主导产业",)) == ()


def test_a_value_in_the_heading_counts() -> None:
    (note,) = found("五大载体是什么", "三大载体\n飞地、孵化器和工业园。", ("三大载体",))
    assert (note.asked, note.found, note.span) == ("五大", "三大", (0, 2))


@pytest.mark.slow
@given(st.sampled_from(["", "六类", "三大", "AA级", "2003年"]), st.text(max_size=60), st.text(max_size=20))
def test_whatever_the_text_a_value_found_is_a_slice_of_it(value: str, text: str, asked: str) -> None:
    text = f"标题\n{value}设施{text}。"
    for note in found(f"九类设施AAA级设施2001年{asked}", text, ("标题",)):
        assert text[note.span[0] : note.span[1]] == note.found


def test_a_question_is_relaxed_and_told_from_one_with_nothing_to_relax() -> None:
    assert premise.relaxed("2010年首个项目是哪家") == "首个项目是哪家"
    assert premise.relaxed("国家级实验室有几家") == "实验室有几家"
    assert premise.relaxed("园区在哪里") is None
    assert premise.relaxed("2010年") is None


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("2018年有多少家企业", True),
        ("2022年纳税多少钱", True),
        ("How many people worked here in 2018?", True),
        ("2018年有50家企业吗", False),
        ("2010年首个超亿美元项目是哪家", False),
        ("有多少家企业", False),
    ],
)
def test_a_quantity_of_a_year_is_told_from_other_questions(question: str, asks: bool) -> None:
    assert premise.of_a_year(query(question)) is asks


def ranked(question: str, *texts: str) -> Ranking:
    """What is told on a question by a ranking of one document for each text."""
    documents = {f"{row}.md": Document(f"{row}.md", "介绍", text, "", ()) for row, text in enumerate(texts)}
    hits = [
        Hit(
            row,
            Passage(str(row), f"{row}.md", 0, len(text), text, "paragraph", (), ((0, len(text)),)),
            2.0,
            0,
            0,
            (2.0,),
        )
        for row, text in enumerate(texts)
    ]
    found = Ranking(tuple(hits), 0.9, confidence.load())
    return premise.true_line(query(question), found, documents, query, lambda _: found)


def test_the_quantity_of_another_year_is_refused() -> None:
    assert ranked("2018年有多少家企业", "2024年有企业68家。").missing == ("2018年",)
    assert not ranked("2018年有多少家企业", "2024年有企业68家。").answers
    assert ranked("2018年有多少家企业", "2024年有企业68家。", "2018年开业。").missing == ()
    assert not ranked("2018年有多少家企业", "2024年有企业68家。", "2018年开业。").answers
    assert ranked("2024年有多少家企业", "2024年有企业68家。").answers
    assert ranked("2024年有多少家企业", "有企业68家。").answers


@pytest.mark.parametrize("text", ["2021—2025年，建成七类设施。", "2021年至2025年，建成七类设施。"])
def test_a_range_holds_the_years_within_it(text: str) -> None:
    assert found("七类设施是2023年建成的吗", f"标题\n{text}", ("标题",)) == ()
    assert [note.asked for note in found("七类设施是2020年建成的吗", f"标题\n{text}", ("标题",))] == ["2020年"]


def test_yes_and_no_are_told_from_what() -> None:
    assert all(
        map(premise.asks_yes_or_no, map(query, ("成立于2005年吗?", "是不是2005年成立", "Was it built in 2005?")))
    )
    assert not any(map(premise.asks_yes_or_no, map(query, ("2005年发生了什么", "哪年成立", "When was it built?"))))


def test_a_text_covers_what_it_has_all_concepts_of() -> None:
    asked = replace(query("便民设施建成"), concepts=(("便民设施",), ("建成", "建好"), ("园区",), ("2011",)))
    assert premise.covers(asked, "便民设施建好了", 2)
    assert not premise.covers(asked, "便民设施建好了", 3)
    assert not premise.covers(asked, "便民设施")


@pytest.mark.parametrize(
    ("question", "event"),
    [
        ("三期2019年开工,到现在怎么还没建完", "三期开工"),
        ("1958年第一批纱出来的时候厂里多少人", "第一批纱出来"),
        ("2018年有多少家企业", None),
        ("三期开工,怎么还没建完", None),
        ("2019年的时候有几家企业", None),
        ("我公司2020年成立,能申请高新技术企业吗", None),
        ("在2000年以前,大楼是什么组织的前总部", None),
        ("截至2024年底,有多少家企业", None),
    ],
)
def test_an_event_that_a_question_dates_is_told(question: str, event: str | None) -> None:
    assert premise.dated_event(question) == event


@pytest.mark.parametrize(
    ("title", "text", "another"),
    [
        ("大事记（2006—2025）", "2016年产值突破100亿元。", True),
        ("大事记（2006—2025）", "2021年产值316.5亿元，2020年249亿元。", False),
        ("2021年工作报告", "产值316.5亿元，2020年为249亿元，高于2020年。", False),
        ("收费标准", "产值316.5亿元。", False),
    ],
)
def test_the_line_of_another_year_tells_no_quantity_of_one(title: str, text: str, another: bool) -> None:
    passage = Passage("0", "a.md", 0, len(text), text, "paragraph", (), ((0, len(text)),))
    found = Ranking((Hit(0, passage, 2.0, 0, 0, (2.0,)),), 0.9, confidence.load())
    document = Document("a.md", title, text, "", ())
    assert premise.is_of_another_year(query("2021年产值多少"), found, document) is another
    assert not premise.is_of_another_year(query("产值多少"), found, document)
