"""With the real models: several things asked at once, ordinals, order by date and corrections."""

from __future__ import annotations

import pytest

from parkqa.engine import Engine
from parkqa.types import Quote

pytestmark = pytest.mark.model


def set_off(quote: Quote) -> list[str]:
    return [quote.text[start - quote.start : end - quote.start] for start, end in quote.answer]


@pytest.mark.parametrize(
    ("question", "parts", "holding"),
    [
        ("园区什么时候成立的，主导产业有哪些？", 2, ("2003年8月29日", "港口物流")),
        ("When was the park founded and which industries lead?", 2, ("2003年8月29日", "港口物流")),
        ("2014年和2015年分别获得了什么荣誉？", 2, ("省级船舶特色产业园", "百强园区")),
        ("主导产业和新兴产业分别有哪些？", 2, ("港口物流", "节能环保")),
    ],
)
def test_each_part_of_a_question_has_its_quote(
    real_engine: Engine, question: str, parts: int, holding: tuple[str, ...]
) -> None:
    answer = real_engine.ask(question)
    assert answer.kind == "answer"
    assert [quote.part for quote in answer.quotes] == list(range(1, parts + 1))
    assert len(answer.parts) == parts
    for quote, text in zip(answer.quotes, holding, strict=True):
        assert text in quote.text


@pytest.mark.parametrize("question", ["主导产业有哪些？", "扬子江船业在哪里上市，是什么时候？"])
def test_what_one_passage_answers_has_no_parts(real_engine: Engine, question: str) -> None:
    answer = real_engine.ask(question)
    assert (answer.parts, answer.quotes[0].part) == ((), None)


@pytest.mark.parametrize(
    ("history", "question", "item"),
    [
        (["荣誉有哪些？"], "第三个是什么？", "中国影响力创新力成长力百强园区"),
        (["荣誉有哪些？"], "最后一个呢？", "江苏省新型工业化产业示范基地"),
        (["荣誉有哪些？", "第三个是什么？"], "上一个呢", "中国重钢结构产业基地"),
        (["荣誉有哪些？", "第三个是什么？"], "下一个", "长三角最强中国制造产业集聚区"),
        (["What are the leading industries?"], "what is the third one?", "冶金新材料"),
        ([], "第三个主导产业是什么？", "冶金新材料"),
        ([], "大事记里最早的一件事是什么？", "2003年8月29日,江阴经济开发区靖江园区正式成立。"),
        ([], "最近一件大事是什么？", "2024年江阴—靖江工业园区党工委、管委会揭牌。"),
        (["2014年获得了什么称号？"], "上一个呢？", "2009年园区获评中国重钢结构产业基地。"),
    ],
)
def test_one_of_several_is_picked(real_engine: Engine, history: list[str], question: str, item: str) -> None:
    answer = real_engine.ask(question, history)
    assert answer.kind == "answer"
    assert set_off(answer.quotes[0]) == [item]
    assert answer.notes == ()


def test_what_the_documents_call_the_first_is_not_picked_from_a_list(real_engine: Engine) -> None:
    assert real_engine.ask("园区第一个超亿美元项目是什么？").quotes[0].text.startswith("2005年")


@pytest.mark.parametrize(
    ("history", "question", "holding"),
    [
        (["主导产业有哪些？"], "不是，我问的是新兴产业", "节能环保"),
        (["2014年获得了什么称号？"], "不是2014年，是2015年", "百强园区"),
        (["What are the leading industries?"], "no, I meant the emerging industries", "节能环保"),
    ],
)
def test_a_correction_is_answered(real_engine: Engine, history: list[str], question: str, holding: str) -> None:
    answer = real_engine.ask(question, history)
    assert answer.kind == "answer"
    assert holding in answer.quotes[0].text
    assert answer.understood != question


def test_all_entries_of_a_chronicle_are_quoted_together_and_counted(real_engine: Engine) -> None:
    quote = real_engine.ask("大事记里有几件事？").quotes[0]
    assert quote.count == len(quote.spans) == 13
    assert quote.text.startswith("2003年8月29日")
    assert quote.text.endswith("揭牌。")


def test_how_long_ago_something_was_is_not_counted(real_engine: Engine) -> None:
    answer = real_engine.ask("园区成立多少年了？")
    assert [(note.kind, note.found) for note in answer.notes] == [("since", "2003年8月29日")]
    assert "2003年8月29日" in answer.message


def test_what_the_parts_asked_is_not_suggested(real_engine: Engine) -> None:
    suggested = real_engine.ask("园区什么时候成立的，主导产业有哪些？").suggestions
    assert suggested
    assert not any("成立" in each or "主导产业" in each for each in suggested)
