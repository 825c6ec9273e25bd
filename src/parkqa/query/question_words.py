"""Word lists and patterns for questions in Chinese and English: function words, answer types, interrogatives.

All of them match folded text (``text.folding.folded``): half width, lower case, Simplified characters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from parkqa.text.characters import HAN

ZH_FUNCTION = frozenset(
    "的 了 在 是 有 和 与 或 及 等 呢 吗 么 吧 啊 呀 哪 几 什 什么 哪里 哪儿 哪些 哪个 哪家 哪几 哪年 哪一年 哪一 "
    "何时 何 何处 谁 啥 多少 多 怎么 怎样 怎么样 如何 为什么 为何 为 我 你 您 他 她 它 们 我们 你们 他们 它们 这 那 "
    "这个 那个 这里 那里 这儿 那儿 这些 那些 该 其 此 都 也 还 就 才 又 很 会 能 能够 可以 要 想 应该 请 请问 被 把 "
    "由 从 对 对于 关于 向 到 于 以 以及 之 所 个 家 种 类 次 位 座 条 项 些 一下 一些 一个 时候 时 分别 一 二 三 两 "
    "指 指的 叫 叫做 做 属于 包括 包含 有没有 是不是 是否 没有 不 没 里 上 下 中 内 年 月 日 号 最 嘛 给 让 使 并 而 "
    "但 当 过 着 得 地 得到 到底 究竟 大概 目前 现在 如今 主要 具体 情况 方面 东西 事 事情 点 来 去 说 问 看 啦 哦 "
    "噢 呵 么样 哪三 哪三个 哪几个 哪几类 几个 几类 几家".split()
)
"""Chinese function words, and words too general to search for; none of them becomes a concept of a query."""

EN_FUNCTION = frozenset(
    "a an the of in on at to for from by with about into as is are was were be been being am do does did done has have "
    "had having will would can could shall should may might must and or but not no nor if so than then there here this "
    "that these those it its they them their he she his her we our you your i my me us what which who whom whose when "
    "where why how many much long far old big large list name give show any some all each other another more most "
    "please tell kind kinds type types sort called".split()
)
"""The same for English."""


class AnswerType(NamedTuple):
    """An expected answer type, such as a telephone number or a date.

    Attributes:
        name: the name of the type.
        asked: matches a folded question that asks for it.
        holds: matches a folded text that contains one; None if no pattern can tell.
    """

    name: str
    asked: re.Pattern[str]
    holds: re.Pattern[str] | None


def _answer_type(name: str, asked: str, holds: str = "") -> AnswerType:
    return AnswerType(name, re.compile(asked), re.compile(holds) if holds else None)


ANSWER_TYPES = (
    _answer_type(
        "phone",
        r"电话|手机号|联系方式|热线|传真|\b(?:phone|telephone|fax|hotline|contact (?:number|details))\b",
        r"\d{3,4}[- ]?\d{7,8}|1[3-9]\d{9}|\b[48]00[- ]?\d",
    ),
    _answer_type(
        "mail",
        r"邮箱|邮件地址|\be-?mail\b",
        r"@",
    ),
    _answer_type(
        "web",
        r"网址|官网|网站|公众号|\b(?:website|web ?site|url|homepage)\b",
        r"www\.|https?:|\.(?:com|cn|net|org)\b|公众号",
    ),
    _answer_type(
        "code",
        r"代码|邮编|邮政编码|\b(?:stock code|ticker|post ?code|zip code)\b",
        r"\b[a-z]{0,4}\d{4,6}\b(?!年)",
    ),
    _answer_type(
        "clock",
        r"几点|几时|(?:营业|开放|上班|下班|办公)时间|\bwhat time\b|\b(?:opening|office) hours\b",
        r"\d[点:]|上午|下午",
    ),
    _answer_type(
        "money",
        r"多少钱|[价租]格|价钱|[电水气房地股票]价|租金|费用|工资|薪|收费|资金|投资额|产值|营收|税收收入|多贵"
        r"|几块钱|\bhow much (?:is|are|does|do|did|was|were)\b"
        r"|\b(?:price|cost|rent|salary|fee|revenue|wage)s?\b",
        r"\d *[万亿]?(?:美|欧|港|日)?元|[万亿]元|[¥$€]|\b(?:yuan|dollars?|rmb|euros?)\b",
    ),
    _answer_type(
        "people",
        r"多少(?:名|位)?(?:人|员工|职工|居民|户)|几(?:个|位|名)人|人口"
        r"|\bhow many (?:people|employees|workers|staff)\b",
        r"\d[万多余]*(?:人|名|位|户)|\b(?:people|employees|workers|residents|households)\b",
    ),
    _answer_type(
        "area",
        r"面积|占地|多大(?:面积|地)|多少(?:亩|平方|公顷)|\bhow (?:big|large)\b|\barea of\b|\bsquare\b",
        r"平方|亩|公顷|\b(?:square|hectares?|acres?|mu)\b",
    ),
    _answer_type(
        "distance",
        r"多远|多少公里|距离|\bhow far\b|\bdistance\b",
        r"\d *(?:公里|千米|米|分钟|小时)|\b(?:km|kilomet|miles?|minutes?|hours?)\b",
    ),
    _answer_type(
        "share",
        r"百分之几|占比|比例|比重|\bper ?cent|\bproportion\b",
        r"%|百分之|成以上|\bper ?cent\b",
    ),
    _answer_type(
        "tonnage",
        r"吨位|多少吨|载重|\bton(?:nage|ne|s)\b",
        r"吨|\bton(?:ne)?s?\b",
    ),
    _answer_type(
        "when",
        r"哪[一1]?年|何时|什么时[候间]|啥时[候间]?|几几年|几年|哪[一1]?天|哪[一1]?[个]?月|几月|几号(?![窗楼门线车馆库柜院泊位机厅厂仓地码])|多久|年份"
        r"|时间|日期|\bwhen\b|\b(?:what|which) (?:year|date|day|month)\b|\bhow (?:long|old)\b",
        r"(?:19|20)\d\d年|\d+月\d+日|\b(?:19|20)\d\d\b|\d+年",
    ),
    _answer_type(
        "amount",
        r"多少|几[个家座条项名位公里亿万千百吨台米类种大件处步层栋幢间套辆趟场所张份门期路根只届]|多[大高长重宽]|金额|总额|数量|人数"
        r"|\bhow (?:many|much|high|tall)\b|\b(?:number|amount|population)\b",
        r"\d|[一二两三四五六七八九十百千万亿]+[家个座类项大条期位余多级亿]"
        r"|\b(?:one|two|three|four|five|six|ten|hundred)\b",
    ),
    _answer_type(
        "where",
        r"哪里|哪儿|在哪|什么地方|啥地方|何处|何地|哪个(?:地方|城市|国家|省|市|区)|\bwhere\b",
    ),
    _answer_type(
        "who",
        r"谁|哪位|何人|什么人|叫什么名|姓名|\bwho\b|\bwhose\b",
    ),
    _answer_type(
        "list",
        r"哪些|哪几|哪[二三四五六七八九两]|有啥|有什么|包括|分别|都是|\blist\b"
        r"|\b(?:which|what) (?:[a-z]+ ){0,2}[a-z]{2,}[a-rt-z]s (?:are|were|have|has|had|do|does|did)\b"
        r"|\bwhat are\b|\bname the\b",
        r"、.+?(?:、|和|以及)|(?:, [^,]+){2,}",
    ),
)
"""The expected answer types; if several match a question, the first in this order applies."""

INTERROGATIVE = re.compile(
    r"(?:是|在|有|为)?(?:哪[一1]?年|什么时[候间]|啥时候?|何时|哪里|哪儿|什么地方|何处|多少|多久|哪些|哪几[个家类种]|哪[个家位项座]|哪[二三四五六七八九两][个家类种项大]?"
    r"|几[个家类种楼]|为什么|为何|怎么样|怎样|怎么|如何|什么|啥|谁|吗|呢|么)[?。!]*"
)
"""The interrogative part of a Chinese question, with the copula or preposition before it."""

TRAILING = re.compile(r"[\s?？!！。.,，、~…]+$")
"""Punctuation and white space at the end."""


def asks_for(folded: str) -> str:
    """Return the name of the answer type that a folded question asks for (``ANSWER_TYPES``), "" if it is unknown.

    >>> asks_for("园区哪一年成立?"), asks_for("what is the phone number?"), asks_for("园区概况")
    ('when', 'phone', '')
    >>> asks_for("what honours has the park received?"), asks_for("what business does it do?")
    ('list', '')
    """
    return next((each.name for each in ANSWER_TYPES if each.asked.search(folded)), "")


def is_bare(folded: str) -> bool:
    """Return whether a folded Chinese question consists of interrogatives and function words only.

    >>> is_bare("哪一年?"), is_bare("食堂呢?")
    (True, False)
    """
    content = INTERROGATIVE.sub("", folded)
    for word in _LONGEST_FIRST:
        content = content.replace(word, "")
    return not re.search(rf"[{HAN}a-z0-9]", content)


_LONGEST_FIRST = sorted(ZH_FUNCTION, key=lambda word: (-len(word), word))
_HOLDS = {each.name: each.holds for each in ANSWER_TYPES if each.holds}


def holds_answer(name: str, text: str) -> bool | None:
    """Return whether a folded text contains an answer of a type; None if the type is unknown or has no pattern.

    >>> holds_answer("when", "2003年8月成立"), holds_answer("when", "在江边"), holds_answer("who", "招商局")
    (True, False, None)
    """
    pattern = _HOLDS.get(name)
    return None if pattern is None else bool(pattern.search(text))


_ITEMS = re.compile(r"几[个项种类家条座件处步样]|多少[个项种类家条座件处]|\bhow many\b|\bnumber of\b")


def asks_for_items(folded: str) -> bool:
    """Return whether a folded question asks for a list or how many items it has, and not for an amount.

    >>> [asks_for_items(question) for question in ("有哪些荣誉", "新兴产业有几个", "押金多少")]
    [True, True, False]
    """
    return asks_for(folded) == "list" or bool(_ITEMS.search(folded))
