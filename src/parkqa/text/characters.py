"""Which characters are Chinese, in which language a text is, what a year looks like."""

from __future__ import annotations

import re

from parkqa.types import Language

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Every hanzi, for a character class."""
HANZI = re.compile(f"[{HAN}]")


def language(text: str) -> Language:
    """Return "en" for a text of mostly Latin words, "zh" otherwise."""
    chinese = len(HANZI.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    return "en" if latin and latin > chinese else "zh"


YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
"""A year in four digits, from 1900 to 2099; the group is the year."""
