"""Spelling correction against the words of the corpus: homophones (圆区的主倒产业), transposed characters, pinyin.

A correction is always a word of the corpus or, for pinyin, a common question word; characters that the corpus has
between the same neighbours are never replaced. Most well-formed questions therefore stay unchanged: commit b863411
records that 16 of 1,000 questions of CMRC 2018 (trial) and 97 of 3,524 of DRCD (dev) were changed. All text is folded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise, product

from parkqa.query.question_words import INTERROGATIVE, ZH_FUNCTION
from parkqa.text.characters import HAN
from parkqa.text.pronunciation import readings, syllables
from parkqa.types import Span

LONGEST = 8
"""Largest number of code points of a correction, and of syllables of a word in pinyin."""
SHARE = 1 / 20_000
"""Smallest relative frequency in the corpus of a two- or three-character word that may replace a homophone.

Short words have many homophones, and among the rare words of a large corpus there is nearly always one. The value was
chosen by hand; together with ``Lexicon.pairs`` it reduced the well-formed questions of DRCD (dev) that were changed
from 846 to 97 of 3,524 (commit b863411). A larger value corrects fewer misspellings; a smaller one changes more
questions that were right.
"""
READINGS = 16
"""Largest number of combinations of readings that are tried for one window of the question.

The readings of polyphonic characters multiply. Chosen by hand; a larger value is slower, a smaller one misses
corrections that depend on an uncommon reading.
"""

Repairs = tuple[tuple[str, str], ...]
"""The corrections of a question, as pairs (typed, corrected)."""

_FUNCTION_CHARACTERS = frozenset(
    "的了在是有和与或呢吗么吧啊呀哪几什啥谁多怎何这那我你您他它们个都也很不没年月日从被把对向到于以一二三四五六七八九十"
)
# Sorted, because sets differ in order between processes. Interrogatives come first: naxie is 哪些 rather than 那些.
_QUESTION_WORDS = tuple(
    sorted((word for word in ZH_FUNCTION if len(word) > 1), key=lambda word: (not INTERROGATIVE.match(word), word))
) + tuple(
    "的 了 在 是 有 吗 呢 和 成立 什么时候成立 介绍 上市 在哪里 是什么 是谁 叫什么 "
    "哪里上市 电话 地址 价格 多少钱 怎么去 园区 公司 企业 "
    "几座 几栋 几层 几楼 几条 几项 几位 几天 几点 几号 几年 几人 多久 多大 多远 多高".split()
)
_CHINESE = re.compile(f"[{HAN}]+")
_NAMED = re.compile(rf'(?:^|["·、])([{HAN}]+)(?=$|["·、])', re.MULTILINE)
"""Text in quotation marks, alone on a line or in a series counts as a name, however it is segmented."""
_LATIN = re.compile(r"[a-z]+(?:['\s]+[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a corpus, indexed for spelling correction."""

    words: Counter[str]
    """How often each word occurs in the corpus."""
    sounds: dict[tuple[str, ...], tuple[str, ...]]
    """Words by their pronunciation (syllables without tones, as ``_fuzzy`` folds them), most frequent first."""
    known: Callable[[str], bool]
    """Tells whether something is a word of general Chinese."""
    cut: Callable[[str], list[str]]
    """Segments a text without loss."""
    spoken: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Common question words by their pronunciation."""
    letters: frozenset[tuple[str, ...]] = frozenset()
    """The sorted characters of each word of at least four characters, to find transpositions quickly."""
    least: int = 1
    """Smallest number of occurrences of a two- or three-character word that may be a correction; see SHARE."""
    pairs: frozenset[str] = frozenset()
    """The pairs of adjacent characters in the corpus; such a pair in a question is not a misspelling."""
    rare: frozenset[str] = frozenset()
    """The uncommon characters of the corpus (outside level 1 of GB 2312), which nobody types by mistake."""


def lexicon(texts: Iterable[str], cut: Callable[[str], list[str]], known: Callable[[str], bool]) -> Lexicon:
    """Build the lexicon of a corpus.

    It holds the words of the texts, and sequences of up to three words, from 2 to LONGEST code points.

    Args:
        texts: the texts of the corpus, folded.
        cut: segments a text without loss.
        known: tells whether something is a word of general Chinese.
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
        sounds.setdefault(tuple(_fuzzy(s) for s in syllables(word)), []).append(word)
    spoken = {tuple(_fuzzy(s) for s in syllables(word)): word for word in reversed(_QUESTION_WORDS)}
    letters = frozenset(tuple(sorted(word)) for word in words if len(word) >= 4)
    heard = {key: tuple(value) for key, value in sounds.items()}
    least = max(1, round(words.total() * SHARE))
    return Lexicon(words, heard, known, cut, spoken, letters, least, frozenset(pairs), frozenset(rare))


def _runs(tokens: Sequence[str]) -> Iterable[str]:
    """Sequences of one to three words whose first and last have two or more characters: 将, 等 are function words."""
    for start in range(len(tokens)):
        for stop in range(start + 1, min(start + 4, len(tokens) + 1)):
            run = "".join(tokens[start:stop])
            whole = len(tokens[start]) > 1 and len(tokens[stop - 1]) > 1
            if whole and len(run) <= LONGEST and not (set(run) <= _FUNCTION_CHARACTERS):
                yield run


