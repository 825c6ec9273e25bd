"""Pinyin typed without tones, turned into words of the corpus: gangkou wuliu is 港口物流."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from parkqa.query.lexicon import LONGEST, Lexicon, common, fuzzy
from parkqa.query.question_words import INTERROGATIVE
from parkqa.text.pronunciation import syllables
from parkqa.types import Span


def speak(typed: str, words: Lexicon, *, among: bool = False) -> str | None:
    """Convert pinyin without tones to words of the corpus; None if it is not pinyin or contains no word of the corpus.

    ``among`` Chinese, question words alone will do: 一居 duo shao qian.

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
    spoken = "".join(word or "".join(syllables[start:stop]) for (start, stop), word in chosen)
    asks = among and read == len(syllables) and INTERROGATIVE.search(spoken)
    return spoken if asks or (named >= 2 and read * 3 >= len(syllables) * 2) else None


def _cover(
    best: list[tuple[float, list[tuple[Span, str]]]], syllables: Sequence[str], start: int, stop: int, words: Lexicon
) -> tuple[float, list[tuple[Span, str]]]:
    key = tuple(fuzzy(s) for s in syllables[start:stop])
    cost, parts = best[start]
    found = words.sounds.get(key) if stop - start > 1 else None
    if key in words.spoken:
        return cost + 1, [*parts, ((start, stop), words.spoken[key])]
    if found:
        return cost + 1, [*parts, ((start, stop), found[0])]
    penalty = 3.0 if stop - start == 1 else float("inf")
    return cost + penalty, [*parts, ((start, stop), "")]


@lru_cache(maxsize=1)
def _inventory() -> frozenset[str]:
    """The syllables of Mandarin without tones: those of the common characters."""
    return frozenset(syllables(sorted(common())))


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
