"""Slips mended against the corpus's own words: homophones (圆区的主倒产业), swapped characters and pinyin.

Only words that stand in the documents (or the closed-class words of questions) are ever put in, and only where what
was typed is no word of Chinese; so a clean question stays as it is. All text is folded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, product

from pypinyin import Style, lazy_pinyin, pinyin

from parkqa.query.question_words import INTERROGATIVE, ZH_FUNCTION
from parkqa.text.characters import HAN
from parkqa.types import Span

LONGEST = 8
"""Code points of the longest word of the corpus that is looked for."""
SHARE = 1 / 20_000
"""Share of all words that one of two or three characters must have to be put in: among many there is always a rare one
that sounds alike (a quarter of DRCD's questions, which are clean, was mended without this and ``Lexicon.pairs``)."""
READINGS = 16
"""Readings tried for one window of the question: characters read in several ways multiply."""

Repairs = tuple[tuple[str, str], ...]

_FUNCTION_CHARACTERS = frozenset(
    "的了在是有和与或呢吗么吧啊呀哪几什啥谁多怎何这那我你您他它们个都也很不没年月日从被把对向到于以一二三四五六七八九十"
)
# Sorted: a set has another order in every process. What asks comes first: naxie is 哪些 before 那些.
_QUESTION_WORDS = tuple(
    sorted((word for word in ZH_FUNCTION if len(word) > 1), key=lambda word: (not INTERROGATIVE.match(word), word))
) + tuple(
    "的 了 在 是 有 吗 呢 和 成立 什么时候成立 介绍 上市 在哪里 是什么 是谁 叫什么 "
    "哪里上市 电话 地址 价格 多少钱 怎么去 园区 公司 企业".split()
)
_NAMED = re.compile(rf'(?:^|["·、])([{HAN}]+)(?=$|["·、])', re.MULTILINE)
"""What is set in quotation marks, stands alone on a line or in a series is a name, however it is cut."""
_LATIN = re.compile(r"[a-z]+(?:['\s]+[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of the corpus by how they sound: ``sounds`` maps toneless syllables to words, most frequent first."""

    words: Counter[str]
    sounds: dict[tuple[str, ...], tuple[str, ...]]
    known: Callable[[str], bool]
    cut: Callable[[str], list[str]]
    spoken: dict[tuple[str, ...], str] = field(default_factory=dict)
    letters: frozenset[tuple[str, ...]] = frozenset()
    """The characters of each word of four or more, sorted: what is not among them is no word swapped."""
    least: int = 1
    """How often a word of two or three characters must stand in the corpus to be put in; see SHARE."""
    pairs: frozenset[str] = frozenset()
    """What stands side by side in the corpus, two characters each: nobody mistypes what the documents say."""
    rare: frozenset[str] = frozenset()
    """Characters of the corpus that are not common: nobody types 蓍 by mistake where the documents speak of it."""


def lexicon(texts: Iterable[str], cut: Callable[[str], list[str]], known: Callable[[str], bool]) -> Lexicon:
    """Collect the words of folded ``texts``, and runs of up to three of them, from 2 to LONGEST code points.

    ``cut`` segments a text without loss; ``known`` tells whether something is a word of general Chinese.
    """
    words: Counter[str] = Counter()
    rare: set[str] = set()
    pairs: set[str] = set()
    for text in texts:
        rare.update(set(text) - _common())
        for clause in re.findall(f"[{HAN}]+", text):
            words.update(_runs(cut(clause)))
            pairs.update(map("".join, pairwise(clause)))
        words.update(name for name in _NAMED.findall(text) if 2 <= len(name) <= LONGEST)
    sounds: dict[tuple[str, ...], list[str]] = {}
    for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        sounds.setdefault(tuple(_fuzzy(s) for s in lazy_pinyin(word)), []).append(word)
    spoken = {tuple(_fuzzy(s) for s in lazy_pinyin(word)): word for word in reversed(_QUESTION_WORDS)}
    letters = frozenset(tuple(sorted(word)) for word in words if len(word) >= 4)
    heard = {key: tuple(value) for key, value in sounds.items()}
    least = max(1, round(words.total() * SHARE))
    return Lexicon(words, heard, known, cut, spoken, letters, least, frozenset(pairs), frozenset(rare))


def _runs(tokens: Sequence[str]) -> Iterable[str]:
    """Runs that begin and end with a word of two characters or more: single ones (将, 等) are mostly grammar."""
    for start in range(len(tokens)):
        for stop in range(start + 1, min(start + 4, len(tokens) + 1)):
            run = "".join(tokens[start:stop])
            whole = len(tokens[start]) > 1 and len(tokens[stop - 1]) > 1
            if whole and len(run) <= LONGEST and not (set(run) <= _FUNCTION_CHARACTERS):
                yield run


@lru_cache(maxsize=4096)
def _fuzzy(syllable: str) -> str:
    """Fold what southern speakers and hasty typists confuse: zh/z, ch/c, sh/s, first l/n, ing/in, eng/en, ang/an."""
    syllable = re.sub(r"^(z|c|s)h", r"\1", syllable.replace("ü", "v"))
    syllable = re.sub(r"^n(?=[aeiouv])", "l", syllable)
    return re.sub(r"(?<=[aei])ng$", "n", syllable)


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_fuzzy(s) for s in pinyin(character, style=Style.NORMAL, heteronym=True)[0]))


