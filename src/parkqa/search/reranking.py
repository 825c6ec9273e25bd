"""Reranking: a cross-encoder reads the question with each of the best units, and scores the two together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from parkqa.corpus.passages import heading_path, part
from parkqa.search.candidates import Candidate
from parkqa.search.features import UnitEvidence
from parkqa.search.passage_texts import counterparts, units
from parkqa.text.folding import folded
from parkqa.types import Hit, Passage, Query, Reranker, Span

READ_UNITS = 6
"""Units that are read for a question: time grows with each, and 98.5 % of the answerable questions of ``tests/data``
have the right one among six."""
READ_OF_ONE_PASSAGE = 3
"""Units of one passage that are read at most, so that a long one does not keep all others from being read."""
CONTEXT = 80
"""Code points of context that are read with a unit: a unit and its context together stay below the 160 tokens that the
reranker was trained with."""
BOUND = 12.0
"""Scores are kept within this on either side: log-odds beyond it (1 in 160,000) are more than a reranker can know."""


def reranker_input(unit: str, context: str) -> str:
    """Return a unit behind its context (the sentence before it, or its heading), as the reranker is given it.

    Both are folded; of a context that is too long the end is kept.

    >>> reranker_input("2003年成立。", "大事记")
    '大事记 | 2003年成立。'
    """
    return f"{context[-CONTEXT:]} | {unit}" if context else unit


def chosen(hits: Sequence[Hit], count: int = READ_UNITS) -> list[tuple[int, int]]:
    """Return the (row, unit) of the units to be read: the best of the first order, few of one passage."""
    best = [
        (score, hit.row, unit)
        for hit in hits
        for score, unit in sorted(((s, u) for u, s in enumerate(hit.unit_scores)), key=lambda p: (-p[0], p[1]))[
            :READ_OF_ONE_PASSAGE
        ]
    ]
    best.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    return [(row, unit) for _, row, unit in best[:count]]


def as_read(candidate: Candidate, unit: int) -> str:
    """Return a unit of a candidate as it is read: folded, the items of a list in one line, behind its context.

    Of a candidate with a translation that is read: the reranker tells more of two texts in one language.
    """
    passage, spans = candidate.passage, units(candidate.passage)
    if candidate.translation is not None:
        passage, spans = candidate.translation, counterparts(passage, candidate.translation)
    first = spans[unit] == spans[0]
    before = folded(heading_path(passage)) if first else _line(passage, spans[unit - 1])
    return reranker_input(_line(passage, spans[unit]), before)


def _line(passage: Passage, span: Span) -> str:
    return folded(part(passage, span)).strip().replace("\n", "、")


def read(
    query: Query,
    candidates: Sequence[Candidate],
    hits: Sequence[Hit],
    rows: Sequence[UnitEvidence],
    reranker: Reranker,
) -> list[UnitEvidence]:
    """Return the evidence of the best units, each with the reranker's score; the others fall away."""
    places = chosen(hits)
    by_row = {candidate.row: candidate for candidate in candidates}
    scores = reranker.score(folded(query.understood), [as_read(by_row[row], unit) for row, unit in places])
    known = dict(zip(places, np.clip(scores, -BOUND, BOUND).tolist(), strict=True))
    return [replace(row, reranker=known[row.row, row.unit]) for row in rows if (row.row, row.unit) in known]


def by_reranker(hits: Sequence[Hit], rows: Sequence[UnitEvidence]) -> list[Hit]:
    """Return the hits that were read in the order of the reranker alone: for one that nothing was fitted to."""
    best: dict[int, float] = {}
    for row in rows:
        if row.reranker is not None:
            best[row.row] = max(best.get(row.row, -BOUND), row.reranker)
    return sorted((hit for hit in hits if hit.row in best), key=lambda hit: (-best[hit.row], hit.row))


def candidates_read(candidates: Sequence[Candidate], rows: Sequence[UnitEvidence]) -> list[Candidate]:
    """Return the candidates of which a unit was read."""
    kept = {row.row for row in rows}
    return [candidate for candidate in candidates if candidate.row in kept]
