"""Why a question is answered as it is: what was understood, and the candidates with what speaks for each."""

from __future__ import annotations

from dataclasses import dataclass

from parkqa.engine import Engine
from parkqa.query import request
from parkqa.search.faq_match import NOTHING
from parkqa.types import Hit, Passage, Query

SHOWN = 6
"""Candidates that are shown; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a candidate.

    ``words`` are the question's words that it has, ``without`` those that it has not. ``similar`` is the cosine of its
    best sentence and the question, ``confidence`` the estimated probability (0 to 1) that it answers.
    """

    passage: Passage
    words: tuple[str, ...]
    without: tuple[str, ...]
    similar: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Why:
    """``by_faq`` tells how faq.yaml decides: ``answer``, ``out`` or ""; ``missing`` is what no document mentions."""

    query: Query
    answers: bool
    confidence: float
    threshold: float
    by_faq: str
    missing: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def why(engine: Engine, question: str) -> Why:
    """Say why a question is answered as it is, without a conversation before it.

    Raises:
        BadQuestion: it cannot be asked.
        StoreError: the index cannot be read.
    """
    query, vector = engine.understand(request.check(question))
    pipeline = engine.pipeline
    ranking = pipeline.rank(query, vector)
    row = pipeline.faq.row(query, vector)
    present: dict[int, tuple[bool, ...]] = {}
    similar: dict[int, float] = {}
    for unit in pipeline.evidence(query, vector).units:
        present[unit.row] = unit.present
        similar[unit.row] = max(similar.get(unit.row, 0.0), unit.features.clause)
    shown = [
        _evidence(query, hit, present.get(hit.row, ()), similar.get(hit.row, hit.dense), ranking.confidence_of(place))
        for place, hit in enumerate(ranking.hits[:SHOWN])
    ]
    by_faq = "" if row is None else "out" if row == NOTHING else "answer"
    return Why(query, ranking.answers, ranking.confidence, ranking.threshold, by_faq, ranking.missing, tuple(shown))


def _evidence(query: Query, hit: Hit, present: tuple[bool, ...], similar: float, confidence: float) -> Evidence:
    pairs = list(zip(query.concepts, present, strict=False))
    words = tuple(words[0] for words, there in pairs if there)
    without = tuple(words[0] for words, there in pairs if not there)
    return Evidence(hit.passage, words, without, float(similar), confidence)