def repair(question: str, words: Lexicon) -> tuple[str, Repairs]:
    """Return the mended question and its repairs, each (as typed, as read)."""
    spoken, first = _repair_pinyin(question, words)
    mended, second = _repair_characters(spoken, words)
    return mended, first + second


def _repair_characters(question: str, words: Lexicon) -> tuple[str, Repairs]:
    repairs: list[tuple[str, str]] = []
    sure = _said(question, words)
    doubtful, inside = _doubtful(question, sure, words)
    for length in range(min(LONGEST, len(question)), 1, -1):
        for start in range(len(question) - length + 1):
            cuts_word = inside[start] or (start + length < len(question) and inside[start + length])
            if cuts_word or (length < 4 and not any(doubtful[start : start + length])):
                continue
            typed = question[start : start + length]
            here = slice(start, start + length)
            read = _heard(typed, doubtful[here], sure[here], words) or _swapped(typed, words)
            if read:
                question = question[:start] + read + question[start + length :]
                repairs.append((typed, read))
                doubtful[start : start + length] = [False] * length
    return question, tuple(repairs)


def _doubtful(question: str, sure: Sequence[bool], words: Lexicon) -> tuple[list[bool], list[bool]]:
    """For each character: does it stand alone or in a word that nobody knows; does it go on with a known word.

    One that is ``sure`` is not doubtful.
    """
    flags: list[bool] = []
    inside: list[bool] = []
    for token in words.cut(question):
        chinese = bool(re.fullmatch(f"[{HAN}]+", token))
        alone = len(token) == 1 and token not in _FUNCTION_CHARACTERS
        strange = len(token) > 1 and not words.known(token) and token not in words.words
        flags += [chinese and (alone or strange) and not sure[len(flags) + place] for place in range(len(token))]
        inside += [False] + [len(token) > 2 and not strange] * (len(token) - 1)
    return flags, inside


def _said(question: str, words: Lexicon) -> list[bool]:
    """For each character: does it stand in the corpus between the same neighbours, or is it rare and stands there."""
    chinese = [bool(re.match(f"[{HAN}]", character)) for character in question]
    joined = [a and b for a, b in pairwise(chinese)]
    there = [not both or question[i : i + 2] in words.pairs for i, both in enumerate(joined)]
    before, after = [False, *joined], [*joined, False]
    left, right = [True, *there], [*there, True]
    return [
        character in words.rare or ((before[i] or after[i]) and left[i] and right[i])
        for i, character in enumerate(question)
    ]


