"""Ranking: a unit's score is the weighted sum of its features, a passage's score is that of its best unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parkqa.search.candidates import Candidate
from parkqa.search.features import UnitEvidence, Weights
from parkqa.search.passage_texts import units
from parkqa.types import Hit


def best_unit(hit: Hit) -> int:
    """Return the number of a hit's unit with the highest score, the first one if several are equal."""
    return max(range(len(hit.unit_scores)), key=lambda unit: (hit.unit_scores[unit], -unit))


def matrix(rows: Sequence[UnitEvidence]) -> Weights:
    """Return the feature matrix, shape (len(rows), len(FEATURES)).

    If the units were reranked, the reranker's score is one more column; either all rows have one, or none.
    """
    return np.array([row.features if row.reranker is None else (*row.features, row.reranker) for row in rows])


def rank(candidates: Sequence[Candidate], rows: Sequence[UnitEvidence], weights: Weights) -> list[Hit]:
    """Rank the candidates, best first, equal ones by row.

    Args:
        candidates: the candidates.
        rows: the evidence of their units; a unit without evidence gets the score -inf.
        weights: one weight per column of ``matrix(rows)``.
    """
    scores = {candidate.row: [-math.inf] * len(units(candidate.passage)) for candidate in candidates}
    if rows:
        for row, score in zip(rows, (matrix(rows) @ weights).tolist(), strict=True):
            scores[row.row][row.unit] = score
    hits = [
        Hit(
            row=candidate.row,
            passage=candidate.passage,
            score=max(scores[candidate.row]),
            dense=candidate.dense,
            lexical=candidate.lexical,
            unit_scores=tuple(scores[candidate.row]),
        )
        for candidate in candidates
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))
