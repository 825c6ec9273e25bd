"""The noun phrases of a question: where they stand, and putting another one in place of the one that it resembles.

What a follow-up asks about (物业费呢?) takes a place in the question before it. Cut by function words and by how things
are named, without a parser. All text is folded.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from parkqa.query.question_words import EN_FUNCTION
from parkqa.query.siblings import place
from parkqa.text.characters import HAN, YEAR

_PROPERTY = re.compile(
    r"(?:[月日年季]租|房租(?!金)|租金|押金|定金|(?:停车|物业|水电|管理|服务|住宿|包干|装卸|[^的])?费用?|单?价格?|票价|税[率额]?|额度|金额|面积|数量|人数|层高|承重|时间|期限|电话|地址|位置"
    r"|标准|条件|材料|流程|手续|补贴|补助|奖励|优惠|产值|产量|规模|容量|功率|车位|门槛|要求)$"
)
"""The end of what names a property of a thing: 细胞中心月租."""
_GENERIC = frozenset("园区 本园区 这个园区 贵园区 你们 the park park industrial park".split(" ")) | {
    "the industrial park"
}

_CUT = re.compile(
    r"(?:几[点号天月时楼层]|多[大久长高远快]|的时候|有没有|是不是|是什么|有什么|有哪些|哪一年|什么时候|哪里|哪儿|哪些|哪家|哪个|多少|什么|怎么样|怎么|如何|谁|吗|呢|么|了"
    r"|是|在|有(?!限)|的|由|被|把|对|和|与|都|也|获得|获评|获|叫|属于|包括)|[\s,?!。、:;]+"
)
"""Where a Chinese question is cut into noun phrases: function words, interrogatives, a few verbs, punctuation."""

NEW_TOPIC = 4
"""Likeness (``_likeness``) to the previous question from which a heading is a variation on it, not a new topic.

Chosen by hand: at 4, two shared final characters make a variation (新兴产业 after 主导产业). If it were smaller, one
shared character would be enough, and more headings would be put into the previous question; if it were larger, more
headings would be asked about on their own.
"""


def put(topic: str, old: re.Match[str], context: str) -> str:
    """The context with a topic in place of a match; not by ``re.sub``, to which a visitor's backslash is an order."""
    return f"{context[: old.start()]}{topic}{context[old.end() :]}"


def is_new(topic: str, context: str, topics: Collection[str]) -> bool:
    """Whether a topic is a heading of the documents and resembles nothing that the previous question was about."""
    named = any(topic.endswith(heading) for heading in topics)
    return named and all(_likeness(context[a:b], topic) < NEW_TOPIC for a, b in noun_phrases(context))


def substitute(topic: str, context: str) -> str:
    """Return the previous question with ``topic`` substituted.

    If the topic names a year, the year replaces that of the previous question, or the topic goes in front if it has
    none. Otherwise the topic replaces the noun phrase that it resembles most.

    >>> substitute("新兴产业", "园区的主导产业有哪些?"), substitute("普通平库", "高标库押金多少?")
    ('园区的新兴产业有哪些?', '普通平库押金多少?')
    """
    year = YEAR.search(topic)
    if year and (old := YEAR.search(context)):
        return put(year[1], old, context)
    if year:
        return f"{topic}{context}"
    slots = noun_phrases(context)
    if not slots:
        return f"{topic}{context}"
    start, end = max(
        slots, key=lambda slot: (_likeness(context[slot[0] : slot[1]], topic), *_alike(context, slot, topic))
    )
    start, end = _replaced(context, start, end, topic)
    return f"{context[:start]}{topic}{context[end:]}"


def _alike(context: str, slot: tuple[int, int], topic: str) -> tuple[bool, int]:
    """Orders noun phrases that have no character in common with a topic: a property for a property, else the first."""
    return bool(_PROPERTY.search(topic) and _PROPERTY.search(context, *slot)), -slot[0]


def _replaced(context: str, start: int, end: int, topic: str) -> tuple[int, int]:
    """The part of a noun phrase that a topic takes the place of.

    Of 青年公寓单人间, 双人间 replaces 单人间; of 高标库押金, 普通平库 replaces 高标库 and 物业费 replaces 押金; of
    B线首班车, 末班 replaces 首班车.
    """
    which = place(context[start:end])
    if which and not place(topic) and start + len(which) < end:
        start += len(which)
    own = _PROPERTY.search(context, start + 2, end)
    if own:
        return (own.start(), end) if _PROPERTY.search(topic) else (start, own.start())
    if context[end - 1] == topic[-1] and re.search(f"[{HAN}]", topic):
        return max(start, end - len(topic)), end
    return start, end


def noun_phrases(context: str) -> list[tuple[int, int]]:
    """Spans of the noun phrases of a question; generic names of the park are left out if there are others."""
    spans, position = [], 0
    english = not re.search(f"[{HAN}]", context)
    cuts = (
        re.finditer(r"\b(?:" + "|".join(EN_FUNCTION) + r")\b|[^\w\s-]+", context) if english else _CUT.finditer(context)
    )
    for cut in cuts:
        spans.append((position, cut.start()))
        position = cut.end()
    spans.append((position, len(context)))
    trimmed = [
        (start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip()))
        for start, end in spans
        if (text := context[start:end]).strip()
    ]
    return [span for span in trimmed if context[span[0] : span[1]] not in _GENERIC] or trimmed


def _likeness(old: str, new: str) -> float:
    """Similarity of two noun phrases: twice the length of their common suffix plus their characters' Jaccard index.

    The suffix dominates because the head of a Chinese noun phrase comes last.
    """
    tail = 0
    while tail < min(len(old), len(new)) and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return 2 * tail + len(set(old) & set(new)) / (len(set(old) | set(new)) or 1)
