"""The words of a corpus by their sound and their letters, as spelling correction and pinyin look them up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from parkqa.query.question_words import INTERROGATIVE, ZH_FUNCTION
from parkqa.text.characters import HAN
from parkqa.text.pronunciation import syllables

LONGEST = 8
"""Largest number of code points of a correction, and of syllables of a word in pinyin."""

SHARE = 1 / 20_000
"""Smallest relative frequency in the corpus of a two- or three-character word that may replace a homophone.

Short words have many homophones, and among the rare words of a large corpus there is nearly always one. The value was
chosen by hand; together with ``Lexicon.pairs`` it reduced the well-formed questions of DRCD (dev) that were changed
from 846 to 97 of 3,524 (commit b863411). A larger value corrects fewer misspellings; a smaller one changes more
questions that were right.
"""

FUNCTION_CHARACTERS = frozenset(
    "的了在是有和与或呢吗么吧啊呀哪几什啥谁多怎何这那我你您他它们个都也很不没年月日从被把对向到于以一二三四五六七八九十"
    "曾由将其之给"
)

# Sorted, because sets differ in order between processes. Interrogatives come first: naxie is 哪些 rather than 那些.
_QUESTION_WORDS = tuple(
    sorted((word for word in ZH_FUNCTION if len(word) > 1), key=lambda word: (not INTERROGATIVE.match(word), word))
) + tuple(
    "的 了 在 是 有 吗 呢 和 成立 什么时候成立 介绍 上市 在哪里 是什么 是谁 叫什么 "
    "哪里上市 电话 地址 价格 多少钱 怎么去 园区 公司 企业 "
    "几座 几栋 几层 几楼 几条 几项 几位 几天 几点 几号 几年 几人 多久 多大 多远 多高".split()
)
_NAMED = re.compile(rf'(?:^|["·、]|\| )([{HAN}]+)(?=$|["·、]| \|)', re.MULTILINE)
"""Text in quotation marks, alone on a line, in a cell or in a series counts as a name, however it is segmented."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a corpus, indexed for spelling correction."""

    words: Counter[str]
    """How often each word occurs in the corpus."""
    sounds: dict[tuple[str, ...], tuple[str, ...]]
    """Words by their pronunciation (syllables without tones, as ``fuzzy`` folds them), most frequent first."""
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
        rare.update(set(text) - common())
        for clause in re.findall(f"[{HAN}]+", text):
            words.update(_runs(cut(clause)))
            pairs.update(map("".join, pairwise(clause)))
        words.update(name for name in _NAMED.findall(text) if 2 <= len(name) <= LONGEST)
    sounds: dict[tuple[str, ...], list[str]] = {}
    for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        sounds.setdefault(tuple(fuzzy(s) for s in syllables(word)), []).append(word)
    spoken = {tuple(fuzzy(s) for s in syllables(word)): word for word in reversed(_QUESTION_WORDS)}
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
            if whole and len(run) <= LONGEST and not (set(run) <= FUNCTION_CHARACTERS):
                yield run


@lru_cache(maxsize=4096)
def fuzzy(syllable: str) -> str:
    """Merge sounds that southern accents and hasty typing confuse: zh/z, ch/c, sh/s, l/n, ing/in, eng/en, ang/an."""
    syllable = re.sub(r"^(z|c|s)h", r"\1", syllable.replace("ü", "v"))
    syllable = re.sub(r"^n(?=[aeiouv])", "l", syllable)
    return re.sub(r"(?<=[aei])ng$", "n", syllable)


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The 3,755 common characters: level 1 of GB 2312."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset(b"".join(rows).decode("gb2312", errors="ignore"))
