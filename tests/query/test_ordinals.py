"""Ordinals and order, and what those at the end of a conversation are about."""

import pytest

from parkqa.query.ordinals import Place, base, place
from parkqa.text.characters import language
from parkqa.text.folding import folded


def found(question: str) -> Place | None:
    return place(folded(question), language(question))


@pytest.mark.parametrize(
    ("question", "number", "rest"),
    [
        ("第三个是什么？", 3, ""),
        ("那第二项呢", 2, ""),
        ("第二步做什么？", 2, ""),
        ("入库的第二步是什么", 2, "入库的是什么"),
        ("最后一个呢？", -1, ""),
        ("倒数第二个是什么", -2, ""),
        ("第十二家是哪家", 12, ""),
        ("第三个主导产业是什么？", 3, "主导产业是什么"),
        ("最后一项荣誉是什么", -1, "荣誉是什么"),
        ("What is the third one?", 3, ""),
        ("and the last?", -1, ""),
        ("what is the 2nd leading industry", 2, "what is leading industry"),
    ],
)
def test_places(question: str, number: int, rest: str) -> None:
    assert found(question) == Place(number, rest)


@pytest.mark.parametrize(
    ("question", "number", "any_"),
    [
        ("最近一件大事是什么", -1, True),
        ("最早的一件事", 1, True),
        ("第一件大事是什么", 1, True),
        ("园区的第三件大事是什么", 3, True),
        ("最近发生了什么", -1, True),
        ("最近一次获奖是什么", -1, False),
        ("What is the latest event?", -1, True),
        ("the earliest award", 1, False),
    ],
)
def test_order_by_date(question: str, number: int, any_: bool) -> None:
    order = found(question)
    assert order is not None
    assert (order.number, order.by_date, order.any) == (number, True, any_)


@pytest.mark.parametrize(
    "question", ["第二条是什么", "第二期什么时候开工", "第三届大会在哪里", "前三个是什么", "上一个项目是什么", "有几个"]
)
def test_what_bears_its_number_is_no_place(question: str) -> None:
    assert found(question) is None


@pytest.mark.parametrize(
    ("history", "about"),
    [
        (["荣誉有哪些？", "第三个是什么？"], (0, 3)),
        (["荣誉有哪些？", "第三个是什么？", "上一个呢？"], (0, 2)),
        (["荣誉有哪些？", "第三个是什么？", "谢谢", "下一个", "再下一个呢"], (0, 5)),
        (["园区在哪里？", "荣誉有哪些？", "最后一个呢"], (1, -1)),
        (["2014年获得什么？", "上一个呢"], (0, 0)),
        (["What are the honours?", "the second one", "and the next one"], (0, 3)),
        (["第三个是什么？"], None),
        (["荣誉有哪些？"], None),
        (["荣誉有哪些？", "第三项荣誉是什么？"], None),
        ([], None),
    ],
)
def test_what_bare_ordinals_are_about(history: list[str], about: tuple[int, int] | None) -> None:
    assert base(history) == about
