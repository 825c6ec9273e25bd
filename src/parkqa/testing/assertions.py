"""What the checks state, each with the sentence that says which promise is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

SAME_VECTOR = 1e-5
"""Largest difference of any component of two vectors of the same text."""
COSINE = 1e-3
"""Largest error of a cosine similarity, a component of a stored vector or the length of an embedding."""

Value = TypeVar("Value")


def check(holds: bool | np.bool_, otherwise: str) -> None:
    """Raise ``AssertionError``, under ``python -O`` too."""
    if not holds:
        raise AssertionError(otherwise)


def call(where: str, function: Callable[..., Value], *given: object, **named: object) -> Value:
    """Call what is under test; an exception of its own is a broken promise as well."""
    try:
        return function(*given, **named)
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{where} raised {type(error).__name__}: {error}") from error


def array(where: str, found: object, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Check that an array is of float32, of a shape, and finite; return it."""
    check(isinstance(found, np.ndarray), f"{where}: it is a {type(found).__name__}, it must be a NumPy array.")
    assert isinstance(found, np.ndarray)
    check(found.shape == shape, f"{where}: the shape is {found.shape}, it must be {shape}.")
    check(found.dtype == np.float32, f"{where}: the dtype is {found.dtype}, it must be float32.")
    check(np.isfinite(found).all(), f"{where}: there are numbers that are not finite.")
    return found


def near(where: str, found: npt.NDArray[Any], expected: npt.NDArray[Any], within: float, promise: str) -> None:
    """Check that two arrays of one shape differ by at most ``within`` in any component."""
    apart = float(np.abs(found - expected).max(initial=0))
    check(apart <= within, f"{where}: {promise}; they differ by {apart:.2g}.")
