"""Word segmentation: a jieba tokenizer over folded text, with words of our own added.

jieba cuts Chinese only; numbers and words of other scripts are kept whole by a regular expression.
"""

from __future__ import annotations

import logging
import marshal
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import platformdirs

from parkqa.text.characters import HAN, HANZI
from parkqa.text.folding import folded

_PARTS = re.compile(
    rf"[{HAN}]+"  # Chinese characters
    rf"|\d+(?:[.,+]\d+)*|[^\W\d_{HAN}]+(?:'[a-z]+)?"  # numbers (5+1, 1,000), words of other scripts
    r"|\s+|.",
    re.DOTALL,
)


class Segmenter:
    """Segments text into words with a jieba tokenizer of its own; may be used by many threads.

    Args:
        words: folded words to add to jieba's dictionary, so that they are not cut.

    The dictionary is loaded at the first use in a process, which takes a second and 100 MB; a copy of it with other
    words takes a tenth of that.

    >>> Segmenter().tokens("园区在哪里？")
    ['园区', '在', '哪里']
    """

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
        """Return the words, punctuation and blanks of a text in order; joined, they are the folded text.

        >>> Segmenter().cut("园区在哪里？")
        ['园区', '在', '哪里', '?']
        """
        return [piece for part in _PARTS.findall(folded(text)) for piece in self._part(part)]

    def _part(self, part: str) -> list[str]:
        return list(self._jieba.cut(part)) if HANZI.match(part) else [part]

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text for the lexical search, without punctuation.

        Chinese is cut in jieba's search mode, which gives the shorter words in a long word as well.
        """
        words: list[str] = []
        for part in _PARTS.findall(folded(text)):
            if HANZI.match(part):
                words += self._jieba.cut_for_search(part)
            elif re.search(r"\w", part):
                words.append(part)
        return words

    def knows(self, word: str) -> bool:
        """Return whether a folded word is in jieba's dictionary or among the words added."""
        return self.count(word) > 0

    def count(self, word: str) -> int:
        """Return the frequency of a folded word in jieba's dictionary, 0 if unknown; they sum to 60.1 million."""
        return int(self._jieba.FREQ.get(word, 0))


def dictionary() -> bytes:
    """Return the dictionary that comes with jieba, in UTF-8: one ``word frequency tag`` a line."""
    with _jieba().get_module_res("dict.txt") as file:
        return bytes(file.read())


def _jieba() -> Any:
    """Import jieba without its warnings and log messages."""
    import warnings

    with warnings.catch_warnings():  # jieba 0.42 has invalid escape sequences and imports pkg_resources
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.CRITICAL)  # where its cache cannot be written it logs a traceback, and goes on
    # From an open file marshal reads a few bytes at a time: 0.66 s for its cache instead of 0.19.
    jieba.marshal = SimpleNamespace(load=lambda file: marshal.loads(file.read()), dump=marshal.dump)
    return jieba


@lru_cache(maxsize=2)  # two, since a server that loads a new glossary still serves with the one before
def _tokenizer(words: tuple[str, ...]) -> Any:
    """Return an initialised tokenizer with words added; cached, since they take a tenth of a second."""
    plain = _plain_tokenizer()
    tokenizer = _jieba().Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dict(plain.FREQ), plain.total, True
    for word in words:
        tokenizer.add_word(word)
    return tokenizer


@lru_cache(maxsize=1)
def _plain_tokenizer() -> Any:
    """Return an initialised tokenizer without words of ours; cached, since its dictionary takes a second to load."""
    tokenizer = _jieba().Tokenizer()
    cache = Path(platformdirs.user_cache_dir("parkqa", appauthor=False))
    cache.mkdir(parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(cache)
    tokenizer.initialize()
    return tokenizer
