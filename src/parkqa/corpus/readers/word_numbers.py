"""The automatic numbers of a Word document: 第二条, 一、, 1.2. They are no text of the file; Word counts them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parkqa.corpus.readers.number_formats import in_numerals, spelled

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHINESE = frozenset(
    "chineseCounting chineseCountingThousand japaneseCounting taiwaneseCounting taiwaneseCountingThousand"
    " ideographDigital japaneseDigitalTenThousand taiwaneseDigital".split()
)
_LEGAL = frozenset(("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"))
_CIRCLED = frozenset(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"))
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")


class Numbers:
    """Counts the paragraphs of a document, which must be asked for in their order.

    Args:
        root: the numbering part of the document; None if it has none.
        styles: the styles by their ids.
    """

    def __init__(self, root: Any, styles: Mapping[str, Any]) -> None:
        definitions = [] if root is None else root.findall(f"{W}abstractNum")
        lists = [] if root is None else root.findall(f"{W}num")
        self._definitions = {each.get(f"{W}abstractNumId"): each for each in definitions}
        self._lists = {each.get(f"{W}numId"): each for each in lists}
        self._styles = styles
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def label(self, number: str | None, depth: int) -> str:
        """Count a paragraph of list ``number`` at ``depth`` (from 0), and return its number; "" for bullets."""
        key = self._definition(number)
        if key is None or number is None:
            return ""
        counts = self._counts.setdefault(key, {})
        if number not in self._begun:
            self._begun.add(number)
            counts |= {level: start - 1 for level, start in self._restarts(number).items()}
        counts[depth] = counts.get(depth, self._start(key, depth) - 1) + 1
        for deeper in [level for level in counts if level > depth and self._begins_anew(key, level, depth)]:
            del counts[deeper]
        return self._text(key, depth, counts)

    def _definition(self, number: str | None) -> str | None:
        """Return the key of the definition that a list uses, which may be that of a style; None if there is none."""
        for _ in range(2):
            key = _value(self._lists.get(number or ""), "abstractNumId")
            definition = self._definitions.get(key or "")
            style = self._styles.get(_value(definition, "numStyleLink") or "")
            if style is None:
                return key if definition is not None else None
            number = _value(style.find(f"{W}pPr/{W}numPr"), "numId")
        return None

    def _restarts(self, number: str) -> dict[int, int]:
        """Return the numbers from which a list begins anew, by depth."""
        found = {}
        for override in self._lists[number].findall(f"{W}lvlOverride"):
            if (start := _value(override, "startOverride")) is not None:
                found[int(override.get(f"{W}ilvl") or 0)] = int(start)
        return found

    def _level(self, key: str, depth: int) -> Any:
        levels = self._definitions[key].findall(f"{W}lvl")
        return next((level for level in levels if int(level.get(f"{W}ilvl") or 0) == depth), None)

    def _begins_anew(self, key: str, depth: int, above: int) -> bool:
        """Return whether a number at ``depth`` is the first again after one at ``above``; articles may go on."""
        after = _value(self._level(key, depth), "lvlRestart")
        return after is None or above < int(after)

    def _start(self, key: str, depth: int) -> int:
        return int(_value(self._level(key, depth), "start") or 1)

    def _text(self, key: str, depth: int, counts: Mapping[int, int]) -> str:
        level = self._level(key, depth)
        if level is None or _value(level, "numFmt") in ("bullet", "none"):
            return ""
        digits = level.find(f"{W}isLgl") is not None

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            form = _value(self._level(key, at), "numFmt") or "decimal"
            return formatted(counts.get(at, self._start(key, at)), "decimal" if digits else form)

        return re.sub(r"%(\d)", shown, _value(level, "lvlText") or "").strip()


def formatted(value: int, form: str) -> str:
    """Return a number in a format of Word (ST_NumberFormat of ECMA-376); in digits if the format is not known.

    >>> formatted(12, "chineseCounting"), formatted(3, "decimalEnclosedCircle"), formatted(4, "lowerRoman")
    ('十二', '③', 'iv')
    """
    if form in _CHINESE or form in _LEGAL:
        return spelled(value, "DBNum2" if form in _LEGAL else "DBNum1").replace("〇", "零")
    if form in _CIRCLED and 1 <= value <= 20:
        return chr(ord("①") + value - 1)
    if form.endswith(("Letter", "Roman")) and value > 0:
        shown = _letters(value) if form.endswith("Letter") else _roman(value)
        return shown.upper() if form.startswith("upper") else shown
    if form == "decimalFullWidth":
        return in_numerals(str(value), "DBNum3")
    return f"{value:02}" if form == "decimalZero" else str(value)


def _letters(value: int) -> str:
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _roman(value: int) -> str:
    for size, letters in _ROMAN:
        if value >= size:
            return letters + _roman(value - size)
    return _ROMAN_UNITS[value]


def _value(element: Any, name: str) -> str | None:
    """Return the value of a child of an element; None if there is none."""
    found = None if element is None else element.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val")
