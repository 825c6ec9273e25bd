"""Which units are read, what is read with them, and what becomes of the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from parkqa.search.candidates import Candidate
from parkqa.search.features import FEATURES, Features, UnitEvidence
from parkqa.search.ranking import rank
from parkqa.search.reranking import (
    AHEAD,
    BOUND,
    CONTEXT,
    FIRST_READ,
    READ_OF_ONE_PASSAGE,
    READ_UNITS,
    Cascade,
    as_read,
    by_reranker,
    candidates_read,
    chosen,
    read,
    reranker_input,
)
from parkqa.types import Hit, Passage, Query


class Reader:
    """Scores a text by how often 对 stands in it; keeps what it was shown."""

    fingerprint = "stub"

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self.shown: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.shown += [f"{question}?{text}" for text in texts]
        return np.array([self.scale * text.count("对") for text in texts], dtype=np.float32)


def passage(row: int, sentences: Sequence[str], heading: tuple[str, ...] = ("大事记",)) -> Passage:
    spans, place = [], 0
    for sentence in sentences:
        spans.append((place, place + len(sentence)))
        place += len(sentence)
    whole = "".join(sentences)
    return Passage(f"p{row}", "a.md", 0, len(whole), whole, "paragraph", heading, tuple(spans))


def found(mine: Passage, translation: Passage | None = None) -> Candidate:
    none = np.zeros(1, dtype=np.float32)
    return Candidate(0, mine, 0.9, 1.0, none, none, translation)


def hit(row: int, scores: Sequence[float], sentences: Sequence[str] | None = None) -> Hit:
    sentences = sentences or [f"第{number}句。" for number in range(len(scores))]
    return Hit(row, passage(row, sentences), max(scores), 0.9, 1.0, tuple(scores))


def test_the_best_units_are_chosen_few_of_one_passage() -> None:
    hits = [hit(0, [9, 8, 7, 6, 5]), *(hit(row, [1.0]) for row in range(1, 12))]
    places = chosen(hits)
    assert places[:READ_OF_ONE_PASSAGE] == [(0, 0), (0, 1), (0, 2)]
    assert places[READ_OF_ONE_PASSAGE:] == [(row, 0) for row in range(1, READ_UNITS - READ_OF_ONE_PASSAGE + 1)]


def test_a_unit_is_read_behind_its_heading_or_the_sentence_before_it() -> None:
    two = found(passage(0, ["２００３年成立。", "後來更名。"]))
    assert as_read(two, 0) == "大事记 | 2003年成立。"
    assert as_read(two, 1) == "2003年成立。 | 后来更名。"
    assert as_read(found(passage(0, ["成立。"], ())), 0) == "成立。"


def test_of_a_candidate_with_a_translation_that_is_read() -> None:
    mine = passage(0, ["成立。", "更名。"])
    same = passage(1, ["Founded. ", "Renamed."], ("Chronicle",))
    other = passage(1, ["Founded and renamed."], ("Chronicle",))
    assert as_read(found(mine, same), 0) == "chronicle | founded."
    assert as_read(found(mine, same), 1) == "founded. | renamed."
    assert as_read(found(mine, other), 1) == "chronicle | founded and renamed."


def test_a_list_is_read_whole_in_one_line() -> None:
    whole = Passage("p", "a.md", 0, 5, "造船\n钢构", "list", ("产业",), ((0, 2), (3, 5)))
    assert as_read(found(whole), 0) == "产业 | 造船、钢构"


def test_context_is_cut_at_its_far_end() -> None:
    assert reranker_input("句", "远" * 10 + "近" * CONTEXT) == "近" * CONTEXT + " | 句"


def evidence(hits: Sequence[Hit]) -> list[UnitEvidence]:
    there: tuple[bool, ...] = ()
    return [
        UnitEvidence(h.row, unit, Features(*[score] * len(FEATURES)), there)
        for h in hits
        for unit, score in enumerate(h.unit_scores)
    ]


def test_what_was_read_has_the_score_as_one_more_feature_and_makes_the_order() -> None:
    hits = [hit(0, [2.0], ["错。"]), hit(1, [1.0], ["对对。"]), *(hit(row, [0.0]) for row in range(2, 20))]
    reranker = Reader()
    candidates = [replace(found(h.passage), row=h.row) for h in hits]
    rows = read(Query("q", "问题", "问题", "zh"), candidates, hits, evidence(hits), reranker)
    assert len(rows) == len(reranker.shown) == READ_UNITS
    assert {row.row: row.reranker for row in rows if row.row < 2} == {0: 0.0, 1: 2.0}
    weights = np.array([0.0] * len(FEATURES) + [1.0])
    assert rank(candidates_read(candidates, rows), rows, weights)[0].row == 1
    assert by_reranker(hits, rows)[0].row == 1


def test_scores_are_bounded() -> None:
    hits = [hit(0, [1.0], ["对。"])]
    rows = read(Query("q", "问", "问", "zh"), [found(hits[0].passage)], hits, evidence(hits), Reader(1e6))
    assert rows[0].reranker == BOUND


WEIGHTS = np.array([1.0] + [0.0] * (len(FEATURES) - 1) + [1.0])
"""The first feature counts, which ``evidence`` makes the score of the first ranking, and the reranker's score."""


