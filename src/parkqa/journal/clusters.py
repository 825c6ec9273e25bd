"""Questions of the journal that are alike, put together: what the report lists and the review walks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parkqa.journal.entries import Cited, Entry
from parkqa.search.similarity import cluster_vectors, same_question_cosine
from parkqa.text.folding import folded
from parkqa.types import Encoder

NEAREST = 2


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that are alike: the wording most used, every wording with its number, and the entries, oldest first."""

    question: str
    wordings: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]

    @property
    def asked(self) -> int:
        """How many times."""
        return len(self.entries)

    @property
    def answered(self) -> int:
        """How many times with a quote."""
        return sum(made.kind == "answer" for made in self.entries)

    @property
    def nearest(self) -> tuple[Cited, ...]:
        """What was shown last: quotes, or what was nearest where there were none."""
        last = self.entries[-1]
        return (last.quotes or last.related)[:NEAREST]


def clustered(entries: Sequence[Entry], encoder: Encoder, floor: float) -> list[Cluster]:
    """Put alike questions together by their vectors, most asked first; ``floor`` is the store's ``background_cosine``."""
    by_text: dict[str, list[Entry]] = {}
    for made in entries:
        by_text.setdefault(folded(made.understood).strip(" ?.!"), []).append(made)
    # Sorting is stable: of two asked as often the one asked first leads.
    texts = sorted(by_text, key=lambda text: -len(by_text[text]))
    matches_of = cluster_vectors(encoder.encode_queries(texts), same_question_cosine(floor)) if texts else []
    made_groups = [_cluster([made for row in rows for made in by_text[texts[row]]]) for rows in matches_of]
    return sorted(made_groups, key=lambda group: (-group.asked, group.entries[0].at))


def _cluster(entries: list[Entry]) -> Cluster:
    wordings = Counter(made.question for made in entries)
    return Cluster(
        question=wordings.most_common(1)[0][0],
        wordings=tuple(wordings.most_common()),
        entries=tuple(sorted(entries, key=lambda made: made.at)),
    )
