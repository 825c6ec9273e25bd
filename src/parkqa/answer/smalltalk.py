"""Fixed replies to what is not a question: greetings, thanks, requests to the assistant.

They claim nothing about the park. Which words are talk is told by ``query.talk``.
"""

from __future__ import annotations

from parkqa.query.talk_words import Talk
from parkqa.types import Language

_HELP = {
    "zh": "请问我关于园区的问题，我用园区资料的原文回答，比如它的历史、产业、荣誉、联系方式。",
    "en": "Ask me about the park; I answer by quoting its documents: its history, industries, honours, contacts.",
}
_REPLIES: dict[Talk, dict[Language, str]] = {
    "greeting": {
        "zh": "您好！请问我关于园区的问题，我用园区资料的原文回答。",
        "en": "Hello! Ask me about the park; I answer by quoting its documents.",
    },
    "thanks": {"zh": "不客气，欢迎继续提问。", "en": "You are welcome. Do ask again."},
    "yes": {"zh": "好的，欢迎继续提问。", "en": "All right. Do ask again."},
    "goodbye": {"zh": "再见，欢迎再来。", "en": "Goodbye, and welcome back."},
    "who": {
        "zh": "我是园区资料问答，是程序，不是真人：找出资料里回答问题的原文，逐字引用；资料里没有的，我会直说。",
        "en": "I am a program, not a person, and answer from the park's documents: I quote the passage that answers, "
        "word for word, and say so when there is none.",
    },
}
"""The replies to talk; any other kind is answered with _HELP."""
_PERSON = {
    "zh": "这里没有人工客服。园区留下的联系方式（不是资料原文）：{contact}",
    "en": "There is no person here. The contact that the park has given (not a quotation): {contact}",
}
_NO_PERSON = {
    "zh": "这里联系不到真人：我只会引用园区资料的原文，园区也没有留下联系方式。",
    "en": "No person can be reached here: I only quote the park's documents, and the park has given no contact.",
}


def smalltalk(kind: Talk, language: Language, contact: str = "") -> str:
    """Return the fixed reply to small talk of a kind.

    Args:
        kind: what the talk amounts to.
        language: language of the reply.
        contact: the contact of park.yaml, for those who ask for a person; "" for none.

    >>> smalltalk("thanks", "zh")
    '不客气，欢迎继续提问。'
    >>> smalltalk("person", "en", "0523-1234")
    'There is no person here. The contact that the park has given (not a quotation): 0523-1234'
    """
    if kind == "person":
        return _PERSON[language].format(contact=contact) if contact else _NO_PERSON[language]
    return _REPLIES.get(kind, _HELP)[language]


def suggests(kind: Talk) -> bool:
    """Return whether the reply to talk of a kind goes with the suggested questions: whether it is the help.

    >>> suggests("help"), suggests("thanks")
    (True, False)
    """
    return kind != "person" and kind not in _REPLIES
