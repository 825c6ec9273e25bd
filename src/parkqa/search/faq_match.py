"""What staff say of a question in faq.yaml: which passage answers it, or that none does.

Their word stands for the same question only: the same words, or near by meaning with no content word, year or kind of
thing of one missing in the other. What is merely like it is found as any passage is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from parkqa.query.question_words import TRAILING, without_fillers
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search.similarity import background_cosine, same_question_cosine
from parkqa.text.folding import folded
from parkqa.types import Encoder, Hit, Passage, Query, Store, Vectors

NOTHING = -1
"""In place of a row: nothing answers."""
NOTE = "faq"
"""Where in ``Store.note`` it is kept which passage each question leads to."""


@dataclass(frozen=True, slots=True)
class FaqQuestion:
    """A question of faq.yaml as it is understood, its vector, and the row of the passage that answers, or NOTHING."""

    query: Query
    row: int
    vector: Vectors


class FaqMatcher:
    """The questions of faq.yaml. Nothing in it changes: many threads may ask."""

    def __init__(self, store: Store, refused: Sequence[str], vocabulary: Vocabulary, encoder: Encoder) -> None:
        """Understand and embed the questions that lead to a passage, and those that are ``refused``."""
        self._store = store
        self.leads: Mapping[int, int] = leads(store)
        first = min(self.leads, default=len(store.passages))  # All at once: a database is asked once.
        asked = [(passage.heading[0], row) for row, passage in enumerate(store.passages[first:], first)]
        asked += [(text, NOTHING) for text in refused]
        queries = [understand(text, (), vocabulary, literal=True) for text, _ in asked]
        vectors = encoder.encode_queries([query.search for query in queries]) if queries else np.empty((0, 0))
        self._questions = [
            FaqQuestion(query, row, vector) for query, (_, row), vector in zip(queries, asked, vectors, strict=True)
        ]
        self._exact = {_bare(each.query.search): each for each in reversed(self._questions)}
        self._bar = same_question_cosine(background_cosine(store)) if asked else 1.0

    def row(self, query: Query, vector: Vectors) -> int | None:
        """Return the row that staff say answers a question, NOTHING where none does, None where they say nothing.

        ``vector`` is the question's, shape (dimension,).
        """
        if not self._questions:
            return None
        literal = _bare(without_fillers(folded(query.question)))
        found = self._exact.get(literal) or self._exact.get(_bare(query.search)) or self._near(query, vector)
        return None if found is None else found.row

    def lead(self, hits: Sequence[Hit], row: int) -> list[Hit]:
        """Put the passage of a row first."""
        first = next((hit for hit in hits if hit.row == row), None)
        if first is None:
            passage = self._store.passages[row]
            first = Hit(row, passage, 0.0, 0.0, 0.0, (0.0,) * len(passage.spans))
        best = max((hit.score for hit in hits), default=0.0)
        return self.once([replace(first, score=max(first.score, best)), *hits])

    def once(self, hits: Sequence[Hit]) -> list[Hit]:
        """Keep of a passage and the questions that lead to it only the first."""
        seen: dict[int, Hit] = {}
        for hit in hits:
            seen.setdefault(self.leads.get(hit.row, hit.row), hit)
        return list(seen.values())

    def home(self, hit: Hit) -> Hit:
        """Return the passage that a question leads to, with the quote marked; any other hit as it is."""
        row = self.leads.get(hit.row)
        if row is None:
            return hit
        owner, quote = self._store.passages[row], hit.passage
        whole = (quote.start, quote.end) == (owner.start, owner.end) and owner.kind == "list"
        marks = owner.spans if whole else ((quote.start, quote.end),)
        return replace(hit, row=row, passage=owner, marks=marks)

    def _near(self, query: Query, vector: Vectors) -> FaqQuestion | None:
        alike = [(float(each.vector @ vector), each) for each in self._questions if _same_words(query, each.query)]
        best = max(alike, key=lambda pair: pair[0], default=None)
        return best[1] if best and best[0] >= self._bar else None


def _bare(folded_question: str) -> str:
    return TRAILING.sub("", folded_question).strip()


def _same_words(one: Query, other: Query) -> bool:
    alike = (one.language, one.asks, set(one.years)) == (other.language, other.asks, set(other.years))
    return alike and bool(one.concepts) and _within(one, other) and _within(other, one)


def _within(one: Query, other: Query) -> bool:
    """Whether each concept of one question is one of the other."""
    return all(any(set(concept) & set(theirs) for theirs in other.concepts) for concept in one.concepts)


def kept(passages: Sequence[Passage]) -> str:
    """Return the JSON to keep of ``passages``: the row of each question of staff and of the passage it leads to.

    The questions come last.
    """
    rows = {passage.id: row for row, passage in enumerate(passages)}
    asked = [(row, passage.original) for row, passage in enumerate(passages) if passage.kind == "question"]
    return json.dumps([(row, rows[original]) for row, original in asked if original])


def leads(store: Store) -> dict[int, int]:
    """Return the row of the passage that each question of staff leads to, by the row of the question."""
    return dict(json.loads(store.note.get(NOTE) or kept(store.passages)))
