"""A number in an Excel number format, as Excel shows it: 0"万元", 000000, #,##0.00,"千元", 0.0%, ¥, [h]:mm, # ?/?.

What a format shows of dates and times is in ``date_formats``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

DIGITS = 15
"""Significant digits that Excel keeps of a number."""
GENERAL = 11
"""Characters in which Excel shows a number without a format; only its decimals are cut."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<exponent>[Ee][+-])|(?P<day>上午/下午|[Aa][Mm]/[Pp][Mm]|[Aa]/[Pp]|[YyEeMmDdHhSsAaGgBb]+)"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<literal>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
_NUMERALS = {
    "DBNum1": ("〇一二三四五六七八九", "十百千"),
    "DBNum2": ("零壹贰叁肆伍陆柒捌玖", "拾佰仟"),
    "DBNum3": ("０１２３４５６７８９", ""),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a format: its kind, which is the name of its group in ``_TOKEN``, and its text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One of the parts of a format that semicolons separate.

    ``numerals`` is the kind of Chinese numerals (DBNum1 to DBNum3) or "", ``locale`` the hexadecimal code of a language
    (804 is Chinese) or "", ``condition`` a comparison and a number, or None.
    """

    tokens: tuple[Token, ...]
    numerals: str = ""
    locale: str = ""
    condition: tuple[str, Decimal] | None = None

    def has(self, *kinds: str) -> bool:
        """Return whether there is a token of one of these kinds."""
        return any(token.kind in kinds for token in self.tokens)


@lru_cache(maxsize=1024)
def sections(form: str) -> tuple[Section, ...]:
    """Return the sections of a number format."""
    found: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(form):
        kind = match.lastgroup or "literal"
        if match[0] == ";":
            found.append([])
        else:
            found[-1].append(Token(kind, match[kind]))
    return tuple(map(_section, found))


def _section(tokens: Sequence[Token]) -> Section:
    """Make a section of its tokens, with what the brackets say taken out."""
    kept: list[Token] = []
    numerals = locale = ""
    condition = None
    for token in tokens:
        if token.kind in ("quoted", "escaped"):
            kept.append(Token("literal", token.text))
        elif token.kind == "room":
            kept.append(Token("literal", " "))
        elif token.kind == "bracket":
            if token.text.startswith("$"):  # [$¥-804]: a currency, and a language
                symbol, _, locale = token.text[1:].partition("-")
                kept.append(Token("literal", symbol))
            elif token.text in _NUMERALS:
                numerals = token.text
            elif found := _CONDITION.fullmatch(token.text):
                condition = found[1], Decimal(found[2])
            elif re.fullmatch(r"[hms]+", token.text, re.IGNORECASE):
                kept.append(Token("elapsed", token.text.lower()))
        elif token.kind != "fill":
            kept.append(token)
    return Section(tuple(_with_plain_slashes(kept)), numerals, locale.upper(), condition)


def _with_plain_slashes(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens with each slash that stands in no fraction as plain text: 0.00"元"/"月"."""
    for place, token in enumerate(tokens):
        before, after = (_nearest(part) for part in (tokens[:place][::-1], tokens[place + 1 :]))
        fraction = before.kind == "digit" and (after.kind == "digit" or after.text in "123456789")
        yield Token("literal", token.text) if token.kind == "slash" and not fraction else token


def _nearest(tokens: Sequence[Token]) -> Token:
    """Return the first of tokens that is no blank; if there is none, a blank."""
    return next((token for token in tokens if token.text.strip()), Token("literal", " "))


def number(value: float, form: str) -> str:
    """Return a number as Excel shows it.

    >>> number(50, '0"万元"'), number(14400, "000000"), number(12_000_000, '#,##0.00,"千元"'), number(0.0735, "0.0%")
    ('50万元', '014400', '12,000.00千元', '7.4%')
    >>> number(2.675, "0.00"), number(-320, "#,##0;(#,##0)"), number(0.5, "# ?/?"), number(2026, "[DBNum1]0")
    ('2.68', '(320)', '1/2', '二〇二六')
    """
    section, exact = chosen(sections(form or "General"), Decimal(f"{value:.{DIGITS}g}"))
    return re.sub(r"  +", " ", _shown(section, exact)).strip()


def words(text: str, form: str) -> str:
    """Return a text as Excel shows it: with what its format puts around texts.

    >>> words("3", '0;0;0;"第"@"栋"'), words("甲", "General")
    ('第3栋', '甲')
    """
    section = next((part for part in sections(form) if part.has("text")), None)
    if section is None:
        return text
    return "".join(text if token.kind == "text" else token.text for token in section.tokens).strip()


def chosen(parts: Sequence[Section], value: Decimal) -> tuple[Section, Decimal]:
    """Return the section that a number is shown in, and the number without the sign that the section stands for."""
    for place, part in enumerate(parts[:2]):
        if part.condition and _holds(value, *part.condition):
            return part, abs(value) if place else value
    if parts[0].condition:
        return parts[min(len(parts), 3) - 1], value
    if value < 0 and len(parts) > 1:
        return parts[1], -value
    return (parts[2], value) if value == 0 and len(parts) > 2 else (parts[0], value)


def _holds(value: Decimal, sign: str, other: Decimal) -> bool:
    return {
        "<": value < other,
        ">": value > other,
        "=": value == other,
        "<>": value != other,
        "<=": value <= other,
        ">=": value >= other,
    }[sign]


def _shown(section: Section, value: Decimal) -> str:
    if section.has("general"):
        text = spelled(int(value), section.numerals) if section.numerals and value == int(value) else general(value)
        return "".join(text if token.kind == "general" else token.text for token in section.tokens)
    if not section.has("digit"):
        literal = "".join(token.text for token in section.tokens if token.kind == "literal")
        return general(value) if section.has("text") else f"{'-' if value < 0 and literal else ''}{literal}"
    sign = "-" if value < 0 else ""
    if section.has("slash"):
        text = _fraction(section, abs(value))
    elif section.has("exponent"):
        text = _scientific(section, abs(value))
    else:
        text = _decimal(section, abs(value))
    if not re.search(r"[1-9]", text):
        sign = ""
    return f"{sign}{in_numerals(text, section.numerals)}"


def general(value: Decimal) -> str:
    """Return a number in the format General: without trailing zeros, its decimals cut to fit GENERAL characters.

    >>> general(Decimal("0.333333333333333")), general(Decimal("86001234")), general(Decimal("-2.50"))
    ('0.333333333', '86001234', '-2.5')
    """
    places = max(GENERAL - 1 - len(str(abs(int(value)))), 0)
    rounded = _rounded(value, min(places, max(-int(value.as_tuple().exponent), 0)))
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: Decimal, places: int) -> Decimal:
    """Round half up, as Excel does; Python rounds half to even."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if value.is_finite() else value


def _decimal(section: Section, value: Decimal) -> str:
    """Return a number in a section of digits, with its signs for percent, thousands and scale heeded."""
    tokens = list(section.tokens)
    value *= Decimal(100) ** sum(token.kind == "percent" for token in tokens)
    digits = [place for place, token in enumerate(tokens) if token.kind == "digit"]
    point = next((place for place, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    last = max((place for place in digits if place < point), default=point)
    scale = [place for place, token in enumerate(tokens) if token.kind == "comma" and place > last]
    commas = [place for place, token in enumerate(tokens) if token.kind == "comma" and digits[0] < place < last]
    places = sum(place > point for place in digits)
    whole, _, decimals = f"{_rounded(value.scaleb(-3 * len(scale)), places):f}".partition(".")
    whole = whole.lstrip("0")
    front = [token for place, token in enumerate(tokens[:point]) if place not in (*scale, *commas)]
    back = [token for place, token in enumerate(tokens[point:], point) if place not in scale]
    return _whole(front, whole, grouped=bool(commas)) + _decimals(back, decimals)


def _whole(tokens: Sequence[Token], digits: str, *, grouped: bool) -> str:
    """Fill the digits of a whole number into its places, from the right; the first place takes all that are left."""
    shown: list[str] = []
    left, count = digits, 0
    first = next((place for place, token in enumerate(tokens) if token.kind == "digit"), -1)
    for place in range(len(tokens) - 1, -1, -1):
        token = tokens[place]
        if token.kind != "digit":
            shown.append(token.text)
            continue
        many = len(left) if place == first else min(len(left), 1)
        taken = left[len(left) - many :] or ("0" if token.text == "0" else "")
        left = left[: len(left) - many]
        for digit in reversed(taken):
            shown.append(f"{digit}," if grouped and count and count % 3 == 0 else digit)
            count += 1
    return "".join(reversed(shown))


def _decimals(tokens: Sequence[Token], digits: str) -> str:
    """Fill the digits after the point into their places; those of # and ? are dropped where only zeros follow."""
    shown = []
    place = 0
    for token in tokens:
        if token.kind != "digit":
            shown.append(token.text)
            continue
        digit = digits[place : place + 1] or "0"
        shown.append("" if token.text != "0" and not digits[place:].strip("0") else digit)
        place += 1
    return "".join(shown)


