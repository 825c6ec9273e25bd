"""The fitted numbers: how evidence is weighed, and how sure an answer is. Made by ``training/calibration.py``.

No constant in here is set by hand: ``data/calibration.json`` holds what scikit-learn fitted, and says on what and when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from parkqa.retrieval import FEATURES, Evidence, Weights, best_unit, plain, present, rarity, share
from parkqa.types import Hit, Query, Store

SIGNS = (
    "score",  # of the best hit
    "margin",  # over the second
    *FEATURES,  # of the best hit's best unit
    "absent",  # share of the rarest concept that the best passage lacks
    "unknown",  # share of the concepts, by idf, that stand nowhere in the corpus
    "agreed",  # 1 when both searches put the best hit first
    "concepts",  # 1 / (1 + number of concepts)
    "asks_amount",
    "asks_who",
    "asks_where",
    "english",
)
"""What the confidence is worked out from."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of FEATURES by language, a logistic regression over SIGNS, and the confidence below which to refuse."""

    rank: Mapping[str, Weights]
    signs: Weights
    intercept: float
    threshold: float

    def confidence(self, signs: Weights) -> float:
        """Return the probability, 0 to 1, that the best hit answers; ``signs`` has shape (len(SIGNS),)."""
        return float(1.0 / (1.0 + np.exp(-(signs @ self.signs + self.intercept))))


@lru_cache(maxsize=1)
def load() -> Calibration:
    """Read the numbers that ship with parkqa."""
    raw = json.loads(resources.files("parkqa").joinpath("data", "calibration.json").read_text(encoding="utf-8"))
    return from_dict(raw)


def from_dict(raw: Mapping[str, Any]) -> Calibration:
    """Make a calibration of its JSON form, in which each number stands by its name."""
    return Calibration(
        rank={language: _by_name(FEATURES, numbers) for language, numbers in raw["rank"].items()},
        signs=_by_name(SIGNS, raw["confidence"]),
        intercept=float(raw["intercept"]),
        threshold=float(raw["threshold"]),
    )


def to_dict(fitted: Calibration) -> dict[str, Any]:
    """Return the JSON form of a calibration."""
    return {
        "rank": {language: dict(zip(FEATURES, map(float, w), strict=True)) for language, w in fitted.rank.items()},
        "confidence": dict(zip(SIGNS, map(float, fitted.signs), strict=True)),
        "intercept": fitted.intercept,
        "threshold": fitted.threshold,
    }


def _by_name(names: Sequence[str], numbers: Mapping[str, float]) -> Weights:
    return np.array([numbers[name] for name in names], dtype=np.float64)


def signs(query: Query, hits: Sequence[Hit], rows: Sequence[Evidence], store: Store) -> Weights:
    """Return what is known of how well ``hits[0]`` answers, shape (len(SIGNS),); ``rows`` is the evidence of all."""
    top = hits[0]
    unit = best_unit(top)
    best = next(row for row in rows if row.row == top.row and row.unit == unit)
    idf = rarity(query, store)
    lacking = idf[~present(query, plain(top.passage))]
    nowhere = np.array([not any(store.frequency(t) for t in concept) for concept in query.concepts], dtype=bool)
    agreed = all(top.row == max(hits, key=key).row for key in (_lexical, _dense))
    return np.array(
        [
            top.score,
            top.score - hits[1].score if len(hits) > 1 else 0.0,
            *best.features,
            float(lacking.max() / idf.sum()) if len(lacking) else 0.0,
            share(nowhere, idf),
            float(agreed),
            1.0 / (1 + len(query.concepts)),
            float(query.asks == "amount"),
            float(query.asks == "who"),
            float(query.asks == "where"),
            float(query.language == "en"),
        ]
    )


def _lexical(hit: Hit) -> tuple[float, int]:
    return hit.lexical, -hit.row


def _dense(hit: Hit) -> tuple[float, int]:
    return hit.dense, -hit.row
