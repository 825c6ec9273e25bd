"""Features: what speaks for each unit of a candidate passage, as numbers.

A unit is what can be marked by itself: a sentence, or the whole of a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from parkqa.query.question_words import ANSWER_TYPES
from parkqa.search.candidates import Candidate
from parkqa.search.passage_texts import PassageText, PassageTexts
from parkqa.store.bm25 import inverse_document_frequency
from parkqa.text.characters import YEAR
from parkqa.types import Passage, Query, Store

Weights = npt.NDArray[np.float64]


class Features(NamedTuple):
    """The features of one unit."""

    dense: float
    """Cosine of question and passage."""
    sentence: float
    """Cosine of question and sentence."""
    clause: float
    """Cosine of question and the nearest clause of the sentence."""
    lexical: float
    """BM25 weight over the best that any passage has for this question."""
    covered: float
    """Share of the question's concepts, by idf, that stand in the passage or its heading."""
    covered_here: float
    """The same for the unit alone with the heading."""
    heading: float
    """Share of the concepts that stand in the heading."""
    year: float
    """1: has a year that was named; -1: the question names years and this has none of them."""
    asked: float
    """1: has a thing of the kind asked for; -1: has none; 0: the kind is not known."""
    whole: float
    """1: a list, asked for one; -1: one of the two only."""
    caption: float
    """1: a caption, which says little."""


FEATURES = Features._fields


@dataclass(frozen=True, slots=True)
class UnitEvidence:
    """What is known of one unit of a candidate, ``row`` and ``unit`` being their numbers.

    ``present`` says of each concept of the question whether the passage has it; ``reranker`` is the reranker's score,
    log-odds that the unit answers, None where it has not read the unit.
    """

    row: int
    unit: int
    features: Features
    present: npt.NDArray[np.bool_]
    reranker: float | None = None


@dataclass(frozen=True, slots=True)
class Rarity:
    """Of each concept of a question its inverse document frequency, and whether it stands ``nowhere``."""

    idf: Weights
    nowhere: npt.NDArray[np.bool_]


def rarity(query: Query, store: Store) -> Rarity:
    """Return how rare the concepts of a question are, a concept being as frequent as the most frequent of its words."""
    known = store.frequencies([word for concept in query.concepts for word in concept])
    seen = [max((known[word] for word in concept), default=0) for concept in query.concepts]
    idf = [inverse_document_frequency(len(store.passages), count) for count in seen]
    return Rarity(np.array(idf, dtype=np.float64), np.array([count == 0 for count in seen], dtype=bool))


def unit_evidence(
    query: Query, candidates: Sequence[Candidate], rare: Rarity, texts: PassageTexts
) -> list[UnitEvidence]:
    """Return the evidence for every unit of every candidate."""
    weighed = list(zip(query.concepts, rare.idf.tolist(), strict=True))
    best = max((candidate.lexical for candidate in candidates), default=0.0) or 1.0
    return [row for candidate in candidates for row in _of_candidate(query, candidate, weighed, best, texts)]


def _of_candidate(
    query: Query,
    candidate: Candidate,
    weighed: Sequence[tuple[Sequence[str], float]],
    best: float,
    kept: PassageTexts,
) -> list[UnitEvidence]:
    passage, translation = candidate.passage, candidate.translation
    texts: PassageText = (
        kept.of(candidate.row, passage)
        if translation is None
        else kept.with_translation(candidate.row, passage, translation)
    )
    total = sum(weight for _, weight in weighed) or 1.0
    there = [_stands(words, texts.whole) for words, _ in weighed]
    # What stands in a heading or in a unit stands in the whole: the rest need not be looked for again.
    inside = [
        (words, weight, _stands(words, texts.heading))
        for (words, weight), stands in zip(weighed, there, strict=True)
        if stands
    ]
    covered = sum(weight for _, weight, _ in inside) / total
    headed = sum(weight for _, weight, above in inside if above) / total
    present = np.array(there, dtype=bool)
    whole, caption, is_list = _whole(query, passage), float(passage.kind == "caption"), passage.kind == "list"
    rows = []
    for unit, here in enumerate(texts.units):
        cosine = candidate.dense if is_list else float(candidate.sentences[unit])
        features = Features(
            dense=candidate.dense,
            sentence=cosine,
            clause=max(cosine, float(candidate.clauses.max() if is_list else candidate.clauses[unit])),
            lexical=candidate.lexical / best,
            covered=covered,
            covered_here=sum(weight for words, weight, above in inside if above or _stands(words, here)) / total,
            heading=headed,
            year=_year(query, here, texts.whole),
            asked=_asked(query, passage, here),
            whole=whole,
            caption=caption,
        )
        rows.append(UnitEvidence(candidate.row, unit, features, present))
    return rows


def _stands(words: Sequence[str], text: str) -> bool:
    """Whether a word stands in folded ``text``; a plain loop, for it is asked thousands of times a question."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


def share(there: npt.NDArray[np.bool_], weights: Weights) -> float:
    """Return the weighted share of concepts that are there; 0 when the question has none."""
    total = float(weights.sum())
    return float(weights[there].sum()) / total if total else 0.0


def _year(query: Query, here: str, whole: str) -> float:
    if not query.years:
        return 0.0
    named = set(YEAR.findall(here)) or set(YEAR.findall(whole))
    return 1.0 if named & set(query.years) else -1.0


_HOLDS = {each.name: each.holds for each in ANSWER_TYPES if each.holds}


def _asked(query: Query, passage: Passage, here: str) -> float:
    pattern = _HOLDS.get(query.asks)
    if pattern is None:
        return 0.0
    return 1.0 if pattern.search(here) or (query.asks == "list" and passage.kind == "list") else -1.0


def _whole(query: Query, passage: Passage) -> float:
    asked, given = query.asks == "list", passage.kind == "list"
    return float(asked and given) - float(given and not asked)
