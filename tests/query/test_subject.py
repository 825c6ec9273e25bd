"""Whom a question is about: names are told from common words, and the park's own names are none."""

from __future__ import annotations

import pytest

from engines import CORPUS
from parkqa.corpus.curation.glossary import glossary
from parkqa.evaluation.question_sets import read_cases
from parkqa.query.subject import names
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.text.folding import folded
from parkqa.text.word_classes import is_place
from paths import TESTS

LORE = learn([], glossary({"海州": ("海州", "haizhou")}), ["海州—云台产业园区", "云台园区"])


def named(question: str) -> list[str]:
    return [name.text for name in understand(question, (), LORE, literal=True).names]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("宁波保税区的总目标是什么？", "宁波保税区"),
        ("请介绍一下佛山高新区", "佛山高新区"),
        ("厦门软件园哪年成立", "厦门软件园"),
        ("成都生物城有多少家企业", "成都生物城"),
        ("玉泽谷药谷的实验室租金", "玉泽谷药谷"),
        ("长沙黄花机场产业园有什么企业", "长沙黄花机场产业园"),
        ("鼎峰重工落户园区是哪一年", "鼎峰重工"),
        ("中国铁建集团是不是龙头企业", "中国铁建集团"),
        ("中国铁建集团是龙头企业吗", "中国铁建集团"),
        ("浙江大学和园区有合作吗", "浙江大学"),
        ("园区在广东吗", "广东"),
        ("是和温州一起建的吗", "温州"),
        ("东方红造船哪年上市", "东方红造船"),
        ("长江证券在园区有营业部吗", "长江证券"),
        ("常熟经济技术开发区的新兴产业", "常熟经济技术开发区"),
        ("诺基亚是不是龙头企业", "诺基亚"),
        ("3号楼的物业费是多少", "3号楼"),
        ("听涛大厦有几层", "听涛大厦"),
        ("迪拜机场一年的货运量是多少", "迪拜机场"),
        ("天津港离这里多远", "天津港"),
        ("大连临空区的面积", "大连临空区"),
        ("请问安楚公寓的押金多少", "安楚公寓"),
        ("B座有电梯吗", "b座"),
        ("B线停哪几站", "b线"),
        ("B轮融资是谁投的", "b轮"),
        ("坐17路公交到哪站下", "17路"),
        ("常熟经开区的厂房给补多少", "常熟经开区"),
        ("南岬化工园怎么收污水费", "南岬化工园"),
        ("宁波保税区客户要多少押金", "宁波保税区"),
        ("18栋在哪里", "18栋"),
        ("how much is the rent for building C1", "c1"),
        ("What honours has Ningbo Free Trade Zone received?", "Ningbo Free Trade Zone"),
        ("Is Microsoft a tenant of the park?", "Microsoft"),
        ("Which projects does Foxconn build here?", "Foxconn"),
    ],
)
def test_what_is_named_is_told(question: str, name: str) -> None:
    assert named(question) == [name]


