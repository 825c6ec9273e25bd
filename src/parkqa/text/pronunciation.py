"""Pronunciation: the pinyin of Chinese text, without tones.

pypinyin is imported when a pronunciation is first looked up: its import takes a third of the time of the engine's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate

from parkqa.text.characters import HAN

LONGEST_NAME = 8
"""Characters of a name at most, as ``written_in_chinese`` looks for it: a longer one is seldom written in one word."""


def syllables(word: str | list[str]) -> list[str]:
    """Return the toneless syllables of a word, each character in its usual reading there.

    >>> syllables("江阴")
    ['jiang', 'yin']
    """
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(word, v_to_u=False))


def readings(character: str) -> list[str]:
    """Return every toneless reading of a character."""
    from pypinyin import Style, pinyin

    return list(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=1024)
def is_pinyin(word: str) -> bool:
    """Return whether a word of small Latin letters can be read as the pinyin of Chinese characters.

    >>> [word for word in ("suzhou", "xian", "lvdi", "tashkent", "denver") if is_pinyin(word)]
    ['suzhou', 'xian', 'lvdi']
    """
    return bool(_syllables().fullmatch(word))


@lru_cache(maxsize=1)
def _syllables() -> re.Pattern[str]:
    """Matches a run of the syllables of the characters in GB 2312, two or more letters each but for a, e and o.

    Not nv (女), which is rare in names and would make Denver one.
    """
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    found = syllables("".join(pair.decode("gb2312", "ignore") for pair in rows))
    known = {syllable for syllable in found if re.fullmatch(r"(?!nv$)[a-z]{2,6}|[aeo]", syllable)}
    return re.compile(f"(?:{'|'.join(sorted(known, key=lambda syllable: (-len(syllable), syllable)))})+")


@lru_cache(maxsize=4096)
def plain_pinyin(text: str) -> str:
    """Return a text with its Chinese characters as toneless pinyin, without blanks between them.

    >>> plain_pinyin("江阴, 2003")
    'jiangyin, 2003'
    """
    return "".join(syllables(text))


def written_in_chinese(pinyin: str, text: str) -> str:
    """Return the first characters of a text that a name in pinyin stands for, "" if there are none.

    Args:
        pinyin: the name, small letters without tones or blanks.
        text: any text.

    >>> written_in_chinese("jiangyin", "位于江阴市"), written_in_chinese("suzhou", "位于江阴市")
    ('江阴', '')
    """
    if pinyin not in plain_pinyin(text):
        return ""
    for run in re.findall(f"[{HAN}]+", text):
        spoken = syllables(run)
        for start in range(len(run)):
            said = list(accumulate(spoken[start : start + LONGEST_NAME]))
            if pinyin in said:
                return str(run[start : start + said.index(pinyin) + 1])
    return ""
