"""Follow-up completion: fills in what a follow-up question omits from the questions before it.

Rule-based, without a language model: ellipsis (哪一年？ 2014年呢？ 那新兴产业呢？), pronouns (它, 这家公司, it) and
relative years (上一年呢？) are recognised by closed-class words and resolved against the completed previous question.
A self-contained question is returned unchanged. All text is folded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial

from parkqa.query.noun_phrases import is_new, noun_phrases, put, substitute
from parkqa.query.question_words import EN_FUNCTION, INTERROGATIVE, TRAILING, asks_for, is_bare
from parkqa.query.siblings import beginning, instead
from parkqa.query.talk import without_fillers
from parkqa.text.characters import HAN, YEAR
from parkqa.types import Language

_LEAD = re.compile(r"^(?:那么|那|还有|然后|另外|而|再问|and|so|then|ok|but)[\s,]*")
_WHAT_ABOUT = re.compile(r"^(?:and )?(?:what|how) about (?:the |its |their )?|^and (?=\S)")
_WHAT_OF = re.compile(r"(.{1,24}?)的?(?:呢|怎么样|如何)")
_OF = re.compile(rf"[{HAN}]{{2,}}的([{HAN}]{{2,}})")
"""A thing of another one, which omits neither: 南门的停车费."""
_WHAT = re.compile(r"多[少大高长久远]|几[天年月层间元块点号]?|什么时[候间]|何时|哪[里儿天年]|谁|怎么")
"""What is asked for, by its word."""
_DAY = r"周末|(?:周|星期)[一二三四五六日天]|节假日|假期|[春夏秋冬]天|[早晚]上|[上中下]午|夜里|夜间|白天|凌晨|平时"
_WHEN = re.compile(rf"(?:以[后前]|之[后前]|的时[候间]?|期间|\d点|[一二三四五六七八九十]点|{_DAY})$")
"""The end of what tells a time of the day, the week or the year."""
_STEP = re.compile(r"^再?(上一?年|前一年|下一?年|后一年|第二年|次年)")
_SUBJECTLESS = re.compile(
    r"^(?:是|又是)?(?:哪[一1]?年|什么时[候间]|何时|哪[一1]?天|几月|在?(?:哪里|哪儿|什么地方)|[被由]?谁)"
    rf"(?:是)?[{HAN}]{{1,4}}的$"
    r"|^(?:在|去|到)?(?:哪里|哪儿|哪|什么地方)(?:可以|能)?(?:办理?|领取?|交|缴纳?|买|取|报名|拿|看)$"
    r"|^(?:需要|要|得|应该)(?:先)?(?:带|交|填|准备|提供|提交|具备|满足)(?:什么|哪些|啥)"
)
"""A question without a subject, such as 哪一年开业的?, 在哪儿办?, 要带什么证件?"""
_STEP_EN = re.compile(r"\b(?:the )?(year before|previous year|year after|next year|following year)\b")
_PRONOUN = re.compile(
    r"它们|他们|她们|它|[这那该](?:家|个|几个|些|项|座|条|次|份)?(?:公司|企业|项目|文件|大会|会议|称号|荣誉|品牌|工程|码头|平台|机构|产业|基地)"
    r"|那里|那儿|那边|那年|当年|前者|后者|其中|^(?:这|那)?里[面头]"
    r"|\b(?:it|its|they|them|their|theirs|that one|this one|those|these"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )there(?! (?:is|are|was|were)\b)"
    r"|(?:this|that|the) (?:company|firm|project|award|title|brand|event|document))\b"
)
_PARK = re.compile(r"园区|\bpark\b")
"""What a question about the park itself has, which then omits nothing."""

ELLIPTIC, ELLIPTIC_EN = 16, 40
"""Largest number of code points of a Chinese and of an English question that may omit what it is about.

Chosen by hand: what is omitted makes a question short. Larger values ask more questions twice.
"""

SHORT = 100
"""Largest number of code points of an earlier question that is itself completed from those before it.

Chosen by hand: the longest follow-up of the development questions has 82. Whoever writes more has named what is meant,
and the time that a history takes is bounded.
"""

BARE = 6
"""Largest number of code points behind 去年, 二期 and the like in a question that omits what it is about: 是多少.

