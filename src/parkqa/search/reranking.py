"""Reranking: a cross-encoder scores the question together with each of the best units of the first ranking.

With a ``Cascade`` it reads two of them first, and of the others only those that can still come before these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from parkqa.corpus.passages import above, part
from parkqa.search.candidates import Candidate
from parkqa.search.features import UnitEvidence, Weights
from parkqa.search.passage_texts import counterparts, units
from parkqa.search.ranking import best_unit, matrix
from parkqa.text.folding import folded
from parkqa.types import Hit, Passage, Query, Reading, Reranker, Span, SpanReranker

READ_UNITS = 6
"""Number of units that are reranked per question.

Chosen by hand, for response time, which grows with every unit. Commit a844303 lowered it from eight to six and the
batch size from eight to four; it records a median of 277 instead of 470 ms with the same answers. A larger value is
slower; a smaller one drops more of the right units, since passages without a reranked unit cannot be in the answer:
with six, .979 of the right passages that were found are among those read (docs/calibration.txt).
"""
READ_OF_ONE_PASSAGE = 3
"""Largest number of units of one passage that are reranked, so that a long passage does not take all the places.

Chosen by hand. If it were larger, fewer different passages would be reranked; if it were smaller, the answering
sentence of a long passage could be missed.
"""
CONTEXT = 80
"""Largest number of code points of context that a unit is reranked with.

Chosen by hand so that a usual question, unit and context fit into the 160 tokens that the model reads
(``models.reranker.LONGEST``). If it were larger, long inputs would be truncated; if it were smaller, a sentence such as
"It opened in 2006." would lose what it refers to. The default reranker was trained with this value.
"""
BOUND = 12.0
"""Reranker scores are clipped to this absolute value, in log-odds (odds of about 163,000 to 1).

Chosen by hand as more certainty than a model can have. It keeps a single extreme score from outweighing all other
evidence; a much smaller value would make different scores equal.
"""
FIRST_READ = 2
"""Number of units that are read before it is decided whether the others need be.

