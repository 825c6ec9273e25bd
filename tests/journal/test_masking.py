"""No telephone number, e-mail address or identity number is left in what is written; dates and figures are."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.journal.masking import masked

WORDS = st.text(st.sampled_from("我的电话是请打给园区招商吗？，。 abcXYZ"), max_size=12)
GAP = st.sampled_from(["", "-", " ", "－", "·", "　"])
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
SAID = str.maketrans("0123456789", "零幺二三四五六七八九")


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    """A mobile number as people type it: with a country code or not, in groups or not, wide, or in characters."""
    digits = "1" + draw(st.sampled_from("3456789")) + draw(st.text("0123456789", min_size=9, max_size=9))
    gap = draw(GAP)
    typed = gap.join((digits[:3], digits[3:7], digits[7:]))
    typed = draw(st.sampled_from(["", "+86", "86-", "0086 ", "(+86)"])) + typed
    return draw(st.sampled_from([typed, typed.translate(WIDE), digits.translate(SAID)]))


@st.composite
def identities(draw: st.DrawFn) -> str:
    area = draw(st.text("0123456789", min_size=6, max_size=6))
    born = draw(st.dates()).strftime("%m%d")
    last = draw(st.text("0123456789", min_size=3, max_size=3)) + draw(st.sampled_from("0123456789Xx"))
    gap = draw(st.sampled_from(["", " "]))
    return gap.join((area, f"{draw(st.integers(1930, 2015))}{born}", last))


@st.composite
def emails(draw: st.DrawFn) -> str:
    local = draw(st.text(st.sampled_from("abcxyz019._-"), min_size=1, max_size=10))
    return f"{local}{draw(st.sampled_from('@＠'))}{draw(st.sampled_from(['qq.com', 'park-x.com.cn', 'mail.例子.cn']))}"


@pytest.mark.slow
@given(WORDS, mobiles() | identities() | emails(), WORDS)
def test_nothing_personal_is_left(before: str, personal: str, after: str) -> None:
    done = masked(f"{before}{personal}{after}")
    assert re.search(r"〔(电话|邮箱|证件号|号码)〕", done)
    assert not re.search(r"[\d零幺二三四五六七八九@＠]", done)


@given(st.text() | st.builds("{}{}{}".format, WORDS, mobiles() | identities() | emails(), WORDS))
def test_a_masked_text_stays_as_it_is(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@given(st.text(st.characters(exclude_categories=["Nd"], exclude_characters="@＠﹫零〇○一二三四五六七八九幺")))
def test_a_text_without_digits_or_at_is_left_alone(text: str) -> None:
    assert masked(text) == text


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_is_no_number_of_anybody(day: date) -> None:
    for text in (f"{day}成立的吗？", f"{day:%Y年%m月%d日}签约", f"{day:%Y/%m/%d}", f"{day:%Y.%m.%d}有什么"):
        assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2003年8月29日成立的吗？",
        "2010-2020年的产值",
        "2010/01/01-2020/12/31签约的项目",
        "GB/T 19001-2016认证",
        "2018 2019 2020三年的产值",
        "二〇二五年获评什么",
        "岸线长11.25公里，面积30.6平方公里？",
        "投资12,500万元",
        "一二三期分别在哪",
        "十四五规划 A4 5G G2 100%",
        "〔电话〕是我的",
    ],
)
def test_what_is_asked_about_the_park_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("请打13812345678给我", "请打〔电话〕给我"),
        ("请打 +86 138-1234-5678 给我", "请打 〔电话〕 给我"),
        ("一三八一二三四五六七八", "〔电话〕"),
        ("0523-84680000 是招商电话吗", "〔电话〕 是招商电话吗"),
        ("(0523)8468 0000", "〔电话〕"),
        ("400-800-1234", "〔电话〕"),
        ("微信wx13812345678", "微信〔电话〕"),
        ("1 3 8 1 2 3 4 5 6 7 8", "〔电话〕"),
        ("1999-2003-1234", "〔电话〕"),
        ("321282 1990-03-07 0012", "〔证件号〕"),
        ("8468-0001 有人接吗", "〔号码〕 有人接吗"),
        ("我的邮箱是wang.li+x@park.com.cn，谢谢", "我的邮箱是〔邮箱〕，谢谢"),
        ("王丽@例子.中国", "〔邮箱〕"),
        ("身份证32128219900307001X可以吗", "身份证〔证件号〕可以吗"),
        ("护照E12345678", "护照〔证件号〕"),
        ("香港A123456(7)", "香港〔证件号〕"),
        ("QQ 123456789", "QQ 〔号码〕"),
    ],
)
def test_what_names_a_person_goes(text: str, done: str) -> None:
    assert masked(text) == done
