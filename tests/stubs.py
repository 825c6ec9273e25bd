"""Parts that stand in for the real ones in quick tests."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from parkqa.types import Progress, Vectors


class StubEncoder:
    """Texts with the same pairs of characters get near vectors; no model is needed. ``encoded`` counts the texts."""

    def __init__(self, fingerprint: str = "stub-1", dimension: int = 64) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for pair in zip(f" {text}", f"{text} ", strict=True):
                vectors[row, zlib.crc32("".join(pair).encode()) % self.dimension] += 1
            vectors[row] /= np.linalg.norm(vectors[row])
            if progress:
                progress(row + 1, len(texts))
        self.encoded += len(texts)
        return vectors