def cascaded(first: Sequence[float], sentences: Sequence[str], highest: float = 2.0) -> tuple[Reader, list[float]]:
    """Read passages of one sentence each; return the reader and the scores, in the order of the first ranking."""
    hits = [hit(row, [score], [text]) for row, (score, text) in enumerate(zip(first, sentences, strict=True))]
    reader, candidates = Reader(), [replace(found(h.passage), row=h.row) for h in hits]
    cascade = Cascade(WEIGHTS, highest, -1.5)
    rows = read(Query("q", "问", "问", "zh"), candidates, hits, evidence(hits), reader, cascade)
    assert [row.row for row in rows] == [*range(len(hits))]
    return reader, [row.reranker or 0.0 for row in rows]


def test_reading_stops_once_nothing_unread_can_come_first() -> None:
    reader, scores = cascaded([9.0, 8.0, 5.0, 4.0, 3.0], ["对对。", "对。", "对对。", "错。", "错。"])
    assert len(reader.shown) == FIRST_READ
    assert scores == [2.0, 1.0, -1.5, -1.5, -1.5]


def test_it_goes_on_with_those_of_the_unread_that_could() -> None:
    reader, scores = cascaded([9.0, 8.8, 8.5, 7.5, 3.0], ["错。", "错。", "对对。", "错。", "错。"])
    assert len(reader.shown) == 4
    assert scores == [0.0, 0.0, 2.0, 0.0, -1.5]


def test_what_could_come_as_near_as_a_tie_that_the_date_decides_is_read() -> None:
    for before, count in ((7.0 - AHEAD, FIRST_READ), (7.0 - AHEAD + 0.01, 3)):
        assert len(cascaded([9.0, 8.0, before], ["错。"] * 3)[0].shown) == count


@given(
    st.lists(st.tuples(st.floats(0, 9), st.integers(0, 2)), min_size=1, max_size=9),
    st.lists(st.integers(1, 3), min_size=1, max_size=9),
)
def test_the_first_hit_is_that_of_reading_all(passages: list[tuple[float, int]], lengths: list[int]) -> None:
    hits = []
    for row, (score, there) in enumerate(passages):
        count = lengths[row % len(lengths)]
        hits.append(hit(row, [score - unit for unit in range(count)], ["错。"] * (count - 1) + ["对" * there + "。"]))
    candidates = [replace(found(h.passage), row=h.row) for h in hits]
    firsts = []
    for cascade in (None, Cascade(WEIGHTS, 2.0, -1.5)):
        rows = read(Query("q", "问", "问", "zh"), candidates, hits, evidence(hits), Reader(), cascade)
        firsts.append(rank(candidates_read(candidates, rows), rows, WEIGHTS)[0])
    assert firsts[0].score == firsts[1].score
    assert firsts[0].row == firsts[1].row
