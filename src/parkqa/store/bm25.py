"""BM25 as both stores have it: Lucene's variant, its constants, and the weights of a passage's words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

METHOD, K1, B = "lucene", 1.5, 0.75
"""Lucene's idf is never negative; k1 and b lie in the ranges that Robertson and Zaragoza (2009) found good."""


def inverse_document_frequency(passages: int, containing: int) -> float:
    """Return Lucene's idf, ln(1 + (N - n + ½) / (n + ½)), of a word that ``containing`` of ``passages`` hold.

    >>> round(inverse_document_frequency(100, 100), 3), round(inverse_document_frequency(100, 1), 3)
    (0.005, 4.21)
    """
    return math.log1p((passages - containing + 0.5) / (containing + 0.5))


def sparse_weights(tokens: Sequence[Sequence[str]], words: Mapping[str, tuple[int, int]]) -> Iterator[dict[int, float]]:
    """Yield for each passage the weight of each of its words, by the word's number, in the order of these.

    ``words`` holds of each word its number and in how many passages it stands. A passage without words counts as one
    word long, as ``bm25s`` has it.
    """
    counts = [Counter(word for word in row if word) for row in tokens]
    lengths = [max(count.total(), 1) for count in counts]
    mean = sum(lengths) / max(len(lengths), 1)
    idf = {word: inverse_document_frequency(len(tokens), n) for word, (_, n) in words.items()}
    for count, length in zip(counts, lengths, strict=True):
        norm = K1 * (1 - B + B * length / mean)
        weights = {words[word][0]: idf[word] * n / (n + norm) for word, n in count.items()}
        yield dict(sorted(weights.items()))
