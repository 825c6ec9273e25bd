"""The texts that questions are held against: each passage folded once, for as long as the index is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import heading_path, part, pieces
from parkqa.text.folding import folded
from parkqa.types import Passage, Span

KEPT = 65_536
"""Passages whose texts are kept at most: some 2 kB each."""


def units(passage: Passage) -> tuple[Span, ...]:
    """Return what of a passage can be marked by itself: its sentences, or the whole of a list."""
    return ((passage.start, passage.end),) if passage.kind == "list" else passage.spans


def counterparts(passage: Passage, translation: Passage) -> tuple[Span, ...]:
    """Return what of a translation stands for each unit: the one of its number, or all where the numbers differ."""
    mine, theirs = units(passage), units(translation)
    return theirs if len(theirs) == len(mine) else ((translation.start, translation.end),) * len(mine)


def folded_whole(passage: Passage) -> str:
    """Return a passage folded, with its headings before it."""
    return folded(f"{heading_path(passage)}\n{passage.text}")


@dataclass(frozen=True, slots=True)
class PassageText:
    """The ``whole`` of a passage with its headings, these (``heading``) alone, and each of its ``units``; all folded.

    ``clauses`` says of each clause that is embedded by itself in which sentence it stands.
    """

    whole: str
    heading: str
    units: tuple[str, ...]
    clauses: npt.NDArray[np.intp]


class PassageTexts:
    """The texts of one index, by the rows of its passages. Many threads may ask: the worst is work done twice."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: dict[int, PassageText] = {}
        self._pairs: dict[int, PassageText] = {}

    def of(self, row: int, passage: Passage) -> PassageText:
        """Return the texts of the passage of a row."""
        return self._kept.get(row) or self._keep(self._kept, row, _text(passage))

    def with_translation(self, row: int, passage: Passage, translation: Passage) -> PassageText:
        """Return the texts of a passage, each with what translates it."""
        found = self._pairs.get(row)
        return found or self._keep(self._pairs, row, _pair(self.of(row, passage), passage, translation))

    def warm(self, passages: Iterable[tuple[int, Passage]]) -> None:
        """Fold passages, given with their rows, so that the first question need not wait for it: 20 µs each."""
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
        heading=folded(heading_path(passage)),
        units=tuple(folded(part(passage, span)) for span in units(passage)),
        clauses=np.array([number for number, _ in pieces(passage)[len(passage.spans) :]], dtype=np.intp),
    )


def _pair(mine: PassageText, passage: Passage, translation: Passage) -> PassageText:
    theirs = [folded(part(translation, span)) for span in counterparts(passage, translation)]
    return PassageText(
        whole=f"{mine.whole}\n{folded_whole(translation)}",
        heading=folded(f"{heading_path(passage)}\n{heading_path(translation)}"),
        units=tuple(f"{one}\n{two}" for one, two in zip(mine.units, theirs, strict=True)),
        clauses=mine.clauses,
    )
