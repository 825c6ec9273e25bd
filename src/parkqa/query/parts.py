"""Questions that ask several things at once, taken apart: "when was it founded, and which industries lead?".

A part is what has an interrogative of its own. What stands before it without one belongs to it; what it leaves out is
completed from the parts before it, as a follow-up is (``followup``). All text is folded.
"""

from __future__ import annotations

import re

from parkqa.query.question_words import INTERROGATIVE, TRAILING
from parkqa.text.characters import HAN
from parkqa.types import Language

MOST = 4
"""Largest number of parts; what asks for more is taken as one question. Chosen by hand: as many cards can be read."""

_ASKS = re.compile(
    INTERROGATIVE.pattern + r"|几|多[久大远高长重宽]|有没有|[是能会要]不[是能会要]|可不可以|是否|能否|可否|哪"
)
_NOTHING = re.compile(
    r"没有?(?:什么|啥|哪|多少|几)|(?:什么|啥|怎么|哪里|哪儿)(?=[都也])|(?:看看?|学习?|教).{0,10}?(?:怎么|如何|什么)"
)
"""Interrogatives that ask nothing: 没啥钱, 什么都行, 想看看奶粉怎么做."""
_HOW = (
    r"(?:怎么|怎样|如何|什么时[候间]|何时|啥时|几点|几号|在哪|去哪|到哪|多少|多久|多大|多远"
    r"|有哪些|有什么|有多少|有几|是什么|是谁|要不要|能不能)"
)
"""Interrogatives that begin a predicate: after one of them and 和, another predicate follows, not another noun."""
_STOP = re.compile(
    r"[,;?!。]+\s*(?:那么|那|还有|另外|而且|并且|以及|同时|然后|再问|还想[问知]道?)?\s*"
    rf"|(?<=[{HAN}])(?:以及|还有|并且|而且|另外|同时)(?=[{HAN}])"
)
_AND = re.compile(rf"(?:和|跟|与|及|、)(?=[{HAN}]{{0,6}}{_HOW})")
_STOP_EN = re.compile(
    r"\s*[?;]+\s*(?:and |also |then )*"
    r"|\s*,?\s+and (?:also )?(?=(?:what|which|when|where|who|whom|whose|how|why)\b)"
    r"|\s*,\s*(?:and )?(?:also )?(?=(?:what|which|when|where|who|how|why|is|are|was|were|do|does|did|can|could)\b)"
)
_ASKS_EN = re.compile(
    r"\b(?:what|which|when|where|who|whom|whose|how|why)\b|^(?:is|are|was|were|do|does|did|can|could|has|have|may)\b"
)
_EACH = re.compile(
    rf"(?P<lead>.*?)(?P<first>[{HAN}\w]{{2,12}}?)(?:和|与|跟|及|以及|、)(?P<second>[{HAN}\w]{{2,12}}?)"
    r"(?:分别|各自|各)(?:都)?(?P<rest>.*)"
)
"""Two things of each of which the same is asked: 主导产业和新兴产业分别有哪些, 学校和政府的股比各是多少."""
_YEARS = re.compile(r"((?:19|20)\d\d)年?(?:和|与|跟|、)((?:19|20)\d\d)年?(?P<rest>[^到至-].*)")
_YEARS_EN = re.compile(r"(?P<rest>.+ in )((?:19|20)\d\d) and (?:in )?((?:19|20)\d\d)")


def parts(question: str, language: Language) -> tuple[str, ...]:
    """Return the parts of a folded question in order; () if it is one question.

    >>> parts("园区什么时候成立的,主导产业有哪些?", "zh")
    ('园区什么时候成立的', '主导产业有哪些')
    >>> parts("2014年和2015年分别获得什么荣誉?", "zh")
    ('2014年获得什么荣誉', '2015年获得什么荣誉')
    >>> parts("when was the park founded and which industries lead?", "en")
    ('when was the park founded', 'which industries lead')
    >>> parts("我想租房,多少钱一个月?", "zh"), parts("什么企业和哪些机构合作?", "zh")
    ((), ())
    """
    bare = TRAILING.sub("", question)
    found = _each(bare, language) or (_split_english(bare) if language == "en" else _split_chinese(bare))
    return found if 2 <= len(found) <= MOST else ()


def _each(question: str, language: Language) -> tuple[str, ...]:
    """The parts of a question about two things or two years."""
    if language == "en":
        years = _YEARS_EN.fullmatch(question)
        return tuple(f"{years['rest']}{years[group]}" for group in (2, 3)) if years else ()
    if years := _YEARS.search(question):
        before = question[: years.start()]
        rest = re.sub("^(?:分别|各自|各|都)", "", years["rest"])
        return tuple(f"{before}{years[group]}年{rest}" for group in (1, 2)) if _ASKS.search(rest) else ()
    two = _EACH.fullmatch(question)
    if two is None or not _ASKS.search(two["rest"]) or re.search("[,;?!。]", question):
        return ()
    of = two["second"].partition("的")[2]
    first = two["first"] + (f"的{of}" if of and "的" not in two["first"] else "")
    return f"{two['lead']}{first}{two['rest']}", f"{two['second']}{two['rest']}"


def _split_chinese(question: str) -> tuple[str, ...]:
    return _joined([piece for part in _STOP.split(question) for piece in _at_and(part)], _ASKS, ",")


def _split_english(question: str) -> tuple[str, ...]:
    return _joined(_STOP_EN.split(question), _ASKS_EN, ", ")


def _at_and(text: str) -> list[str]:
    """A text cut at each 和 between two predicates: 怎么收费和怎么报名, but not 什么企业和哪些机构."""
    pieces, start = [], 0
    for found in _AND.finditer(text):
        if re.search(_HOW, text[start : found.start()]):
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]


def _joined(pieces: list[str], asks: re.Pattern[str], comma: str) -> tuple[str, ...]:
    """The pieces that ask something, each with those before it that do not; those at the end belong to the last."""
    found: list[str] = []
    waiting = ""
    for piece in (piece.strip(" ,") for piece in pieces):
        if not piece:
            continue
        text = f"{waiting}{comma}{piece}" if waiting else piece
        if asks.search(_NOTHING.sub("", piece)):
            found.append(text)
            waiting = ""
        else:
            waiting = text
    if waiting and found:
        found[-1] = f"{found[-1]}{comma}{waiting}"
    return tuple(found)
