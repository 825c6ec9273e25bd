"""Clusters similar questions of the journal, for the report and the review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parkqa.journal.entries import Cited, Entry
from parkqa.query.talk import talk
from parkqa.search.similarity import cluster_vectors, same_question_cosine
from parkqa.text.folding import folded
from parkqa.types import Encoder

NEAREST = 2
"""Number of passages that ``Cluster.nearest`` returns at most."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Similar questions.

    ``question`` is the most frequent wording, ``wordings`` every wording with its count, most frequent first;
    ``entries`` are ordered oldest first.
    """

    question: str
    wordings: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]

    @property
    def asked(self) -> int:
        """Number of times the question was asked."""
        return len(self.entries)

    @property
    def answered(self) -> int:
        """Number of times the question was answered."""
        return sum(entry.kind == "answer" for entry in self.entries)

    @property
    def nearest(self) -> tuple[Cited, ...]:
        """The passages shown the last time: the quotes, or the related passages of a refusal; at most ``NEAREST``."""
        last = self.entries[-1]
        return (last.quotes or last.related)[:NEAREST]


def clustered(entries: Sequence[Entry], encoder: Encoder, floor: float) -> list[Cluster]:
    """Cluster entries by the embeddings of their questions; return the clusters, most asked first.

    ``floor`` is the store's ``background_cosine``, which sets the cosine from which two questions count as the same.
    Questions whose folded texts are equal are always in one cluster.
    """
    by_text: dict[str, list[Entry]] = {}
    for entry in entries:
        by_text.setdefault(folded(entry.understood).strip(" ?.!"), []).append(entry)
    # cluster_vectors makes earlier rows the leaders: the most frequent text leads, and on a tie the one seen first.
    texts = sorted(by_text, key=lambda text: -len(by_text[text]))
    groups = cluster_vectors(encoder.encode_queries(texts), same_question_cosine(floor)) if texts else []
    clusters = [_cluster([entry for row in rows for entry in by_text[texts[row]]]) for rows in groups]
    return sorted(clusters, key=lambda cluster: (-cluster.asked, cluster.entries[0].at))


def _cluster(entries: list[Entry]) -> Cluster:
    # 不对 and 再说一遍 ask the question before them again.
    wordings = Counter(entry.understood if talk(folded(entry.question)) else entry.question for entry in entries)
    return Cluster(
        question=wordings.most_common(1)[0][0],
        wordings=tuple(wordings.most_common()),
        entries=tuple(sorted(entries, key=lambda entry: entry.at)),
    )
