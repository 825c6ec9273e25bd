"""What the visitor meant: the question checked, mended, completed, its words widened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.corpus.curation.glossary import glossary
from parkqa.corpus.documents import read_document
from parkqa.corpus.splitting import split
from parkqa.errors import BadQuestion
from parkqa.query.request import LONGEST, check, read_object, read_request
from parkqa.query.understanding import otherwise, understand
from parkqa.query.vocabulary import Vocabulary, learn
from paths import CORPUS

ROOT = CORPUS
SHIPS = ("船舶制造", "造船", "shipbuilding")
LEADING = ("主导产业", "支柱产业", "leading industries")


@pytest.fixture(scope="module")
def lore() -> Vocabulary:
    document = read_document(ROOT / "jiangyin-jingjiang-park.md", ROOT)
    words = glossary({word: meanings for meanings in (SHIPS, LEADING) for word in meanings})
    return learn(split(document), words, ["江苏江阴—靖江工业园区", "园区"])


@pytest.mark.parametrize("bad", ["", " ", "\u3000", "\n\t", "\x00\x01", "\u200b", "园" * (LONGEST + 1), "园\ud800区"])
def test_what_cannot_be_asked_is_refused_with_one_sentence(bad: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        check(bad)
    assert "\n" not in str(caught.value)


def test_the_longest_question_passes_and_control_characters_go() -> None:
    assert check("园" * LONGEST) == "园" * LONGEST
    assert check(" 园\n区\x07？ ") == "园 区？"


@given(st.text(max_size=60))
def test_a_checked_question_is_checked_for_good(text: str) -> None:
    try:
        clean = check(text)
    except BadQuestion:
        return
    assert check(clean) == clean


@pytest.mark.parametrize("raw", ["", "[]", "1", "null", "{", '{"question": 1}', '{"q": "园区"}', "[" * 10_000])
def test_a_line_that_holds_no_question_is_bad(raw: str) -> None:
    with pytest.raises(BadQuestion):
        read_request(read_object(raw))


def test_a_request_keeps_what_was_sent() -> None:
    request = read_request(read_object('{"question": "园区", "history": ["一"], "literal": true, "id": "7"}'))
    assert (request.question, request.history, request.literal, request.id) == ("园区", ("一",), True, "7")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("圆区的主倒产业有哪些", "园区的主导产业有哪些"),
        ("yangzijiang chuanye zai nali shangshi", "扬子江船业在哪里上市"),
        ("園區有哪些主導產業？", "园区有哪些主导产业?"),
    ],
)
def test_slips_pinyin_and_traditional_are_understood(lore: Vocabulary, asked: str, meant: str) -> None:
    assert understand(asked, (), lore).search == understand(meant, (), lore).search


def test_literal_mends_and_completes_nothing(lore: Vocabulary) -> None:
    query = understand("圆区的主倒产业呢", ["园区有哪些荣誉？"], lore, literal=True)
    assert query.repairs == ()
    assert query.understood == query.question


def test_a_follow_up_is_completed_and_says_so(lore: Vocabulary) -> None:
    query = understand("2015年呢？", ["2014年园区获评什么？"], lore)
    assert query.years == ("2015",)
    assert "获评" in query.understood


def test_glossary_words_stand_for_one_another_and_are_looked_up(lore: Vocabulary) -> None:
    query = understand("造船的支柱产业", (), lore)
    assert ("造船", *(word for word in SHIPS if word != "造船")) in query.concepts
    assert {"船舶", "主导"} <= set(query.tokens) or {"船舶制造", "主导产业"} <= set(query.tokens)


def test_a_day_of_the_week_has_its_other_names(lore: Vocabulary) -> None:
    assert ("礼拜六", "周六", "星期六") in understand("礼拜六能来吗", (), lore).concepts
    assert {"星期日", "星期天", "周日"} <= set(sum(understand("礼拜天能来吗", (), lore).concepts, ()))


def test_small_words_are_no_concepts(lore: Vocabulary) -> None:
    query = understand("请问一下你们园区是什么时候成立的呀？", (), lore)
    assert [concept[0] for concept in query.concepts] == ["园区", "成立"]


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("园区哪一年成立的", "when"),
        ("电价是多少", "money"),
        ("管委会的电话是多少", "phone"),
        ("有多少员工", "people"),
        ("占地多少亩", "area"),
        ("几点开门", "clock"),
        ("有几个基地", "amount"),
        ("在哪里上市", "where"),
        ("书记是谁", "who"),
        ("主导产业有哪些", "list"),
        ("What are the leading industries?", "list"),
        ("Which shipyard is the largest?", ""),
        ("How many employees are there?", "people"),
        ("When was it founded?", "when"),
        ("园区怎么样", ""),
    ],
)
def test_the_kind_of_thing_asked_for_is_told(lore: Vocabulary, asked: str, kind: str) -> None:
    assert understand(asked, (), lore).asks == kind


def test_what_else_a_question_after_others_can_mean(lore: Vocabulary) -> None:
    history = ["园区有哪些荣誉？"]
    completed = understand("主导产业呢？", history, lore).search
    assert completed not in [query.search for query in otherwise("主导产业呢？", history, lore)]
    assert "荣誉" in next(otherwise("证书放在哪？", history, lore)).search
    assert list(otherwise("主导产业呢？", [], lore)) == []
