"""What is told of a neighbour, by its number or letter, answers no question about another."""

import pytest

from parkqa.query.numbered import is_of_another_number, unknown_numbers
from parkqa.text.folding import folded


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("3号线几点末班", "1号线末班21:30", True),
        ("3号线几点末班", "1号线6:40，3号线7:00", False),
        ("三期什么时候建成", "二期2021年投用", True),
        ("二期什么时候建成", "2期2021年投用", False),
        ("B座租金多少", "A座每月30元", True),
        ("A座租金多少", "A座每月30元，B座20元", False),
        ("3号线几点末班", "末班21:30", False),
        ("有3座仓库吗", "有12座仓库", False),
        ("工期多久", "二期限12天", False),
        ("B线停哪几站", "A线停两站", True),
        ("冰川一号屋顶有光伏吗", "冰川二号屋顶装有光伏", True),
        ("冰川一号有多大", "冰川一号、冰川二号共3万吨", False),
        ("每月8号发工资吗", "每月15号发工资", False),
        ("秋季招聘会哪天办", "夏季专场招聘会定于6月21日", True),
        ("西门几点关", "南门24小时开放", True),
        ("东北门几点关", "东门24小时开放", False),
        ("C类污水一吨多少钱", "B类 | 不超过1000 | 11.3", True),
        ("丙类仓库租金", "甲类仓库 | 33.0", True),
        ("第三水厂在哪条路", "第一水厂在北路，第二水厂在南路", True),
        ("第三方检测在哪做", "第一检测室", False),
        ("消防三站有多少人", "消防一站48人，消防二站65人", True),
        ("有一站式服务吗", "二站", False),
        ("第五届短片节的评委是谁", "第六届短片节评委五人", True),
        ("四号棚多少钱", "一号棚、二号棚每天3000元", True),
        ("5号楼到15号楼多远", "5号楼和3号楼相邻", False),
        ("phase II 有多大", "一期占地3亩", True),
        ("What is the fee for class C?", "A类 | 7.2", True),
        ("七类企业有哪些", "六类企业", False),
    ],
)
def test_what_is_told_of_a_neighbour_alone_does_not_answer(question: str, text: str, another: bool) -> None:
    assert is_of_another_number(folded(question), folded(text)) == another


@pytest.mark.parametrize(
    ("question", "texts", "unknown"),
    [
        ("四号棚多少钱", ["一号棚 | 3000", "二号棚 | 3000"], ("四号棚",)),
        ("二号棚多少钱", ["一号棚 | 3000", "2号棚 | 3000"], ()),
        ("四号棚多少钱", ["棚费每天3000元"], ()),
        ("春季招聘会在哪办", ["秋季招聘会在礼堂", "招聘会免费"], ()),
        ("北门几点关", ["东门临街", "各门22点关"], ()),
    ],
)
def test_a_number_that_nothing_has_is_unknown(question: str, texts: list[str], unknown: tuple[str, ...]) -> None:
    assert unknown_numbers(folded(question), map(folded, texts)) == unknown
