"""Finding: candidates by meaning and by word, then evidence for each sentence of theirs, then one order.

The store finds candidate passages twice, dense and lexical. For every sentence of a candidate the evidence is a row of
``FEATURES``; its score is their weighted sum, with weights fitted for each language by ``training/calibration.py``, and
a passage stands where its best sentence puts it. Plain functions, one result type (``Hit``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from parkqa.passages import heading_path
from parkqa.text import folded
from parkqa.types import Hit, Passage, Query, Span, Store, Vectors
from parkqa.wording import YEAR

CANDIDATES = 40
"""Passages taken from each of the two searches."""

FEATURES = (
    "dense",  # cosine of question and passage
    "sentence",  # cosine of question and sentence
    "lexical",  # BM25 weight over the best that any passage has for this question
    "covered",  # share of the question's concepts, by idf, that stand in the passage or its heading
    "covered_here",  # the same for the sentence alone with the heading
    "heading",  # share of the concepts that stand in the heading
    "year",  # 1: has a year that was named, -1: the question names years and this has none of them
    "asked",  # 1: has a thing of the kind asked for, -1: has none, 0: the kind is not known
    "whole",  # 1: a list, asked for one; -1: one of the two only
    "caption",  # 1: a caption, which says little
)

_DATE = re.compile(r"(?:19|20)\d\d年|\d+月\d+日|\b(?:19|20)\d\d\b")
_AMOUNT = re.compile(r"\d|[一二两三四五六七八九十百千万亿]+[家个座类项大条期位余多级亿]")
_SERIES = re.compile(r"、.+?(?:、|和|以及)|(?:, [^,]+){2,}")
_KINDS: Mapping[str, re.Pattern[str]] = {"when": _DATE, "amount": _AMOUNT, "list": _SERIES}

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one sentence of a candidate; ``features`` as named in FEATURES."""

    row: int
    unit: int
    features: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate passage and its searches' scores; ``sentences`` are cosines, one a unit."""

    row: int
    passage: Passage
    dense: float
    lexical: float
    sentences: npt.NDArray[np.float32]


def candidates(query: Query, vector: Vectors, store: Store, count: int = CANDIDATES) -> list[Found]:
    """Return the passages that either search finds, each with both scores; ``vector`` has shape (dimension,)."""
    dense = dict(store.dense(vector, count))
    lexical = dict(store.lexical(query.tokens, count))
    found = []
    for row in sorted(dense.keys() | lexical.keys()):
        cosines = store.sentence_vectors(row) @ vector
        found.append(
            Found(
                row=row,
                passage=store.passages[row],
                dense=dense[row] if row in dense else float(store.vector(row) @ vector),
                lexical=lexical.get(row, 0.0),
                sentences=cosines,
            )
        )
    return found


def units(passage: Passage) -> tuple[Span, ...]:
    """Return what of a passage can be marked by itself: its sentences, or the whole of a list."""
    return ((passage.start, passage.end),) if passage.kind == "list" else passage.spans


def rarity(query: Query, store: Store) -> npt.NDArray[np.float64]:
    """Return the inverse document frequency of each concept: ln(1 + (N - n + ½) / (n + ½)), as BM25 has it."""
    total = len(store.passages)
    return np.array([math.log1p((total - n + 0.5) / (n + 0.5)) for n in (_seen(c, store) for c in query.concepts)])


def _seen(concept: Sequence[str], store: Store) -> int:
    return max((store.frequency(word) for word in concept), default=0)


@lru_cache(maxsize=65536)
def plain(passage: Passage) -> str:
    """Return a passage folded, with its headings before it."""
    return folded(f"{heading_path(passage)}\n{passage.text}")


def present(query: Query, text: str) -> npt.NDArray[np.bool_]:
    """Return for each concept of the question whether a word for it stands in folded ``text``."""
    return np.array([any(word in text for word in concept) for concept in query.concepts], dtype=bool)


def evidence(query: Query, found: Sequence[Found], store: Store) -> list[Evidence]:
    """Return the evidence for every unit of every candidate."""
    weights = rarity(query, store)
    best = max((candidate.lexical for candidate in found), default=0.0) or 1.0
    return [row for candidate in found for row in _evidence(query, candidate, weights, best)]


def _evidence(query: Query, candidate: Found, weights: Weights, best: float) -> list[Evidence]:
    passage = candidate.passage
    heading = folded(heading_path(passage))
    whole = plain(passage)
    shared = [share(present(query, whole), weights), share(present(query, heading), weights)]
    rows = []
    for unit, (start, end) in enumerate(units(passage)):
        here = folded(passage.text[start - passage.start : end - passage.start])
        cosine = candidate.dense if passage.kind == "list" else float(candidate.sentences[unit])
        features = (
            candidate.dense,
            cosine,
            candidate.lexical / best,
            shared[0],
            share(present(query, f"{heading}\n{here}"), weights),
            shared[1],
            _year(query, here, whole),
            _asked(query, passage, here),
            _whole(query, passage),
            float(passage.kind == "caption"),
        )
        rows.append(Evidence(candidate.row, unit, np.array(features)))
    return rows


def share(there: npt.NDArray[np.bool_], weights: Weights) -> float:
    """Return the weighted share of concepts that are there; 0 when the question has none."""
    total = float(weights.sum())
    return float(weights[there].sum()) / total if total else 0.0


def _year(query: Query, here: str, whole: str) -> float:
    if not query.years:
        return 0.0
    named = set(YEAR.findall(here)) or set(YEAR.findall(whole))
    return 1.0 if named & set(query.years) else -1.0


def _asked(query: Query, passage: Passage, here: str) -> float:
    pattern = _KINDS.get(query.asks)
    if pattern is None:
        return 0.0
    return 1.0 if pattern.search(here) or (query.asks == "list" and passage.kind == "list") else -1.0


def _whole(query: Query, passage: Passage) -> float:
    asked, given = query.asks == "list", passage.kind == "list"
    return float(asked and given) - float(given and not asked)


def best_unit(hit: Hit) -> int:
    """Return the place in ``units`` of a hit's best unit."""
    return max(range(len(hit.sentences)), key=lambda unit: (hit.sentences[unit], -unit))


def rank(found: Sequence[Found], rows: Sequence[Evidence], weights: Weights) -> list[Hit]:
    """Return the candidates, best first; a hit's ``sentences`` hold the score of each of its units."""
    scores: dict[int, list[float]] = {}
    for row in rows:
        scores.setdefault(row.row, []).append(float(row.features @ weights))
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