@lru_cache(maxsize=4096)
def _fuzzy(syllable: str) -> str:
    """Merge sounds that southern accents and hasty typing confuse: zh/z, ch/c, sh/s, l/n, ing/in, eng/en, ang/an."""
    syllable = re.sub(r"^(z|c|s)h", r"\1", syllable.replace("ü", "v"))
    syllable = re.sub(r"^n(?=[aeiouv])", "l", syllable)
    return re.sub(r"(?<=[aei])ng$", "n", syllable)


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_fuzzy(s) for s in readings(character)))


def repair(question: str, words: Lexicon) -> tuple[str, Repairs]:
    """Correct a question; return it with the corrections, as pairs (typed, corrected).

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
    doubtful, inside = _doubtful(question, sure, words)
    changeable = _changeable(question, sure)
    for length in range(min(LONGEST, len(question)), 1, -1):
        for start in range(len(question) - length + 1):
            cuts_word = inside[start] or (start + length < len(question) and inside[start + length])
            if cuts_word or (length < 4 and not any(doubtful[start : start + length])):
                continue
            typed = question[start : start + length]
            here = slice(start, start + length)
            read = _heard(typed, doubtful[here], sure[here], words) if any(changeable[here]) else None
            read = read or _swapped(typed, words)
            if read:
                question = question[:start] + read + question[start + length :]
                changeable[here] = _changeable(read, sure[here])
                repairs.append((typed, read))
                doubtful[start : start + length] = [False] * length
    return question, tuple(repairs)


def _changeable(text: str, sure: Sequence[bool]) -> list[bool]:
    """For each character: whether a homophone may take its place."""
    pairs = zip(text, sure, strict=True)
    return [not beyond_doubt and character not in _FUNCTION_CHARACTERS for character, beyond_doubt in pairs]


def _doubtful(question: str, sure: Sequence[bool], words: Lexicon) -> tuple[list[bool], list[bool]]:
    """Two flags for each character: whether it is doubtful, and whether a known word continues through it.

    A character is doubtful if it forms a word by itself or belongs to an unknown word, unless it is ``sure``.
    """
    flags: list[bool] = []
    inside: list[bool] = []
    for token in words.cut(question):
        chinese = bool(_CHINESE.fullmatch(token))
        alone = len(token) == 1 and token not in _FUNCTION_CHARACTERS
        strange = len(token) > 1 and not words.known(token) and token not in words.words
        flags += [chinese and (alone or strange) and not sure[len(flags) + place] for place in range(len(token))]
        inside += [False] + [len(token) > 2 and not strange] * (len(token) - 1)
    return flags, inside


def _said(question: str, words: Lexicon) -> list[bool]:
    """For each character: whether it is beyond doubt, for one of two reasons.

    Either the corpus has it between the same neighbours, or it is an uncommon character that occurs in the corpus.
    """
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
            wrong = [i for i, (a, b) in enumerate(zip(typed, word, strict=True)) if a != b]
            if any(typed[i] in _FUNCTION_CHARACTERS or sure[i] for i in wrong):
                continue
            certain = len(typed) >= 4 and len(wrong) == 1 and _same_sound(typed[wrong[0]], word[wrong[0]])
            few = len(wrong) <= max(1, len(typed) // 2 - (len(typed) < 4))
            if wrong and (certain or (few and all(doubtful[i] for i in wrong))):
                return word
    return None


def _same_sound(one: str, other: str) -> bool:
    """Whether two characters have a reading in common, without the folding of ``_fuzzy``."""
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
    """Replace runs of Latin letters that are pinyin for words of the corpus."""
    repairs: list[tuple[str, str]] = []

    def read(match: re.Match[str]) -> str:
        spoken = speak(match[0], words)
        if spoken is None:
            return match[0]
        repairs.append((match[0], spoken))
        return spoken

    return _LATIN.sub(read, question), tuple(repairs)


def speak(typed: str, words: Lexicon) -> str | None:
    """Convert pinyin without tones to words of the corpus; None if it is not pinyin or contains no word of the corpus.

    The cheapest segmentation into words is found by dynamic programming: a word of the corpus or a question word costs
    1, a syllable outside of any word costs 3 and stays as typed. At least two syllables must belong to a word of the
    corpus, and two thirds of all syllables to some word.
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
    """The 3,755 common characters: level 1 of GB 2312."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset(b"".join(rows).decode("gb2312", errors="ignore"))


@lru_cache(maxsize=1)
def _inventory() -> frozenset[str]:
    """The syllables of Mandarin without tones: those of the common characters."""
    return frozenset(syllables(sorted(_common())))


def _syllables(chunk: str) -> list[str] | None:
    """Split pinyin into the smallest number of syllables; None if it is not pinyin."""
    best: list[list[str] | None] = [[]]
    for stop in range(1, len(chunk) + 1):
        options = [
            [*head, chunk[start:stop]]
            for start in range(max(0, stop - 6), stop)
            if (head := best[start]) is not None and chunk[start:stop] in _inventory()
        ]
        best.append(min(options, key=len) if options else None)
    return best[-1]
