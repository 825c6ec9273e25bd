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
        ("2号楼物业费多少", "1-3号楼物业费2.5元", False),
        ("4号楼物业费多少", "1-3号楼物业费2.5元", True),
        ("东门几点关", "东、西门22:00关闭", False),
        ("三级残疾人有补贴吗", "一至四级残疾人每月补贴300元", False),
        ("1号线末班几点", "1、3号线末班22:00", False),
        ("A座租金", "A、B座租金3元", False),
        ("一期物业费", "一二期物业费2元", False),
        ("三期物业费", "一二期物业费2元", True),
        ("周三食堂有什么菜", "第一食堂周三：红烧肉", False),
        ("What is the rent of grade A offices?", "甲级写字楼租金3元", False),
        ("第三季度产值多少", "三季度产值12亿，比第二季度增长", False),
        ("第二年租金打几折", "第一年至第三年租金5折", False),
        ("房租5号前交可以吗", "房租10号前缴清", False),
        ("3号楼有几层", "3栋共8层，1号楼共5层", False),
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
        ("1号楼有几层", ["1、2号楼各12层"], ()),
        ("二期物业费多少", ["一至三期物业费2.5元"], ()),
        ("周六食堂开门吗", ["第一食堂周六照常营业，第二食堂周末休息"], ()),
        ("How do I apply for building a factory?", ["1号楼为行政楼"], ()),
        ("Which storeys has building A?", ["B座12层"], ("building a",)),
        ("3号楼有几层", ["3栋共8层", "1号楼共5层"], ()),
        ("分三期付款可以吗", ["一期厂房", "二期厂房"], ()),
        ("P6停车场怎么收费", ["P1、P2停车场每小时4元", "P5停大巴"], ("p6",)),
        ("P2停车场怎么收费", ["P1、P2停车场每小时4元"], ()),
        ("打印A4多少钱一张", ["打印每张0.5元", "A1、A2栋"], ("a4",)),
        ("打一张A4纸多少钱", ["打印每张0.5元", "A1、A2栋"], ()),
        ("C1驾照能开吗", ["C3、C5展厅"], ()),
        ("每m2多少钱", ["1200m3"], ()),
    ],
)
def test_a_number_that_nothing_has_is_unknown(question: str, texts: list[str], unknown: tuple[str, ...]) -> None:
    assert unknown_numbers(folded(question), map(folded, texts)) == unknown
