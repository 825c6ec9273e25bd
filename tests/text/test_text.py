"""Sentences and clauses lose nothing; folding makes alike what means the same, and knows where it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.text.sentences import clauses, sentences
from parkqa.types import Language, Span

Cut = Callable[..., tuple[Span, ...]]

PIECES = [
    *[
        "江阴",
        "臺灣",
        "園區",
        "二零零六年",
        "０９年",
        "一七年",
        "21年来",
        "2003年8月29日",
        "Mr. Lee",
        "U.S. ",
        "1,000",
        "3.14",
    ],
    *[
        "。",
        "！？",
        "；",
        "……",
        "，",
        "：",
        "、",
        "——",
        "”",
        "“",
        "）",
        ". ",
        "; ",
        "?",
        "'",
        '"',
        "(",
        "a",
        "Ab",
        "ﬁ",
        "㍿",
        "İ",
        "ß",
    ],
    *[
        " ",
        "\u3000",
        "\n",
        "\n\n",
        "\r\n",
        "\r\n\r\n",
        "\t",
        "\0",
        "\x0b",
        "\x1c",
        "\x85",
        "\u2028",
        "\ufeff",
        "\u0301",
        "😀",
    ],
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


def pieces(text: str, spans: Sequence[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def missed(text: str, spans: Sequence[Span]) -> str:
    """The non-blank characters that no span holds."""
    held = {place for start, end in spans for place in range(start, end)}
    return "".join(character for place, character in enumerate(text) if place not in held and not character.isspace())


@pytest.mark.parametrize("cut", [sentences, clauses])
@settings(max_examples=60)
@given(text=TEXTS, window=st.tuples(st.integers(0, 40), st.integers(0, 40)))
@example(text="\r\n。\r\n\r\n”a", window=(0, 40))
def test_spans_are_ordered_disjoint_trimmed_and_miss_nothing(cut: Cut, text: str, window: Span) -> None:
    start, end = min(*window, len(text)), min(max(window), len(text))
    for spans, first, last in ((cut(text), 0, len(text)), (cut(text, start, end), start, end)):
        ends = [first, *(place for span in spans for place in span), last]
        assert ends == sorted(ends)
        assert all(piece and piece == piece.strip() for piece in pieces(text, spans))
        assert missed(text[first:last], [(a - first, b - first) for a, b in spans]) == ""


@settings(max_examples=60)
@given(TEXTS)
def test_every_clause_lies_in_one_sentence(text: str) -> None:
    whole = sentences(text)
    for start, end in clauses(text):
        assert sum(first <= start and end <= last for first, last in whole) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("园区成立。园区发展！在哪里？", ["园区成立。", "园区发展！", "在哪里？"]),
        ("坚持发展;保护长江；造福人民", ["坚持发展;", "保护长江；", "造福人民"]),
        ("他说：“好。”又说（对！）然后", ["他说：“好。”", "又说（对！）", "然后"]),
        ("第一句……第二句", ["第一句……", "第二句"]),
        ("真的？！是", ["真的？！", "是"]),
        ("第一句。\r\n第二句", ["第一句。", "第二句"]),
        ("没有句号\r\n\r\n另一段", ["没有句号", "另一段"]),
        ("一行\n接着", ["一行\n接着"]),
        ("It opened. The park grew.", ["It opened.", "The park grew."]),
        ("1. 提交材料。 2. 领取证照。", ["1. 提交材料。", "2. 领取证照。"]),
        (
            "Mr. Smith of the U.S. Navy paid 5.5 million. He left.",
            [*"Mr. Smith of the U.S. Navy paid 5.5 million.|He left.".split("|")],
        ),
        ("增长5.5亿元，达到1.2万亿元。", ["增长5.5亿元，达到1.2万亿元。"]),
        ("好。 。", ["好。 。"]),
        ("好。\n。", ["好。", "。"]),
        (" \n\u3000", []),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert pieces(text, sentences(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成立于2003年,处在交汇点，是园区", ["成立于2003年,", "处在交汇点，", "是园区"]),
        ("产业共进、设施共建、民生共享", ["产业共进、设施共建、民生共享"]),
        ("投资1,000万元,占地20亩", ["投资1,000万元,", "占地20亩"]),
        ("三大载体：飞地——上海", ["三大载体：", "飞地——", "上海"]),
        ("江阴—靖江", ["江阴—靖江"]),
        ("一句。两处，两句。", ["一句。", "两处，", "两句。"]),
    ],
)
def test_where_clauses_end(text: str, expected: list[str]) -> None:
    assert pieces(text, clauses(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＡ级（５＋１）", "aa级(5+1)"),
        ("Jiangyin PARK", "jiangyin park"),
        ("臺灣後來的園區與船舶製造", "台湾后来的园区与船舶制造"),
        ("乾隆年间的乾燥", "乾隆年间的干燥"),
        ("二零零六年", "2006年"),
        ("二〇〇六年", "2006年"),
        ("二○二四年三月", "2024年三月"),
        ("一九九八年", "1998年"),
        ("０９年", "2009年"),
        ("09年获评", "2009年获评"),
        ("一七年", "2017年"),
        ("零九年", "2009年"),
        ("２０１７年", "2017年"),
        ("「园区」『园区』“园区”", '"园区""园区""园区"'),
        ("‘园区’", "'园区'"),
        ("澄心办事•靖心服务", "澄心办事·靖心服务"),
        ("江阴一靖江", "江阴一靖江"),
        ("17年的荣誉", "2017年的荣誉"),
        ("12年的发展大会", "12年的发展大会"),
        ("", ""),
    ],
)
def test_what_means_the_same_is_folded_alike(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize("dash", "—–―─－‒﹣~〜～−‐‑-")
def test_every_dash_between_the_two_cities_is_one(dash: str) -> None:
    assert folded(f"江阴{dash}靖江") == "江阴-靖江"


@pytest.mark.parametrize(
    "text",
    [
        *["21年来", "二十一年", "12年后", "99年", "一年", "百二零零六年", "3.12年", "112年"],
        *["12年的发展", "一二年的努力", "20年的历史", "一二年级", "12年级"],
    ],
)
def test_a_length_of_time_is_no_year(text: str) -> None:
    assert folded(text) == text


@settings(max_examples=60)
@given(TEXTS)
@example("公元二零零六年至０９年㍿İ")
def test_what_is_folded_stays_as_it_is_when_folded_again(text: str) -> None:
    once = folded(text)
    assert folded(once) == once


SEGMENTER = Segmenter()


@settings(max_examples=60)
@given(TEXTS)
def test_the_pieces_of_a_cut_text_joined_are_the_folded_text(text: str) -> None:
    assert "".join(SEGMENTER.cut(text)) == folded(text)


@settings(max_examples=60)
@given(TEXTS)
def test_tokens_are_words_of_the_folded_text(text: str) -> None:
    for token in SEGMENTER.tokens(text):
        assert token in folded(text)
        assert token.strip()


def test_long_words_are_looked_up_by_their_parts_too() -> None:
    assert SEGMENTER.cut("工业园区") == ["工业园区"]
    assert {"工业园区", "工业", "园区"} <= set(SEGMENTER.tokens("工业园区"))


def test_tokens_are_folded_and_have_no_punctuation() -> None:
    assert SEGMENTER.tokens("二零零六年，“ＡＡ級” —— Hello!") == ["2006", "年", "aa", "级", "hello"]


def test_numbers_and_words_of_other_scripts_stay_whole() -> None:
    assert SEGMENTER.tokens("“5+1” 1,000 3.14 don't") == ["5+1", "1,000", "3.14", "don't"]


def test_own_words_are_kept_whole_and_known_to_that_segmenter_only() -> None:
    own = Segmenter(["扬子江船业"])
    assert own.cut("扬子江船业上市") == ["扬子江船业", "上市"]
    assert own.knows("扬子江船业")
    assert not SEGMENTER.knows("扬子江船业")
    assert "扬子江船业" not in SEGMENTER.cut("扬子江船业上市")


def test_the_dictionary_is_known() -> None:
    assert SEGMENTER.knows("造船")
    assert not SEGMENTER.knows("造船曲")


def test_many_threads_may_cut_at_once() -> None:
    text = "江苏新扬子造船有限公司成功落户园区"
    fresh = Segmenter()
    with ThreadPoolExecutor(8) as threads:
        assert {tuple(cut) for cut in threads.map(fresh.cut, [text] * 32)} == {tuple(SEGMENTER.cut(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("园区什么时候成立？", "zh"),
        ("When was the park founded?", "en"),
        ("GDP是多少", "zh"),
        ("AA级平台是什么", "zh"),
        ("When did 扬子江 list on the exchange?", "en"),
        ("2006?", "zh"),
        ("", "zh"),
    ],
)
def test_the_language_is_that_of_most_words(text: str, expected: Language) -> None:
    assert language(text) == expected
