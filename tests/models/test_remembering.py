"""Models that remember: the same results, each worked out once, and no more of them kept than is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from parkqa.models.remembering import Memory, RememberingEncoder, RememberingReader, remembering
from parkqa.testing import StubEncoder, StubReranker, check_encoder, check_reranker
from parkqa.types import Reading, SpanReranker, Vectors


class Counting(StubEncoder):
    """Notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[list[str]] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.given.append(list(texts))
        return super().encode_queries(texts)


class Scorer:
    """A reranker that reads no spans: a text's score is its length."""

    fingerprint = "scorer"

    def __init__(self) -> None:
        self.given: list[list[str]] = []

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.given.append(list(texts))
        return np.array([len(text) for text in texts], dtype=np.float32)


class Reader(Scorer):
    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        none = np.zeros((0, 2))
        return [Reading(float(score), none.astype(np.intp), none) for score in self.score(question, texts)]


def test_they_keep_the_contracts_of_what_they_stand_for() -> None:
    check_encoder(RememberingEncoder(StubEncoder(), 9))
    made = remembering(StubReranker(), 9)
    assert made is not None
    check_reranker(made)


def test_a_question_is_embedded_once_and_has_the_same_vector() -> None:
    plain, inner = StubEncoder(), Counting()
    encoder = RememberingEncoder(inner, 9)
    assert encoder.encode_queries([]).shape == (0, plain.dimension)
    for asked in (["租金"], ["租金", "班车"], ["班车", "租金"]):
        assert (encoder.encode_queries(asked) == plain.encode_queries(asked)).all()
    assert [texts for texts in inner.given if texts] == [["租金"], ["班车"]]
    assert (encoder.encode_passages(["甲"]) == plain.encode_passages(["甲"])).all()


def test_a_pair_is_scored_once_and_a_reader_stays_one() -> None:
    scorer, reader = Scorer(), Reader()
    made, reads = remembering(scorer, 9), remembering(reader, 9)
    assert made and reads and not isinstance(made, SpanReranker)
    assert isinstance(reads, RememberingReader) and isinstance(reads, SpanReranker)
    for each, inner in ((made, scorer), (reads, reader)):
        assert each.score("问", ["一", "一二"]).tolist() == [1, 2]
        assert each.score("问", ["一二三", "一二", "一"]).tolist() == [3, 2, 1]
        assert each.score("另问", ["一"]).tolist() == [1]
        assert inner.given == [["一", "一二"], ["一二三"], ["一"]]
        assert each.score("问", []).shape == (0,)
    assert [reading.score for reading in reads.read("问", ["一二", "一"])] == [2, 1]
    assert remembering(None, 9) is None


def test_only_the_latest_are_kept() -> None:
    worked: list[int] = []
    memory: Memory[int, int] = Memory(2)

    def of(*keys: int) -> list[int]:
        def work(places: list[int]) -> list[int]:
            worked.extend(keys[place] for place in places)
            return [10 * keys[place] for place in places]

        return memory.of(keys, work)

    assert of(1, 2) == [10, 20]
    assert of(1) == [10]  # now 2 is the older one
    assert of(3, 1) == [30, 10]
    assert worked == [1, 2, 3]
    assert of(2, 2) == [20, 20]
    assert worked == [1, 2, 3, 2, 2]
