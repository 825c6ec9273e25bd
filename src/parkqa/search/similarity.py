"""How near two texts must be to count as one, and putting alike ones together, by their vectors."""

from __future__ import annotations

import numpy as np

from parkqa.types import Store, Vectors

ALIKE = 0.65
"""How near two questions must be to count as one: 0 is the mean cosine of two passages of the park, 1 the same text.

With the default model that is a cosine of .94; looked at on the two question sets, where .93 begins to join what only
names the same company.
"""
_SAMPLE = 500


def background_cosine(store: Store) -> float:
    """Return the mean cosine of two different passages: models differ in how near they put what is not alike."""
    count = min(len(store.passages), _SAMPLE)
    if count < 2:
        return 0.0
    total = store.vectors(count).sum(axis=0)
    return float((total @ total - count) / (count * (count - 1)))


def same_question_cosine(floor: float) -> float:
    """Return the cosine from which two questions count as one; ``floor`` is what ``background_cosine`` gives."""
    return floor + ALIKE * (1 - floor)


def cluster_vectors(vectors: Vectors, least: float) -> list[list[int]]:
    """Give each row, in turn, to the nearest earlier leader with a cosine of at least ``least``, or let it lead.

    ``vectors`` has shape (n, dimension), of unit length.
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
