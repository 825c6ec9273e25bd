"""What kind of word a Chinese word is, as jieba's dictionary has it: the names and the things of a question matter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from parkqa.text.segmentation import dictionary

WordClass = Literal["name", "thing", ""]

_CLASSES: Mapping[str, WordClass] = {"nr": "name", "ns": "name", "nt": "name", "nz": "name", "n": "thing"}
"""jieba's part-of-speech tags, after ICTCLAS: of persons, places, organisations, other names; common nouns."""


def word_class(word: str) -> WordClass:
    """Return "name" for a proper name, "thing" for a common noun or a Chinese word that the dictionary lacks."""
    known = _classes()
    if word in known:
        return known[word]
    return "thing" if len(word) > 1 and not word.isascii() else ""


@lru_cache(maxsize=1)
def _classes() -> Mapping[str, WordClass]:
    found: dict[str, WordClass] = {}
    for line in dictionary().splitlines():
        word, _, tag = line.split(" ")
        found[word] = _CLASSES.get(tag[:2], "") or _CLASSES.get(tag[:1] if tag in ("n", "ng", "nl") else "", "")
    return found
