"""The languages of the pages: which one a reader gets, and Traditional Chinese for what is ours to convert.

Only words of the interface are converted; quotations stay as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

from parkqa.text.characters import language
from parkqa.types import Answer

Tongue = Literal["zh-CN", "zh-TW", "en"]
"""A language of the pages, as in ``<html lang>``; zh-TW stands for Traditional Chinese anywhere."""
_TRADITIONAL = re.compile(r"(?:tw|hk|mo|hant)\b", re.IGNORECASE)
_LONGEST = 256
"""Characters of Accept-Language that are read, chosen by hand: more than a browser sends."""
_RANGE = re.compile(r"\s*([A-Za-z][\w-]*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")


def tongue(accept: str, asked: str = "") -> Tongue:
    """Return the language for a reader.

    That is the first of ``asked`` (a language tag or "") and of ``accept`` (the header Accept-Language, most wanted
    first) that the pages have; English for readers of other languages only; Chinese if nothing is known.

    >>> tongue("zh-HK,en;q=0.8"), tongue("ja,ko;q=0.5"), tongue("", "en"), tongue("")
    ('zh-TW', 'en', 'en', 'zh-CN')
    """
    ranges = map(_RANGE.fullmatch, accept[:_LONGEST].split(","))
    found = [(each[1], float(each[2] or 1)) for each in ranges if each]
    names = [asked, *(name for name, _ in sorted(found, key=lambda each: -each[1]))]
    known = next((name.lower() for name in names if re.match(r"(?:zh|en)\b", name, re.IGNORECASE)), "")
    if known.startswith("zh"):
        return "zh-TW" if _TRADITIONAL.search(known) else "zh-CN"
    return "en" if known or found else "zh-CN"


def of_answer(answer: Answer, page: Tongue) -> Tongue:
    """Return the language in which an answer is shown on a page: that of the question, as the engine's own words are.

    Chinese is Simplified or Traditional as on the ``page``.
    """
    if language(answer.understood) == "en":
        return "en"
    return "zh-CN" if page == "en" else page


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2tw")


@lru_cache(maxsize=4096)
def traditional(text: str) -> str:
    """Return a text of ours in Traditional Chinese (OpenCC, configuration s2tw); results are cached.

    >>> traditional("园区资料里没有写到这个问题。")
    '園區資料裡沒有寫到這個問題。'
    """
    converted: str = _converter().convert(text)
    return converted


def chosen(zh: str, en: str, reader: Tongue) -> str:
    """Return the one of two texts of ours that is in the reader's language."""
    return en if reader == "en" else traditional(zh) if reader == "zh-TW" else zh
