"""Words of which each excludes the others of its group: 博士 and 硕士, 双人间 and 四人间, 羽毛球 and 网球.

What is told of one of them does not answer a question for another, however near it is: the allowance for doctors is
none for masters. The groups are of everyday language and the same for every park. All text is folded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_GROUPS: tuple[Sequence[str], ...] = (
    ("博士", "硕士|(?<!博士)研究生", "本科|学士", "大专|专科(?!医)|高职", "中专|职高|技校"),
    ("单人间|单间", "双人间|两人间|二人间|标准间|标间", "三人间", "四人间", "五人间", "六人间", "八人间"),
    ("一室|一居", "[两二]室|[两二]居", "三室|三居", "四室|四居"),
    (
        "摩托车?",
        "电瓶车|电动(?:自行|摩托|两轮)?车(?!位|桩)",
        "(?<!电动)自行车|(?<!人)单车(?!位|间)",
        "三轮车",
        "小客车|小?轿车|小汽车|小型?车|私家车",
        "大客车|大型客车|大巴|旅游车|中巴",
        "货车|卡车|半?挂车|集卡",
    ),
    (
        "羽毛球",
        "篮球",
        "网球",
        "乒乓球",
        "足球",
        "排球",
        "台球|桌球",
        "保龄球",
        "高尔夫",
        "壁球",
        "游泳",
    ),
    ("早餐|早饭|早点", "午餐|午饭|中饭", "晚餐|晚饭", "夜宵|宵夜"),
    ("素食|素菜|斋", "清真"),
    ("托育|托班|托儿", "幼儿园", "小学|九年", "初中|(?<!高级)中学|中小学|九年", "高中|高级中学|中学(?!部)"),
    ("牙科|口腔", "眼科", "儿科", "内科", "外科", "妇科|妇产", "骨科", "皮肤科", "中医", "针灸", "推拿"),
    ("成人票", "儿童票", "学生票", "老[年人]+票", "亲子票", "年[票卡]", "季[票卡]", "月[票卡]", "团体?票"),
    ("天然气|燃气|煤气", "蒸汽", "污水", "自来水|水价|水费|水电", "再生水|中水", "电价|电费|水电"),
)
_FOR_MORE = re.compile("[以之][上下]|不限|各类|所有|一律|任何|其他|其余|不分|同等")
"""What tells that something holds for more than what is named: 大专以上学历."""


PATTERNS = tuple(re.compile("|".join(group)) for group in _GROUPS)
"""For each group the pattern of its words, without groups of its own."""


def is_of_another_kind(search: str, text: str) -> bool:
    """Return whether a folded text tells only of others of the group of what a folded question names.

    >>> is_of_another_kind("硕士每月补多少", "博士每人每月3000元"), is_of_another_kind("硕士补多少", "研究生2000元")
    (True, False)
    >>> is_of_another_kind("本科能申请吗", "大专以上学历"), is_of_another_kind("住宿多少钱", "四人间180元")
    (False, False)
    """
    if _FOR_MORE.search(text):
        return False
    for whole, group in zip(PATTERNS, _GROUPS, strict=True):
        if not whole.search(search) or not whole.search(text):
            continue
        asked = [word for word in group if re.search(word, search)]
        if not any(re.search(word, text) for word in asked):
            return True
    return False
