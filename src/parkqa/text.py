"""Text: sentence and clause spans, folding for search with a map back, and words.

Offsets are code points, half-open. Nothing here changes a text that is quoted; folding is for finding only.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from parkqa.types import Language, Span

_CLOSERS = "”’」』）)》】〉\"'"
_SENTENCE = re.compile(
    rf"[。！？!?；;…]+[{_CLOSERS}]*"  # Chinese ends, with what closes after them
    rf"|(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\b(?:Mr|Dr|St|No|vs|Co))\.[{_CLOSERS}]*(?=\s+[^\sa-z]|\s*$)"  # Latin full stop
    r"|\n\s*\n"
)
_CLAUSE = re.compile(rf"(?:[，：:]|,(?!\d)|——+|(?<=[\w”]); )[{_CLOSERS}]*")


def sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the sentences of ``text[start:end]``: ordered, disjoint, trimmed, covering every non-blank character."""
    stop = len(text) if end is None else end
    return _trimmed(text, _cut(_SENTENCE, text, start, stop))


def clauses(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the clauses, as ``sentences`` does; a series joined by 、 stays one, and so does 1,000."""
    return tuple(
        clause
        for first, last in sentences(text, start, end)
        for clause in _trimmed(text, _cut(_CLAUSE, text, first, last))
    )


def _cut(pattern: re.Pattern[str], text: str, start: int, stop: int) -> Iterator[Span]:
    position = start
    for match in pattern.finditer(text, start, stop):
        yield position, match.end()
        position = match.end()
    yield position, stop


def _trimmed(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Trim blanks; punctuation with nothing before it goes to the sentence before."""
    kept: list[Span] = []
    for start, end in spans:
        piece = text[start:end]
        if not piece.strip():
            continue
        first, last = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
        if kept and not re.search(r"\w", piece) and "\n" not in text[kept[-1][1] : first]:
            kept[-1] = (kept[-1][0], last)
        else:
            kept.append((first, last))
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; ``offsets[i]`` is where folded character i stands in the original, the last entry its length."""

    text: str
    offsets: tuple[int, ...]


_DASHES = "—–―─－‒﹣~〜～−‐‑"
_ALIKE = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys("“”「」『』＂", '"')
    | dict.fromkeys("‘’＇", "'")
    | dict.fromkeys("•・‧∙⋅", "·")
)
_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_NO_YEAR = "(?![来间内后前以之多了期规历时级]|的(?:发展|历史|努力|奋斗|积累|建设|经验|时间))"
_YEARS = re.compile(
    rf"(?<![\d.])(?P<short>0\d|[12]\d)年{_NO_YEAR}"
    rf"|(?<![零〇○一二三四五六七八九十百\d])(?P<long>[一二][零〇○一二三四五六七八九]{{3}})年"
    rf"|(?<![零〇○一二三四五六七八九十百\d])(?P<pair>[零〇○一二][零〇○一二三四五六七八九])年{_NO_YEAR}"
)


class _Plain(dict[int, str]):
    """Maps a code point to its folded form, worked out when first asked for; for ``str.translate``."""

    def __missing__(self, point: int) -> str:
        plain = self[point] = unicodedata.normalize("NFKC", chr(point)).lower().translate(_ALIKE)
        return plain


_PLAIN = _Plain()


def fold(text: str) -> Folded:
    """Fold a text for search, keeping a map back.

    Full width becomes half, capitals small, Traditional Simplified (OpenCC t2s); dashes, quotation marks and middle
    dots one form each; years in Chinese numerals or with two digits (二零零六年, ０９年, 一七年) four digits. Two
    digits and 年 are no year before 来, 间, 内, 后, 前 and the like: 21年来 and 12年的发展 are times, 一二年级 a class.
    """
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        plain = _PLAIN[ord(character)]
        characters += plain
        offsets += [offset] * len(plain)
    return _fold_years(_simplified("".join(characters)), [*offsets, len(text)])


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """Return ``fold(text).text``, without the map and so in a fraction of the time."""
    plain = _simplified(text.translate(_PLAIN))
    return _YEARS.sub(lambda match: f"{_year(match)}年", plain) if "年" in plain else plain


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _simplified(text: str) -> str:
    """Convert by phrase, and character by character where a phrase would change the length."""
    if text.isascii():
        return text
    whole: str = _converter().convert(text)
    if len(whole) == len(text):
        return whole
    return "".join(new if len(new := _converter().convert(old)) == 1 else old for old in text)


def _fold_years(text: str, offsets: list[int]) -> Folded:
    parts: list[str] = []
    places: list[int] = []
    position = 0
    for match in _YEARS.finditer(text):
        parts += [text[position : match.start()], _year(match)]
        places += [*offsets[position : match.start()], *[offsets[match.start()]] * 3, offsets[match.end() - 2]]
        position = match.end() - 1  # 年 itself stays
    parts.append(text[position:])
    places += offsets[position:]
    return Folded("".join(parts), tuple(places))


def _year(match: re.Match[str]) -> str:
    digits = (match["short"] or match["long"] or match["pair"]).translate(_DIGITS)
    return digits if len(digits) == 4 else f"20{digits}"


HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Every hanzi, for a character class."""
_CJK = re.compile(f"[{HAN}]")
_PARTS = re.compile(
    rf"[{HAN}]+"  # Chinese
    rf"|\d+(?:[.,+]\d+)*|[^\W\d_{HAN}]+(?:'[a-z]+)?"  # numbers whole (5+1, 1,000), words of other scripts
    r"|\s+|.",
    re.DOTALL,
)


class Segmenter:
    """Cuts folded text into words with a jieba tokenizer of its own, to which ``words`` are added. Thread-safe."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = tuple(dict.fromkeys(words))
        self._lock = threading.Lock()
        self._loaded: Any = None

    @property
    def _jieba(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = _tokenizer(self._words)
        return self._loaded

    def cut(self, text: str) -> list[str]:
        """Cut a text without loss; the pieces joined are the folded text."""
        return [piece for part in _PARTS.findall(folded(text)) for piece in self._part(part)]

    def _part(self, part: str) -> list[str]:
        return list(self._jieba.cut(part)) if _CJK.match(part) else [part]

    def tokens(self, text: str) -> list[str]:
        """Return the words to look up, in jieba's search mode: long words also as their parts; no punctuation."""
        words: list[str] = []
        for part in _PARTS.findall(folded(text)):
            if _CJK.match(part):
                words += self._jieba.cut_for_search(part)
            elif re.search(r"\w", part):
                words.append(part)
        return words

    def knows(self, word: str) -> bool:
        """Whether jieba's dictionary, or one of our own words, holds it."""
        return self.count(word) > 0

    def count(self, word: str) -> int:
        """Return how often jieba's corpus of sixty million words has it."""
        return int(self._jieba.FREQ.get(word, 0))


def dictionary() -> str:
    """Return jieba's own dictionary, lines of ``word frequency tag``."""
    with _jieba().get_module_res("dict.txt") as file:
        return str(file.read().decode("utf-8"))


def _jieba() -> Any:
    import warnings

    with warnings.catch_warnings():  # jieba 0.42 has invalid escapes and asks for pkg_resources
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba


@lru_cache(maxsize=2)  # each takes 100 MB: a server that takes over a new glossary keeps the one before
def _tokenizer(words: tuple[str, ...]) -> Any:
    """Loaded once for the same words: jieba's dictionary takes half a second."""
    tokenizer = _jieba().Tokenizer()
    cache = Path(platformdirs.user_cache_dir("parkqa", appauthor=False))
    cache.mkdir(parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(cache)
    tokenizer.initialize()
    for word in words:
        tokenizer.add_word(word)
    return tokenizer


def language(text: str) -> Language:
    """Return "en" for a text of mostly Latin words, "zh" otherwise."""
    chinese = len(_CJK.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    return "en" if latin and latin > chinese else "zh"
