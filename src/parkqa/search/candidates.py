"""Candidate retrieval: the passages that the dense or the lexical search of the store finds.

A passage and its translation form one candidate, with the higher of their scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parkqa.corpus.readers.draft import informs
from parkqa.search.passage_texts import PassageText, PassageTexts
from parkqa.types import Match, Passage, Query, Store, Vectors

CANDIDATES = 40
"""Number of results that are taken from each of the two searches.

Chosen by hand. A larger value costs time for every candidate; a smaller one loses passages that neither search ranks
high.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer the question, with its retrieval scores.

    For an English question, each score is the higher one of the passage and its translation.

    Attributes:
        row: row of the passage in the index.
        passage: the passage.
        dense: cosine similarity of the question and the passage.
        lexical: BM25 score; 0 if the lexical search did not find the passage.
        sentences: cosine similarity of each sentence, shape (len(passage.spans),).
        clauses: cosine similarity of each sentence or of its most similar clause, whichever is higher; same shape.
        translation: the translation of the passage; None unless the question is English.
    """

    row: int
    passage: Passage
    dense: float
    lexical: float
    sentences: Vectors
    clauses: Vectors
    translation: Passage | None = None


def text_of(candidate: Candidate, texts: PassageTexts) -> PassageText:
    """Return the folded texts of a candidate, joined with its translation if it has one."""
    if candidate.translation is None:
        return texts.of(candidate.row, candidate.passage)
    return texts.with_translation(candidate.row, candidate.passage, candidate.translation)


def candidates(
    query: Query, vector: Vectors, store: Store, texts: PassageTexts, count: int = CANDIDATES
) -> list[Candidate]:
    """Retrieve the candidates for a question, ordered by row.

    Args:
        query: the question.
        vector: its embedding, shape (dimension,), length 1.
        store: the open index.
        texts: the folded texts of the index.
        count: number of results of each search; doubled if the index holds translations, which take up places.

    Raises:
        StoreError: the index cannot be read.
    """
    wanted = count * 2 if store.translations else count
    english = query.language == "en"
    matches = {match.row: match for match in store.search(vector, query.tokens, wanted, translated=english)}
    found = []
    for row in sorted(matches):
        if row not in store.originals:
            translated = english and row in store.translations
            sides = [matches[row], matches[store.translations[row]]] if translated else [matches[row]]
            found.append(_candidate(sides, texts))
    return _without_heads(found)


def _without_heads(found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without the heads of tables of which a row is among them: the heads alone answer nothing.

    A first row that has a value, such as a telephone number, is one of the table whatever the file says.
    """
    below = {(one.passage.document, one.passage.heading[-1]) for one in found if one.passage.heading}
    return [
        one
        for one in found
        if one.passage.kind != "row"
        or (one.passage.document, one.passage.text) not in below
        or informs(one.passage.text)
    ]


def _candidate(sides: Sequence[Match], texts: PassageTexts) -> Candidate:
    """The candidate of a match and, if given, the match of its translation."""
    sentences, clauses = _cosines(sides[0], texts)
    for side in sides[1:]:
        translated = _cosines(side, texts)
        if len(translated[0]) == len(sentences):
            sentences, clauses = np.maximum(sentences, translated[0]), np.maximum(clauses, translated[1])
    return Candidate(
        row=sides[0].row,
        passage=sides[0].passage,
        dense=max(side.dense for side in sides),
        lexical=max(side.lexical for side in sides),
        sentences=sentences,
        clauses=clauses,
        translation=sides[1].passage if len(sides) > 1 else None,
    )


def _cosines(match: Match, texts: PassageTexts) -> tuple[Vectors, Vectors]:
    """The cosines of each sentence, and the maximum of these and its clauses' cosines; both of shape (len(spans),)."""
    count, cosines = len(match.passage.spans), match.pieces
    if len(cosines) == count:
        return cosines, cosines
    best = cosines[:count].copy()
    np.maximum.at(best, texts.of(match.row, match.passage).clauses, cosines[count:])
    return cosines[:count], best
