"""Ranking: units by the weighted sum of their features, passages by their best unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from parkqa.search.candidates import Found, units
from parkqa.search.features import Evidence, Weights
from parkqa.types import Hit


def best_unit(hit: Hit) -> int:
    """Return the place in ``units`` of a hit's best unit."""
    return max(range(len(hit.sentences)), key=lambda unit: (hit.sentences[unit], -unit))


def rank(found: Sequence[Found], rows: Sequence[Evidence], weights: Weights) -> list[Hit]:
    """Return the candidates, best first; a hit's ``sentences`` hold the score of each unit, -inf without evidence."""
    scores = {candidate.row: [-math.inf] * len(units(candidate.passage)) for candidate in found}
    for row in rows:
        scores[row.row][row.unit] = float(row.features @ weights)
    hits = [
        Hit(
            row=candidate.row,
            passage=candidate.passage,
            score=max(scores[candidate.row]),
            dense=candidate.dense,
            lexical=candidate.lexical,
            sentences=tuple(scores[candidate.row]),
        )
        for candidate in found
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))