@pytest.mark.parametrize(
    "question",
    [
        "园区在哪个城市",
        "哪些项目不能进园区",
        "经3路多少号",
        "开个公司要几天",
        "有哪些上市公司",
        "哪家民营银行入驻了",
        "基金管理型公司的注册资本是多少",
        "有哪些成长型公司",
        "哪年进的百强园区",
        "园区有医院吗",
        "新区和园区是什么关系",
        "中国第一个这样的园区是哪个",
        "海州云台园区什么时候成立",
        "云台产业园区的主导产业",
        "海州产业园有哪些企业",
        "第二条是什么",
        "人才公寓还有空房吗",
        "湿地公园在哪里",
        "东门停车场几点开",
        "从园区到机场要多久",
        "在江边建了码头吗",
        "港口有几个泊位",
        "一共几个项目",
        "我们公司在深圳，想问园区电话",
        "我是台湾来的供应商，租金多少",
        "台湾朋友想登记公司，租一个工位够吗",
        "日本母公司想直接用美金入股，行吗",
        "园区那18栋楼全是老厂房吗",
        "我市化工园有几个",
        "什么是龙头企业",
        "内陆地区由谁管理",
        "华沙第一家证券交易所是什么时候建立的",
        "鼎峰创立公司后做了什么",
        "Where is the park?",
        "What Are The Leading Industries Of The Park?",
        "Tell me about the honours",
        "Haizhou has which projects?",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(question: str) -> None:
    assert named(question) == []


def test_a_name_without_its_own_word_is_not_the_name() -> None:
    (name,) = understand("景德镇陶瓷大学在园区设了分校吗", (), LORE, literal=True).names
    assert "陶瓷" not in name.variants
    assert "陶瓷大学" in name.variants


def test_a_name_of_the_glossary_has_its_synonyms() -> None:
    lore = learn([], glossary({"狮城": ("狮城", "新加坡"), "新加坡": ("狮城", "新加坡")}), ())
    (name,) = names("在新加坡上市吗", "在新加坡上市吗", lore)
    assert set(name.variants) == {"新加坡", "狮城"}


@pytest.mark.parametrize(
    ("question", "strict"),
    [
        ("How much is an office in Chuangzhi Building?", True),
        ("How much is an office in Hilton Tower?", False),
        ("When did Nantong approve the park?", False),
    ],
)
def test_a_building_with_a_name_in_pinyin_has_to_be_what_a_passage_is_about(question: str, strict: bool) -> None:
    (name,) = names(question, folded(question), LORE)
    assert name.strict == strict


def test_a_region_is_known_by_its_place() -> None:
    (name,) = names("台湾地区的代理人是谁", "台湾地区的代理人是谁", LORE)
    assert name.variants == ("台湾",)


def test_a_company_is_known_by_its_shorter_name_too() -> None:
    (name,) = names("江苏鼎峰重工是做什么的", "江苏鼎峰重工是做什么的", LORE)
    assert {"江苏鼎峰重工", "鼎峰重工", "鼎峰"} <= set(name.variants)
    (name,) = names("宁波保税区哪年成立", "宁波保税区哪年成立", LORE)
    assert name.variants == ("宁波保税区",)


def test_hardly_a_question_of_the_shipped_park_names_what_it_has_not() -> None:
    """A place that an answerable question names is one that the text has, or a synonym of it."""
    from parkqa.corpus.curation.config import read_curated

    curated = read_curated(CORPUS)
    lore = learn([], curated.glossary, curated.names)
    text = "".join(path.read_text(encoding="utf-8") for path in CORPUS.glob("*.*"))
    cases = [case for case in read_cases(TESTS / "data" / "park_dev.jsonl") if case.gold]
    for case in cases:
        for name in understand(case.question, (), lore, literal=True).names:
            assert any(variant in text for variant in name.variants), case.question


def test_places_are_told_from_common_words() -> None:
    assert all(map(is_place, "南京 常州 常州市 四川 四川省 昆山 海南 深圳 韩国 德国 香港".split()))
    assert not any(map(is_place, "城市 上市 平原 新区 园区 大桥 海洋 美丽 企业 市 省 重镇 滨海 东北".split()))


def test_a_building_in_a_table_goes_without_its_head() -> None:
    (name,) = understand("A3栋一层租金多少", (), LORE, literal=True).names
    assert name.variants == ("a3栋", "a3")


def test_where_something_is_told_to_be_must_stand_in_the_passage() -> None:
    found = [understand(text, (), LORE, literal=True).names for text in ("在合肥的孵化器有多大", "合肥的企业来过吗")]
    assert [[name.strict for name in names] for names in found] == [[True], [False]]


def test_what_has_another_name_in_chinese_is_not_taken_for_pinyin() -> None:
    (name,) = understand("How many Macao and Taiwan companies are there?", (), LORE, literal=True).names
    assert name.variants == ("taiwan",)
