"""Things that a number, a letter or a side tells from their neighbours: 3号线, C类, 二期, 第三水厂, 西门, phase II.

A passage on the neighbour of what a question names so does not answer, however near it is. All text is folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from parkqa.text.characters import HAN, numeral_value

_NUMBERED = re.compile(
    r"(?<![第\da-z一二三四五六七八九十])(\d{1,3}|[a-z]|[一二三四五六七八九十]{1,2})"
    r"(号(?:楼|线|门|码头|泊位|厂房|仓库?|库|冷库|棚|馆|厅|展厅|院|窗口?|车间|锅炉|机组|桥|地块|会议室|停车场|食堂|公寓|宿舍|变电站|泵站)"
    r"|期(?!间|限|货|待|望)|食堂|站(?![式点台])|级(?![市别]))|(?<![a-z])([a-z])(座|栋|区|线|轮|类|型|款|档)"
    r"|([甲乙丙丁])(类|级|等|种|型|库|区)|([春夏秋冬])(季)|(?<![东南西北])([东南西北])(门|区|塔|馆)"
    rf"|第(\d{{1,3}}|[一二三四五六七八九十]{{1,2}})([届期批]|(?!时间|产业|方|课堂|书记|线|手|步|大)[{HAN}]{{2}}(?<![个条项次天年月名位章家种类号笔节款]))"
)
"""A thing that a number, a letter, a season or a quarter tells from its neighbours."""
_OF_A_NAME = re.compile(
    rf"([{HAN}]{{2}})(?<![月日周天第每逢])(\d{{1,3}}|[一二三四五六七八九十]{{1,2}})号(?![楼线门码泊厂仓库窗院文令])"
)
"""A number as part of a name: 榕冰二号."""
_FOR_ALL = "季门区塔馆级等种"
"""The last characters of kinds of which something may be told together: 各门."""
_SAME_KIND = {"栋": "楼", "幢": "楼", "座": "楼", "冷库": "库", "仓": "仓库", "窗": "窗口"}
"""Kinds of things that a number tells apart, under one name each."""
_KINDS_EN = {
    **dict.fromkeys(("building", "block", "tower"), "楼"),
    **dict.fromkeys(("class", "category"), "类"),
    **{"grade": "级", "phase": "期", "line": "线", "gate": "门", "studio": "棚"},
}
"""The same kinds in English questions."""
_NUMERALS_EN = {"one": "1", "two": "2", "three": "3", "four": "4", "i": "1", "ii": "2", "iii": "3", "iv": "4"}
_NUMBER_EN = rf"\d{{1,3}}|{'|'.join(sorted(_NUMERALS_EN, key=len, reverse=True))}"
_NUMBERED_EN = re.compile(rf"\b({'|'.join(_KINDS_EN)}) ([a-h]|(?<!class )(?<!category )(?:{_NUMBER_EN}))\b")


def is_of_another_number(search: str, text: str) -> bool:
    """Return whether a folded text tells something of a neighbour only of what a folded question names by its number.

    >>> is_of_another_number("3号线几点末班", "1号线末班21:30"), is_of_another_number("二期多大", "2期占地3亩")
    (True, False)
    >>> is_of_another_number("第三水厂在哪", "第一水厂在北路"), is_of_another_number("c类水费", "b类 | 11.3")
    (True, True)
    >>> is_of_another_number("1号线和3号线几点末班", "3号线末班21:30")
    False
    """
    asked = _numbered(search)
    if not asked:
        return False
    there = _numbered(text)
    return any(kind in there and not numbers & there[kind] for kind, numbers in asked.items())


def names_number(search: str, text: str) -> bool:
    """Return whether a folded text has something that a folded question names by its number.

    >>> names_number("c类污水多少钱", "c类 | 18.6"), names_number("c类污水多少钱", "b类 | 11.3")
    (True, False)
    """
    asked = _numbered(search)
    there = _numbered(text) if asked else {}
    return any(numbers & there.get(kind, set()) for kind, numbers in asked.items())


def names_places(search: str, text: str) -> bool:
    """Return whether a folded text has one of the places that a folded question names by a number (3号库), if any.

    >>> names_places("三号库多大", "常温库500平方米"), names_places("三号库多大", "3号库"), names_places("三期多大", "")
    (False, True, True)
    """
    asked = {(each.kind, each.number) for each in _found(search) if "号" in each.text}
    return not asked or any((each.kind, each.number) in asked for each in _found(text))


def unknown_numbers(search: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return what a folded question names by a number that no folded text has, where one has another of its kind.

    Seasons, sides and grades are left out: what holds for all of them need not name each.

    >>> unknown_numbers("四号冷库多大", ["一号冷库", "三号冷库2000平方米"]), unknown_numbers("四号冷库多大", ["冷库"])
    (('四号冷库',), ())
    """
    asked = [each for each in _found(search) if each.kind[-1] not in _FOR_ALL]
    there: dict[str, set[int | str]] = {}
    for text in texts if asked else ():
        for kind, numbers in _numbered(text).items():
            there.setdefault(kind, set()).update(numbers)
    return tuple(each.text for each in asked if there.get(each.kind) and each.number not in there[each.kind])


class _Numbered(NamedTuple):
    """Something named by its number, as it is written."""

    text: str
    number: int | str
    kind: str


def _found(text: str) -> Iterator[_Numbered]:
    for match in _NUMBERED.finditer(text):
        number, kind = filter(None, match.groups())
        yield _named(match[0], number, kind.removeprefix("号"))
    for match in _OF_A_NAME.finditer(text):
        yield _named(match[0], match[2], match[1])
    for match in _NUMBERED_EN.finditer(text):
        yield _named(match[0], _NUMERALS_EN.get(match[2], match[2]), _KINDS_EN[match[1]])


def _named(text: str, number: str, kind: str) -> _Numbered:
    return _Numbered(text, numeral_value(number) or number, _SAME_KIND.get(kind, kind))


def _numbered(text: str) -> dict[str, set[int | str]]:
    """The numbers or letters in a text by which things are named, by the kind of thing."""
    found: dict[str, set[int | str]] = {}
    for each in _found(text):
        found.setdefault(each.kind, set()).add(each.number)
    return found
