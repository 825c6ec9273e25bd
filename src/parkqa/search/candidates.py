"""Candidates: the passages that the store finds by meaning and by word, each with both scores.

A passage and its translation are one candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parkqa.search.passage_texts import PassageTexts
from parkqa.types import Match, Passage, Query, Store, Vectors

CANDIDATES = 40
"""Passages taken from each of the two searches: 98.5 % of the answerable questions of ``tests/data`` have theirs among
the six best units of these (docs/calibration.txt)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, with its searches' scores, of itself or of its translation, whichever is higher.

    ``dense`` is a cosine, ``lexical`` a BM25 weight; ``sentences`` and ``clauses`` are cosines, shape
    (len(passage.spans),), the latter of each sentence's nearest clause. ``translation`` is looked at for English
    questions only.
    """

    row: int
    passage: Passage
    dense: float
    lexical: float
    sentences: Vectors
    clauses: Vectors
    translation: Passage | None = None


def candidates(
    query: Query, vector: Vectors, store: Store, texts: PassageTexts, count: int = CANDIDATES
) -> list[Candidate]:
    """Return the passages that either search finds, by row; ``vector`` is the question's, shape (dimension,)."""
    wanted = count * 2 if store.translations else count
    english = query.language == "en"
    matches = {match.row: match for match in store.search(vector, query.tokens, wanted, translated=english)}
    found = []
    for row in sorted(matches):
        if row not in store.originals:
            translated = english and row in store.translations
            sides = [matches[row], matches[store.translations[row]]] if translated else [matches[row]]
            found.append(_candidate(sides, texts))
    return found


def _candidate(sides: Sequence[Match], texts: PassageTexts) -> Candidate:
    """One candidate of a passage and, where it has one that counts, its translation."""
    sentences, clauses = _cosines(sides[0], texts)
    for side in sides[1:]:
        theirs = _cosines(side, texts)
        if len(theirs[0]) == len(sentences):
            sentences, clauses = np.maximum(sentences, theirs[0]), np.maximum(clauses, theirs[1])
    return Candidate(
        row=sides[0].row,
        passage=sides[0].passage,
        dense=max(side.dense for side in sides),
        lexical=max(side.lexical for side in sides),
        sentences=sentences,
        clauses=clauses,
        translation=sides[1].passage if len(sides) > 1 else None,
    )


def _cosines(match: Match, texts: PassageTexts) -> tuple[Vectors, Vectors]:
    """The cosine of each sentence and of its nearest clause, itself where it is short; both of shape (len(spans),)."""
    count, cosines = len(match.passage.spans), match.pieces
    if len(cosines) == count:
        return cosines, cosines
    best = cosines[:count].copy()
    np.maximum.at(best, texts.of(match.row, match.passage).clauses, cosines[count:])
    return cosines[:count], best
