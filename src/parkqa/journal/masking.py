"""What identifies a person is taken out of a text: telephone numbers, e-mail addresses, identity numbers."""

from __future__ import annotations

import re
import unicodedata

PHONE, EMAIL, IDENTITY, NUMBER = "〔电话〕", "〔邮箱〕", "〔证件号〕", "〔号码〕"
MASK = re.compile("|".join((PHONE, EMAIL, IDENTITY, NUMBER)))
"""What stands in a text in place of what was taken out."""

# \d takes full-width digits too; 〇, 幺 and the like are how a number is said.
_SAID = "零〇○一二三四五六七八九幺"
_DIGIT = rf"[\d{_SAID}]"
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
_COUNT = re.compile(rf"(?<=\d)[{_SAID}]$")
_DATES = re.compile(rf"{_YEAR.pattern}(?: \d\d?){{0,2}}(?: {_YEAR.pattern}(?: \d\d?){{0,2}})*")


def masked(text: str) -> str:
    """Return ``text`` with what may identify a person replaced by a word in 〔〕; a masked text stays as it is.

    Rather too much than too little: any seven digits in a row go, and ten that only blanks, hyphens and the like
    part. Dates, years and spans of years stay.
    """
    for pattern in _EMAILS:
        text = pattern.sub(EMAIL, text)
    text = _HONG_KONG.sub(IDENTITY, text)
    return _GROUPS.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    groups = re.findall(rf"{_DIGIT}+", found[0])
    digits = "".join(groups)
    if not _personal(groups):
        return found[0]
    lettered = unicodedata.normalize("NFKC", found[0][0]).isascii() and found[0][0].isalpha()
    if (lettered and len(digits) <= 10) or len(digits) in (15, 17, 18):
        return IDENTITY
    return PHONE if len(digits) in range(10, 15) else NUMBER


def _personal(groups: list[str]) -> bool:
    """Whether digits in these groups may be somebody's number, and are no date or span of years."""
    digits = sum(map(len, groups))
    if max(map(len, groups)) >= 7:
        return True
    # In "2018 2019 2020三年" the last word is no part of a year.
    if _DATES.fullmatch(" ".join(_COUNT.sub("", group) for group in groups)):
        return False
    return digits >= 10 or (digits >= 7 and len(groups) == 2 and not any(map(_YEAR.fullmatch, groups)))
