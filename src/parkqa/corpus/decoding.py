"""The bytes of a text file become its characters."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from parkqa.corpus.readers.draft import CONTROL, Unreadable
from parkqa.text.characters import HAN
from parkqa.text.segmentation import Segmenter

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

KNOWN = 0.25
"""Share of hanzi in known words from which a text is Chinese."""
COMMON = 20_000
"""Occurrences in jieba's corpus from which a single hanzi (的, 月, 号) is a word."""
RUNS = 1000
"""Runs of hanzi that are looked at."""
_HANZI = re.compile(rf"[{HAN}\ue000-\uf8ff]+")  # the private ones too: GB18030 has them where Big5 has letters
_SEGMENTER = Segmenter()


def decoded(raw: bytes) -> str:
    """Decode UTF-8, or GB18030 as Chinese offices still save it.

    Raises:
        Unreadable: it is neither.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("编码是 UTF-16，请另存为 UTF-8。", "it is UTF-16; save it as UTF-8.")
    if not _BINARY.search(raw):
        with suppress(UnicodeDecodeError):
            return raw.decode("utf-8-sig")
        with suppress(UnicodeDecodeError):
            if _chinese(text := raw.decode("gb18030")):
                return text
    raise Unreadable(
        "不是 UTF-8 或 GB18030 编码的文字，请另存为 UTF-8。",
        "it is no text in UTF-8 or GB18030; save it as UTF-8.",
    )


def _chinese(text: str) -> bool:
    """Whether the hanzi make words: Big5, Shift-JIS, EUC-KR and Windows-1252 decode as GB18030 too, but to no words.

    In sentences of Chinese, Simplified or Traditional, commonly three quarters of the hanzi are in words that jieba
    knows, and hardly ever less than KNOWN; of hanzi by chance it is hardly ever more.
    """
    runs = _HANZI.findall(text)[:RUNS]
    words = [word for run in runs for word in _SEGMENTER.cut(run)]
    known = sum(len(word) for word in words if _SEGMENTER.count(word) >= (1 if len(word) > 1 else COMMON))
    return known >= KNOWN * sum(map(len, words))


def normalised(text: str) -> str:
    """Put right line ends, byte order mark and control characters; nothing else."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
