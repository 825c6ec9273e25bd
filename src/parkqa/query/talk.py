"""What visitors say that is not a question: greetings, thanks, goodbyes, requests to the assistant, polite phrases.

One table of words (``talk_words.WORDS``) serves two purposes: an input that consists of such words only is small talk
(``talk``), and the same words are taken off either end of a real question (``without_talk``). Polite phrases and
hesitation sounds inside a question are removed by ``without_fillers``. All of them match folded text
(``text.folding.folded``): half width, lower case, Simplified characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_args

from parkqa.query.question_words import EN_FUNCTION
from parkqa.query.talk_words import FILLERS, WORDS, Talk
from parkqa.text.characters import HAN
from parkqa.text.folding import folded

_SOFT = r"[啊呀哦吧呢了啦哈哟噢呐嘛的哇~]*+"
"""Particles that may follow a Chinese word of talk."""
_SCAN_ORDER: tuple[Talk, ...] = (
    "who", "help", "person", "next", "again", "goodbye", "greeting", "thanks", "yes", "nothing",
)  # fmt: skip
_UNIT = re.compile(
    "|".join(
        rf"(?P<{kind}>(?:请问?)?(?:{WORDS[kind][0]}){_SOFT}"
        rf"|(?<![a-z0-9])(?:please )?(?:{WORDS[kind][1]})(?: please)?(?![a-z0-9'])(?!-\w))"
        for kind in _SCAN_ORDER
    )
)
"""One word of talk with its particles; the name of the group is its kind."""
_GAP = re.compile(r"[\W_]*+")

_POINT = r"[,!?~。、;:…]|\.{2,}|\.(?![a-z0-9])|[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]"
_BREAK = re.compile(rf"(?:\s|{_POINT})++")
"""Where a word of talk ends: blanks, punctuation and emoji; neither hyphens nor quotation marks or brackets."""
_ASKS_NEXT = re.compile(
    r"(?:我|请|想|要|还|再|能|可以|来){0,5}(?:请问|请教|问一?[下问]|问个|再问|想问|想(?:再|要)?(?:知道|了解"
    r"|咨询|打听)|咨询一?下|告诉我|介绍一?下)"
    r"|麻烦|帮我|(?<=..)那"
)
"""The beginning of a question after talk without any punctuation (谢谢你再问一下…)."""
_GREETED = re.compile(
    rf"(?:本?园区|贵(?:园|公司|单位|司|处)|你们|您们|咱们?|这里|请|我(?:想|要|们|是|来)|哪[里儿些个家一年]"
    rf"|什么|怎么|如何|有没有|有哪)|(?<=\s)[{HAN}]"
)
"""The same after a greeting, which hardly ever is the beginning of a name that goes on so."""
_EN_NEXT = re.compile(
    rf"(?!(?:to|for|of|as)\b)(?:{'|'.join(sorted(EN_FUNCTION, key=lambda word: (-len(word), word)))}"
    r"|excuse|just|(?:what|where|who|when|how)'?s|i'[dm])(?![\w-])"
)
"""The word after English talk without punctuation that shows that a question begins: a function word."""
_EN_LOOSE = re.compile(
    r"(?:hi|hello|hey|hiya)\b.*|good (?:morning|afternoon|evening|day)|.*\bthank.*|thx|ok(?:ay)?|yes|yeah|oh+"
    r"|um+|uh+|got it"
)
"""English talk after which a question may begin without punctuation; the rest (right, fine) are ordinary words too."""
_THEN = re.compile(r"(?:那么|那(?![个家些里儿边年位种次时天样项座条份几]))[\s,]*")
"""那 between talk and the question (好的，那电话是多少)."""
_ASKED = re.compile(r"(?:[吗呢]|哪些|什么|多少|哪里|哪儿|在哪|时候|[?])(?=谢谢|多谢|拜托|再见|拜拜)")
"""The end of a question that thanks follow without punctuation (主导产业有哪些谢谢)."""
_EN_TAIL = re.compile(r"\s(?=(?:many )?(?:thanks|thank you|thx)\b)")

_HEADS = frozenset[Talk | None](("next", "goodbye", "thanks", "greeting", "yes", "nothing"))
_TAILS = _HEADS - {"next", "greeting"}
_ASIDE = re.compile(r"测试|试|\d|test")
"""Words of the kind ``nothing`` that may be content of a question and so stay in it."""
TAIL = 60
"""Largest number of code points of talk that is removed at the end of a question."""
BACK = frozenset[Talk | None](("next", "again"))
"""The kinds of talk that ask for an earlier answer."""


class Asked(NamedTuple):
    """An earlier question of a conversation that is to be answered again.

    Attributes:
        question: the question as it was typed.
        history: the inputs before it, oldest first.
        skip: how many passages have been rejected since; so many of the best ones are to be left out.
    """

    question: str
    history: tuple[str, ...]
    skip: int


def talk(folded: str) -> Talk | None:
    """Return what a folded input amounts to that consists of talk, sounds, digits and punctuation only; else None.

    >>> talk("谢谢你的帮助,再见!"), talk("hi there"), talk("谢谢农庄的电话"), talk("?")
    ('goodbye', 'greeting', None, 'nothing')
    """
    kinds: set[Talk | None] = {"nothing"}
    end = 0
    for unit in _units(folded):
        kinds.add(_kind(unit))
        end = unit.end()
    if _gap(folded, end) < len(folded):
        return None
    return next(kind for kind in get_args(Talk) if kind in kinds)


def without_talk(folded: str) -> str:
    """Remove talk at the beginning and the end of a folded question; what is nothing but talk is returned unchanged.

    A word of talk is removed only if it is followed (at the end: preceded) by punctuation, a blank or a phrase that
    begins a question, so that names and phrases which merely begin like it stay whole.

    >>> without_talk("你好,主导产业有哪些?谢谢!"), without_talk("好的企业有哪些"), without_talk("ok plaza")
    ('主导产业有哪些?', '好的企业有哪些', 'ok plaza')
    """
    if talk(folded):
        return folded
    rest = folded[_lead(folded) :]
    return rest[: _tail(rest)].strip()


def without_fillers(folded: str) -> str:
    """Remove polite phrases from a folded question; a question that consists of nothing else is returned unchanged.

    >>> without_fillers("请问园区在哪里?")
    '园区在哪里'
    """
    rest = FILLERS.sub(" ", folded).strip(" ,，、?!。")
    return rest if re.search(r"\w", rest) else folded.strip()


def questions(history: Sequence[str]) -> list[str]:
    """Return the questions of a history, folded and without talk; what was nothing but talk is left out.

    >>> questions(["你好", "你好，园区在哪里？", "不对"])
    ['园区在哪里?']
    """
    return [without_talk(past) for past in map(folded, history) if not talk(past)]


def last_question(kind: Talk, history: Sequence[str]) -> Asked | None:
    """Return the question that talk of a kind in BACK refers to; None if the history holds no question.

    Each 不对 since then (this one included) rejects one more passage.

    >>> last_question("next", ["园区在哪里？", "不对", "谢谢"])
    Asked(question='园区在哪里？', history=(), skip=2)
    """
    skip = int(kind == "next")
    for place in range(len(history) - 1, -1, -1):
        said = talk(folded(history[place]))
        if said is None:
            return Asked(history[place], tuple(history[:place]), skip)
        skip += said == "next"
    return None


def _units(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The words of talk that follow one another from ``start`` on, with nothing but blanks and punctuation between."""
    while unit := _UNIT.match(text, _gap(text, start)):
        yield unit
        start = unit.end()


