"""Tells proper names and common nouns from other words, by the part-of-speech tags in jieba's dictionary.

The confidence model asks which names and which things of a question are missing from the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from parkqa.text.segmentation import dictionary

WordClass = Literal["name", "thing", ""]

_CLASSES: Mapping[str, WordClass] = {"nr": "name", "ns": "name", "nt": "name", "nz": "name", "n": "thing"}
"""Classes by part-of-speech tag. jieba uses the ICTCLAS tag set: nr person, ns place, nt organisation, nz other proper
name, n common noun."""


def word_class(word: str) -> WordClass:
    """Return the class of a word.

    Args:
        word: a folded word, as ``Segmenter.tokens`` returns it.

    Returns:
        "name" for a proper name; "thing" for a common noun, and for a non-ASCII word of two or more characters that
        the dictionary lacks; "" for any other word.

    >>> [word_class(word) for word in ("江阴", "企业", "的", "port")]
    ['name', 'thing', '', '']
    """
    known = _classes()
    if word in known:
        return known[word]
    return "thing" if len(word) > 1 and not word.isascii() else ""


@lru_cache(maxsize=1)
def _classes() -> Mapping[str, WordClass]:
    """Return the class of every word in jieba's dictionary."""
    found: dict[str, WordClass] = {}
    for line in dictionary().splitlines():
        word, _, tag = line.split(" ")
        found[word] = _CLASSES.get(tag[:2], "") or _CLASSES.get(tag[:1] if tag in ("n", "ng", "nl") else "", "")
    return found
