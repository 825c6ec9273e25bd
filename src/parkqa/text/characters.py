"""Character classes: Chinese characters, the language of a text, years in digits."""

from __future__ import annotations

import re

from parkqa.types import Language

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""All CJK ideographs (basic, extended and compatibility), as ranges for use inside ``[…]`` of a regular expression."""
HANZI = re.compile(f"[{HAN}]")


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
