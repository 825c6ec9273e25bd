"""A correction puts the last question about what is said to be meant; polite beginnings correct nothing."""

import pytest

from parkqa.corpus.curation.glossary import glossary
from parkqa.query.correction import corrected
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.text.folding import folded

LORE = learn([], glossary({}), ())


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("不是，我问的是仓库", "仓库呢?"),
        ("不对，是仓库", "仓库呢?"),
        ("不是2014年，是2015年", "2015年呢?"),
        ("不是一号楼，我问的是二号楼", "二号楼呢?"),
        ("我说的是二号楼不是一号楼", "二号楼呢?"),
        ("错了，我想问的是停车费", "停车费呢?"),
        ("不，我想问停车", "停车呢?"),
        ("我是想问电费怎么交", "电费怎么交"),
        ("No, I meant the small hall.", "what about the small hall?"),
        ("sorry, not building one but building two", "what about building two?"),
        ("I asked when the canteen opens", "when the canteen opens"),
    ],
)
def test_what_is_meant_is_asked(said: str, asked: str) -> None:
    assert corrected(folded(said)) == asked


@pytest.mark.parametrize(
    "said",
    [
        "不对",
        "是吗",
        "是不是国家级园区",
        "不是说有补贴吗",
        "不是园区的企业可以入驻吗",
        "我不是党员，是否可以参加",
        "不是本地人，是不是要办居住证",
        "我想问园区在哪里",
        "我想知道押金",
        "不对吧，园区是2003年成立的",
        "I want to know about the rent",
        "not far from the port, is there a bank",
        "No",
    ],
)
def test_what_corrects_nothing_is_left_alone(said: str) -> None:
    assert corrected(folded(said)) is None


@pytest.mark.parametrize(
    ("history", "said", "understood"),
    [
        (["码头有哪些？"], "不是，我问的是仓库", "仓库有哪些"),
        (["2011年园区获得什么称号？"], "不是2011年，是2012年", "2012年园区获得什么称号"),
        (["码头有哪些？", "不对，是仓库"], "那食堂呢", "食堂有哪些"),
        (
            ["What are the traditional industries?"],
            "no, I meant the future industries",
            "what are the future industries",
        ),
    ],
)
def test_the_question_before_is_put_about_it(history: list[str], said: str, understood: str) -> None:
    query = understand(said, history, LORE)
    assert query.understood.rstrip("?") == understood
    assert query.question == said


def test_without_a_question_before_there_is_nothing_to_correct() -> None:
    assert understand("我问的是仓库", [], LORE).search == "仓库"
