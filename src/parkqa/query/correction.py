"""Corrections: 不是，我问的是新兴产业 puts the question before it about another thing.

What is said to be meant is put as the follow-up question that it stands for (新兴产业呢?), which ``followup``
completes. All text is folded.
"""

from __future__ import annotations

import re

from parkqa.query.question_words import INTERROGATIVE, TRAILING

_NO = r"(?:(?:不是的?|不是这个(?:意思)?|不对|不|错了|[搞答弄打说]错了|更正一?下?|你理解错了)[\s,.!;:。、]+)"
_MEANT = (
    r"(?:我(?:刚才|其实|本来)?想?要?(?:问|说|指)的?(?:其实|应该)?是(?!不是)|我(?:是|指的?)(?:想|要)?(?:说|问|指)的?"
    r"|我指的?是?)"
)
_WANTED = r"(?:我(?:想|要|想要)?(?:问|知道|了解)(?:的是)?(?:一下)?|(?:应该|应当|其实)(?:是|问)|而?是)"
"""Polite beginnings of any question too; they correct only after a no."""
_ZH = re.compile(
    r"(?:我?(?:问|说|指)的)?不是(?P<not>[^,;?!。]{1,24}?)[\s,;、]+(?:而?是(?![否不])|我(?:要|想)?(?:问|说|指)的是)(?P<but>.+)"
    rf"|{_NO}{{0,2}}{_MEANT}(?P<meant>.+)"
    rf"|{_NO}{{1,2}}{_WANTED}(?P<wanted>.+)"
)
_NO_EN = r"(?:(?:no|nope|sorry|wrong|not that(?: one)?|actually)[\s,.!;:]+)"
_EN = re.compile(
    rf"{_NO_EN}{{0,2}}not (?P<not>[^,;?!.]{{1,40}}?)(?:[\s,;]+but|[,;]) +"
    r"(?P<but>(?!is\b|are\b|do\b|does\b|can\b|may\b).+)"
    rf"|{_NO_EN}{{0,2}}i (?:really |actually )?(?:mean|meant|(?:was |am )?ask(?:ed|ing))(?: about| for)?[\s,:]+"
    r"(?P<meant>.+)"
    rf"|{_NO_EN}{{1,2}}i want(?:ed)? (?:to (?:know|ask)(?: about)?)? *(?P<wanted>.+)"
)
_ASIDE = re.compile(r"[\s,;、]*(?:而?(?<!是)不是|\bnot )[^,;?!。]{1,24}$")
"""What is not meant, said after what is."""
_ASKS = re.compile(r"几|多[少久大远高长]|有没有|是不是")
_ASKS_EN = re.compile(
    r"^(?:who|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could)\b|\b(?:when|where|who)\b"
)


def corrected(question: str) -> str | None:
    """Return what a folded correction asks, as a question after the earlier ones; None if it corrects nothing.

    >>> corrected("不是,我问的是新兴产业"), corrected("不是2014年,是2015年"), corrected("no, i meant the port")
    ('新兴产业呢?', '2015年呢?', 'what about the port?')
    >>> corrected("不对,我问的是食堂几点开"), corrected("是不是国家级园区"), corrected("不对")
    ('食堂几点开', None, None)
    """
    for pattern in (_ZH, _EN):
        if found := pattern.fullmatch(TRAILING.sub("", question)):
            meant = next(part for name, part in found.groupdict().items() if part and name != "not")
            return _as_question(_ASIDE.sub("", meant).strip(" ,;:、"), english=pattern is _EN)
    return None


def _as_question(meant: str, *, english: bool) -> str | None:
    if not re.search(r"\w", meant):
        return None
    if english:
        return meant if _ASKS_EN.search(meant) else f"what about {meant}?"
    return (
        meant
        if INTERROGATIVE.search(meant) or re.search(r"几|多[少久大远高长]|有没有|是不是", meant)
        else f"{meant}呢?"
    )
