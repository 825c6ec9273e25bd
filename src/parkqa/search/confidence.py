"""The fitted weights of ranking, and the confidence model: the probability that the first hit answers the question.

All weights and thresholds come from ``data/calibration.json``, which ``training/calibration.py`` fits with
scikit-learn; none is set by hand.
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
from parkqa.search.reranking import BOUND, Cascade
from parkqa.text.word_classes import word_class
from parkqa.types import Hit, Language, Query

RERANKER = "reranker"
"""Name of the reranker's score among the ranking features."""

SIGNS = (
    "score",  # score of the first hit
    "margin",  # score of the first hit minus that of the second
    *FEATURES,  # features of the first hit's best unit
    "standing_out",  # clause cosine of the best unit minus the mean over all units
    "wrong_year",  # 1 if the question names a year and the best unit does not name it
    "wrong_kind",  # 1 if the answer type is known and the best unit contains none of that type
    "absent",  # largest share of the total idf that a concept missing from the best passage has
    "absent_thing",  # the same among common nouns
    "absent_name",  # the same among proper names
    "unknown",  # share of the total idf of the concepts that occur nowhere in the corpus
    "agreed",  # 1 if the first hit is first by cosine and by BM25 as well
    "concepts",  # 1 / (1 + number of concepts)
    "asks_amount",  # 1 if the answer type is known and none of date, person, place and list
    "asks_who",
    "asks_where",
    "english",
)
"""Names of the inputs of the confidence model without a reranker."""

RERANKER_SIGNS = ("reranker", "reranker_margin")
"""Further inputs with a reranker: its score of the best unit, and the margin over its best score in another passage."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted weights of ranking and of the confidence model, with or without a reranker.

    Attributes:
        rank: weights of the ranking features by language, shape (len(feature_names(reranked)),). They come from a
            logistic regression on feature differences, so a difference of two scores is a log-odds.
        signs: weights of the confidence model, a logistic regression, shape (len(sign_names(reranked)),).
        intercept: intercept of the confidence model, in log-odds.
        threshold: confidence (0 to 1) below which a question is refused, by language.
        reranker: fingerprint of the reranker that the weights were fitted with; "" if without one.
        second: a second sentence is highlighted if its score is within this difference of the best one's.
        highest: the reranker's highest score, rounded up; 0 if without one.
        unread: the reranker's mean score of the units that it need not read; 0 if without one.
    """

    rank: Mapping[str, Weights]
    signs: Weights
    intercept: float
    threshold: Mapping[Language, float]
    reranker: str = ""
    second: float = 0.0
    highest: float = 0.0
    unread: float = 0.0

    def cascade(self, language: Language) -> Cascade:
        """Return what decides how many units the reranker reads for a question in a language."""
        return Cascade(self.rank[language], self.highest, self.unread)

    def confidence(self, signs: Weights) -> float:
        """Return the probability (0 to 1) that the first hit answers; ``signs`` is what ``signs()`` returns for it."""
        # exp() overflows beyond about 709.
        evidence = float(np.clip(signs @ self.signs + self.intercept, -500, 500))
        return 1.0 / (1.0 + math.exp(-evidence))


def feature_names(reranked: bool) -> tuple[str, ...]:
    """Return the names of the ranking features, in the order of the weights."""
    return (*FEATURES, RERANKER) if reranked else FEATURES


def sign_names(reranked: bool) -> tuple[str, ...]:
    """Return the names of the confidence model's inputs, in the order of the weights."""
    return (*SIGNS, *RERANKER_SIGNS) if reranked else SIGNS


@lru_cache(maxsize=2)
def load(reranked: bool = False) -> Calibration:
    """Read the calibration that ships with parkqa, either for the default reranker or for ranking without one.

    >>> load().reranker == "", 0 < load().threshold["zh"] < 1
    (True, True)
    """
    raw = json.loads(resources.files("parkqa").joinpath("data", "calibration.json").read_text(encoding="utf-8"))
    return from_dict(raw["reranked" if reranked else "plain"], reranked)


def from_dict(raw: Mapping[str, Any], reranked: bool) -> Calibration:
    """Return the calibration of a parsed JSON object, the inverse of ``to_dict``.

    Raises:
        KeyError: a weight is missing.
    """
    return Calibration(
        rank={language: _by_name(feature_names(reranked), numbers) for language, numbers in raw["rank"].items()},
        signs=_by_name(sign_names(reranked), raw["confidence"]),
        intercept=float(raw["intercept"]),
        threshold={language: float(least) for language, least in raw["threshold"].items()},
        reranker=str(raw["reranker"]),
        second=float(raw["second"]),
        highest=float(raw["highest"]) if reranked else 0.0,
        unread=float(raw["unread"]) if reranked else 0.0,
    )


def to_dict(fitted: Calibration, reranked: bool) -> dict[str, Any]:
    """Return a calibration as a JSON-serialisable dict, with each weight under its name.

    >>> from_dict(to_dict(load(), False), False).threshold == load().threshold
    True
    """
    names = feature_names(reranked)
    return {
        "rank": {language: dict(zip(names, map(float, w), strict=True)) for language, w in fitted.rank.items()},
        "confidence": dict(zip(sign_names(reranked), map(float, fitted.signs), strict=True)),
        "intercept": fitted.intercept,
        "threshold": dict(fitted.threshold),
        "reranker": fitted.reranker,
        "second": fitted.second,
        **({"highest": fitted.highest, "unread": fitted.unread} if reranked else {}),
    }


def _by_name(names: Sequence[str], numbers: Mapping[str, float]) -> Weights:
    return np.array([numbers[name] for name in names], dtype=np.float64)


def signs(query: Query, hits: Sequence[Hit], rows: Sequence[UnitEvidence], rare: Rarity) -> Weights:
    """Return the inputs of the confidence model for ``hits[0]``.

    Args:
        query: the question.
        hits: the ranking, best first; at least one hit.
        rows: the evidence of all units of all candidates, including the best unit of ``hits[0]``.
        rare: the rarity of the question's concepts.

    Returns:
        An array of shape (len(SIGNS),), longer by len(RERANKER_SIGNS) if the reranker has scored the best unit.
    """
    top = hits[0]
    unit = best_unit(top)
    best = next(row for row in rows if row.row == top.row and row.unit == unit)
    features = best.features
    lacking = ~np.array(best.present, dtype=bool)
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
    """The largest share of the total idf that one of the selected concepts has; 0 if none is selected."""
    return float(idf[which].max() / idf.sum()) if which.any() else 0.0


def _lexical(hit: Hit) -> tuple[float, int]:
    return hit.lexical, -hit.row


def _dense(hit: Hit) -> tuple[float, int]:
    return hit.dense, -hit.row
