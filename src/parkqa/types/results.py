"""What a search finds and what a ranking makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from parkqa.types.documents import Passage, Span

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """A search result of a store, with its raw scores.

    Attributes:
        row: row of the passage in the index.
        passage: the passage.
        dense: cosine similarity of the question and the passage.
        lexical: BM25 score; 0 if the passage is not among the results of the lexical search.
        pieces: cosine similarities of the question and each sentence, then each clause, of the passage; shape
            (len(corpus.passages.pieces(passage)),).
    """

    row: int
    passage: Passage
    dense: float
    lexical: float
    pieces: Vectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage in a ranking.

    Attributes:
        row: row of the passage in the index.
        passage: the passage.
        score: score of its best unit; a difference of two scores is the log-odds that the one answers rather than the
            other.
        dense: cosine similarity of the question and the passage.
        lexical: BM25 score; 0 if the lexical search did not find the passage.
        unit_scores: one score per unit (``search.passage_texts.units``: the sentences, or a list as a whole); -inf for
            a unit that was not scored.
        marks: the spans to highlight if they are known without ranking (faq.yaml gives them); otherwise empty.
    """

    row: int
    passage: Passage
    score: float
    dense: float
    lexical: float
    unit_scores: tuple[float, ...] = ()
    marks: tuple[Span, ...] = ()
