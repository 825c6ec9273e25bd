"""Headings with decimal numbers, as standards and rules have them (GB/T 1.1): 1 范围, 4.2 一般要求.

A number alone proves nothing: 1.5 元 and a numbered sentence have one, too. So a heading is a short line whose number
goes on where the last one was, and that has something below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parkqa.corpus.readers.draft import short
from parkqa.corpus.readers.figures import UNIT

LONGEST = 20
"""Most characters of such a heading behind its number. Chosen by hand: a larger value takes statements for headings."""
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})(?:[ \u3000]+|(?<=\.\d)|(?<=\.\d\d))(?=[^\W\d])")
"""A decimal number before words; a whole one has a blank behind it."""
_COUNTED = re.compile(
    rf"(?:{UNIT.pattern})(?:以[上下内]|[内起计]|左右|$)|个(?![人体性别])|号[楼库门线路厂]|个工作日", re.IGNORECASE
)
"""What follows a number that says how much: 元, 个工作日内."""
_APPENDIX = re.compile(r"附录 ?[A-Z](?![A-Za-z])(?!的|中|所|规定)")
_STATES = re.compile(r"[，。；：:;]|应当|必须|不得|严禁")
"""What a heading does not have."""

DECIMALS = ("1", "1.1", "1.1.1", "1.1.1.1")
"""Names for the sorts of such headings, by depth."""

Number = tuple[int, ...]


def decimal(line: str) -> Number:
    """Return the decimal number before the words of a line; () if there is none, or if it tells a quantity.

    >>> decimal("1 范围"), decimal("4.2.1 出入口"), decimal("1.5 元"), decimal("2 个工作日内"), decimal("1号楼")
    ((1,), (4, 2, 1), (), (), ())
    """
    found = _NUMBERED.match(line)
    if not found or _COUNTED.match(line[found.end() :]):
        return ()
    return tuple(map(int, found[1].split(".")))


def depths(lines: Sequence[str]) -> list[int]:
    """Return for each line how many parts the number has by which it is a heading; 0 for those that are none.

    >>> depths(["1 范围", "本办法适用于园区。", "2 总则", "2.1 目的", "为规范管理。", "2.2 企业应当报备。"])
    [1, 0, 1, 2, 0, 0]
    >>> depths(["1 范围", "本办法适用于园区。", "1.1 目的", "为规范管理。", "附录A 申请表", "见网站。"])
    [1, 0, 2, 0, 1, 0]
    >>> depths(["1 身份证", "2 营业执照", "3 公章"]), depths(["1.5 元", "每小时。"])
    ([0, 0, 0], [0, 0])
    """
    numbers = list(_in_order(lines))
    found = [_heads(place, numbers, lines) for place in range(len(lines))]
    return found if sum(map(bool, numbers)) > 1 else [0] * len(lines)


def _in_order(lines: Sequence[str]) -> Iterator[Number]:
    """Yield the number of each line; () where there is none, or where it does not go on from the one before."""
    last: Number = ()
    for line in lines:
        number = decimal(line)
        goes_on = bool(number) and _follows(number, last)
        last = number if goes_on else last
        yield number if goes_on else ()


def _follows(number: Number, last: Number) -> bool:
    """Return whether a number comes next: below the last one, beside it or beside one above it, or as the first."""
    if number in ((0,), (1,), (1, 1)):
        return True
    beside = {(*last[:place], last[place] + 1) for place in range(len(last))}
    return number in beside or (bool(last) and number in ((*last, 1), (last[0] + 1, 1)))


def _heads(place: int, numbers: Sequence[Number], lines: Sequence[str]) -> int:
    """Return the number of parts of a heading's number; 0 if the line says something, or is an item of a list."""
    depth = len(numbers[place])
    words = _NUMBERED.sub("", lines[place], count=1)
    if _APPENDIX.match(lines[place]) and short(lines[place]):
        return int(place + 1 < len(lines) and any(numbers[:place]))
    if not depth or len(words) > LONGEST or _STATES.search(words) or not short(words):
        return 0
    if depth in [len(below) - 1 for below in numbers[place + 1 : place + 2]]:  # 2.2 above 2.2.1
        return depth
    after = lines[place + 1 : place + 2]
    around = (*lines[max(place - 1, 0) : place], *after)
    return depth if after and all(len(decimal(line)) != depth for line in around) else 0