Chosen by hand: two are read side by side on two cores, and what must be read of the other four after them. With a
larger value fewer pairs are saved; with one the second core is idle. With another look after four, a tenth more of the
questions ended early, and the slowest twentieth took 421 ms instead of 301.
"""
AHEAD = 0.25
"""Log-odds by which the first hit must be out of reach of all unread units, so that it stays first where hits as close
as ``recency.TIE`` are ordered by date."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """What decides that a unit need not be read: that it cannot come first.

    A unit's final score is the weighted sum of its features and of the reranker's score, so before it is read it is
    known how high its score can get.

    Attributes:
        weights: the weights of the features, the reranker's last, shape (len(FEATURES) + 1,).
        highest: the score that the reranker gives to no unit.
        unread: the score that stands for a unit that is not read.
    """

    weights: Weights
    highest: float
    unread: float

    def contenders(
        self, rows: Sequence[UnitEvidence], scored: Mapping[tuple[int, int], float]
    ) -> frozenset[tuple[int, int]]:
        """Return the units (row, unit) without a score that could come before the best of those that have one.

        Args:
            rows: the evidence of the units to read, without the reranker's scores.
            scored: the scores of those that have been read, by row and unit; not empty.
        """
        places = [(row.row, row.unit) for row in rows]
        before = dict(zip(places, (matrix(rows) @ self.weights[:-1]).tolist(), strict=True))
        weight = float(self.weights[-1])
        best = max(before[place] + weight * score for place, score in scored.items())
        reach = weight * self.highest + AHEAD
        return frozenset(place for place in places if place not in scored and before[place] + reach > best)


def reranker_input(unit: str, context: str) -> str:
    """Return the text that the reranker scores: the context and the unit, joined by " | ".

    Args:
        unit: the folded unit.
        context: the folded sentence before it, or its headings; "" for none. Only the last CONTEXT code points are
            used.

    >>> reranker_input("2003年成立。", "大事记")
    '大事记 | 2003年成立。'
    """
    return f"{context[-CONTEXT:]} | {unit}" if context else unit


def chosen(hits: Sequence[Hit], count: int = READ_UNITS) -> list[tuple[int, int]]:
    """Return the units to rerank as pairs (row, unit): the ``count`` best, at most READ_OF_ONE_PASSAGE per passage."""
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
    """Return the reranker's input for a unit of a candidate: folded, on one line, with its context.

    If the candidate has a translation (the question is English), the translation is used: the reranker is more accurate
    within one language than across two.
    """
    passage, spans = candidate.passage, units(candidate.passage)
    if candidate.translation is not None:
        passage, spans = candidate.translation, counterparts(passage, candidate.translation)
    first = spans[unit] == spans[0]
    before = folded(above(passage)) if first else unit_line(passage, spans[unit - 1])
    return reranker_input(unit_line(passage, spans[unit]), before)


def unit_line(passage: Passage, span: Span) -> str:
    """Return a unit as it is read: folded, on one line."""
    return folded(part(passage, span)).strip().replace("\n", "、")


def read(
    query: Query,
    candidates: Sequence[Candidate],
    hits: Sequence[Hit],
    rows: Sequence[UnitEvidence],
    reranker: Reranker,
    cascade: Cascade | None = None,
) -> list[UnitEvidence]:
    """Rerank the best units; return the evidence of these units only, with the reranker's scores and readings.

    Args:
        query: the question.
        candidates: the candidates that ``hits`` and ``rows`` belong to.
        hits: the first ranking, which decides which units are reranked.
        rows: the evidence of all units.
        reranker: the cross-encoder; its scores are clipped to ±BOUND. A ``SpanReranker`` also tells where.
        cascade: decides which need not be read; those get ``cascade.unread`` for a score and no reading. None to read
            them all.
    """
    places = chosen(hits)
    wanted, by_row = frozenset(places), {candidate.row: candidate for candidate in candidates}
    best = [row for row in rows if (row.row, row.unit) in wanted]
    found = _readings(query, by_row, places[: FIRST_READ if cascade else len(places)], reranker)
    if cascade and found:
        contenders = cascade.contenders(best, {place: score for place, (score, _) in found.items()})
        found |= _readings(query, by_row, [place for place in places if place in contenders], reranker)
    unread = (cascade.unread if cascade else 0.0, None)
    readings = [found.get((row.row, row.unit), unread) for row in best]
    return [replace(row, reranker=score, reading=at) for row, (score, at) in zip(best, readings, strict=True)]


def _readings(
    query: Query, by_row: Mapping[int, Candidate], places: Sequence[tuple[int, int]], reranker: Reranker
) -> dict[tuple[int, int], tuple[float, Reading | None]]:
    """The score of each unit, within BOUND, and what was read in it."""
    if not places:
        return {}
    question, texts = folded(query.understood), [as_read(by_row[row], unit) for row, unit in places]
    inside: list[Reading | None] = [None] * len(places)
    if isinstance(reranker, SpanReranker):
        readings = reranker.read(question, texts)
        scores = np.array([reading.score for reading in readings], dtype=np.float32)
        parts = zip(places, texts, readings, strict=True)
        inside = [_inside(by_row[row], unit, text, reading) for (row, unit), text, reading in parts]
    else:
        scores = reranker.score(question, texts)
    bounded = np.clip(scores, -BOUND, BOUND).tolist()
    return {place: (score, at) for place, score, at in zip(places, bounded, inside, strict=True)}


def _inside(candidate: Candidate, unit: int, text: str, reading: Reading) -> Reading | None:
    """What was read in a unit itself, without its context; None where its translation was read."""
    if candidate.translation is not None:
        return None
    start = len(text) - len(unit_line(candidate.passage, units(candidate.passage)[unit]))
    mine = reading.offsets[:, 1] > start
    return Reading(reading.score, np.maximum(reading.offsets[mine] - start, 0), reading.ends[mine])


def reread(query: Query, hit: Hit, reranker: SpanReranker) -> Reading:
    """Read the best unit of a hit by itself: for one of which the translation was read."""
    line = unit_line(hit.passage, units(hit.passage)[best_unit(hit)])
    return reranker.read(folded(query.understood), [line])[0]


def by_reranker(hits: Sequence[Hit], rows: Sequence[UnitEvidence]) -> list[Hit]:
    """Return the reranked hits scored and ordered by the reranker alone, for one without fitted weights."""
    best: dict[int, float] = {}
    for row in rows:
        if row.reranker is not None:
            best[row.row] = max(best.get(row.row, -BOUND), row.reranker)
    scored = [replace(hit, score=best[hit.row]) for hit in hits if hit.row in best]
    return sorted(scored, key=lambda hit: (-hit.score, hit.row))


def candidates_read(candidates: Sequence[Candidate], rows: Sequence[UnitEvidence]) -> list[Candidate]:
    """Return the candidates with at least one unit among ``rows``."""
    kept = {row.row for row in rows}
    return [candidate for candidate in candidates if candidate.row in kept]
