"""Follow-ups are completed from the conversation; what stands alone is left alone."""

import pytest

from parkqa.query.followup import ELLIPTIC, SHORT, complete, otherwise


@pytest.mark.parametrize(
    ("history", "question", "completed"),
    [
        (["码头在哪里开业?"], "哪一年?", "码头开业,哪一年?"),
        (["招商局电话是多少?"], "在几楼?", "招商局电话,在几楼?"),
        (["码头有哪些?"], "那仓库呢?", "仓库有哪些?"),
        (["2011年园区获得什么称号?"], "2012年呢?", "2012年园区获得什么称号?"),
        (["2011年园区获得什么称号?"], "上一年呢?", "2010年园区获得什么称号?"),
        (["2011年园区获得什么称号?"], "那下一年呢?", "2012年园区获得什么称号?"),
        (["传统产业有哪些?"], "未来产业呢?", "未来产业有哪些?"),
        (["园区有研发平台吗?"], "分别是哪三个?", "园区有研发平台,分别是哪三个?"),
        (["园区的荣誉有哪些?"], "还有呢?", "园区的荣誉有哪些?"),
        (["传统产业有哪些?", "未来产业呢?"], "特色产业呢?", "特色产业有哪些?"),
        (["保税库租金多少?"], "露天堆场呢?", "露天堆场租金多少?"),
        (["轻钢厂房月租多少?"], "物业费呢?", "轻钢厂房物业费多少?"),
        (["轻钢厂房的月租是多少?"], "押金呢?", "轻钢厂房的押金是多少?"),
        (["大车停车费多少钱一天?"], "小车的呢?", "小车停车费多少钱一天?"),
        (["南楼食堂几点开门?"], "北楼的呢?", "北楼几点开门?"),
        (["搬一箱多少钱?"], "夜里十点以后呢?", "夜里十点以后搬一箱多少钱?"),
        (["周六开门吗?"], "星期天呢?", "星期天开门吗?"),
        (["周六开门吗?"], "\\1和\\g晚上呢?", "\\1和\\g晚上开门吗?"),
        (["南门有停车场吗?"], "北门的地址呢?", "北门的地址"),
        (["客服电话是多少?"], "国外的电话呢?", "客服国外的电话是多少?"),
        (["二期丙类厂房租金多少?"], "那一期呢?", "一期丙类厂房租金多少?"),
        (["一号棚会员平日多少钱一天?"], "那周末呢?", "一号棚会员周末多少钱一天?"),
        (["一号棚会员平日多少钱一天?"], "非会员呢?", "一号棚非会员平日多少钱一天?"),
        (["5号楼货梯几点停?"], "15号楼的那部呢?", "15号楼货梯几点停?"),
        (["补贴今年最高多少?"], "去年是多少", "补贴去年最高多少?"),
        (["季度通行证几天能拿到?"], "年度的要几天", "年度通行证几天能拿到?"),
        (["b线首班车几点?"], "末班呢?", "b线末班几点?"),
        (["一期哪年竣工?"], "二期哪年开工", "二期哪年开工"),
        (["二楼有几个会议室?"], "三楼有几个厕所", "三楼有几个厕所"),
        (["周一到周五几点开门?"], "周末呢?", "周末几点开门?"),
        (["博士每月补多少钱?"], "那硕士呢?", "硕士每月补多少钱?"),
        (["甲级写字楼租金多少?"], "标准厂房呢?", "标准厂房租金多少?"),
        (["会员中心在哪?"], "食堂呢?", "食堂在哪?"),
        (["居住证怎么办?"], "要带什么材料?", "居住证办,要带什么材料?"),
        (["居住证怎么办?", "要带什么材料?"], "在哪里办?", "居住证办,要带材料,在哪里办?"),
    ],
)
def test_chinese(history: list[str], question: str, completed: str) -> None:
    assert complete(question, history, "zh") == completed


