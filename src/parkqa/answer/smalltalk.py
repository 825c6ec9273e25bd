"""Small talk: fixed replies to greetings, thanks, farewells and questions about the assistant (你是谁)."""

from __future__ import annotations

import re

from parkqa.types import Language

_TALK: tuple[tuple[re.Pattern[str], dict[Language, str]], ...] = (
    (
        re.compile(
            r"(?:你好|您好|嗨|哈喽|早上好|下午好|晚上好|在吗|有人吗|hi|hello|hey|good (?:morning|afternoon|evening))"
        ),
        {
            "zh": "您好！请问我关于园区的问题，我用园区资料的原文回答。",
            "en": "Hello! Ask me about the park; I answer by quoting its documents.",
        },
    ),
    (
        re.compile(r"(?:谢谢|多谢|感谢|谢了|辛苦了|好的|明白了|知道了|thanks?|thank you|thx|ok|okay|got it)"),
        {"zh": "不客气，欢迎继续提问。", "en": "You are welcome. Do ask again."},
    ),
    (
        re.compile(r"(?:再见|拜拜|回见|bye|goodbye|see you)"),
        {"zh": "再见，欢迎再来。", "en": "Goodbye, and welcome back."},
    ),
    (
        re.compile(
            r"(?:你是谁|你叫什么|你叫什么名字|你是什么|你是机器人吗|你能做什么|你会什么"
            r"|who are you|what are you|what can you do)"
        ),
        {
            "zh": "我是园区资料问答：找出资料里回答问题的原文，逐字引用；资料里没有的，我会直说。",
            "en": "I answer from the park's documents: I quote the passage that answers, word for word, "
            "and say so when there is none.",
        },
    ),
)


def smalltalk(folded: str, language: Language) -> str | None:
    """Return the fixed reply to a folded question that is small talk as a whole; None for any other question.

    >>> smalltalk("谢谢!", "zh")
    '不客气，欢迎继续提问。'
    >>> smalltalk("你好, 园区在哪里?", "zh") is None
    True
    """
    bare = re.sub(r"[\s,.!?~。、呀啊哦吧呢了的]+$", "", folded.strip())
    for pattern, reply in _TALK:
        if pattern.fullmatch(bare) or pattern.fullmatch(folded.strip()):
            return reply[language]
    return None
