"""Words that mean the same, as staff write them in ``corpus/glossary.yaml``: read, checked, matched in a question."""

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
    """``meanings`` maps each folded word or phrase to all the Chinese and English words for the same thing.

    ``spaced`` is ``meanings`` by the words with a blank for each hyphen or blanks, as a question may have them.
    """

    meanings: Mapping[str, tuple[str, ...]]
    spaced: Mapping[str, tuple[str, ...]]
    pattern: re.Pattern[str] | None

    @property
    def words(self) -> tuple[str, ...]:
        """The Chinese words among them."""
        return tuple(word for word in self.meanings if re.search(f"[{HAN}]", word))


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the glossary found at ``start:end`` of a folded question, with all the ``words`` that mean the same."""

    start: int
    end: int
    words: tuple[str, ...]


def read_glossary(corpus: Path) -> Glossary:
    """Read ``glossary.yaml`` of a corpus; without the file it is empty.

    Raises:
        ParkFileError: the file is not as it should be; names the line.
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
    """Make a glossary; longer words are found before shorter ones, English only at word boundaries."""
    alternatives = [_bounded(word) for word in sorted(meanings, key=lambda word: (-len(word), word))]
    spaced = {_spaced(word): same for word, same in meanings.items()}
    return Glossary(meanings, spaced, re.compile("|".join(alternatives)) if alternatives else None)


def _spaced(word: str) -> str:
    return re.sub(r"[\s-]+", " ", word)


def _bounded(word: str) -> str:
    latin = re.escape(word).replace(r"\ ", r"[\s-]+")
    return re.escape(word) if re.search(f"[{HAN}]", word) else rf"(?<![a-z0-9]){latin}(?![a-z0-9])"


def _entry(path: Path, entry: object, line: int) -> tuple[str, ...]:
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
    """Return the words of the glossary in a folded question, longest first, none overlapping, in order."""
    if words.pattern is None:
        return []
    return [
        Match(m.start(), m.end(), words.meanings.get(m[0]) or words.spaced[_spaced(m[0])])
        for m in words.pattern.finditer(question)
    ]
