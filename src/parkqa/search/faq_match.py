"""Matching questions with faq.yaml, in which staff name the passage that answers a question, or that none does.

An entry overrides the ranking only for the same question: one with the same wording, or one that is similar by
embedding and agrees in language, answer type, years and content words. For merely similar questions, the entry is an
ordinary candidate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from parkqa.query.question_words import TRAILING
from parkqa.query.talk import without_fillers, without_talk
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search.similarity import background_cosine, same_question_cosine
from parkqa.text.folding import folded
from parkqa.types import Encoder, Hit, Passage, Query, Store, Vectors

NOTHING = -1
"""Stands for a row if staff have marked a question as out of scope."""
NOTE = "faq"
"""Key in ``Store.note`` under which the row pairs of ``kept`` are stored."""


@dataclass(frozen=True, slots=True)
class FaqQuestion:
    """A question of faq.yaml.

    Attributes:
        query: the parsed question.
        row: row of its own passage (kind ``question``), or NOTHING if the question is out of scope.
        vector: embedding of the question, shape (dimension,).
    """

    query: Query
    row: int
    vector: Vectors


class FaqMatcher:
    """The questions of faq.yaml. Immutable, hence thread-safe.

    Attributes:
        leads: maps the row of each question of faq.yaml to the row of the passage that answers it.
    """

    def __init__(self, store: Store, refused: Sequence[str], vocabulary: Vocabulary, encoder: Encoder) -> None:
        """Parse and embed the questions of faq.yaml.

        Args:
            store: the open index; its last rows are the questions that a passage answers.
            refused: the questions that staff have marked as out of scope.
            vocabulary: the words of the corpus.
            encoder: the embedding model of the index.
        """
        self._store = store
        self.leads: Mapping[int, int] = leads(store)
        # The questions are the last rows; one slice of them costs a database a single statement.
        first = min(self.leads, default=len(store.passages))
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
        """Look a question up.

        Args:
            query: the question.
            vector: its embedding, shape (dimension,), length 1.

        Returns:
            The row of the matching question of faq.yaml, NOTHING if it is out of scope, None if no entry matches.
        """
        if not self._questions:
            return None
        literal = _bare(without_fillers(without_talk(folded(query.question))))
        found = self._exact.get(literal) or self._exact.get(_bare(query.search)) or self._near(query, vector)
        return None if found is None else found.row

    def lead(self, hits: Sequence[Hit], row: int) -> list[Hit]:
        """Return the hits with the passage of a row first, with at least the highest score of all."""
        first = next((hit for hit in hits if hit.row == row), None)
        if first is None:
            passage = self._store.passages[row]
            first = Hit(row, passage, 0.0, 0.0, 0.0, (0.0,) * len(passage.spans))
        best = max((hit.score for hit in hits), default=0.0)
        return self.once([replace(first, score=max(first.score, best)), *hits])

    def once(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits without repetitions: of a passage and the questions that lead to it, only the first."""
        seen: dict[int, Hit] = {}
        for hit in hits:
            seen.setdefault(self.leads.get(hit.row, hit.row), hit)
        return list(seen.values())

    def home(self, hit: Hit) -> Hit:
        """Return the hit on the answering passage, with faq.yaml's quote marked, for a hit on one of its questions.

        Any other hit is returned unchanged.
        """
        row = self.leads.get(hit.row)
        if row is None:
            return hit
        owner, quote = self._store.passages[row], hit.passage
        whole = (quote.start, quote.end) == (owner.start, owner.end) and owner.kind == "list"
        marks = owner.spans if whole else ((quote.start, quote.end),)
        return replace(hit, row=row, passage=owner, marks=marks)

    def _near(self, query: Query, vector: Vectors) -> FaqQuestion | None:
        similar = [(float(each.vector @ vector), each) for each in self._questions if _same_words(query, each.query)]
        best = max(similar, key=lambda pair: pair[0], default=None)
        return best[1] if best and best[0] >= self._bar else None


def _bare(folded_question: str) -> str:
    return TRAILING.sub("", folded_question).strip()


def _same_words(one: Query, other: Query) -> bool:
    same = (one.language, one.asks, set(one.years)) == (other.language, other.asks, set(other.years))
    return same and bool(one.concepts) and _within(one, other) and _within(other, one)


def _within(one: Query, other: Query) -> bool:
    """Whether each concept of one question shares a word with a concept of the other."""
    return all(any(set(concept) & set(candidate) for candidate in other.concepts) for concept in one.concepts)


def kept(passages: Sequence[Passage]) -> str:
    """Return the JSON to store under NOTE: pairs of the row of each question of faq.yaml and of its passage."""
    rows = {passage.id: row for row, passage in enumerate(passages)}
    asked = [(row, passage.original) for row, passage in enumerate(passages) if passage.kind == "question"]
    return json.dumps([(row, rows[original]) for row, original in asked if original])


def leads(store: Store) -> dict[int, int]:
    """Return a map from the row of each question of faq.yaml to the row of the passage that answers it.

    It is read from the note of the index, or worked out from the passages if the note does not have it.
    """
    return dict(json.loads(store.note.get(NOTE) or kept(store.passages)))
