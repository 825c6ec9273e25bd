"""The ranking pipeline: from a parsed question to a ranking with a confidence.

::

    candidates ─► features of each unit ─► only what is about the things named ─► first ranking
        ─► reranking of the best units ─► final ranking ─► recency ─► confidence ─► override by faq.yaml

The engine calls ``Pipeline.rank``. Training calls the steps that ``rank`` consists of (``evidence``, ``about_names``,
``rerank``, ``order``, ``signs``) one by one, so that the weights are fitted on exactly what is served.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from parkqa.query.question_words import asks_for_items
from parkqa.search import about, confidence, recency, reranking
from parkqa.search.candidates import CANDIDATES, Candidate, candidates
from parkqa.search.confidence import Calibration
from parkqa.search.faq_match import NOTHING, FaqMatcher
from parkqa.search.features import Rarity, UnitEvidence, Weights, rarity, unit_evidence
from parkqa.search.passage_texts import PassageTexts
from parkqa.search.ranking import best_unit, rank
from parkqa.search.stages import stage
from parkqa.types import Hit, Language, Passage, Query, Reading, Reranker, SpanReranker, Store, Vectors

Readings = Mapping[tuple[int, int], Reading]
"""What the reranker read in units, by row and number of the unit."""
FAQ_CANDIDATES = 160
"""Largest number of additional candidates for the questions of faq.yaml, one for each question.

