"""BM25 in Lucene's variant, with the same parameters for both stores.

See Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), and Kamphuis et al., Which
BM25 Do You Mean? (2020), for the variants.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

METHOD, K1, B = "lucene", 1.5, 0.75
"""Lucene's variant has no negative idf; k1 and b lie within the ranges that Robertson and Zaragoza recommend."""


def inverse_document_frequency(passages: int, containing: int) -> float:
    """Return the inverse document frequency of a word, ln(1 + (N - n + ½) / (n + ½)) as in Lucene.

    Args:
        passages: N, the number of passages.
        containing: n, the number of passages that contain the word.

    >>> round(inverse_document_frequency(100, 100), 3), round(inverse_document_frequency(100, 1), 3)
    (0.005, 4.21)
    """
    return math.log1p((passages - containing + 0.5) / (containing + 0.5))


def sparse_weights(tokens: Sequence[Sequence[str]], words: Mapping[str, tuple[int, int]]) -> Iterator[dict[int, float]]:
    """Yield the BM25 weights of each passage's words, as a dict from the word's number to its weight, sorted by number.

    A passage's score for a query is the sum of the weights of the query's words.

    Args:
        tokens: the words of each passage, with repetitions; empty strings are ignored.
        words: for each word, its number and the number of passages that contain it.

    >>> [round(weight, 3) for row in sparse_weights([["a", "b"], ["a"]], {"a": (1, 2), "b": (2, 1)})
    ...     for weight in row.values()]
    [0.063, 0.241, 0.086]
    """
    # A passage without words counts as one word long, as in bm25s, so that both stores have the same mean length.
    counts = [Counter(word for word in row if word) for row in tokens]
    lengths = [max(count.total(), 1) for count in counts]
    mean = sum(lengths) / max(len(lengths), 1)
    idf = {word: inverse_document_frequency(len(tokens), n) for word, (_, n) in words.items()}
    for count, length in zip(counts, lengths, strict=True):
        norm = K1 * (1 - B + B * length / mean)
        weights = {words[word][0]: idf[word] * n / (n + norm) for word, n in count.items()}
        yield dict(sorted(weights.items()))
