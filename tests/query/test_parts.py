"""A question that asks several things is taken apart; one that asks one thing in two clauses is not."""

import pytest

from parkqa.query.parts import MOST, parts
from parkqa.text.characters import language
from parkqa.text.folding import folded


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("园区什么时候成立的，主导产业有哪些？", ("园区什么时候成立的", "主导产业有哪些")),
        ("园区在哪里？什么时候成立的？", ("园区在哪里", "什么时候成立的")),
        ("食堂几点开门以及怎么收费", ("食堂几点开门", "怎么收费")),
        ("班车怎么收费和怎么报名？", ("班车怎么收费", "怎么报名")),
        ("我想租房，多少钱一个月，押金怎么算？", ("我想租房,多少钱一个月", "押金怎么算")),
        ("2014年和2015年分别获得什么荣誉？", ("2014年获得什么荣誉", "2015年获得什么荣誉")),
        ("园区的码头和仓库分别在哪里？", ("园区的码头在哪里", "仓库在哪里")),
        ("学校和政府的股比各是多少？", ("学校的股比是多少", "政府的股比是多少")),
        (
            "When was the park founded and which industries lead?",
            ("when was the park founded", "which industries lead"),
        ),
        ("Is there a canteen, and what does it cost?", ("is there a canteen", "what does it cost")),
        ("What did it win in 2014 and 2015?", ("what did it win in 2014", "what did it win in 2015")),
    ],
)
def test_several_things(question: str, found: tuple[str, ...]) -> None:
    assert parts(folded(question), language(question)) == found


@pytest.mark.parametrize(
    "question",
    [
        "园区什么时候成立的？",
        "我们公司刚成立，想租一间办公室，多少钱一个月？",
        "什么企业和哪些机构合作？",
        "公司刚开没啥钱，第一年要交租金吗？",
        "什么都不会，能找到活吗？",
        "想看看奶粉是怎么做的，哪天能进去？",
        "2014年到2016年获得了什么荣誉？",
        "船舶和钢构企业有哪些？",
        "What is the rent of an office and a warehouse?",
        "园区介绍",
    ],
)
def test_one_thing(question: str) -> None:
    assert parts(folded(question), language(question)) == ()


def test_too_many_things_are_one_question() -> None:
    many = "，".join(f"{place}在哪里" for place in "甲楼 乙楼 丙楼 丁楼 戊楼".split())
    assert len(many.split("，")) > MOST
    assert parts(folded(many), "zh") == ()