@pytest.mark.parametrize(
    ("history", "question", "completed"),
    [
        (["what prize did the park win in 2011?"], "what about 2012?", "what prize did the park win in 2012?"),
        (["what prize did the park win in 2011?"], "and the year before?", "what prize did the park win in 2010?"),
        (["what are the traditional industries?"], "and the future ones?", "what are the future industries?"),
        (["where was the terminal opened?"], "when?", "where was the terminal opened, when?"),
    ],
)
def test_english(history: list[str], question: str, completed: str) -> None:
    assert complete(question, history, "en") == completed


@pytest.mark.parametrize(
    "question",
    [
        "园区什么时候成立的?",
        "主导产业有哪些?",
        "大明长江码头是哪一年开业的?",
        "科创园在哪里?",
        "二期有几栋?",
        "去年谁来过?",
    ],
)
def test_self_contained_is_left_alone(question: str) -> None:
    assert complete(question, ["2011年园区获得什么称号?"], "zh") == question


def test_without_history_nothing_is_added() -> None:
    assert complete("哪一年?", [], "zh") == "哪一年?"
    assert complete("when?", [], "en") == "when?"


def test_pronoun_takes_the_topic() -> None:
    assert complete("它是什么项目?", ["长强公司是什么时候落户的?"], "zh").startswith("长强公司")
    assert "terminal" in complete("when was it opened?", ["where is the terminal?"], "en")
    assert "terminal" in complete("who works there?", ["where is the terminal?"], "en")
    assert complete("is there a metro?", ["where is the terminal?"], "en") == "is there a metro?"


@pytest.mark.parametrize(
    ("history", "question", "way"),
    [
        (["格物楼什么时候建的?"], "那有几层?", "格物楼建的,有几层?"),
        (["湾头大厦的租金是多少?"], "那物业费呢?", "湾头大厦的物业费"),
        (["湾头大厦的租金是多少?", "湾尾大厦呢"], "物业费呢", "湾尾大厦的物业费"),
    ],
)
def test_what_else_a_question_can_mean(history: list[str], question: str, way: str) -> None:
    assert way in otherwise(question, history, "zh")
    assert complete(question, history, "zh") not in otherwise(question, history, "zh")


def test_what_else_an_english_question_can_mean() -> None:
    assert otherwise("is it heated?", ["where is the dormitory?"], "en") == ["where is the dormitory, is it heated?"]


def test_a_long_question_is_not_put_behind_what_was_asked_about_nor_the_first_one() -> None:
    assert otherwise("有几层?", [], "zh") == []
    assert otherwise("园区在哪里?", ["格物楼什么时候建的?"], "zh") == []
    for question in ("2010年呢?", "上一年呢?", "那2010年呢"):
        assert otherwise(question, ["2009年园区获评什么?"], "zh") == []
    assert otherwise("and the year before?", ["what title did the park earn in 2014?"], "en") == []
    assert otherwise("长" * (ELLIPTIC + 1), ["格物楼什么时候建的?"], "zh") == []


def test_only_the_end_of_a_noun_is_replaced_by_what_is_like_it() -> None:
    assert complete("双人间呢?", ["4号楼青年公寓单人间多少钱?"], "zh") == "4号楼青年公寓双人间多少钱?"
    assert complete("8千瓦的呢?", ["4千瓦的机柜一个月多少钱?"], "zh") == "8千瓦的机柜一个月多少钱?"


def mended_of(history: list[str], question: str) -> list[str]:
    """Which of the earlier questions are corrected to complete a question."""
    asked: list[str] = []

    def mended(past: str) -> str:
        asked.append(past)
        return past

    complete(question, history, "zh", mended=mended)
    return asked


def test_only_the_questions_that_are_needed_are_corrected() -> None:
    history = ["园区在哪里?", "码头有哪些?", "那仓库呢?"]
    assert mended_of(history, "园区有哪些产业?") == []
    assert mended_of(history, "哪一年建的?") == ["那仓库呢?", "码头有哪些?"]


def test_a_long_history_of_follow_ups_is_not_followed_without_end() -> None:
    assert len(mended_of(["它" + "园" * 400] * 20, "它在哪里?")) == 1
    assert sum(map(len, mended_of(["它" + "园" * (SHORT - 1)] * 20, "它在哪里?"))) <= 20 * SHORT
