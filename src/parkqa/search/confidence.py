"""The fitted numbers: how evidence is weighed, and how sure an answer is. Made by ``training/calibration.py``.

No constant in here is set by hand: ``data/calibration.json`` holds what scikit-learn fitted, and says on what and when.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from parkqa.search.features import FEATURES, Rarity, UnitEvidence, Weights, share
from parkqa.search.ranking import best_unit
from parkqa.search.reranking import BOUND
from parkqa.text.word_classes import word_class
from parkqa.types import Hit, Query

RERANKER = "reranker"
"""Name of the weight of the reranker's score."""

SIGNS = (
    "score",  # of the best hit
    "margin",  # over the second
    *FEATURES,  # of the best hit's best unit
    "standing_out",  # cosine of the best unit over the mean of all candidates'
    "wrong_year",  # 1: a year was named, and the best unit has another
    "wrong_kind",  # 1: it is known what is asked for, and the best unit has nothing of the kind
    "absent",  # share of the rarest concept that the best passage lacks
    "absent_thing",  # the same among common nouns
    "absent_name",  # the same among names
    "unknown",  # share of the concepts, by idf, that stand nowhere in the corpus
    "agreed",  # 1 when both searches put the best hit first
    "concepts",  # 1 / (1 + number of concepts)
    "asks_amount",
    "asks_who",
    "asks_where",
    "english",
)
"""What the confidence is worked out from; where there is a reranker, its best score and margin too
(RERANKER_SIGNS)."""

RERANKER_SIGNS = ("reranker", "reranker_margin")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of FEATURES by language, a logistic regression over SIGNS, and the confidence below which to refuse.

    Of two kinds: without a reranker, or with its score as one more feature and RERANKER_SIGNS as two more signs;
    ``reranker`` is then the fingerprint of the one they were fitted with. A second sentence of the passage is marked
    too where its score is within ``second`` of the best.
    """

    rank: Mapping[str, Weights]
    signs: Weights
    intercept: float
    threshold: float
    reranker: str = ""
    second: float = 0.0

    def confidence(self, signs: Weights) -> float:
        """Return the probability, 0 to 1, that the best hit answers; ``signs`` has the shape of ``self.signs``."""
        evidence = float(np.clip(signs @ self.signs + self.intercept, -500, 500))
        return 1.0 / (1.0 + math.exp(-evidence))


def feature_names(reranked: bool) -> tuple[str, ...]:
    """Return the names of the features, with or without a reranker."""
    return (*FEATURES, RERANKER) if reranked else FEATURES


def sign_names(reranked: bool) -> tuple[str, ...]:
    """Return the names of the signs, with or without a reranker."""
    return (*SIGNS, *RERANKER_SIGNS) if reranked else SIGNS


@lru_cache(maxsize=2)
def load(reranked: bool = False) -> Calibration:
    """Read the numbers that ship with parkqa, those for use with the default reranker or those without."""
    raw = json.loads(resources.files("parkqa").joinpath("data", "calibration.json").read_text(encoding="utf-8"))
    return from_dict(raw["reranked" if reranked else "plain"], reranked)


def from_dict(raw: Mapping[str, Any], reranked: bool) -> Calibration:
    """Make a calibration of its JSON form, in which each number stands by its name."""
    return Calibration(
        rank={language: _by_name(feature_names(reranked), numbers) for language, numbers in raw["rank"].items()},
        signs=_by_name(sign_names(reranked), raw["confidence"]),
        intercept=float(raw["intercept"]),
        threshold=float(raw["threshold"]),
        reranker=str(raw["reranker"]),
        second=float(raw["second"]),
    )


def to_dict(fitted: Calibration, reranked: bool) -> dict[str, Any]:
    """Return the JSON form of a calibration."""
    names = feature_names(reranked)
    return {
        "rank": {language: dict(zip(names, map(float, w), strict=True)) for language, w in fitted.rank.items()},
        "confidence": dict(zip(sign_names(reranked), map(float, fitted.signs), strict=True)),
        "intercept": fitted.intercept,
        "threshold": fitted.threshold,
        "reranker": fitted.reranker,
        "second": fitted.second,
    }


def _by_name(names: Sequence[str], numbers: Mapping[str, float]) -> Weights:
    return np.array([numbers[name] for name in names], dtype=np.float64)


def signs(query: Query, hits: Sequence[Hit], rows: Sequence[UnitEvidence], rare: Rarity) -> Weights:
    """Return what is known of how well ``hits[0]`` answers; ``rows`` is the evidence of all units.

    Shape (len(SIGNS),), and len(RERANKER_SIGNS) more where the reranker has read its best unit.
    """
    top = hits[0]
    unit = best_unit(top)
    best = next(row for row in rows if row.row == top.row and row.unit == unit)
    features = best.features
    lacking = ~best.present
    classes = np.array([word_class(concept[0]) for concept in query.concepts])
    values = [
        top.score,
        top.score - hits[1].score if len(hits) > 1 else 0.0,
        *features,
        features.clause - sum(row.features.clause for row in rows) / len(rows),
        float(features.year < 0),
        float(features.asked < 0),
        _rarest(rare.idf, lacking),
        _rarest(rare.idf, lacking & (classes == "thing")),
        _rarest(rare.idf, lacking & (classes == "name")),
        share(rare.nowhere, rare.idf),
        float(all(top.row == max(hits, key=key).row for key in (_lexical, _dense))),
        1.0 / (1 + len(query.concepts)),
        float(query.asks not in ("", "when", "where", "who", "list")),
        float(query.asks == "who"),
        float(query.asks == "where"),
        float(query.language == "en"),
    ]
    if best.reranker is not None:
        others = [row.reranker for row in rows if row.row != top.row and row.reranker is not None]
        values += [best.reranker, best.reranker - max(others, default=-BOUND)]
    return np.array(values)


def _rarest(idf: Weights, which: npt.NDArray[np.bool_]) -> float:
    """The largest share that one of these concepts has of all."""
    return float(idf[which].max() / idf.sum()) if which.any() else 0.0


def _lexical(hit: Hit) -> tuple[float, int]:
    return hit.lexical, -hit.row


def _dense(hit: Hit) -> tuple[float, int]:
    return hit.dense, -hit.row
