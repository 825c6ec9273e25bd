"""Reading: a cross-encoder reads the question and the best sentences together, and the order is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from parkqa.corpus.passages import heading_path, part
from parkqa.search.candidates import Found, counterparts, units
from parkqa.search.features import Evidence
from parkqa.text.folding import folded
from parkqa.types import Hit, Passage, Query, Reranker, Span

READS = 6
"""Units that are read for a question."""
APIECE = 3
"""Units of one passage that are read at most."""
CONTEXT = 80
"""Code points of context that are read with a sentence."""
BOUND = 12.0
"""Scores are kept within this on either side: log-odds beyond say no more."""


def text(sentence: str, context: str) -> str:
    """Return a sentence behind its context (the sentence before it, or its heading), as it is read; both folded."""
    return f"{context[-CONTEXT:]} | {sentence}" if context else sentence


def chosen(hits: Sequence[Hit], count: int = READS) -> list[tuple[int, int]]:
    """Return the (row, unit) of the units to be read: the best of the first order, few of one passage."""
    best = [
        (score, hit.row, unit)
        for hit in hits
        for score, unit in sorted(((s, u) for u, s in enumerate(hit.sentences)), key=lambda p: (-p[0], p[1]))[:APIECE]
    ]
    best.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    return [(row, unit) for _, row, unit in best[:count]]


def shown(found: Found, unit: int) -> str:
    """Return a unit of a candidate as it is read: folded, the items of a list in one line, behind its context.

    Of a candidate with a translation that is read: the reader tells more of two texts in one language.
    """
    passage, spans = found.passage, units(found.passage)
    if found.translation is not None:
        passage, spans = found.translation, counterparts(passage, found.translation)
    first = spans[unit] == spans[0]
    return text(
        _line(passage, spans[unit]), folded(heading_path(passage)) if first else _line(passage, spans[unit - 1])
    )


@lru_cache(maxsize=65536)
def _line(passage: Passage, span: Span) -> str:
    return folded(part(passage, span)).strip().replace("\n", "、")


def read(
    query: Query, found: Sequence[Found], hits: Sequence[Hit], rows: Sequence[Evidence], reader: Reranker
) -> list[Evidence]:
    """Return the evidence of the best units with the reader's score as one more feature; the others fall away."""
    places = chosen(hits)
    candidates = {candidate.row: candidate for candidate in found}
    scores = reader.score(folded(query.understood), [shown(candidates[row], unit) for row, unit in places])
    known = dict(zip(places, np.clip(scores, -BOUND, BOUND).tolist(), strict=True))
    return [
        replace(row, features=np.append(row.features, known[row.row, row.unit]))
        for row in rows
        if (row.row, row.unit) in known
    ]


def by_reader(hits: Sequence[Hit], rows: Sequence[Evidence]) -> list[Hit]:
    """Return the hits that were read in the order of the reader alone: for one that nothing was fitted to."""
    best: dict[int, float] = {}
    for row in rows:
        best[row.row] = max(best.get(row.row, -BOUND), float(row.features[-1]))
    return sorted((hit for hit in hits if hit.row in best), key=lambda hit: (-best[hit.row], hit.row))


def left(found: Sequence[Found], rows: Sequence[Evidence]) -> list[Found]:
    """Return the candidates of which a unit was read."""
    kept = {row.row for row in rows}
    return [candidate for candidate in found if candidate.row in kept]
