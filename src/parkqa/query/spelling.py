"""Spelling correction against the words of the corpus: homophones (圆区的主倒产业), transposed characters, pinyin.

A correction is always a word of the corpus or, for pinyin, a common question word; characters that the corpus has
between the same neighbours are never replaced. Most well-formed questions therefore stay unchanged: commit b863411
records that 16 of 1,000 questions of CMRC 2018 (trial) and 97 of 3,524 of DRCD (dev) were changed. All text is folded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, pairwise, product

from parkqa.query.lexicon import FUNCTION_CHARACTERS, LONGEST, Lexicon, fuzzy
from parkqa.query.pinyin import speak
from parkqa.text.characters import HAN
from parkqa.text.pronunciation import readings

READINGS = 16
"""Largest number of combinations of readings that are tried for one window of the question.

The readings of polyphonic characters multiply. Chosen by hand; a larger value is slower, a smaller one misses
corrections that depend on an uncommon reading.
"""

Repairs = tuple[tuple[str, str], ...]
"""The corrections of a question, as pairs (typed, corrected)."""

_CHINESE = re.compile(f"[{HAN}]+")
_HOW = re.compile("多[大高长宽深久远重]|[多几]少?块?钱|[我就也还都]?想")
"""What is typed as it is meant: 多少钱, 想."""
_LIGHT = frozenset("一不个到各点来去上下起前后里过着给能会可要还再又做办半看进出回地第")
"""Characters that stand beside any others: nothing tells that 不计 was meant by 不给, or 各厂 by 盖厂."""
_LATIN = re.compile(r"[a-z]+(?:['\s]+[a-z]+)*")


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fuzzy(s) for s in readings(character)))


def repair(question: str, words: Lexicon) -> tuple[str, Repairs]:
    """Correct a question; return it with the corrections, as pairs (typed, corrected).

    >>> from parkqa.query.lexicon import lexicon
    >>> words = lexicon(["园区的主导产业"], cut=lambda text: [text[:2], text[2:3], text[3:]], known=lambda word: False)
    >>> repair("主倒产业", words)
    ('主导产业', (('主倒产业', '主导产业'),))
    """
    spoken, first = _repair_pinyin(question, words)
    mended, second = _repair_characters(spoken, words)
    return mended, first + second


def _repair_characters(question: str, words: Lexicon) -> tuple[str, Repairs]:
    repairs: list[tuple[str, str]] = []
    sure = _said(question, words)
    doubtful, least = _doubtful(question, sure, words)
    changeable = _changeable(question, sure)
    for length in range(min(LONGEST, len(question)), 1, -1):
        for start in range(len(question) - length + 1):
            cuts_word = length < max(least[start : start + length + 1 : length])
            if cuts_word or (length < 4 and not any(doubtful[start : start + length])):
                continue
            typed = question[start : start + length]
            here = slice(start, start + length)
            read = _heard(typed, doubtful[here], sure[here], words) if any(changeable[here]) else None
            if read and length < 4 and _fits_outside(question, start, read, words):
                read = None
            read = read or _swapped(typed, words)
            if read:
                question = question[:start] + read + question[start + length :]
                changeable[here] = _changeable(read, sure[here])
                repairs.append((typed, read))
                doubtful[start : start + length] = [False] * length
    return question, tuple(repairs)


def _fits_outside(question: str, start: int, read: str, words: Lexicon) -> bool:
    """Whether a character that a correction changes stands beside its neighbour outside of it in the corpus too.

    化工园有 is no slip for 化工原有 where the corpus has 化工园区.
    """
    stop = start + len(read)
    left = start and question[start] != read[0] and question[start - 1 : start + 1] in words.pairs
    right = stop < len(question) and question[stop - 1] != read[-1] and question[stop - 1 : stop + 1] in words.pairs
    return bool(left or right)


def _changeable(text: str, sure: Sequence[bool]) -> list[bool]:
    """For each character: whether a homophone may take its place."""
    pairs = zip(text, sure, strict=True)
    return [not beyond_doubt and character not in FUNCTION_CHARACTERS for character, beyond_doubt in pairs]


def _doubtful(question: str, sure: Sequence[bool], words: Lexicon) -> tuple[list[bool], list[int]]:
    """For each character, whether it is doubtful, and the shortest window that may begin or end before it.

    A character is doubtful if it forms a word by itself or belongs to an unknown word, unless it is ``sure``. No window
    cuts a known word of three characters or more, and a short one none that the corpus has: 人才 in 租人才公寓.
    """
    flags: list[bool] = []
    least: list[int] = []
    for token in words.cut(question):
        chinese = bool(_CHINESE.fullmatch(token))
        alone = len(token) == 1 and token not in FUNCTION_CHARACTERS
        strange = len(token) > 1 and not words.known(token) and token not in words.words
        flags += [chinese and (alone or strange) and not sure[len(flags) + place] for place in range(len(token))]
        whole = LONGEST + 1 if len(token) > 2 and not strange else 4 if token in words.words else 0
        least += [0] + [whole] * (len(token) - 1)
    return flags, least


def _said(question: str, words: Lexicon) -> list[bool]:
    """For each character: whether it is beyond doubt, for one of three reasons.

    Either the corpus has it between the same neighbours, or it is an uncommon character that occurs in the corpus, or
    it belongs to words that are typed as they are meant (``_HOW``).
    """
    chinese = [bool(re.match(f"[{HAN}]", character)) for character in question]
    joined = [a and b for a, b in pairwise(chinese)]
    there = [not both or question[i : i + 2] in words.pairs for i, both in enumerate(joined)]
    before, after = [False, *joined], [*joined, False]
    left, right = [True, *there], [*there, True]
    asks = {at for match in _HOW.finditer(question) for at in range(*match.span())}
    return [
        i in asks or character in words.rare or ((before[i] or after[i]) and left[i] and right[i])
        for i, character in enumerate(question)
    ]


def _heard(typed: str, doubtful: Sequence[bool], sure: Sequence[bool], words: Lexicon) -> str | None:
    """The word of the corpus that sounds like ``typed`` and differs from it in doubtful characters only.

    In a window of at least four characters, a single difference with exactly the same sound needs no doubt, as long as
    that character is not ``sure``.
    """
    if typed in words.words or not _CHINESE.fullmatch(typed):
        return None
    for sound in islice(product(*map(_readings, typed)), READINGS):
        for word in words.sounds.get(sound, ()):
            if len(word) < 4 and words.words[word] < words.least:
                continue
            if len(word) == 2 and not _LIGHT.isdisjoint(word):
                continue
            wrong = [i for i, (a, b) in enumerate(zip(typed, word, strict=True)) if a != b]
            if any(typed[i] in FUNCTION_CHARACTERS or sure[i] for i in wrong):
                continue
            agreed = [a for a, b in zip(typed, word, strict=True) if a == b and a not in FUNCTION_CHARACTERS]
            if not agreed and not words.known(word):
                continue  # nothing tells that 签了 was meant by 抢了
            certain = len(typed) >= 4 and len(wrong) == 1 and _same_sound(typed[wrong[0]], word[wrong[0]])
            few = len(wrong) <= max(1, len(typed) // 2 - (len(typed) < 4))
            if wrong and (certain or (few and all(doubtful[i] for i in wrong))):
                return word
    return None


def _same_sound(one: str, other: str) -> bool:
    """Whether two characters have a reading in common, without the folding of ``fuzzy``."""
    first, second = (set(readings(c)) for c in (one, other))
    return bool(first & second)


def _swapped(typed: str, words: Lexicon) -> str | None:
    """The word of at least four characters that ``typed`` is with two adjacent characters transposed.

    The two must not occur in the typed order anywhere in the corpus.
    """
    if len(typed) < 4 or typed in words.words or tuple(sorted(typed)) not in words.letters:
        return None
    for i in range(len(typed) - 1):
        other = typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :]
        if other != typed and other in words.words and typed[i : i + 2] not in words.pairs:
            return other
    return None


def _repair_pinyin(question: str, words: Lexicon) -> tuple[str, Repairs]:
    """Replace runs of Latin letters that are pinyin for words of the corpus, or beside Chinese for question words."""
    repairs: list[tuple[str, str]] = []

    def read(match: re.Match[str]) -> str:
        beside = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
        spoken = speak(match[0], words, among=bool(_CHINESE.search(match.string)) and not _CHINESE.search(beside))
        if spoken is None:
            return match[0]
        repairs.append((match[0], spoken))
        return spoken

    for _ in range(2):  # what is read makes the rest stand beside Chinese
        question = _LATIN.sub(read, question)
    return question, tuple(repairs)
