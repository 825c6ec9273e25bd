"""Candidates: the passages that the store finds by meaning and by word, each with both scores.

A passage and its translation are one candidate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import pieces
from parkqa.types import Match, Passage, Query, Span, Store, Vectors

CANDIDATES = 40
"""Passages taken from each of the two searches."""
Cosines = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate passage and its searches' scores, of itself or of its translation, whichever is higher.

    ``sentences`` and ``clauses`` are cosines, one a sentence, the latter of its nearest clause;
    ``translation`` is looked at for English questions only.
    """

    row: int
    passage: Passage
    dense: float
    lexical: float
    sentences: Cosines
    clauses: Cosines
    translation: Passage | None = None


def candidates(query: Query, vector: Vectors, store: Store, count: int = CANDIDATES) -> list[Found]:
    """Return the passages that either search finds, each with both scores; ``vector`` has shape (dimension,)."""
    wanted = count * 2 if store.translations else count
    english = query.language == "en"
    matches = {match.row: match for match in store.search(vector, query.tokens, wanted, translated=english)}
    rows = [row for row in sorted(matches) if row not in store.originals]
    return [_found([matches[row], *_other(row, matches, store, english)]) for row in rows]


def _other(row: int, matches: Mapping[int, Match], store: Store, english: bool) -> list[Match]:
    return [matches[store.translations[row]]] if english and row in store.translations else []


def _found(sides: Sequence[Match]) -> Found:
    """One candidate of a passage and, where it has one that counts, its translation."""
    sentences, clauses = _cosines(sides[0].passage, sides[0].pieces)
    for side in sides[1:]:
        theirs = _cosines(side.passage, side.pieces)
        if len(theirs[0]) == len(sentences):
            sentences, clauses = np.maximum(sentences, theirs[0]), np.maximum(clauses, theirs[1])
    return Found(
        row=sides[0].row,
        passage=sides[0].passage,
        dense=max(side.dense for side in sides),
        lexical=max(side.lexical for side in sides),
        sentences=sentences,
        clauses=clauses,
        translation=sides[1].passage if len(sides) > 1 else None,
    )


def _cosines(passage: Passage, cosines: Cosines) -> tuple[Cosines, Cosines]:
    """The cosine of each sentence and of its nearest clause, itself where it is short; both of shape (len(spans),)."""
    count = len(passage.spans)
    if len(cosines) == count:
        return cosines, cosines
    best = cosines[:count].copy()
    np.maximum.at(best, _clauses(passage), cosines[count:])
    return cosines[:count], best


@lru_cache(maxsize=65536)
def _clauses(passage: Passage) -> npt.NDArray[np.intp]:
    """For each clause that is embedded by itself the number of its sentence."""
    return np.array([number for number, _ in pieces(passage)[len(passage.spans) :]], dtype=np.intp)


def units(passage: Passage) -> tuple[Span, ...]:
    """Return what of a passage can be marked by itself: its sentences, or the whole of a list."""
    return ((passage.start, passage.end),) if passage.kind == "list" else passage.spans


def counterparts(passage: Passage, other: Passage) -> tuple[Span, ...]:
    """Return what of a translation stands for each unit: the one of its number, or all where the numbers differ."""
    mine, theirs = units(passage), units(other)
    return theirs if len(theirs) == len(mine) else ((other.start, other.end),) * len(mine)
