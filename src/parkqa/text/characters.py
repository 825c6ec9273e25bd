"""Character classes: Chinese characters and numerals, the language of a text, years in digits."""

from __future__ import annotations

import re

from parkqa.types import Language

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""All CJK ideographs (basic, extended and compatibility), as ranges for use inside ``[…]`` of a regular expression."""
HANZI = re.compile(f"[{HAN}]")
NUMERAL = "一二三四五六七八九十百零〇两"
"""The Chinese numerals with which lines, chapters and articles are numbered, for use inside ``[…]``."""
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


def language(text: str) -> Language:
    """Return "en" if a text has more Latin words than Chinese characters, else "zh".

    >>> language("Where is the park?"), language("园区有WiFi吗"), language("2003")
    ('en', 'zh', 'zh')
    """
    chinese = len(HANZI.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    return "en" if latin and latin > chinese else "zh"


YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
"""A year in four digits, 1900 to 2099; group 1 is the year."""


def numeral_value(numeral: str) -> int | None:
    """Return the value of a numeral below 100 in Chinese, or of one in digits; None for any other text.

    >>> numeral_value("十二"), numeral_value("两"), numeral_value("12"), numeral_value("百")
    (12, 2, 12, None)
    """
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if not numeral or not set(tens + ones) <= set(_DIGITS):
        return None
    return (_DIGITS[tens[-1:] or "一"] * 10 if ten else 0) + _DIGITS[ones[-1:] or "零"]
