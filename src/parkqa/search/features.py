"""Ranking features: numeric evidence for each unit of each candidate passage.

A unit is a sentence, or a list as a whole (``passage_texts.units``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from parkqa.query.question_words import holds_answer
from parkqa.search.candidates import Candidate, text_of
from parkqa.search.passage_texts import PassageTexts
from parkqa.store.bm25 import inverse_document_frequency
from parkqa.text.characters import YEAR
from parkqa.types import Passage, Query, Reading, Store

Weights = npt.NDArray[np.float64]


class Features(NamedTuple):
    """The features of one unit. A concept's idf is its inverse document frequency (``rarity``)."""

    dense: float
    """Cosine similarity of the question and the passage."""
    sentence: float
    """Cosine similarity of the question and the sentence; for a list, equal to ``dense``."""
    clause: float
    """Cosine similarity of the question and the sentence or its most similar clause, whichever is higher."""
    lexical: float
    """BM25 score divided by the highest one among the candidates; 0 to 1."""
    covered: float
    """Share of the concepts, weighted by idf, that occur in the passage or its headings; 0 to 1."""
    covered_here: float
    """The same for the unit and the headings."""
    heading: float
    """The same for the headings alone."""
    year: float
    """1 if the unit names a year of the question; -1 if not; 0 if the question names none.

    For a unit that names no year at all, the passage with its headings decides.
    """
    asked: float
    """1 if the unit contains the expected answer type; -1 if not; 0 if the type is unknown or has no pattern."""
    whole: float
    """1 for a list if the question asks for one; -1 for a list if it does not; 0 for anything else."""
    caption: float
    """1 for a caption, 0 for anything else."""


FEATURES = Features._fields
"""Names of the ranking features without a reranker, in order."""


@dataclass(frozen=True, slots=True)
class UnitEvidence:
    """The evidence for one unit of a candidate.

    Attributes:
        row: row of the passage in the index.
        unit: number of the unit within the passage, from 0.
        features: the ranking features.
        present: for each concept of the question, whether it occurs in the passage.
        reranker: the reranker's score, log-odds that the unit answers; None if the unit was not reranked.
        reading: where the reranker found the answer in the unit, in code points of ``reranking.unit_line``; None if it
            does not tell, or has read the unit's translation.
    """

    row: int
    unit: int
    features: Features
    present: tuple[bool, ...]
    reranker: float | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Rarity:
    """The rarity of a question's concepts; both arrays have shape (number of concepts,).

    Attributes:
        idf: inverse document frequency of each concept (``store.bm25.inverse_document_frequency``).
        nowhere: whether the concept occurs in no passage at all.
    """

    idf: Weights
    nowhere: npt.NDArray[np.bool_]


def rarity(query: Query, store: Store) -> Rarity:
    """Return the rarity of a question's concepts; a concept is as frequent as the most frequent of its synonyms."""
    frequencies = store.frequencies([word for concept in query.concepts for word in concept])
    counts = [max((frequencies[word] for word in concept), default=0) for concept in query.concepts]
    idf = [inverse_document_frequency(len(store.passages), count) for count in counts]
    return Rarity(np.array(idf, dtype=np.float64), np.array([count == 0 for count in counts], dtype=bool))


def unit_evidence(
    query: Query, candidates: Sequence[Candidate], rare: Rarity, texts: PassageTexts
) -> list[UnitEvidence]:
    """Return the evidence for every unit of every candidate, in the order of the candidates."""
    weighed = list(zip(query.concepts, rare.idf.tolist(), strict=True))
    total = sum(weight for _, weight in weighed) or 1.0
    best = max((candidate.lexical for candidate in candidates), default=0.0) or 1.0
    return [row for candidate in candidates for row in _of_candidate(query, candidate, weighed, total, best, texts)]


def _of_candidate(
    query: Query,
    candidate: Candidate,
    weighed: Sequence[tuple[Sequence[str], float]],
    total: float,
    best: float,
    kept: PassageTexts,
) -> list[UnitEvidence]:
    passage, texts = candidate.passage, text_of(candidate, kept)
    present = tuple([_occurs(words, texts.whole) for words, _ in weighed])
    # Only concepts of the whole passage can occur in its headings or in one of its units; mostly it is none or one.
    inside = [concept for concept, occurs in zip(weighed, present, strict=True) if occurs]
    above = [_occurs(words, texts.heading) for words, _ in inside]
    covered = sum([weight for _, weight in inside]) / total
    headed = sum([weight for (_, weight), there in zip(inside, above, strict=True) if there]) / total
    whole, caption = _whole(query, passage), float(passage.kind == "caption")
    rows = []
    for unit, (here, sentence, clause) in enumerate(zip(texts.units, *_cosines(candidate), strict=True)):
        found = [weight for (words, weight), there in zip(inside, above, strict=True) if there or _occurs(words, here)]
        features = Features(
            dense=candidate.dense,
            sentence=sentence,
            clause=max(sentence, clause),
            lexical=candidate.lexical / best,
            covered=covered,
            covered_here=sum(found) / total,
            heading=headed,
            year=_year(query, here, texts.whole) if query.years else 0.0,
            asked=_asked(query, passage, here) if query.asks else 0.0,
            whole=whole,
            caption=caption,
        )
        rows.append(UnitEvidence(candidate.row, unit, features, present))
    return rows


def _cosines(candidate: Candidate) -> tuple[list[float], list[float]]:
    """For each unit: the cosine of the sentence, and that of its most similar clause; a list is one unit."""
    if candidate.passage.kind == "list":
        return [candidate.dense], [float(candidate.clauses.max())]
    return candidate.sentences.tolist(), candidate.clauses.tolist()


def _occurs(words: Sequence[str], text: str) -> bool:
    """Whether any of the words occurs in folded ``text``; a plain loop, because this is called thousands of times."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


def share(there: npt.NDArray[np.bool_], weights: Weights) -> float:
    """Return the weighted share of the concepts that are selected by ``there``; 0 if the question has no concepts.

    >>> share(np.array([True, False]), np.array([3.0, 1.0]))
    0.75
    """
    total = float(weights.sum())
    return float(weights[there].sum()) / total if total else 0.0


def _year(query: Query, here: str, whole: str) -> float:
    named = set(YEAR.findall(here)) or set(YEAR.findall(whole))
    return 1.0 if named & set(query.years) else -1.0


def _asked(query: Query, passage: Passage, here: str) -> float:
    held = holds_answer(query.asks, here)
    if held is None:
        return 0.0
    return 1.0 if held or (query.asks == "list" and passage.kind == "list") else -1.0


def _whole(query: Query, passage: Passage) -> float:
    asked, given = query.asks == "list", passage.kind == "list"
    return float(asked and given) - float(given and not asked)
