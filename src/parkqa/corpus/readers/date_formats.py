"""Dates, times and durations in an Excel number format, as Excel shows them in Chinese: m"月"d"日", aaaa, [h]:mm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from parkqa.corpus.readers.number_formats import Section, Token, chosen, in_numerals, sections, spelled

Moment = datetime | date | time | timedelta
START = datetime(1899, 12, 30)
"""Day 0 of a workbook; 2 January 1904 is day 1 in those of old programs for the Mac."""
FINEST = 3
"""Most decimals of a second that Excel shows."""
WEEKDAYS = "一二三四五六日"
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
BUILT_IN = {
    14: "yyyy/m/d",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: '上午/下午h"时"mm"分"',
    35: '上午/下午h"时"mm"分"ss"秒"',
    55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"',
    22: "yyyy/m/d h:mm",
    47: "mm:ss.0",
}
"""Formats without a text in the file, by number, as a Chinese Excel shows them (ECMA-376, part 1, 18.8.30)."""
_SYSTEM = {"F800": 'yyyy"年"m"月"d"日"', "F400": "h:mm:ss"}
"""The long date and the time of the system, by the code in the format."""


def is_date(form: str) -> bool:
    """Return whether a number format shows a date or a time.

    >>> is_date('yyyy"年"m"月"'), is_date("[h]:mm"), is_date('0"days"'), is_date("[Red]0")
    (True, True, False, False)
    """
    return sections(form)[0].has("day", "elapsed")


def moment(value: Moment | float, form: str, start: datetime = START) -> str:
    """Return a date, a time, a duration or the number of a day as Excel shows it.

    Args:
        value: the value; a number counts the days since ``start``.
        form: a number format for which ``is_date`` holds.
        start: day 0 of the workbook.

    >>> day = datetime(2026, 3, 2, 17, 5)
    >>> moment(day, 'm"月"d"日"'), moment(day, "aaaa"), moment(day, "h:mm AM/PM"), moment(1.1041666667, "[h]:mm")
    ('3月2日', '星期一', '5:05 PM', '26:30')
    >>> moment(125.34 / 86400, "mm:ss.0")
    '02:05.3'
    """
    days = _days(value, start)
    section, _ = chosen(sections(form), Decimal(f"{days:.12f}"))
    if section.locale in _SYSTEM:
        section = sections(_SYSTEM[section.locale])[0]
    tokens = list(_parts(section.tokens))
    finest = 10 ** max((_decimal(tokens, place) for place in range(len(tokens))), default=0)
    elapsed = timedelta(milliseconds=round(days * 86_400 * finest) * 1000 // finest)
    half = any(token.text.lower() in ("am/pm", "a/p", "上午/下午") for token in tokens)
    shown = (_part(tokens, place, start, elapsed, section, half=half) for place in range(len(tokens)))
    return "".join(shown).strip()


def _days(value: Moment | float, start: datetime) -> float:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - start) / timedelta(days=1)
    if isinstance(value, date):
        return (datetime.combine(value, time()) - start) / timedelta(days=1)
    if isinstance(value, time):
        return (datetime.combine(START, value) - START) / timedelta(days=1)
    return value / timedelta(days=1) if isinstance(value, timedelta) else float(value)


def _parts(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens with runs of letters cut where the letter changes (hmm is h and mm), but AM/PM whole."""
    for token in tokens:
        if token.kind == "day" and "/" not in token.text:
            yield from (Token("day", run[0]) for run in re.finditer(r"(.)\1*", token.text.lower()))
        else:
            yield token


def _part(
    tokens: Sequence[Token], place: int, start: datetime, elapsed: timedelta, section: Section, *, half: bool
) -> str:
    """Return what one token shows of the moment that is ``elapsed`` after ``start``."""
    token, when = tokens[place], start + elapsed
    if token.kind == "elapsed":
        size = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
        return str(elapsed // timedelta(seconds=size)).rjust(len(token.text), "0")
    if decimal := _decimal(tokens, place):
        return f"{when.microsecond:06}"[decimal - 1]
    if token.kind != "day":
        return token.text
    if "/" in token.text:
        chinese = "午" in token.text or section.locale.endswith("804")
        return ("上午/下午" if chinese else token.text.upper()).split("/")[when.hour >= 12]
    if token.text[0] == "m" and _is_minute(tokens, place):
        return _padded(when.minute, token.text, section)
    return _of_letter(token.text, when, section, half=half)


def _decimal(tokens: Sequence[Token], place: int) -> int:
    """Return which decimal of the seconds a token stands for, from 1 to FINEST; 0 for other tokens."""
    first = place
    while first >= 0 and tokens[first].kind == "digit":
        first -= 1
    behind = first > 0 and tokens[first].kind == "point" and tokens[first - 1].text.startswith("s")
    return min(place - first, FINEST) if behind else 0


def _is_minute(tokens: Sequence[Token], place: int) -> bool:
    """Return whether m stands for minutes: it follows hours or precedes seconds."""
    letters = [(n, token.text[0]) for n, token in enumerate(tokens) if token.kind in ("day", "elapsed")]
    at = next(index for index, (n, _) in enumerate(letters) if n == place)
    before = letters[at - 1][1] if at else ""
    after = letters[at + 1][1] if at + 1 < len(letters) else ""
    return before == "h" or after == "s"


def _padded(value: int, letters: str, section: Section) -> str:
    """Return a number with a leading zero where there are two letters, or spelled out in Chinese numerals."""
    return spelled(value, section.numerals) if section.numerals else str(value).rjust(min(len(letters), 2), "0")


def _of_letter(letters: str, when: datetime, section: Section, *, half: bool) -> str:
    """Return what a run of one letter shows of a moment."""
    kind, many = letters[0], len(letters)
    weekday = f"星期{WEEKDAYS[when.weekday()]}"
    if kind in "ye":
        year = f"{when.year:04}" if many > 2 or kind == "e" else f"{when.year % 100:02}"
        return in_numerals(year, section.numerals)
    if kind == "a":
        return weekday if many > 3 else weekday[2:]
    if kind == "d" and many > 2:
        chinese = section.locale.endswith("804")
        name = (weekday if many > 3 else f"周{weekday[2:]}") if chinese else _DAYS[when.weekday()]
        return name if many > 3 or chinese else name[:3]
    if kind == "m" and many > 2:
        name = f"{spelled(when.month, 'DBNum1')}月" if section.locale.endswith("804") else _MONTHS[when.month - 1]
        return name[:1] if many == 5 else name if many > 3 or "月" in name else name[:3]
    hour = (when.hour % 12 or 12) if half else when.hour
    values = {"m": when.month, "d": when.day, "h": hour, "s": when.second}
    return _padded(values[kind], letters, section) if kind in values else ""
