"""Folding: maps the different ways of writing the same text to one form, so that they match in a search.

Only text to be searched or compared is folded; what is quoted is always the original.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_DASHES = "—–―─－‒﹣~〜～−‐‑"
_ALIKE = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys("“”「」『』＂", '"')
    | dict.fromkeys("‘’＇", "'")
    | dict.fromkeys("•・‧∙⋅", "·")
)
_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_NO_YEAR = "(?![来间内后前以之多了期规历时级]|的(?:发展|历史|努力|奋斗|积累|建设|经验|时间))"
"""What may not follow a two-digit number and 年 in a year: "21年来" and "12年的发展" are durations, "一二年级" is a
school class."""
_YEARS = re.compile(
    rf"(?<![\d.])(?P<short>0\d|[12]\d)年{_NO_YEAR}"
    rf"|(?<![零〇○一二三四五六七八九十百\d])(?P<long>[一二][零〇○一二三四五六七八九]{{3}})年"
    rf"|(?<![零〇○一二三四五六七八九十百\d])(?P<pair>[零〇○一二][零〇○一二三四五六七八九])年{_NO_YEAR}"
)


class _Plain(dict[int, str]):
    """A table for ``str.translate`` that computes the folded form of a code point on first use."""

    def __missing__(self, point: int) -> str:
        plain = self[point] = unicodedata.normalize("NFKC", chr(point)).lower().translate(_ALIKE)
        return plain


_PLAIN = _Plain()


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """Return a text folded for search; results are cached.

    - Full-width characters become half-width and other compatibility characters their plain form (Unicode NFKC);
      letters become lower case.
    - Traditional Chinese becomes Simplified (OpenCC, configuration t2s).
    - All dashes become ``-``, and quotation marks and middle dots one form each.
    - Years in Chinese numerals or with two digits get four digits; two digits mean 2000 to 2029 (二零零六年, ０９年,
      一七年), except where a duration is meant (21年来, 12年的发展).

    >>> folded("園區成立於０３年。")
    '园区成立于2003年。'
    """
    plain = _simplified(text.translate(_PLAIN))
    return _YEARS.sub(lambda match: f"{_year(match)}年", plain) if "年" in plain else plain


def origins(text: str) -> list[int]:
    """Return for each code point of ``folded(text)`` the place in ``text`` of the code point that it comes from.

    >>> folded("０３年，㎡"), origins("０３年，㎡")
    ('2003年,m2', [0, 0, 0, 1, 2, 3, 4, 4])
    """
    places = [place for place, character in enumerate(text) for _ in character.translate(_PLAIN)]
    plain = _simplified(text.translate(_PLAIN))
    found, done = [], 0
    for match in _YEARS.finditer(plain):
        digits = places[match.start() : match.end() - 1]
        found += places[done : match.start()]
        found += [digits[0]] * (4 - len(digits)) + digits
        done = match.end() - 1
    return found + places[done:]


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _simplified(text: str) -> str:
    """Convert to Simplified Chinese with the length unchanged: by phrase, or else character by character."""
    if text.isascii():
        return text
    whole: str = _converter().convert(text)
    if len(whole) == len(text):
        return whole
    return "".join(new if len(new := _converter().convert(old)) == 1 else old for old in text)


def _year(match: re.Match[str]) -> str:
    """Return the four digits of a match of ``_YEARS``."""
    digits = (match["short"] or match["long"] or match["pair"]).translate(_DIGITS)
    return digits if len(digits) == 4 else f"20{digits}"
