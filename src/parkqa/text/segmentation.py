"""Words: a jieba tokenizer over folded text."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from parkqa.text.characters import HAN, HANZI
from parkqa.text.folding import folded

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
        return list(self._jieba.cut(part)) if HANZI.match(part) else [part]

    def tokens(self, text: str) -> list[str]:
        """Return the words to look up, in jieba's search mode: long words also as their parts; no punctuation."""
        words: list[str] = []
        for part in _PARTS.findall(folded(text)):
            if HANZI.match(part):
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
