"""Masks personal data in visitors' questions: telephone numbers, e-mail addresses, identity numbers."""

from __future__ import annotations

import re
import unicodedata

PHONE, EMAIL, IDENTITY, NUMBER = "〔电话〕", "〔邮箱〕", "〔证件号〕", "〔号码〕"
MASK = re.compile("|".join((PHONE, EMAIL, IDENTITY, NUMBER)))
"""Matches any of the placeholders that replace masked text."""

# \d also matches full-width digits; the Chinese numerals, 〇 and 幺 among them, are those used to spell out a number.
_NUMERALS = "零〇○一二三四五六七八九幺"
_DIGIT = rf"[\d{_NUMERALS}]"
_GAP = r"[ \t\u00a0\u3000\u200b.·,，()（）\-‐‑–—－_/]"
_GROUPS = re.compile(
    rf"(?:(?<![A-Za-zＡ-Ｚａ-ｚ])[A-Za-zＡ-Ｚａ-ｚ]{{1,2}})?[+＋(（]?{_DIGIT}+(?:{_GAP}{{1,3}}{_DIGIT}+)*(?:{_GAP}?[XxＸｘ](?![A-Za-z]))?"
)
_HONG_KONG = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{1,2}\d{6} ?[(（]?[\dAa][)）]?(?![A-Za-z\d])")
_AT = r"\s{0,2}[@＠﹫]\s{0,2}"
_DOMAIN = r"[\w-]+(?:\s?[.．。｡]\s?[A-Za-z][\w-]*|[.．。｡][\w-]+)*"
_PLAIN = r"[A-Za-z\d._%+'\-Ａ-Ｚａ-ｚ０-９]+"
_EMAILS = (re.compile(_PLAIN + _AT + _DOMAIN), re.compile(rf"[\w.+-]+{_AT}{_DOMAIN}"))
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_COUNT = re.compile(rf"(?<=\d)[{_NUMERALS}]$")
_DATES = re.compile(rf"{_YEAR.pattern}(?: \d\d?){{0,2}}(?: {_YEAR.pattern}(?: \d\d?){{0,2}})*")


def masked(text: str) -> str:
    """Return ``text`` with possible personal data replaced by a placeholder in 〔〕; idempotent.

    Errs on the side of masking: seven digits in a row are masked, and so are ten that are separated only by spaces,
    hyphens and similar characters. Dates, years and ranges of years are kept.
    """
    for pattern in _EMAILS:
        text = pattern.sub(EMAIL, text)
    text = _HONG_KONG.sub(IDENTITY, text)
    return _GROUPS.sub(_placeholder, text)


def _placeholder(match: re.Match[str]) -> str:
    """Return the placeholder for a match of ``_GROUPS``, chosen by its length, or the match itself if not personal."""
    groups = re.findall(rf"{_DIGIT}+", match[0])
    digits = "".join(groups)
    if not _personal(groups):
        return match[0]
    lettered = unicodedata.normalize("NFKC", match[0][0]).isascii() and match[0][0].isalpha()
    if (lettered and len(digits) <= 10) or len(digits) in (15, 17, 18):
        return IDENTITY
    return PHONE if len(digits) in range(10, 15) else NUMBER


def _personal(groups: list[str]) -> bool:
    """Return whether these groups of digits may be a personal number rather than a date or a range of years."""
    digits = sum(map(len, groups))
    if max(map(len, groups)) >= 7:
        return True
    # In "2018 2019 2020三年" ("the three years …") the numeral 三 counts the years and is not part of 2020.
    if _DATES.fullmatch(" ".join(_COUNT.sub("", group) for group in groups)):
        return False
    return digits >= 10 or (digits >= 7 and len(groups) == 2 and not any(map(_YEAR.fullmatch, groups)))
