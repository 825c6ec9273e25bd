"""Cards, as slides and web pages have them: a figure with its unit and its label, a step with its number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parkqa.corpus.readers.draft import short
from parkqa.text.characters import NUMERAL

_FIGURE = re.compile(r"[约近超逾达≥>≤<＜＞第]{0,2}\s*[¥￥$]?\d[\d,.]*\s*[+＋]?\s*[%％‰]?\s*[^\d\s。，；]{0,8}")
"""A figure with its unit."""
ORNAMENT = re.compile(r"0\d")
"""The number of a slide or a step as it stands, often large, before its title: 01."""
MARK = re.compile(
    rf"{ORNAMENT.pattern}|\d\d?[.、]?|[①-⑳]|[{NUMERAL}]{{1,2}}[、.]?|(?:step|part)\s*\.?\s*\d+|第[{NUMERAL}\d]+[步章]|步骤\s*[{NUMERAL}\d]+",
    re.IGNORECASE,
)
"""The number of a step or of an item."""
_BARE = re.compile(r"[¥￥$]?\d[\d,.]*[+＋]?")
"""A number without a unit."""
UNIT = re.compile(
    r"[百千万亿余多]*(?:平方)?(?:公里|千米|厘米|米|公顷|亩|家|人|名|户|个|项|套|间|栋|幢|座|所|条|次|辆|台|元|美元|吨|年|月|天"
    r"|日|小时|分钟|倍|位|强|km|㎡|m²)?(?:/.{1,3})?[+＋]?|[%％‰]",
    re.IGNORECASE,
)
"""A unit that stands in a box of its own behind its number."""

_COUNT = re.compile(rf"(?!(?:19|20)\d\d年$){_BARE.pattern}(?:{UNIT.pattern})", re.IGNORECASE)


def card_text(lines: Sequence[str]) -> str:
    """Return the lines of a card, a unit behind its number.

    >>> card_text(["30", "平方公里", "规划面积"]), card_text(["01", "提交申请"])
    ('30平方公里\\n规划面积', '01\\n提交申请')
    """
    joined: list[str] = []
    for line in lines:
        if joined and is_number(joined[-1]) and UNIT.fullmatch(line):
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)


def is_figure(text: str) -> bool:
    """Return whether a line is a figure with its unit.

    >>> is_figure("30平方公里"), is_figure("01"), is_figure("规划面积")
    (True, False, False)
    """
    return bool(_FIGURE.fullmatch(text)) and not ORNAMENT.fullmatch(text)


def is_count(text: str) -> bool:
    """Return whether a line is nothing but a number with a unit, and not a year.

    >>> is_count("2000套"), is_count("2026年"), is_count("1号楼")
    (True, False, False)
    """
    return bool(_COUNT.fullmatch(text))


def are_figure_and_label(one: str, other: str) -> bool:
    """Return whether one of two lines is a figure, and the other one says of what."""
    figure, label = (one, other) if is_figure(one) else (other, one)
    return is_figure(figure) and not is_figure(label) and not MARK.fullmatch(label) and short(label)


def is_number(text: str) -> bool:
    """Return whether a line is a number without a unit, and not that of a step."""
    return bool(_BARE.fullmatch(text)) and not ORNAMENT.fullmatch(text)