Chosen by hand. A larger value takes questions about another thing for follow-ups.
"""

Fill = Callable[[str], str | None]
"""Puts what a follow-up omits into it, given the previous question; None if that lacks it."""


def complete(
    question: str,
    history: Sequence[str],
    language: Language,
    topics: Collection[str] = frozenset(),
    mended: Callable[[str], str] = str,
) -> str:
    """Return the question with what it omits filled in, or unchanged if it is self-contained.

    Args:
        question: the folded question.
        history: the earlier questions, folded, oldest first; each is itself completed from those before it.
        language: language of the questions.
        topics: the headings of the documents, folded. A question about one of them (那大事记呢？) starts a new topic
            unless it resembles what the previous question was about.
        mended: corrects the spelling of an earlier question; called only for those that are needed, since it is slow.

    >>> complete("2014年呢?", ["2013年的产值是多少?"], "zh")
    '2014年的产值是多少?'
    """
    fill = _omission_english(question) if language == "en" else _omission_chinese(question, topics)
    if fill is None or not history:
        return question
    context = _context(history, language, topics, mended)
    return (fill(context) if context else None) or question


def _context(history: Sequence[str], language: Language, topics: Collection[str], mended: Callable[[str], str]) -> str:
    """The last question of a history, corrected and completed."""
    previous = mended(history[-1])
    return complete(previous, history[:-1] if len(previous) <= SHORT else (), language, topics, mended)


def otherwise(
    question: str,
    history: Sequence[str],
    language: Language,
    topics: Collection[str] = frozenset(),
    mended: Callable[[str], str] = str,
) -> list[str]:
    """Return the other ways in which a question can be meant after the earlier ones, likelier ones first.

    What ``complete`` fills in may be something else: after 湾头大厦的租金是多少, 物业费呢 asks for another property of
    the same building. A short question may mean the thing that was asked about before although no word says so (有几层
    after the year in which a building was built). Arguments as for ``complete``.

    >>> otherwise("物业费呢?", ["湾头大厦的租金是多少?"], "zh")
    ['湾头大厦的物业费', '湾头大厦的租金,物业费']
    >>> otherwise("有几层?", ["格物楼什么时候建的?"], "zh")
    ['格物楼建的,有几层?']
    """
    if not history or is_definite(question, language):
        return []
    context = _context(history, language, topics, mended)
    completed = complete(question, [context], language, topics)
    ways = []
    topic = _topic(question, language)
    slots = noun_phrases(context)
    if topic and slots:
        first = context[slots[0][0] : slots[0][1]]
        ways.append(f"{first}的{topic}" if language == "zh" else f"{topic} {first}")
    if len(question) <= (ELLIPTIC if language == "zh" else ELLIPTIC_EN) and not _PARK.search(question):
        rest = topic or _LEAD.sub("", question)
        ways.append(f"{_statement(context)},{rest}" if language == "zh" else f"{TRAILING.sub('', context)}, {rest}")
    return [way for way in dict.fromkeys(ways) if way != completed]


def is_definite(question: str, language: Language, before: str = "") -> bool:
    """Return whether a folded question can be meant in one way only after others, the last of them ``before``.

    What is asked of one year is not answered for another, and 哪一年 by itself asks for nothing, nor 二期呢 after 一期.

    >>> is_definite("2010年呢?", "zh"), is_definite("哪一年?", "zh"), is_definite("物业费呢?", "zh")
    (True, True, False)
    >>> is_definite("二期呢?", "zh", "一期租金多少"), is_definite("二期呢?", "zh", "食堂几点开门")
    (True, False)
    """
    if YEAR.search(question) or (language == "zh" and instead(_topic(question, "zh"), before)):
        return True
    if language == "en":
        return bool(_STEP_EN.search(question))
    return bool(_STEP.match(_bare(question))) or is_bare(_bare(question))


def _topic(question: str, language: Language) -> str:
    """The thing that a question of the kind X呢 or "what about X" asks about; "" for another question."""
    if language == "en":
        bare = TRAILING.sub("", question)
        about = _WHAT_ABOUT.match(bare)
        return bare[about.end() :] if about else ""
    found = _WHAT_OF.fullmatch(_bare(question))
    return "" if found is None or _asks(found[1]) else found[1]


def _bare(question: str) -> str:
    """A Chinese question without lead-in, polite phrases and the punctuation at its end."""
    return _LEAD.sub("", TRAILING.sub("", without_fillers(question)))


def _omission_chinese(question: str, topics: Collection[str]) -> Fill | None:
    """How a Chinese follow-up is completed; None if it is self-contained."""
    rest = _bare(question)
    if step := _STEP.match(rest):
        return partial(_step, by=-1 if step[1][0] in "上前" else 1)
    if topic := _topic(question, "zh"):
        return partial(_about, topic, rest, topics)
    if another := _another(rest):
        return another
    if is_bare(rest) or _SUBJECTLESS.match(rest):
        return lambda context: f"{_statement(context)},{rest}?" if rest.strip("呢") else context
    if pronoun := _PRONOUN.search(rest):
        return partial(_replace_pronoun, rest, pronoun)
    return None


def _another(rest: str) -> Fill | None:
    """How a question that names little more than another year, or 二期 or 去年, is completed."""
    if re.fullmatch(r"(?:19|20)\d\d年?", rest):
        return partial(substitute, rest)
    named = beginning(rest)
    asks = named and _WHAT.search(rest) and len(rest) <= len(named) + BARE
    return partial(_of_another, named, rest) if asks else None


def _about(topic: str, rest: str, topics: Collection[str], context: str) -> str:
    """The previous question about a topic instead: 普通平库呢, 鸥洲的呢, 晚上十点以后呢.

    Args:
        topic: what is asked about, without 的呢 behind it.
        rest: the question without lead-in and punctuation.
        topics: as for ``complete``.
        context: the previous question.
    """
    if other := instead(topic, context):
        return other
    if whole := _OF.fullmatch(topic):
        old = re.search(rf"(?:[{HAN}]+的)?{whole[1]}", context)
        return put(topic, old, context) if old else topic
    whose = rest.startswith(f"{topic}的")
    if not whose and is_new(topic, context, topics):
        return topic
    if _WHEN.search(topic) and not YEAR.search(topic):
        old = re.search(_DAY, context)
        return put(topic, old, context) if old else f"{topic}{context}"
    return substitute(topic, context)


def _of_another(named: str, rest: str, context: str) -> str | None:
    """The previous question about another of the things told apart, where it asks for the same: 去年是多少."""
    asked, before = _WHAT.search(rest), _WHAT.search(context)
    same = asked and before and asked[0] == before[0] and asks_for(rest) == asks_for(context)
    # 二期哪年开工 after 一期哪年竣工 is a question of its own.
    return instead(named, context) if same and is_bare(_WHAT.sub("", rest.removeprefix(named))) else None


def _omission_english(question: str) -> Fill | None:
    """How an English follow-up is completed; None if it is self-contained."""
    bare = TRAILING.sub("", question)
    if step := _STEP_EN.search(bare):
        return partial(_step, by=-1 if step[1] in ("year before", "previous year") else 1)
    if about := _WHAT_ABOUT.match(bare):
        return lambda context: substitute(_without_ones(bare[about.end() :], context), context)
    words = re.findall(r"[a-z0-9']+", bare)
    if words and all(word in EN_FUNCTION or word in ("year", "exactly", "ones") for word in words):
        return lambda context: f"{TRAILING.sub('', context)}, {bare}?"
    if pronoun := _PRONOUN.search(bare):
        return partial(_replace_pronoun, bare, pronoun)
    return None


def _without_ones(topic: str, context: str) -> str:
    """Replace "one" or "ones" by the head noun of the context: the emerging ones, after the leading industries."""
    slots = noun_phrases(context)
    head = context[slots[-1][0] : slots[-1][1]].rpartition(" ")[2] if slots else "ones"
    return re.sub(r"\bones?\b", head, re.sub(r"^(?:the|its|their) ", "", topic))


def _asks(text: str) -> bool:
    return bool(INTERROGATIVE.search(text))


def _statement(context: str) -> str:
    """A Chinese question without its interrogative: 扬子江船业在哪里上市? becomes 扬子江船业上市."""
    return TRAILING.sub("", INTERROGATIVE.sub("", context)) or context


def _step(context: str, by: int) -> str | None:
    """The context with its last year moved by ``by`` years; None if it names no year."""
    years = list(YEAR.finditer(context))
    if not years:
        return None
    last = years[-1]
    return f"{context[: last.start()]}{int(last[1]) + by}{context[last.end() :]}"


def _replace_pronoun(rest: str, pronoun: re.Match[str], context: str) -> str | None:
    """Replace a pronoun by the first two noun phrases of the context, or 那年 and 当年 by its year."""
    slots = noun_phrases(context)
    if not slots:
        return None
    topic = " ".join(context[start:end] for start, end in slots[:2])
    if pronoun[0] in ("那年", "当年") and (year := YEAR.search(context)):
        topic = f"{year[1]}年"
    before, after = rest[: pronoun.start()], rest[pronoun.end() :]
    return f"{before}{topic}{after}"
