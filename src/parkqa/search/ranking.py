"""Ranking: units by the weighted sum of their features, passages by their best unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parkqa.search.candidates import Candidate
from parkqa.search.features import UnitEvidence, Weights
from parkqa.search.passage_texts import units
from parkqa.types import Hit


def best_unit(hit: Hit) -> int:
    """Return the number of a hit's best unit, the first of equally good ones."""
    return max(range(len(hit.unit_scores)), key=lambda unit: (hit.unit_scores[unit], -unit))


def matrix(rows: Sequence[UnitEvidence]) -> Weights:
    """Return the features as a table, shape (len(rows), len(FEATURES)); with one column more, the reranker's score,
    where the units have been read.
    """
    return np.array([row.features if row.reranker is None else (*row.features, row.reranker) for row in rows])


def rank(candidates: Sequence[Candidate], rows: Sequence[UnitEvidence], weights: Weights) -> list[Hit]:
    """Return the candidates, best first; ``weights`` has one number for each column of ``matrix(rows)``.

    A hit's ``unit_scores`` hold the score of each unit, -inf of one without evidence.
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
