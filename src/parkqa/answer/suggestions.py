"""Suggested questions: those of park.yaml that the documents answer.

Which ones have an answer is determined when the index is built and stored in its note. It is determined anew on opening
if the reranker or the calibration differs from that of the build.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from parkqa.corpus.curation.park import Park
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search.pipeline import Pipeline
from parkqa.text.folding import folded
from parkqa.types import Encoder, Language, Query, Reranker, Store, Vectors

NOTE = "suggested"
"""Key in ``Store.note`` under which the result of ``Suggestions.kept`` is stored."""
SUGGESTED = 3
"""Largest number of questions that are suggested with an answer."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested question, the row of the passage that answers it, and its embedding of shape (dimension,)."""

    question: str
    row: int
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggested questions that have an answer, by language, in the order of park.yaml."""

    zh: tuple[Suggestion, ...] = ()
    en: tuple[Suggestion, ...] = ()

    def questions(self, language: Language) -> tuple[str, ...]:
        """Return the text of the questions in a language."""
        return tuple(each.question for each in (self.en if language == "en" else self.zh))

    def nearest(
        self, query: Query, vector: Vectors, rows: Collection[int], asked: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Return the SUGGESTED questions most similar to the one just asked, in the same language.

        Args:
            query: the question just asked.
            vector: its embedding, shape (dimension,).
            rows: rows of the passages that answered it; questions that these answer too are left out.
            asked: all questions of the conversation, this one included; none of them is suggested again.
        """
        same_language = self.en if query.language == "en" else self.zh
        others = [each for each in same_language if each.row not in rows]
        nearest = sorted(others, key=lambda each: -float(each.vector @ vector))
        return unasked((each.question for each in nearest), (*asked, query.question))[:SUGGESTED]

    def kept(self, park: Park, reranker: Reranker | None) -> str:
        """Return the JSON to store under NOTE: for each question of ``park``, the row that answers it or null."""
        rows = {each.question: each.row for each in (*self.zh, *self.en)}
        asked = {question: rows.get(question) for question in (*park.suggestions, *park.suggestions_en)}
        return json.dumps({"judge": judge(reranker), "rows": asked}, ensure_ascii=False, sort_keys=True)

    def dropped(self, park: Park) -> tuple[str, ...]:
        """Return the suggested questions of ``park`` that have no answer."""
        answered = {each.question for each in (*self.zh, *self.en)}
        return tuple(asked for asked in (*park.suggestions, *park.suggestions_en) if asked not in answered)


def unasked(questions: Iterable[str], asked: Iterable[str]) -> tuple[str, ...]:
    """Return the questions that have not been asked in the conversation, in another way of writing neither.

    >>> unasked(["园区在哪里？", "有地铁吗？"], ["園區在哪裡"])
    ('有地铁吗？',)
    """
    known = {_bare(question) for question in asked}
    return tuple(question for question in questions if _bare(question) not in known)


def _bare(question: str) -> str:
    return "".join(filter(str.isalnum, folded(question)))


def answerable(park: Park, pipeline: Pipeline, vocabulary: Vocabulary, encoder: Encoder) -> Suggestions:
    """Return the suggested questions that have an answer.

    The result of the build is used if it still applies; any other question is ranked now.
    """
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
    """The row of the passage that answers a question, None if it would be refused."""
    ranking = pipeline.rank(query, vector)
    return ranking.hits[0].row if ranking.answers else None


def judge(reranker: Reranker | None) -> str:
    """Return a fingerprint of what decides whether a question is answered: the calibration file and the reranker.

    It has 16 hexadecimal digits.
    """
    numbers = resources.files("parkqa").joinpath("data", "calibration.json").read_bytes()
    return hashlib.sha256(numbers + (reranker.fingerprint if reranker else "").encode()).hexdigest()[:16]


def kept_in(store: Store, reranker: Reranker | None) -> Mapping[str, int | None]:
    """Return the stored row (or None) of each suggested question.

    The result is empty if nothing was stored or if it was determined with another reranker or calibration.
    """
    note = json.loads(store.note.get(NOTE, "{}"))
    rows: Mapping[str, int | None] = note["rows"] if note.get("judge") == judge(reranker) else {}
    return rows