def _gap(text: str, start: int) -> int:
    """The end of the blanks and punctuation from ``start`` on."""
    found = _GAP.match(text, start)
    return found.end() if found else start


def _kind(unit: re.Match[str]) -> Talk | None:
    return next((kind for kind in WORDS if kind == unit.lastgroup), None)


def _courtesy(unit: re.Match[str], among: frozenset[Talk | None]) -> bool:
    return _kind(unit) in among and not _ASIDE.match(unit[0])


def _lead(text: str) -> int:
    """Where the question begins after talk."""
    cut = 0
    for unit in _units(text):
        if not _courtesy(unit, _HEADS):
            break
        gap = _BREAK.match(text, unit.end())
        after = gap.end() if gap else unit.end()
        if _ends(unit, text, after):
            cut = after
    then = _THEN.match(text, cut) if cut else None
    return then.end() if then else cut


def _ends(unit: re.Match[str], text: str, after: int) -> bool:
    """Whether a word of talk ends where its match does, and what follows at ``after`` is something else."""
    gap = text[unit.end() : after]
    if re.search(_POINT, gap) or _ASKS_NEXT.match(text, after):
        return True
    if _kind(unit) == "greeting" and _GREETED.match(text, after):
        return True
    if unit[0][-1].isascii():
        return bool(gap and _EN_LOOSE.fullmatch(unit[0]) and _EN_NEXT.match(text, after))
    return bool(gap) and _kind(unit) != "next"


def _tail(text: str) -> int:
    """Where the question ends before talk."""
    start = max(0, len(text) - TAIL)
    ends = [found.end() for found in _ASKED.finditer(text, start)]
    ends += [found.start() for found in _EN_TAIL.finditer(text, start)]
    ends += [
        found.end()
        for found in _BREAK.finditer(text, start)
        if re.search(_POINT, found[0]) or not text[found.end() : found.end() + 1].isascii()
    ]
    for end in sorted(ends):
        units = list(_units(text, end))
        if units and _gap(text, units[-1].end()) == len(text) and all(_courtesy(unit, _TAILS) for unit in units):
            return len(text[:end].rstrip(" ,、~;:"))
    return len(text)
