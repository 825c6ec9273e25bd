"""Ordinals and order: 第三个是什么 after a list, 最近一件大事, "the second leading industry". All text is folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parkqa.query.question_words import EN_FUNCTION, TRAILING, is_bare
from parkqa.query.talk import talk, without_talk
from parkqa.text.characters import language, numeral_value
from parkqa.text.folding import folded
from parkqa.types import Language

_UNIT = "个项家件位座种类名所款样步"
"""Measure words of the items of a list; 条, 章, 期, 届 and 批 number what bears its number in the text."""
_NTH = re.compile(
    rf"(?:排在?)?(?:第(?P<number>\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})(?:[{_UNIT}]|$|(?=[是呢]))"
    rf"|(?P<back>倒数第[一二两三四五\d])[{_UNIT}]?|(?P<last>最后)(?:面的)?[一1]?[{_UNIT}]的?)的?"
)
_WORDS_EN = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NTH_EN = re.compile(
    rf"\b(?:the )?(?:(?P<word>{'|'.join(_WORDS_EN)}|last)|(?P<number>\d{{1,2}})(?:st|nd|rd|th))\b"
    r"(?: ones?\b| items?\b)?"
)
_STEP = re.compile(rf"^(?:那么?|再)?(?P<step>[上下前后])[一1]?[{_UNIT}](?:是什么|是哪个|是啥|呢|是)*$")
_STEP_EN = re.compile(r"^(?:and |what (?:is|about) )*the (?P<step>previous|next|one before|one after)(?: one)?$")
_ORDER = re.compile(
    rf"(?:(?P<late>最近|最新|最晚)|(?P<early>最早|最先|最初))的?(?:[一1那这]?[{_UNIT}次回])?的?"
    r"|\b(?:the )?(?:(?P<late_en>latest|most recent|newest)|(?P<early_en>earliest|very first))\b"
)
_EVENT = re.compile(
    r"(?:重?大|重要)?(?:事[情件]?|新闻|动态|进展|活动|动作)|发生|有什么|\b(?:events?|milestones?|news|things?|happen(?:ed)?)\b"
)
"""What every entry of a chronicle is."""

_EVENTS = re.compile("(?:园区)?的?(?:重?大|重要)?事[情件]?(?:是什么|是啥|呢)*")
"""What is left of a question for an event of the chronicle by its number: 第一件大事是什么."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of what is asked for among items or dated entries.

    Attributes:
        number: the place from 1, or from -1 backwards; of dated entries 1 is the earliest, -1 the latest.
        rest: the question without the ordinal; "" if nothing is left of it, or any event counts.
        by_date: whether the order is that of dates, not the one in which the items stand.
        step: -1 or 1 for the item before or after the one asked for last; then ``number`` is 0.
        any: of an order by date, whether any event counts (最近一件大事), not only some (最近一次获奖).
    """

    number: int
    rest: str
    by_date: bool = False
    step: int = 0
    any: bool = False


def place(question: str, spoken: Language) -> Place | None:
    """Return the place that a folded question asks for; None if it asks for none.

    >>> place("第三个是什么?", "zh")
    Place(number=3, rest='', by_date=False, step=0, any=False)
    >>> place("最后一项荣誉是什么", "zh").rest, place("what is the third leading industry?", "en").rest
    ('荣誉是什么', 'what is leading industry')
    >>> place("最近一件大事是什么", "zh")
    Place(number=-1, rest='', by_date=True, step=0, any=True)
    >>> place("第二条是什么", "zh"), place("最近的地铁站在哪里", "zh").any
    (None, False)
    """
    bare = TRAILING.sub("", question)
    return _step(bare, spoken) or _nth(bare, spoken) or _order(bare)


def base(history: Sequence[str]) -> tuple[int, int] | None:
    """Return the question that the bare ordinals at the end of a history are about, and the place they lead to.

    Args:
        history: the inputs, oldest first; the last one is the one that is asked now.

    Returns:
        The index of the question in the history and the place as ``Place.number``, which is 0 if a step was made from
        what no ordinal named (上一个 after 2014年获得什么称号); None if the last input is no bare ordinal or no
        question stands before it.

    >>> base(["荣誉有哪些", "第三个是什么", "上一个呢"]), base(["荣誉有哪些"])
    ((0, 2), None)
    """
    places: list[Place] = []
    for index in range(len(history) - 1, -1, -1):
        said = folded(history[index])
        found = place(without_talk(said), language(said))
        spoken = talk(said)
        if found and not found.rest and not found.by_date and (found.step or not spoken):
            places.append(found)
        elif not spoken:
            return (index, _walked(places)) if places else None
    return None


def steps(history: Sequence[str]) -> bool:
    """Return whether the last input of a history steps on from an ordinal: 下一个 means the next item then.

    >>> steps(["荣誉有哪些", "第三个是什么", "下一个"]), steps(["荣誉有哪些", "下一个"])
    (True, False)
    """
    found = base(history)
    return found is not None and found[1] != 0


def _walked(places: Sequence[Place]) -> int:
    """The place to which ordinals lead, the latest first."""
    number = 0
    for each in reversed(places):
        number = number + each.step if each.step and number else each.number
    return number


def _step(bare: str, spoken: Language) -> Place | None:
    found = (_STEP_EN if spoken == "en" else _STEP).match(bare)
    if found is None:
        return None
    return Place(0, "", step=-1 if found["step"] in ("上", "前", "previous", "one before") else 1)


def _nth(bare: str, spoken: Language) -> Place | None:
    found = (_NTH_EN if spoken == "en" else _NTH).search(bare)
    if found is None:
        return None
    rest = f"{bare[: found.start()]}{bare[found.end() :]}"
    if _EVENTS.fullmatch(rest):
        return Place(_number(found), "", by_date=True, any=True)
    return Place(_number(found), "" if _empty(rest, spoken) else re.sub(" +", " ", rest).strip())


def _number(found: re.Match[str]) -> int:
    given = found.groupdict()
    if word := given.get("word"):
        return -1 if word == "last" else 1 + _WORDS_EN.index(word)
    if given.get("last"):
        return -1
    if back := given.get("back"):
        return -(numeral_value(back[-1]) or 1)
    return numeral_value(given["number"] or "") or 1


def _order(bare: str) -> Place | None:
    found = _ORDER.search(bare)
    if found is None:
        return None
    late = found.groupdict()["late"] or found.groupdict()["late_en"]
    rest = f"{bare[: found.start()]}{bare[found.end() :]}".strip()
    every = not rest or bool(_EVENT.search(rest))
    return Place(-1 if late else 1, "" if every else rest, by_date=True, any=every)


def _empty(rest: str, spoken: Language) -> bool:
    """Whether nothing but function words and interrogatives is left."""
    if spoken == "en":
        return all(word in EN_FUNCTION or word == "one" for word in re.findall(r"[a-z0-9']+", rest))
    return is_bare(rest)
