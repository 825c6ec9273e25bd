"""From a query to a ranking, whole: this is the way that every question takes.

::

    candidates ─► evidence for each unit ─► first order ─► the best units reranked ─► order
        ─► newer before older ─► how sure is the first? ─► what staff say of this very question

The engine asks ``Pipeline.rank``. Training fits the numbers on the same steps, one by one: ``evidence``, ``rerank``,
``order`` and ``signs`` are what ``rank`` is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from parkqa.search import confidence, recency, reranking
from parkqa.search.candidates import CANDIDATES, Candidate, candidates
from parkqa.search.confidence import Calibration
from parkqa.search.faq_match import NOTHING, FaqMatcher
from parkqa.search.features import Rarity, UnitEvidence, Weights, rarity, unit_evidence
from parkqa.search.passage_texts import PassageTexts
from parkqa.search.ranking import rank
from parkqa.types import Hit, Query, Reranker, Store, Vectors

FAQ_CANDIDATES = 160
"""Candidates more at most where staff have written questions of their own (faq.yaml), one for each: these are found
beside the passages and must not take their places. Some forty questions with four wordings each are the most that a
park's office has been seen to write."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a question's candidates before they are ordered."""

    query: Query
    rarity: Rarity
    candidates: tuple[Candidate, ...]
    units: tuple[UnitEvidence, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hits, best first; the probability (0 to 1) that the first answers; the numbers by which both were found."""

    hits: tuple[Hit, ...]
    confidence: float
    calibration: Calibration

    @property
    def answers(self) -> bool:
        """Whether the first hit is sure enough to be quoted as the answer."""
        return bool(self.hits) and self.confidence >= self.calibration.threshold


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All that ranking needs. Nothing in it changes, but that ``texts`` keeps what it has folded.

    ``plain`` are the numbers without a reranker, ``reranked`` those with the one they were fitted with.
    """

    store: Store
    faq: FaqMatcher
    reranker: Reranker | None = None
    plain: Calibration = field(default_factory=confidence.load)
    reranked: Calibration = field(default_factory=lambda: confidence.load(reranked=True))
    texts: PassageTexts = field(default_factory=PassageTexts)

    def rank(self, query: Query, vector: Vectors) -> Ranking:
        """Rank the passages for a query; ``vector`` is its embedding, shape (dimension,), length 1."""
        evidence = self.evidence(query, vector)
        if not evidence.candidates:
            return Ranking((), 0.0, self.plain)
        calibration, hits, sure = self._ranked(evidence)
        row = self.faq.row(query, vector)
        if row is not None:
            hits, sure = (hits, 0.0) if row == NOTHING else (self.faq.lead(hits, row), 1.0)
        return Ranking(tuple(self.faq.home(hit) for hit in hits), sure, calibration)

    def _ranked(self, evidence: Evidence) -> tuple[Calibration, list[Hit], float]:
        """The numbers that hold, the hits in order, and the confidence."""
        calibration, hits = self.plain, self.order(evidence, self.plain)
        if self.reranker is None:
            return calibration, hits, self.confidence(evidence, hits, calibration)
        read = self.rerank(evidence, self.plain)
        if self.reranker.fingerprint == self.reranked.reranker:
            calibration, hits = self.reranked, self.order(read, self.reranked)
            return calibration, hits, self.confidence(read, hits, calibration)
        # Nothing was fitted to this reranker: it orders what is shown, and how sure the answer is stays the judgement
        # of the numbers that were fitted, on the order that they were fitted on.
        sure = self.confidence(evidence, hits, calibration)
        return calibration, self._settled(evidence.query, reranking.by_reranker(hits, read.units)), sure

    def evidence(self, query: Query, vector: Vectors, keep: Callable[[Candidate], bool] | None = None) -> Evidence:
        """Find the candidates and what speaks for each unit; of the candidates only those that ``keep`` lets."""
        count = CANDIDATES + min(len(self.faq.leads), FAQ_CANDIDATES)
        found = candidates(query, vector, self.store, self.texts, count)
        found = [candidate for candidate in found if keep is None or keep(candidate)]
        rare = rarity(query, self.store)
        return Evidence(query, rare, tuple(found), tuple(unit_evidence(query, found, rare, self.texts)))

    def rerank(self, evidence: Evidence, first: Calibration) -> Evidence:
        """Have the reranker read the units that ``first`` puts on top; all others fall away."""
        assert self.reranker is not None
        hits = rank(evidence.candidates, evidence.units, first.rank[evidence.query.language])
        read = reranking.read(evidence.query, evidence.candidates, hits, evidence.units, self.reranker)
        kept = reranking.candidates_read(evidence.candidates, read)
        return replace(evidence, candidates=tuple(kept), units=tuple(read))

    def order(self, evidence: Evidence, calibration: Calibration) -> list[Hit]:
        """Order the candidates as they are served, before staff's own word: by score, then newer before older."""
        weights = calibration.rank[evidence.query.language]
        return self._settled(evidence.query, rank(evidence.candidates, evidence.units, weights))

    def _settled(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        return recency.newest_first(query, self.faq.once(hits), self.store.documents)

    def signs(self, evidence: Evidence, hits: Sequence[Hit]) -> Weights:
        """Return what is known of how well ``hits[0]`` answers, as ``confidence.sign_names`` names it."""
        return confidence.signs(evidence.query, recency.distinct(hits), evidence.units, evidence.rarity)

    def confidence(self, evidence: Evidence, hits: Sequence[Hit], calibration: Calibration) -> float:
        """Return the probability that ``hits[0]`` answers."""
        return calibration.confidence(self.signs(evidence, hits))
