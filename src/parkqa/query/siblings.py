"""Words that tell things of one kind apart: 一期 and 二期, 今年 and 去年, 博士 and 硕士, 5号楼 and 15号楼.

A follow-up that names one of them (那二期呢? 去年是多少?) asks the question before it about this one instead. All text
is folded.
"""

from __future__ import annotations

import re

from parkqa.query.alternatives import PATTERNS

_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3}|(?<![a-z])[a-z]|[甲乙丙丁])"
_PLACE = "楼|线|门|库|棚|馆|厅|厂|仓|路|窗口|码头|泊位|食堂|停车场|变电站"
_KIND = f"号?(?:{_PLACE})|期|类|级|座|栋|幢|区|层|档|批|届|等奖|年级|轮"
_DAY = r"(?:平日|平时|周末|双休日|假期|(?:周|星期|礼拜)[一二三四五六日天]|(?<![个几少\d])(?:工作日|节假日))"
_ALIKE = (
    r"今年|去年|前年|明年|后年",
    r"半?年度|季度|月度",
    r"非?会员",
    rf"{_DAY}(?:[至到-]{_DAY})?",
    *(group.pattern for group in PATTERNS),
)
_NUMBERED = re.compile(rf"第?{_NUMBER}({_KIND})")
_PLACED = re.compile(rf"第?{_NUMBER}(?:号?(?:{_PLACE})|期|座|栋|幢|区)")
_NAMED = re.compile("|".join(f"({words})" for words in _ALIKE))
_THAT = re.compile(r"的?(?:那[个部家座台栋间种条]?)?")
"""What may follow: 15号楼的那部."""


def instead(topic: str, context: str) -> str | None:
    """Return the question before with what a topic begins with in place of what it has of the same kind.

    Args:
        topic: what a follow-up names, and nothing else: 二期, 15号楼的那部.
        context: the question before it.

    >>> instead("二期", "一期丙类厂房租金多少"), instead("去年", "补贴今年最高多少"), instead("二期", "食堂几点开")
    ('二期丙类厂房租金多少', '补贴去年最高多少', None)
    """
    named = beginning(topic)
    if not named or not _THAT.fullmatch(topic, len(named)):
        return None
    old = _same_kind(named, context)
    return None if old is None else f"{context[: old.start()]}{named}{context[old.end() :]}"


def place(text: str) -> str:
    """Return the place with things of its own, as 5号楼 or B线, with which a text begins; "" if it begins otherwise.

    >>> place("b线首班车"), place("甲级写字楼")
    ('b线', '')
    """
    found = _PLACED.match(text)
    return found[0] if found else ""


def beginning(text: str) -> str:
    """Return the word of such a kind with which a text begins; "" if it begins with another.

    >>> beginning("去年是多少"), beginning("年度的要几天"), beginning("租金多少")
    ('去年', '年度', '')
    """
    found = _NUMBERED.match(text) or _NAMED.match(text)
    return found[0] if found else ""


def _same_kind(named: str, context: str) -> re.Match[str] | None:
    """The only word of the context that is of the same kind as one; None if there is none or another."""
    for pattern in (_NUMBERED, _NAMED):
        if kind := pattern.fullmatch(named):
            found = [
                each
                for each in pattern.finditer(context)
                if each.lastindex == kind.lastindex and (pattern is _NAMED or each[1] == kind[1])
            ]
            return found[0] if len(found) == 1 else None
    return None
