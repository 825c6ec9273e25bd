"""The text of one line of a PDF, from its characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from parkqa.corpus.readers.draft import BULLET
from parkqa.corpus.readers.figures import ORNAMENT
from parkqa.text.characters import HAN

CLOSE = 0.15
"""Ems of blank up to which a blank character between two Chinese ones is not seen."""
_RADICALS = str.maketrans(
    "⺁⺝⺟⺠⺩⺫⺬⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "厂月母民王目示虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
) | {place: unicodedata.normalize("NFKC", chr(place)) for place in range(0x2F00, 0x2FD6)}
"""Characters by radical: fonts draw both with the same shape, and programs that make PDFs may record the radical (⼯
for 工)."""
_WIDE = re.compile(f"[{HAN}]")
GLYPH = re.compile(r"\(cid:\d+\)")
"""What pdfplumber has for a glyph whose character the font does not tell."""
_FIRST_GLYPH = re.compile(rf"^\s*{GLYPH.pattern}(?=\s*(?:\w|$))")
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_SPACED = re.compile(rf"(?<![^ ])[{HAN}](?: [{HAN}])+(?![^ ])")
"""Chinese characters that stand one by one between blanks."""


def line_text(chars: Sequence[Any]) -> str:
    """Return the text of the characters of a line, from left to right.

    A glyph without a character is a bullet where it begins the line, as it is the bullet of some programs' fonts.
    """
    return clean(GLYPH.sub("", _FIRST_GLYPH.sub("•", _words(chars))).translate(_RADICALS))


def _words(chars: Sequence[Any]) -> str:
    """Return the text of characters.

    A gap between ASCII characters, or behind the number of a slide, becomes a blank, since PDFs may omit blanks; a
    blank between Chinese characters that takes no room is none.
    """
    words: list[str] = []
    last = None
    for char in chars:
        text = char["text"]
        if not text.strip():
            words.append(text)
            continue
        if last is not None:
            gap = char["x0"] - last["x1"]
            blank = bool(words) and not words[-1].strip()
            apart = (last["text"].isascii() and text.isascii()) or ORNAMENT.fullmatch("".join(words).strip())
            if not blank and apart and gap > 0.2 * char["size"]:
                words.append(" ")
            elif blank and gap < CLOSE * char["size"] and _WIDE.match(text) and _WIDE.match(last["text"]):
                words.pop()
        words.append(text)
        last = char
    return "".join(words)


def clean(text: str) -> str:
    """Return a line without glyphs of private use and without blanks that only space its characters out.

    >>> clean("第一章　总　则"), clean("园 区 概 况"), clean("班次 发车 到站")
    ('第一章 总则', '园区概况', '班次 发车 到站')
    """
    bullet = BULLET.match(text)
    text = (bullet[0] if bullet else "") + _PRIVATE.sub("", text[bullet.end() if bullet else 0 :])
    text = re.sub(r"[ \u3000]+", " ", text).strip()
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
