"""Word lists by pronunciation, for a keyboard that turns pinyin into Chinese: one line for what sounds alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from parkqa.text.characters import HAN
from parkqa.text.pronunciation import syllables
from parkqa.text.segmentation import dictionary

GENERAL = 50_000
"""Number of words of general Chinese. The last of them occurs 54 times among the 60 million words counted for jieba's
dictionary; twice as many words would take twice the time, once for each server (2.6 s on two cores)."""
LONGEST = 6
"""Largest number of characters of a word of general Chinese; chosen by hand: longer ones are typed in two."""
_CHINESE = re.compile(rf"[{HAN}]+")
_READ = re.compile("[a-z ]+")


def spelled(words: Iterable[tuple[str, int]]) -> str:
    """Return words with their frequencies as lines ``syllables<TAB>word frequency word frequency…``.

    What is not written in Chinese characters only, or has one without a known reading,
    is left out. Lines and words keep the order given.

    >>> spelled([("园区", 9), ("元曲", 2), ("MBA", 1)])
    'yuan qu\\t园区 9 元曲 2'
    """
    lines: dict[str, list[str]] = {}
    for word, frequency in words:
        if _CHINESE.fullmatch(word) and _READ.fullmatch(sound := " ".join(syllables(word))):
            lines.setdefault(sound, []).append(f"{word} {frequency}")
    return "\n".join(f"{sound}\t{' '.join(entries)}" for sound, entries in lines.items())


@lru_cache(maxsize=1)
def general() -> str:
    """Return the GENERAL most frequent words of jieba's dictionary as ``spelled`` does; kept: it takes seconds."""
    rows = (line.split(" ") for line in dictionary().decode().splitlines())
    words = [(word, int(count)) for word, count, *_ in rows if len(word) <= LONGEST and _CHINESE.fullmatch(word)]
    return spelled(sorted(words, key=lambda word: -word[1])[:GENERAL])