def _scientific(section: Section, value: Decimal) -> str:
    """Return a number with its power of ten: 1.23E+11.

    Where several places are before the point (##0.0E+0), the power is a multiple of their number: 12.3E+6.
    """
    kinds = [token.kind for token in section.tokens]
    place = kinds.index("exponent")
    point = kinds.index("point") if "point" in kinds[:place] else place
    front, places, exponents = (part.count("digit") for part in (kinds[:point], kinds[point:place], kinds[place:]))
    power = value.adjusted() if value else 0
    power -= power % max(front, 1)
    mantissa = _rounded(value.scaleb(-power), places)
    if mantissa >= Decimal(10) ** max(front, 1):  # 9.99 has become 10.0
        power += max(front, 1)
        mantissa = _rounded(value.scaleb(-power), places)
    sign = "-" if power < 0 else section.tokens[place].text[1:].replace("-", "")
    return f"{mantissa:f}E{sign}{str(abs(power)).rjust(exponents, '0')}"


def _fraction(section: Section, value: Decimal) -> str:
    """Return a number as a fraction, whose denominator is given or has as many digits as it has places."""
    place = next(place for place, token in enumerate(section.tokens) if token.kind == "slash")
    given = re.match(r"\d+", "".join(token.text for token in section.tokens[place + 1 :] if token.text != "?"))
    places = sum(token.kind == "digit" for token in section.tokens[place + 1 :])
    before = "".join("#" if token.kind == "digit" else token.text for token in section.tokens[:place]).strip()
    part = Fraction(value)
    if given and int(given[0]):
        below = int(given[0])  # it is not reduced: 25/100
        above = round(part * below)
    else:
        above, below = part.limit_denominator(10 ** max(places, 1) - 1).as_integer_ratio()
    whole = above // below if " " in before else 0
    above -= whole * below
    return f"{f'{whole} ' if whole else ''}{above}/{below}" if above else str(whole)


def in_numerals(text: str, numerals: str) -> str:
    """Return a text with its digits as Chinese numerals, one by one."""
    return text.translate(str.maketrans("0123456789", _NUMERALS[numerals][0])) if numerals else text


def spelled(value: int, numerals: str) -> str:
    """Return a whole number in Chinese words, as the format General has it.

    >>> spelled(31, "DBNum1"), spelled(2026, "DBNum1"), spelled(120000, "DBNum2"), spelled(12, "DBNum3")
    ('三十一', '二千〇二十六', '壹拾贰万', '１２')
    """
    digits, tens = _NUMERALS[numerals]
    if not tens or value < 0:
        return in_numerals(str(value), numerals)
    text = _words(value, digits, tens)
    return text[1:] if numerals == "DBNum1" and 10 <= value < 20 else text


def _words(value: int, digits: str, tens: str) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万"), (1000, tens[2]), (100, tens[1]), (10, tens[0])):
        if value >= size:
            head, rest = divmod(value, size)
            gap = digits[0] if 0 < rest < size // 10 else ""
            return f"{_words(head, digits, tens)}{name}{gap}{_words(rest, digits, tens) if rest else ''}"
    return digits[value]
