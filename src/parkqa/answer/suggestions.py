"""Suggested questions: which of them have an answer is found out at the build and kept in the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from parkqa.corpus.curation.park import Park
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search.pipeline import Pipeline
from parkqa.types import Encoder, Language, Query, Reranker, Store, Vectors

NOTE = "suggested"
"""Where in ``Store.note`` it is kept."""
SUGGESTED = 3
"""Questions suggested with an answer."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question known to have an answer: the passage that answers (its row) and the question's vector."""

    question: str
    row: int
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggested questions that have answers, by language, in the order of park.yaml."""

    zh: tuple[Suggestion, ...] = ()
    en: tuple[Suggestion, ...] = ()

    def questions(self, language: Language) -> tuple[str, ...]:
        """Return the questions of a language."""
        return tuple(each.question for each in (self.en if language == "en" else self.zh))

    def nearest(self, query: Query, vector: Vectors, row: int) -> tuple[str, ...]:
        """Return the questions nearest to one just asked (``vector``), which the passage of ``row`` has answered."""
        mine = self.en if query.language == "en" else self.zh
        others = [each for each in mine if each.row != row and each.question != query.question]
        nearest = sorted(others, key=lambda each: -float(each.vector @ vector))
        return tuple(each.question for each in nearest[:SUGGESTED])

    def kept(self, park: Park, reranker: Reranker | None) -> str:
        """Return the JSON to keep: of each question of ``park`` the row that answers, None where none does."""
        rows = {each.question: each.row for each in (*self.zh, *self.en)}
        asked = {question: rows.get(question) for question in (*park.suggestions, *park.suggestions_en)}
        return json.dumps({"judge": judge(reranker), "rows": asked}, ensure_ascii=False, sort_keys=True)

    def dropped(self, park: Park) -> tuple[str, ...]:
        """Return the questions of ``park`` that have no answer."""
        answered = {each.question for each in (*self.zh, *self.en)}
        return tuple(asked for asked in (*park.suggestions, *park.suggestions_en) if asked not in answered)


def answerable(park: Park, pipeline: Pipeline, vocabulary: Vocabulary, encoder: Encoder) -> Suggestions:
    """Return the suggested questions that have answers; those of which the index keeps nothing are asked."""
    known = kept_in(pipeline.store, pipeline.reranker)
    sides = (
        _answerable(asked, known, pipeline, vocabulary, encoder) for asked in (park.suggestions, park.suggestions_en)
    )
    return Suggestions(*sides)


def _answerable(
    asked: Sequence[str],
    known: Mapping[str, int | None],
    pipeline: Pipeline,
    vocabulary: Vocabulary,
    encoder: Encoder,
) -> tuple[Suggestion, ...]:
    if not asked or not len(pipeline.store.passages):
        return ()
    queries = [understand(text, (), vocabulary) for text in asked]
    vectors = encoder.encode_queries([query.search for query in queries])
    rows = [
        known[query.question] if query.question in known else _answering(pipeline, query, vector)
        for query, vector in zip(queries, vectors, strict=True)
    ]
    triples = zip(asked, rows, vectors, strict=True)
    return tuple(Suggestion(text, row, vector) for text, row, vector in triples if row is not None)


def _answering(pipeline: Pipeline, query: Query, vector: Vectors) -> int | None:
    """The row of the passage that answers, None where none does."""
    ranking = pipeline.rank(query, vector)
    return ranking.hits[0].row if ranking.answers else None


def judge(reranker: Reranker | None) -> str:
    """Name what decides whether a question has an answer: the reranker and the fitted numbers."""
    numbers = resources.files("parkqa").joinpath("data", "calibration.json").read_bytes()
    return hashlib.sha256(numbers + (reranker.fingerprint if reranker else "").encode()).hexdigest()[:16]


def kept_in(store: Store, reranker: Reranker | None) -> Mapping[str, int | None]:
    """Return what was kept; nothing where none was, or another reranker or other numbers decided."""
    note = json.loads(store.note.get(NOTE, "{}"))
    rows: Mapping[str, int | None] = note["rows"] if note.get("judge") == judge(reranker) else {}
    return rows
