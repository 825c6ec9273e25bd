"""The checks of an ``Encoder`` and of a ``Reranker``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from parkqa.testing.assertions import COSINE, SAME_VECTOR, array, call, check, near
from parkqa.types import Encoder, Reranker, SpanReranker, Vectors

SAME_SCORE = 1e-4
"""Largest difference of two scores of the same question and text."""
TEXTS = (
    "园区是什么时候成立的？",
    "How do I get there?",
    "园区",
    "2003年8月29日,江阴经济开发区靖江园区正式成立。",
    "招商热线",
    "园区位于长江北岸，拥有11.1公里长江岸线。" * 8,
    "园区",
    "Ｆａｘ 0523-8433",
)
"""What models are given: two languages, short and long, one of them twice."""


def check_encoder(encoder: Encoder) -> None:
    """Check an encoder: shapes, types and lengths of the vectors, and that a text's vector is always the same.

    Raises:
        AssertionError: a promise of ``Encoder`` is broken; says which.

    >>> from parkqa.testing import StubEncoder
    >>> class Unscaled(StubEncoder):
    ...     def encode_passages(self, texts, progress=None):
    ...         return 2 * super().encode_passages(texts, progress)
    >>> check_encoder(Unscaled())
    Traceback (most recent call last):
    ...
    AssertionError: Unscaled.encode_queries: a vector has length 2.0000, each must have length 1.
    """
    call(type(encoder).__name__, _check_encoder, encoder)


def _check_encoder(encoder: Encoder) -> None:
    name = type(encoder).__name__
    fingerprint = _fingerprint(name, encoder)
    dimension = encoder.dimension
    check(
        isinstance(dimension, int) and dimension > 0,
        f"{name}.dimension is {dimension!r}, it must be a positive int.",
    )
    for method in ("encode_queries", "encode_passages"):
        _check_vectors(f"{name}.{method}", getattr(encoder, method), dimension)
    _check_progress(f"{name}.encode_passages", encoder)
    check(encoder.dimension == dimension, f"{name}.dimension changed, it must stay the same.")
    check(encoder.fingerprint == fingerprint, f"{name}.fingerprint changed, it must stay the same.")


def _check_vectors(where: str, encode: Callable[[Sequence[str]], Vectors], dimension: int) -> None:
    together = array(where, call(where, encode, list(TEXTS)), (len(TEXTS), dimension))
    lengths = np.linalg.norm(together, axis=1)
    worst = float(lengths[np.argmax(np.abs(lengths - 1))])
    check(abs(worst - 1) <= COSINE, f"{where}: a vector has length {worst:.4f}, each must have length 1.")
    place = {text: row for row, text in enumerate(TEXTS)}
    same = together[[place[text] for text in TEXTS]]
    near(where, together, same, SAME_VECTOR, "the same text twice in one call must get the same vector")
    again = array(where, call(where, encode, TEXTS), together.shape)
    near(where, again, together, SAME_VECTOR, "the same texts in a second call must get the same vectors")
    turned = array(where, call(where, encode, TEXTS[::-1]), together.shape)[::-1]
    near(where, turned, together, SAME_VECTOR, "a vector must not depend on the order of the texts")
    alone = [array(where, call(where, encode, [text]), (1, dimension))[0] for text in TEXTS]
    near(where, np.stack(alone), together, SAME_VECTOR, "a vector must not depend on the other texts of the call")
    array(where, call(where, encode, []), (0, dimension))


def _check_progress(where: str, encoder: Encoder) -> None:
    calls: list[tuple[int, int]] = []
    call(where, encoder.encode_passages, list(TEXTS), lambda done, total: calls.append((done, total)))
    done = [each for each, _ in calls]
    check(
        all(total == len(TEXTS) for _, total in calls) and done == sorted(done) and done[-1:] in ([], [len(TEXTS)]),
        f"{where}: progress was called with {calls}, it must count up to all {len(TEXTS)} texts.",
    )


def check_reranker(reranker: Reranker) -> None:
    """Check a reranker: the shape and type of the scores, and that a text's score does not depend on the others.

    Of a ``SpanReranker`` the readings are checked too.

    Raises:
        AssertionError: a promise of ``Reranker`` is broken; says which.

    >>> from parkqa.testing import StubReranker
    >>> class Halved(StubReranker):
    ...     def score(self, question, texts):
    ...         return super().score(question, texts[: len(texts) // 2])
    >>> check_reranker(Halved())
    Traceback (most recent call last):
    ...
    AssertionError: Halved.score: the shape is (4,), it must be (8,).
    """
    call(type(reranker).__name__, _check_reranker, reranker)


def _check_reranker(reranker: Reranker) -> None:
    name = type(reranker).__name__
    where = f"{name}.score"
    fingerprint = _fingerprint(name, reranker)
    for question in ("园区是什么时候成立的？", "When was the park founded?"):
        together = array(where, call(where, reranker.score, question, list(TEXTS)), (len(TEXTS),))
        place = {text: row for row, text in enumerate(TEXTS)}
        same = together[[place[text] for text in TEXTS]]
        near(where, together, same, SAME_SCORE, "the same text twice in one call must get the same score")
        again = array(where, call(where, reranker.score, question, TEXTS), together.shape)
        near(where, again, together, SAME_SCORE, "the same texts in a second call must get the same scores")
        turned = array(where, call(where, reranker.score, question, TEXTS[::-1]), together.shape)[::-1]
        near(where, turned, together, SAME_SCORE, "a score must not depend on the order of the texts")
        alone = [array(where, call(where, reranker.score, question, [text]), (1,))[0] for text in TEXTS]
        near(where, np.array(alone), together, SAME_SCORE, "a score must not depend on the other texts of the call")
        array(where, call(where, reranker.score, question, []), (0,))
        if isinstance(reranker, SpanReranker):
            _check_readings(f"{name}.read", reranker, question, together)
    check(reranker.fingerprint == fingerprint, f"{name}.fingerprint changed, it must stay the same.")


def _check_readings(where: str, reranker: SpanReranker, question: str, scores: npt.NDArray[np.float32]) -> None:
    texts = list(TEXTS)
    readings = call(where, reranker.read, question, texts)
    check(len(readings) == len(texts), f"{where}: there are {len(readings)} readings, there must be {len(texts)}.")
    for text, reading, score in zip(texts, readings, scores, strict=True):
        count = len(reading.offsets)
        array(where, reading.ends, (count, 2))
        inside = (reading.offsets >= 0) & (reading.offsets <= len(text))
        check(reading.offsets.shape == (count, 2), f"{where}: the offsets must have the shape ({count}, 2).")
        check(bool(inside.all()), f"{where}: an offset lies outside the text.")
        near(where, np.array([reading.score]), np.array([score]), SAME_SCORE, "a reading must have the text's score")


def _fingerprint(name: str, part: Encoder | Reranker) -> str:
    found = part.fingerprint
    check(isinstance(found, str) and found != "", f"{name}.fingerprint is {found!r}, it must be a non-empty str.")
    check(part.fingerprint == found, f"{name}.fingerprint changed, it must stay the same.")
    return found
