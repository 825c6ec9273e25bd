"""When two questions count as the same by their embeddings, and clustering by that criterion.

Embedding models differ in the cosine that unrelated texts have, so the criterion is relative to this background value.
"""

from __future__ import annotations

import numpy as np

from parkqa.types import Store, Vectors

ALIKE = 0.65
"""Similarity from which two questions count as the same, on a scale from 0 (background cosine) to 1 (equal texts).

Chosen by hand while looking at the pairs that different values join in the two question sets. A smaller value joins
questions that merely name the same company; a larger one separates rewordings of one question.
"""
_SAMPLE = 500
"""Number of passages that the background cosine is estimated from."""


def background_cosine(store: Store) -> float:
    """Return the mean cosine of two different passages among the first 500; 0 if there are fewer than two."""
    count = min(len(store.passages), _SAMPLE)
    if count < 2:
        return 0.0
    # The squared length of the sum is the sum of all pairwise cosines, with 1 for each vector and itself.
    total = store.vectors(count).sum(axis=0)
    return float((total @ total - count) / (count * (count - 1)))


def same_question_cosine(floor: float) -> float:
    """Return the cosine from which two questions count as the same, given the background cosine ``floor``.

    >>> round(same_question_cosine(0.8), 2)
    0.93
    """
    return floor + ALIKE * (1 - floor)


def cluster_vectors(vectors: Vectors, least: float) -> list[list[int]]:
    """Cluster vectors by leader clustering in a single pass.

    Each vector joins the most similar leader if their cosine is at least ``least``; otherwise it becomes the leader of
    a new cluster. The result depends on the order of the vectors.

    Args:
        vectors: shape (n, dimension), each of length 1.
        least: smallest cosine of a member and its leader.

    Returns:
        The row numbers of each cluster, the leader first, in the order of the leaders.

    >>> cluster_vectors(np.array([[1, 0], [0, 1], [0.8, 0.6]], dtype=np.float32), 0.7)
    [[0, 2], [1]]
    """
    leaders = np.empty_like(vectors)
    members: list[list[int]] = []
    for row, vector in enumerate(vectors):
        near = leaders[: len(members)] @ vector
        best = int(near.argmax()) if members else -1
        if best >= 0 and near[best] >= least:
            members[best].append(row)
        else:
            leaders[len(members)] = vector
            members.append([row])
    return members
