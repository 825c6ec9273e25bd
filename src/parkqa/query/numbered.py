"""Things that a number, a letter or a side tells from their neighbours: 3号线, C类, 二期, 第三水厂, 西门, phase II.

A passage on the neighbour of what a question names so does not answer, however near it is. All text is folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from parkqa.text.characters import HAN, numeral_value

_ARABIC, _CHINESE = r"\d{1,3}", "[一二三四五六七八九十]{1,3}"
_TO = "至|到|[-–—~]"
_AND = f"{_TO}|[、,/和及与]"


def _series(number: str) -> str:
    """The pattern of a number or several of them: 1、2, 一至三."""
    return f"{number}(?:号?(?:{_AND})第?{number})*"


_BUILT = "楼|厂房|仓库?|冷?库|棚|馆|展?厅|院|公寓|宿舍|食堂|车间|会议室"
_OTHER = "线|门|码头|泊位|窗口?|锅炉|机组|桥|地块|停车场|变电站|泵站"
_HEAD = "(?:厂|医院|学校|中学|小学|幼儿园|食堂|车间|仓库|码头|[电泵防]站|馆|厅|公寓)"
_NUMBER = f"{_series(_ARABIC)}|{_series('[a-z]')}|{_series(_CHINESE)}"
_NUMBERED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![第分共\da-z一二三四五六七八九十])(?<!周)(?<!星期)(?<!礼拜)({_NUMBER})"
        rf"(号(?:{_BUILT}|{_OTHER})|食堂|站(?![式点台])|级(?![市别])|期(?!间|限|货|待|望))",
        rf"(?<![a-z])({_series('[a-z]')})(座|栋|区|线|轮|类|型|款|档)",
        rf"({_series('[甲乙丙丁]')})(类|级|等|种|型|库|区)",
        "([春夏秋冬])(季)",
        rf"(?<![东南西北])({_series('[东南西北]')})(门|区|塔|馆)",
        rf"第({_series(_ARABIC)}|{_series(_CHINESE)})"
        rf"([届期批]|(?!方|产业|课堂)[{HAN}]{{0,4}}?{_HEAD})",
    )
)
"""Things that a number, a letter, a season or a side tells from their neighbours, also several: 1、2号楼, 一至三期."""
_OF_A_NAME = re.compile(
    rf"([{HAN}]{{2}})(?<![月日周天第每逢到至前后号])({_ARABIC}|{_CHINESE})号"
    "(?![楼线门码泊厂仓库窗院文令前后起至到止之以])"
)
"""A number as part of a name: 榕冰二号."""
_CODE = re.compile(r"(?<![a-z\d])([a-ln-z])(\d{1,3})(?![\da-z.%]|级|[类型]?(?:驾|纸|打印|复印|彩))")
"""A letter and a number: P3停车场, G15; but no size of paper and no class of driving licences."""
_BLOCK = re.compile(rf"({_ARABIC})[栋幢座]")
"""A building or a number of them: 3栋."""
LONGEST = 100
"""Most things of a range that are told apart. Chosen by hand: a larger value costs time on what is no range."""
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
_LETTER_EN = r"[b-h]\b|a(?= ?(?:[?.,;]|$|(?:in|on|at|is|and|or|to|for)\b))"
_NUMBERED_EN = re.compile(
    rf"\b({'|'.join(_KINDS_EN)}) ({_LETTER_EN}|(?<!class )(?<!category )(?:{_ARABIC}|one|two|three|four)\b"
    r"|(?<=phase )(?:i{1,3}|iv)\b)"
)
_SAME_GRADE = dict(zip("甲乙丙丁", "abcd", strict=True))
"""Grades of offices by another name."""


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
    there = _present([text]) if asked else {}
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
    >>> unknown_numbers("p6停车场收费吗", ["p1、p2停车场每小时4元"])
    ('p6',)
    """
    asked = [each for each in _found(search) if each.kind[-1] not in _FOR_ALL]
    there = _present(texts) if asked else {}
    return tuple(each.text for each in asked if each.kind in there and each.number not in there[each.kind])


class _Numbered(NamedTuple):
    """Something named by its number, as it is written."""

    text: str
    number: int | str
    kind: str


@lru_cache(maxsize=4096)
def _found(text: str) -> tuple[_Numbered, ...]:
    """What a text names by a number; kept, since a question and its candidates are looked at several times."""
    return tuple(_each_found(text))


def _each_found(text: str) -> Iterator[_Numbered]:
    for pattern in _NUMBERED:
        for match in pattern.finditer(text):
            yield from _named(match[0], match[1], match[2].removeprefix("号"))
    for match in _CODE.finditer(text):
        yield from _named(match[0], match[2], match[1])
    for match in _OF_A_NAME.finditer(text):
        yield from _named(match[0], match[2], match[1])
    for match in _NUMBERED_EN.finditer(text):
        yield from _named(match[0], _NUMERALS_EN.get(match[2], match[2]), _KINDS_EN[match[1]])


def _named(text: str, series: str, kind: str) -> Iterator[_Numbered]:
    """Yield the things of a series: 1 to 3 of 1至3号楼, both of 一二期."""
    kind = _SAME_KIND.get(kind, kind)
    parts = re.split(f"号?({_AND})第?", series)
    numbers = [number for part in parts[::2] for number in _each(part)]
    for before, to, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        first, last = _each(before)[-1], _each(after)[0]
        if re.fullmatch(_TO, to) and isinstance(first, int) and isinstance(last, int):
            numbers += range(first + 1, min(last, first + LONGEST))
    for number in numbers:
        yield _Numbered(text, _SAME_GRADE.get(str(number), number) if kind == "级" else number, kind)


def _each(number: str) -> list[int | str]:
    """The numbers of a numeral; two in one (一二) are two.

    >>> _each("12"), _each("十二"), _each("一二"), _each("b")
    ([12], [12], [1, 2], ['b'])
    """
    if len(number) > 1 and re.fullmatch("[一二三四五六七八九]+", number):
        return [numeral_value(each) or each for each in number]
    return [numeral_value(number) or number]


def _numbered(text: str) -> dict[str, set[int | str]]:
    """The numbers or letters in a text by which things are named, by the kind of thing."""
    found: dict[str, set[int | str]] = {}
    for each in _found(text):
        found.setdefault(each.kind, set()).add(each.number)
    return found


def _present(texts: Iterable[str]) -> dict[str, set[int | str]]:
    """The same of several texts; where they tell buildings apart by numbers, 3栋 may be building 3."""
    found: dict[str, set[int | str]] = {}
    blocks: set[int | str] = set()
    for text in texts:
        for kind, numbers in _numbered(text).items():
            found.setdefault(kind, set()).update(numbers)
        blocks.update(map(int, _BLOCK.findall(text)))
    if "楼" in found:
        found["楼"] |= blocks
    return found
