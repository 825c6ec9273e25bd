"""The fitted numbers: complete, read by name, and pointing the right way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parkqa.search.confidence import Calibration, feature_names, from_dict, load, sign_names, to_dict


@pytest.mark.parametrize("reranked", [False, True])
def test_the_shipped_numbers_are_complete(reranked: bool) -> None:
    numbers = load(reranked)
    assert set(numbers.rank) == {"zh", "en"}
    assert all(weights.shape == (len(feature_names(reranked)),) for weights in numbers.rank.values())
    assert numbers.signs.shape == (len(sign_names(reranked)),)
    assert set(numbers.threshold) == {"zh", "en"}
    assert all(0 < least < 1 for least in numbers.threshold.values())


@pytest.mark.parametrize("reranked", [False, True])
def test_what_is_written_is_read_again(reranked: bool) -> None:
    numbers = load(reranked)
    again = from_dict(to_dict(numbers, reranked), reranked)
    assert (again.intercept, again.threshold, again.reranker) == (
        numbers.intercept,
        numbers.threshold,
        numbers.reranker,
    )
    assert np.array_equal(again.signs, numbers.signs)


def test_a_number_that_is_missing_is_an_error() -> None:
    raw = to_dict(load(), False)
    del raw["confidence"]["margin"]
    with pytest.raises(KeyError, match="margin"):
        from_dict(raw, False)


@pytest.mark.parametrize("reranked", [False, True])
@pytest.mark.parametrize(("name", "way"), [("margin", 1), ("wrong_year", -1), ("absent_name", -1), ("unknown", -1)])
def test_what_speaks_for_an_answer_never_speaks_against_it(reranked: bool, name: str, way: int) -> None:
    weight = load(reranked).signs[sign_names(reranked).index(name)]
    assert weight * way >= 0


def test_confidence_is_a_probability_and_grows_with_the_evidence() -> None:
    numbers = Calibration({}, np.array([2.0, -1.0]), 0.5, {"zh": 0.5})
    assert numbers.confidence(np.array([0.0, 0.5])) == pytest.approx(0.5)
    assert numbers.confidence(np.array([1.0, 0.0])) == pytest.approx(1 / (1 + math.exp(-2.5)))
    assert replace(numbers, intercept=-900.0).confidence(np.array([0.0, 0.0])) == pytest.approx(0)
