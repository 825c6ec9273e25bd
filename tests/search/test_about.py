"""What is said of one park, company or building answers no question about another."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import corpus, opened
from parkqa.engine import Engine

WATER = "园区工业用水价格为每立方米{}元，每月结算一次。\n\n园区成立于{}年。\n"
RENT = "# {}租金\n\n{}的租金为每平方米每月{}元，押金为两个月租金。\n"


@pytest.fixture(scope="module")
def parks(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Two parks, one with two buildings, in one corpus."""
    files = {
        "海州高新区_md": "# 海州高新区介绍\n\n" + WATER.format("3.1", "2004"),
        "云台开发区_md": "# 云台开发区介绍\n\n" + WATER.format("4.2", "2009"),
        "一_md": RENT.format("1号楼", "1号楼", "35"),
        "二_md": RENT.format("2号楼", "2号楼", "28"),
        "水费_md": "# 污水处理费\n\n| 类别 | 2024年 | 2025年 |\n|---|---|---|\n"
        "| A类污水 | 6.8 | 7.2 |\n| B类污水 | 10.5 | 11.3 |\n| C类污水 | 16.9 | 18.6 |\n",
        "企业_md": "# 企业\n\n鼎峰重工2011年落户，在香港上市。\n",
        "park_yaml": "name: 云海两区服务中心\nenglish_name: Yunhai Service Centre\n",
    }
    return opened(corpus(tmp_path_factory.mktemp("parks"), **files))


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("海州高新区的工业用水价格是多少", "海州高新区.md"),
        ("云台开发区的工业用水价格是多少", "云台开发区.md"),
        ("1号楼租金是多少", "一.md"),
        ("2号楼租金是多少", "二.md"),
        ("When did Dingfeng settle?", "企业.md"),
    ],
)
def test_only_what_is_about_the_one_named_is_shown(parks: Engine, question: str, document: str) -> None:
    ranking = parks.rank(question)
    assert ranking.missing == ()
    assert {hit.passage.document for hit in ranking.hits} == {document}


def test_a_first_row_with_a_value_is_no_head(tmp_path: Path) -> None:
    table = (
        "# 电话\n\n| 消防报警 | 0510-86001119 |\n|---|---|\n| 物业报修 | 0510-86008888 |\n| 保安 | 0510-86009999 |\n"
    )
    engine = opened(corpus(tmp_path, 电话_md=table))
    assert "消防报警 | 0510-86001119" in [hit.passage.text for hit in engine.rank("消防报警电话多少").hits]


def test_of_the_rows_of_a_table_only_that_of_the_letter_named_is_shown(parks: Engine) -> None:
    hits = parks.rank("C类污水的处理费是多少").hits
    assert [hit.passage.text for hit in hits if hit.passage.document == "水费.md"] == ["C类污水 | 16.9 | 18.6"]
    assert parks.rank("D类污水的处理费是多少").missing == ("d类",)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("宁波保税区的工业用水价格是多少", "宁波保税区"),
        ("3号楼租金是多少", "3号楼"),
        ("巨浪重工哪年落户的", "巨浪重工"),
        ("鼎峰重工是在深圳上市的吗", "深圳"),
        ("How much is water in Ningbo free trade zone?", "Ningbo"),
    ],
)
def test_what_the_documents_do_not_name_is_refused_and_said(parks: Engine, question: str, missing: str) -> None:
    answer = parks.ask(question)
    assert (answer.kind, answer.missing, answer.confidence) == ("refusal", (missing,), 0.0)
    assert f"“{missing}”" in answer.message
    assert answer.to_dict()["missing"] == [missing]


@pytest.mark.parametrize(
    "question", ["鼎峰哪年落户的", "鼎峰重工在香港上市吗", "When did Haizhou get its water price?"]
)
def test_a_name_in_other_words_or_letters_is_not_missing(parks: Engine, question: str) -> None:
    """Haizhou is 海州, although nothing is translated."""
    assert parks.rank(question).missing == ()


def test_the_park_itself_is_never_missing(parks: Engine) -> None:
    assert parks.rank("云海服务中心什么时候成立的").missing == ()


def test_what_staff_have_answered_is_quoted_whatever_it_names(tmp_path: Path) -> None:
    files = {
        "a_md": "# 介绍\n\n园区与各地保税区都有合作，详情请咨询招商部。\n",
        "faq_yaml": "- questions: [宁波保税区和园区有合作吗]\n  document: a.md\n  quote: 园区与各地保税区都有合作\n",
        "park_yaml": "name: 甲园\n",
    }
    answer = opened(corpus(tmp_path, **files)).ask("宁波保税区和园区有合作吗？")
    assert (answer.kind, answer.missing) == ("answer", ())
