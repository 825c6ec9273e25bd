"""Pronunciation: the pinyin of Chinese text, without tones.

pypinyin is imported when something is first read aloud: it takes a third of the time that importing the engine takes.
"""

from __future__ import annotations

from functools import lru_cache


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


@lru_cache(maxsize=4096)
def plain_pinyin(text: str) -> str:
    """Return a text with its Chinese characters as toneless pinyin, without blanks between them.

    >>> plain_pinyin("江阴, 2003")
    'jiangyin, 2003'
    """
    return "".join(syllables(text))
