"""Stand-ins for the models, where another part is under test."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from parkqa.types import Progress, Vectors


class StubEncoder:
    """An encoder without a model: texts that share pairs of neighbouring characters get similar vectors.

    Deterministic on every machine.

    Attributes:
        fingerprint: as given.
        dimension: as given.
        encoded: the number of texts embedded so far.

    >>> encoder = StubEncoder()
    >>> asked, near, far = encoder.encode_queries(["园区成立", "园区成立于2003年", "招商热线"])
    >>> bool(asked @ near > asked @ far)
    True
    """

    def __init__(self, fingerprint: str = "stub-1", dimension: int = 64) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, which are embedded as passages are."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return the vectors of texts, calling ``progress`` after each."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for pair in zip(f" {text}", f"{text} ", strict=True):
                vectors[row, zlib.crc32("".join(pair).encode()) % self.dimension] += 1
            vectors[row] /= np.linalg.norm(vectors[row])
            if progress:
                progress(row + 1, len(texts))
        self.encoded += len(texts)
        return vectors


class StubReranker:
    """A reranker without a model: the score is the share of the question's characters that the text contains.

    It runs from -4 (none) to 4 (all). The fitted numbers that ship with parkqa belong to the default reranker; give
    its fingerprint to have them used with this one.

    Attributes:
        fingerprint: as given.

    >>> StubReranker().score("园区成立", ["园区成立于2003年。", "园区招商热线", "港口"]).tolist()
    [4.0, 0.0, -4.0]
    """

    def __init__(self, fingerprint: str = "stub-reranker-1") -> None:
        self.fingerprint = fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one score per text, shape (len(texts),)."""
        asked = {character for character in question if character.isalnum()}
        shares = [len(asked & set(text)) / max(len(asked), 1) for text in texts]
        return np.array([8 * share - 4 for share in shares], dtype=np.float32)
