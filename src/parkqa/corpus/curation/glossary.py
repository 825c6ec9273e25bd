"""The glossary (``glossary.yaml``): synonyms in Chinese and English, read, checked and matched in questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parkqa.corpus.curation.yaml_source import read_list
from parkqa.errors import ParkFileError
from parkqa.text.characters import HAN
from parkqa.text.folding import folded

FILE = "glossary.yaml"


@dataclass(frozen=True, slots=True)
class Glossary:
    """Synonyms, ready to be matched; made by ``glossary``.

    ``meanings`` maps each folded word or phrase to all its synonyms, itself included. ``spaced`` is the same with one
    blank in its keys for each run of blanks and hyphens. ``pattern`` matches any of the words; None if there are none.
    """

    meanings: Mapping[str, tuple[str, ...]]
    spaced: Mapping[str, tuple[str, ...]]
    pattern: re.Pattern[str] | None

    @property
    def words(self) -> tuple[str, ...]:
        """The words with a Chinese character in them."""
        return tuple(word for word in self.meanings if re.search(f"[{HAN}]", word))


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the glossary at ``start:end`` (code points) of a folded question, and all its synonyms in ``words``."""

    start: int
    end: int
    words: tuple[str, ...]


def read_glossary(corpus: Path) -> Glossary:
    """Read ``glossary.yaml`` in a corpus folder; without the file the glossary is empty.

    A word in several entries has the synonyms of all of them.

    Raises:
        ParkFileError: the file is malformed; the error names the line.
    """
    path = corpus / FILE
    if not path.exists():
        return glossary({})
    meanings: dict[str, tuple[str, ...]] = {}
    for entry, line in read_list(path):
        words = _entry(path, entry, line)
        for word in words:
            meanings[word] = tuple(dict.fromkeys((*meanings.get(word, ()), *words)))
    return glossary(meanings)


def glossary(meanings: Mapping[str, tuple[str, ...]]) -> Glossary:
    """Make a glossary of a mapping from folded words to their synonyms.

    Longer words match before shorter ones, and words without Chinese characters only at word boundaries.
    """
    alternatives = [_bounded(word) for word in sorted(meanings, key=lambda word: (-len(word), word))]
    spaced = {_spaced(word): same for word, same in meanings.items()}
    return Glossary(meanings, spaced, re.compile("|".join(alternatives)) if alternatives else None)


def _spaced(word: str) -> str:
    """Return a word with one blank for each run of blanks and hyphens."""
    return re.sub(r"[\s-]+", " ", word)


def _bounded(word: str) -> str:
    """Return a regular expression for a word; one without Chinese needs boundaries, and hyphens fit its blanks."""
    latin = re.escape(word).replace(r"\ ", r"[\s-]+")
    return re.escape(word) if re.search(f"[{HAN}]", word) else rf"(?<![a-z0-9]){latin}(?![a-z0-9])"


def _entry(path: Path, entry: object, line: int) -> tuple[str, ...]:
    """Return the folded words of an entry; raise ParkFileError if it is malformed or has fewer than two."""
    if isinstance(entry, dict) and set(entry) <= {"terms", "en", "note"}:
        terms, english = entry.get("terms", []), entry.get("en", [])
        if all(
            isinstance(part, list) and all(isinstance(w, str) and w.strip() for w in part) for part in (terms, english)
        ):
            words = tuple(dict.fromkeys(folded(word.strip()) for word in (*terms, *english)))
            if len(words) > 1:
                return words
    raise ParkFileError(
        path,
        line,
        "词条应含 terms（中文词的列表）和可选的 en、note，至少两个词，请改正。",
        "An entry needs terms (a list of Chinese words) and may have en and note; two words at least. "
        "Please correct it.",
    )


def matches(question: str, words: Glossary) -> list[Match]:
    """Return the words of a glossary in a folded question, in order and without overlaps; longer words win.

    >>> park = glossary({"园区": ("园区", "park"), "park": ("园区", "park")})
    >>> matches("where is the park?", park)
    [Match(start=13, end=17, words=('园区', 'park'))]
    """
    if words.pattern is None:
        return []
    return [
        Match(m.start(), m.end(), words.meanings.get(m[0]) or words.spaced[_spaced(m[0])])
        for m in words.pattern.finditer(question)
    ]