def _heard(typed: str, doubtful: Sequence[bool], sure: Sequence[bool], words: Lexicon) -> str | None:
    """The word of the corpus that sounds like ``typed`` and differs only in doubtful characters.

    Four characters that are right but for one, which sounds exactly right and is not ``sure``, are evidence enough by
    themselves.
    """
    if typed in words.words or not re.fullmatch(f"[{HAN}]+", typed):
        return None
    for sound in _products([_readings(character) for character in typed]):
        for word in words.sounds.get(sound, ()):
            if len(word) < 4 and words.words[word] < words.least:
                continue
            wrong = [i for i, (a, b) in enumerate(zip(typed, word, strict=True)) if a != b]
            if any(typed[i] in _FUNCTION_CHARACTERS or sure[i] for i in wrong):
                continue
            certain = len(typed) >= 4 and len(wrong) == 1 and _same_sound(typed[wrong[0]], word[wrong[0]])
            few = len(wrong) <= max(1, len(typed) // 2 - (len(typed) < 4))
            if wrong and (certain or (few and all(doubtful[i] for i in wrong))):
                return word
    return None


def _same_sound(one: str, other: str) -> bool:
    """Whether two characters have a reading in common, nothing folded together."""
    first, second = (set(pinyin(c, style=Style.NORMAL, heteronym=True)[0]) for c in (one, other))
    return bool(first & second)


def _products(spelled: Sequence[tuple[str, ...]]) -> Iterable[tuple[str, ...]]:
    for count, sound in enumerate(product(*spelled)):
        if count == READINGS:
            return
        yield sound


def _swapped(typed: str, words: Lexicon) -> str | None:
    """The word of the corpus, four characters or more, that ``typed`` is with two swapped that never stand so."""
    if len(typed) < 4 or typed in words.words or tuple(sorted(typed)) not in words.letters:
        return None
    for i in range(len(typed) - 1):
        other = typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :]
        if other != typed and other in words.words and typed[i : i + 2] not in words.pairs:
            return other
    return None


def _repair_pinyin(question: str, words: Lexicon) -> tuple[str, Repairs]:
    """Read runs of Latin letters that are pinyin and that name something in the corpus."""
    repairs: list[tuple[str, str]] = []

    def read(match: re.Match[str]) -> str:
        spoken = speak(match[0], words)
        if spoken is None:
            return match[0]
        repairs.append((match[0], spoken))
        return spoken

    return _LATIN.sub(read, question), tuple(repairs)


def speak(typed: str, words: Lexicon) -> str | None:
    """Read pinyin without tones as the corpus's words; None when it is none, or names nothing in the corpus.

    The cheapest cover by words is taken (dynamic programming): a word of the corpus or of questions costs one, a
    syllable that no word takes costs three and makes the reading doubtful; two in three syllables must be words.
    """
    syllables: list[str] = []
    for chunk in re.split(r"['\s]+", typed):
        part = _syllables(chunk)
        if part is None:
            return None
        syllables += part
    best: list[tuple[float, list[tuple[Span, str]]]] = [(0.0, [])]
    for stop in range(1, len(syllables) + 1):
        best.append(
            min(
                (_cover(best, syllables, start, stop, words) for start in range(max(0, stop - LONGEST), stop)),
                key=lambda c: c[0],
            )
        )
    chosen = best[-1][1]
    named = sum(stop - start for (start, stop), word in chosen if word in words.words)
    read = sum(stop - start for (start, stop), word in chosen if word)
    if named < 2 or read * 3 < len(syllables) * 2:
        return None
    return "".join(word or "".join(syllables[start:stop]) for (start, stop), word in chosen)


def _cover(
    best: list[tuple[float, list[tuple[Span, str]]]], syllables: Sequence[str], start: int, stop: int, words: Lexicon
) -> tuple[float, list[tuple[Span, str]]]:
    key = tuple(_fuzzy(s) for s in syllables[start:stop])
    cost, parts = best[start]
    found = words.sounds.get(key) if stop - start > 1 else None
    if key in words.spoken:
        return cost + 1, [*parts, ((start, stop), words.spoken[key])]
    if found:
        return cost + 1, [*parts, ((start, stop), found[0])]
    penalty = 3.0 if stop - start == 1 else float("inf")
    return cost + penalty, [*parts, ((start, stop), "")]


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """The 3,755 characters of GB 2312's first level."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset(b"".join(rows).decode("gb2312", errors="ignore"))


@lru_cache(maxsize=1)
def _inventory() -> frozenset[str]:
    """Every syllable of Mandarin, without tones: the readings of the common characters."""
    return frozenset(lazy_pinyin(sorted(_common()), v_to_u=False))


def _syllables(chunk: str) -> list[str] | None:
    """Cut pinyin into syllables, the fewest that cover it; None when it is none."""
    best: list[list[str] | None] = [[]]
    for stop in range(1, len(chunk) + 1):
        options = [
            [*head, chunk[start:stop]]
            for start in range(max(0, stop - 6), stop)
            if (head := best[start]) is not None and chunk[start:stop] in _inventory()
        ]
        best.append(min(options, key=len) if options else None)
    return best[-1]
