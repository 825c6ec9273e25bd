"""Decodes the bytes of a text file: UTF-8, GB18030 as Chinese offices still save it, or UTF-16 with its mark."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from itertools import islice

from parkqa.corpus.readers.draft import CONTROL, Unreadable
from parkqa.text.characters import HAN
from parkqa.text.segmentation import Segmenter

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

CHINESE = re.compile(r"(?:x-)?(?:gb|cp936|ms936|windows-936|euc-cn|hz)", re.IGNORECASE)
"""Names of encodings that GB18030 includes; programs name the smallest and use the largest."""
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)

KNOWN = 0.25
"""Share of Chinese characters in known words from which a text is taken for Chinese, see ``_chinese``. Chosen by
looking at Chinese texts and at other encodings decoded as GB18030: a larger value refuses Chinese texts full of names,
a smaller one lets texts in other encodings through as gibberish."""
COMMON = 20_000
"""Frequency in jieba's dictionary from which a single character (的, 月, 号) counts as a word; 205 characters reach it.
Chosen by hand: a smaller value counts more characters that appear by chance in gibberish."""
RUNS = 1000
"""Runs of Chinese characters that are looked at; enough to judge by, so that long files cost no more."""
_HANZI = re.compile(
    rf"[{HAN}\ue000-\uf8ff]{{1,100}}"
)  # with the private use area, to which much of Big5 decodes as GB18030
_USUAL = re.compile(rf"[{HAN}\x00-\x7f\u3000-\u303f\uff00-\uffef\u2010-\u2030]")
_SEGMENTER = Segmenter()


def decoded(raw: bytes) -> str:
    """Decode the bytes of a text file, without its byte order mark.

    UTF-8 is tried first, or UTF-16 where the bytes begin with its mark; bytes that are not UTF-8 are decoded as GB18030
    (which includes GBK and GB2312) and accepted only if the result is Chinese.

    Raises:
        Unreadable: the bytes are none of these, or are binary.

    >>> decoded("园区成立于二〇〇三年。".encode("gb18030"))
    '园区成立于二〇〇三年。'
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with suppress(UnicodeDecodeError):
            text = raw.decode("utf-16")
            if not CONTROL.search(text) and _usual(text) and _chinese(text):
                return text
    elif not _BINARY.search(raw):
        with suppress(UnicodeDecodeError):
            return raw.decode("utf-8-sig")
        with suppress(UnicodeDecodeError):
            if _chinese(text := raw.decode("gb18030")):
                return text
        with suppress(UnicodeDecodeError):
            if _HANZI.search(text := raw.decode("big5")) and _chinese(text):
                raise Unreadable("编码是 Big5，请另存为 UTF-8。", "it is Big5; save it as UTF-8.")
    raise Unreadable(
        "不是 UTF-8 或 GB18030 编码的文字，请另存为 UTF-8。",
        "it is no text in UTF-8 or GB18030; save it as UTF-8.",
    )


def decoded_as(raw: bytes, named: str = "") -> str:
    """Decode the bytes of a mail or a web page by the name of their encoding, or else as ``decoded``.

    Where ``named`` is empty, the name is looked for in the page.

    Raises:
        Unreadable: as ``decoded``.
    """
    if not named and (found := _META.search(raw[:4000])):
        named = found[1].decode("ascii")
    with suppress(LookupError, UnicodeDecodeError):
        if named and named.lower() != "us-ascii":
            return raw.decode("gb18030" if CHINESE.match(named) else named)
    return decoded(raw)


def _usual(text: str) -> bool:
    """Return whether most characters of a text are Chinese or ASCII; any two bytes are a character of UTF-16."""
    return len(_USUAL.findall(text)) * 2 > len(text)


def _chinese(text: str) -> bool:
    """Return whether enough of the Chinese characters form words that jieba's dictionary knows.

    Big5, Shift-JIS, EUC-KR and Windows-1252 mostly decode as GB18030 without an error, but to random characters. In
    Chinese sentences, Simplified or Traditional, commonly three quarters of the characters are in known words and
    hardly ever less than KNOWN; in random ones it is hardly ever more.
    """
    runs = [match[0] for match in islice(_HANZI.finditer(text), RUNS)]
    words = [word for run in runs for word in _SEGMENTER.cut(run)]
    known = sum(len(word) for word in words if _SEGMENTER.count(word) >= (1 if len(word) > 1 else COMMON))
    return known >= KNOWN * sum(map(len, words))


def normalised(text: str) -> str:
    """Make all line ends ``\\n`` and remove control characters and byte order marks; change nothing else.

    >>> normalised("\\ufeff甲\\r\\n乙\\x00")
    '甲\\n乙'
    """
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
