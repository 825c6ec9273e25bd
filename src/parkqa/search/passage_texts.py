"""A cache of the folded texts of passages, which word matching needs for every candidate of every question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import above, part, pieces
from parkqa.text.folding import folded
from parkqa.types import Passage, Span

KEPT = 65_536
"""Largest number of passages in the cache."""


def units(passage: Passage) -> tuple[Span, ...]:
    """Return the units of a passage, which are scored and highlighted separately: its sentences, or a list as a whole.

    The spans are document offsets.
    """
    return ((passage.start, passage.end),) if passage.kind == "list" else passage.spans


def counterparts(passage: Passage, translation: Passage) -> tuple[Span, ...]:
    """Return the span of the translation that corresponds to each unit of the passage.

    Units correspond by position. If their numbers differ, the whole translation corresponds to every unit.
    """
    original, translated = units(passage), units(translation)
    whole = (translation.start, translation.end)
    return translated if len(translated) == len(original) else (whole,) * len(original)


def folded_whole(passage: Passage) -> str:
    """Return the folded text of a passage, preceded by its headings."""
    return folded(f"{above(passage)}\n{passage.text}")


@dataclass(frozen=True, slots=True)
class PassageText:
    """The folded texts of a passage.

    Attributes:
        whole: headings and text.
        heading: the headings alone.
        units: the text of each unit.
        clauses: for each clause that is embedded separately, the number of its sentence; shape (number of clauses,).
    """

    whole: str
    heading: str
    units: tuple[str, ...]
    clauses: npt.NDArray[np.intp]


class PassageTexts:
    """The folded texts of one index, cached by row. Thread-safe: without a lock, at worst a text is folded twice."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: dict[int, PassageText] = {}
        self._pairs: dict[int, PassageText] = {}

    def of(self, row: int, passage: Passage) -> PassageText:
        """Return the texts of a passage; ``row`` is its row in the index."""
        return self._kept.get(row) or self._keep(self._kept, row, _text(passage))

    def with_translation(self, row: int, passage: Passage, translation: Passage) -> PassageText:
        """Return the texts of a passage, each joined with its counterpart in the translation."""
        cached = self._pairs.get(row)
        return cached or self._keep(self._pairs, row, _pair(self.of(row, passage), passage, translation))

    def warm(self, passages: Iterable[tuple[int, Passage]]) -> None:
        """Fill the cache with passages, given with their rows, so that the first question does not wait for it."""
        for row, passage in passages:
            self.of(row, passage)

    def _keep(self, kept: dict[int, PassageText], row: int, text: PassageText) -> PassageText:
        if len(kept) >= self._most:
            kept.clear()
        kept[row] = text
        return text


def _text(passage: Passage) -> PassageText:
    return PassageText(
        whole=folded_whole(passage),
        heading=folded(above(passage)),
        units=tuple(folded(part(passage, span)) for span in units(passage)),
        clauses=np.array([number for number, _ in pieces(passage)[len(passage.spans) :]], dtype=np.intp),
    )


def _pair(original: PassageText, passage: Passage, translation: Passage) -> PassageText:
    translated = [folded(part(translation, span)) for span in counterparts(passage, translation)]
    return PassageText(
        whole=f"{original.whole}\n{folded_whole(translation)}",
        heading=folded(f"{above(passage)}\n{above(translation)}"),
        units=tuple(f"{one}\n{two}" for one, two in zip(original.units, translated, strict=True)),
        clauses=original.clauses,
    )
