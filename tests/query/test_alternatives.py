"""Words that exclude each other: what is told of one does not answer for another."""

import pytest

from parkqa.query.alternatives import PATTERNS, is_of_another_kind
from parkqa.text.folding import folded


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("硕士每月补多少钱？", "全职引进的博士每人每月补贴3000元。", True),
        ("研究生每月补多少钱？", "全职引进的硕士每人每月补贴1500元。", False),
        ("本科生有补贴吗？", "大专及以上学历可以申请。", False),
        ("双人间每月多少钱？", "四人间每床每月180元。", True),
        ("单间每月多少钱？", "单人间 | 480元", False),
        ("宿舍每月多少钱？", "四人间每床每月180元。", False),
        ("网球场怎么收费？", "羽毛球馆每小时30元，篮球场免费。", True),
        ("羽毛球和网球都能打吗？", "羽毛球馆每小时30元。", False),
        ("我开大巴来停一次多少钱？", "大型客车每次20元。", False),
        ("摩托车停一次多少钱？", "小型车每次5元，货车每次10元。", True),
        ("骑电瓶车去哪里充电？", "电动自行车充电棚在南门。", False),
        ("自行车停哪里？", "电动自行车充电棚在南门。", True),
        ("晚饭几点开？", "午餐11:00至13:00供应。", True),
        ("孩子上初中怎么办？", "招收小学一年级新生。", True),
        ("孩子上初中怎么办？", "学校为九年一贯制，含小学部。", False),
        ("水电费怎么交？", "水费每月10日前交。", False),
        ("电费怎么交？", "水费每月10日前交。", True),
        ("儿童票多少钱？", "成人票60元，其他票种见窗口。", False),
    ],
)
def test_what_is_told_of_others_of_the_group_alone_is_of_another_kind(question: str, text: str, another: bool) -> None:
    assert is_of_another_kind(folded(question), folded(text)) == another


def test_the_patterns_of_the_groups_hold_no_groups_of_their_own() -> None:
    """``siblings`` tells by the number of the group which kind a word is of."""
    assert all(pattern.groups == 0 for pattern in PATTERNS)