These questions are retrieved like passages and would otherwise take the places of passages. Chosen by hand. A larger
value makes every question slower where faq.yaml is long; a smaller one lets its questions displace passages earlier.
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidates of a question with their features, before ranking."""

    query: Query
    rarity: Rarity
    candidates: tuple[Candidate, ...]
    units: tuple[UnitEvidence, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The result of ranking.

    Attributes:
        hits: the hits, best first; empty if nothing was found.
        confidence: estimated probability (0 to 1) that the first hit answers the question.
        missing: what the question names and the documents do not; then the confidence is 0.
        readings: where the reranker found the answer, by row and unit, in the units that it has read.
        calibration: the weights and the thresholds that apply to this ranking.
        language: the language of the question, whose threshold applies.
    """

    hits: tuple[Hit, ...]
    confidence: float
    calibration: Calibration
    missing: tuple[str, ...] = ()
    readings: Readings = field(default_factory=dict)
    language: Language = "zh"

    @property
    def threshold(self) -> float:
        """The confidence (0 to 1) below which the question is refused."""
        return self.calibration.threshold[self.language]

    @property
    def answers(self) -> bool:
        """Whether the first hit is to be quoted as an answer: whether the confidence reaches the threshold."""
        return bool(self.hits) and self.confidence >= self.threshold

    def confidence_of(self, place: int) -> float:
        """Return the estimated probability (0 to 1) that the hit at a place answers; 0 if there is none.

        Scores differ by the log-odds that one hit rather than the other answers, which scales the first hit's.
        """
        if place >= len(self.hits):
            return 0.0
        behind = min(0.0, self.hits[place].score - self.hits[0].score)
        return self.confidence * math.exp(behind)

    def from_place(self, place: int) -> Ranking:
        """Return the ranking of the hits from a place on, as sure as the first of them is if none before it answers."""
        mine, before = self.confidence_of(place), sum(self.confidence_of(at) for at in range(place))
        rest = max(1.0 - before, mine)
        sure = mine / rest if rest else 0.0
        return replace(self, hits=self.hits[place:], confidence=min(sure, self.confidence))

    def confidence_in(self, row: int) -> float:
        """Return the estimated probability that the passage in a row answers; 0 if it is not among the hits."""
        places = (place for place, hit in enumerate(self.hits) if hit.row == row)
        return max((self.confidence_of(place) for place in places), default=0.0)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Retrieval and ranking over an open index. Thread-safe; only the cache of ``texts`` changes.

    Attributes:
        store: the open index.
        faq: matches questions with faq.yaml.
        reranker: the cross-encoder; None to rank without one.
        plain: the calibration without a reranker.
        reranked: the calibration with the default reranker.
        texts: cache of the folded texts of passages.
    """

    store: Store
    faq: FaqMatcher
    reranker: Reranker | None = None
    plain: Calibration = field(default_factory=confidence.load)
    reranked: Calibration = field(default_factory=lambda: confidence.load(reranked=True))
    texts: PassageTexts = field(default_factory=PassageTexts)

    def rank(self, query: Query, vector: Vectors) -> Ranking:
        """Rank the passages for a question.

        If faq.yaml has an entry for the question, the passage that it names comes first with confidence 1, or the
        confidence is 0 if it marks the question as out of scope. Without an entry, the confidence is also 0 if the
        question names something that the documents do not.

        Args:
            query: the question.
            vector: its embedding, shape (dimension,), length 1.

        Raises:
            StoreError: the index cannot be read.
        """
        evidence = self.evidence(query, vector)
        if not evidence.candidates:
            return Ranking((), 0.0, self.plain, language=query.language)
        evidence, missing = self.about_names(evidence)
        ranked = self._ranked(evidence)
        hits, probability = ranked.hits, ranked.confidence
        row = self.faq.row(query, vector)
        if row is not None:
            hits, probability = (hits, 0.0) if row == NOTHING else (tuple(self.faq.lead(hits, row)), 1.0)
            missing = ()
        elif missing:
            probability = 0.0
        home = tuple(self.faq.home(hit) for hit in hits)
        return replace(ranked, hits=home, confidence=probability, missing=missing)

    def about_names(self, evidence: Evidence) -> tuple[Evidence, tuple[str, ...]]:
        """Return the evidence of the candidates about what the question names strictly, and the names that are missing.

        If any is missing from the documents (``about.missing``), the question is refused and the evidence is unchanged.
        """
        query, found, documents = evidence.query, evidence.candidates, self.store.documents
        missing = about.missing(query, found, self.texts, documents)
        kept = found if missing else about.about(query, found, self.texts, documents)
        if len(kept) == len(found):
            return evidence, missing
        rows = {candidate.row for candidate in kept}
        units = tuple(unit for unit in evidence.units if unit.row in rows)
        return replace(evidence, candidates=tuple(kept), units=units), missing

    def _ranked(self, evidence: Evidence) -> Ranking:
        """The ranking by the evidence alone."""
        if self.reranker is not None and self.reranker.fingerprint == self.reranked.reranker:
            calibration = self.reranked
            evidence = self.rerank(evidence, self.plain, calibration.cascade(evidence.query.language))
        else:
            calibration = self.plain
        hits = self.order(evidence, calibration)
        probability = self.confidence(evidence, hits, calibration)
        if self.reranker is not None and calibration is self.plain:
            # No weights were fitted for this reranker. It decides the order of the hits, but the confidence is that of
            # the ranking without it, because the confidence model was fitted on that.
            read = self.rerank(evidence, self.plain)
            hits = self._settled(evidence.query, reranking.by_reranker(hits, read.units))
            evidence = read
        ranking = Ranking(tuple(hits), probability, calibration, language=evidence.query.language)
        return replace(ranking, readings=self._readings(evidence, ranking))

    def _readings(self, evidence: Evidence, ranking: Ranking) -> Readings:
        """The readings; the first hit, if it answers and its translation was read, is read again itself."""
        found = {(unit.row, unit.unit): unit.reading for unit in evidence.units if unit.reading is not None}
        if isinstance(self.reranker, SpanReranker) and ranking.answers:
            first = ranking.hits[0]
            best = (first.row, best_unit(first))
            if best not in found:
                found[best] = reranking.reread(evidence.query, first, self.reranker)
        return found

    def evidence(self, query: Query, vector: Vectors, keep: Callable[[Candidate], bool] | None = None) -> Evidence:
        """Retrieve the candidates and compute their features.

        Args:
            query: the question.
            vector: its embedding, shape (dimension,), length 1.
            keep: if given, only candidates for which it returns True are used; for training and evaluation.
        """
        count = CANDIDATES + min(len(self.faq.leads), FAQ_CANDIDATES)
        found = candidates(query, vector, self.store, self.texts, count)
        found = [candidate for candidate in found if keep is None or keep(candidate)]
        rare = rarity(query, self.store)
        return Evidence(query, rare, tuple(found), tuple(unit_evidence(query, found, rare, self.texts)))

    def rerank(self, evidence: Evidence, first: Calibration, cascade: reranking.Cascade | None = None) -> Evidence:
        """Return the evidence of the units ranked highest with the weights ``first``, with the reranker's scores.

        Requires a reranker. All other units, and candidates without any of these, are dropped. With a ``cascade`` not
        all of these are read (``reranking.read``).
        """
        assert self.reranker is not None
        hits = rank(evidence.candidates, evidence.units, first.rank[evidence.query.language])
        with stage("rerank"):
            read = reranking.read(evidence.query, evidence.candidates, hits, evidence.units, self.reranker, cascade)
        kept = reranking.candidates_read(evidence.candidates, read)
        return replace(evidence, candidates=tuple(kept), units=tuple(read))

    def order(self, evidence: Evidence, calibration: Calibration) -> list[Hit]:
        """Rank the candidates as they are served, except for the override by faq.yaml: by score, then by recency."""
        weights = calibration.rank[evidence.query.language]
        return self._settled(evidence.query, rank(evidence.candidates, evidence.units, weights))

    def _settled(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        return recency.newest_first(query, self.faq.once(hits), self.store.documents)

    def signs(self, evidence: Evidence, hits: Sequence[Hit]) -> Weights:
        """Return the inputs of the confidence model for ``hits[0]``, in the order of ``confidence.sign_names``."""
        return confidence.signs(evidence.query, competitors(evidence.query, hits), evidence.units, evidence.rarity)

    def confidence(self, evidence: Evidence, hits: Sequence[Hit], calibration: Calibration) -> float:
        """Return the estimated probability (0 to 1) that ``hits[0]`` answers the question."""
        return calibration.confidence(self.signs(evidence, hits))


def competitors(query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Return the first hit and those that cast doubt on it: no duplicates, nor, if a list is asked for, its siblings.

    Of the entries, rows or paragraphs under one heading, which answer such a question together, each comes close to the
    others.
    """
    found = recency.distinct(hits)
    if not found or found[0].passage.kind == "list" or not asks_for_items(query.search):
        return found
    return [found[0], *(hit for hit in found[1:] if _place(hit.passage) != _place(found[0].passage))]


def _place(passage: Passage) -> tuple[str, tuple[str, ...], str]:
    return passage.document, passage.heading, passage.kind
