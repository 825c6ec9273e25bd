"""The store finds what it was given: by meaning, by word, from many threads, and gives back the same values."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexes import MEMORY, OLD, build, corpus
from parkqa.building import build_index
from parkqa.index import K1, B, Index, Row, open_index, unit
from parkqa.types import Block, Document, Passage, Store, Vectors
from stubs import StubEncoder


class Fixed:
    """An encoder whose vectors are given: a text is the number of its row."""

    fingerprint = "fixed"

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self.dimension = vectors.shape[1]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: object = None) -> Vectors:
        return self.vectors[[int(text) for text in texts]]


def plain_rows(count: int, tokens: Sequence[Sequence[str]] | None = None) -> tuple[Document, list[Row]]:
    """A document of ``count`` characters, each a passage without sentences; its text to embed is its number."""
    source = Document("a.md", "a", "园" * count, "", ())
    passages = [Passage(f"p{n}", "a.md", n, n + 1, "园", "paragraph", (), ()) for n in range(count)]
    words = tokens or [()] * count
    return source, [Row(p, str(n), (), tuple(words[n])) for n, p in enumerate(passages)]


def opened(encoder: Fixed, tokens: Sequence[Sequence[str]] | None = None) -> Index:
    source, rows = plain_rows(len(encoder.vectors), tokens)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        build_index(Path(folder), [source], rows, encoder, {})
        return open_index(Path(folder))


@pytest.fixture
def index(tmp_path: Path) -> Index:
    build(tmp_path, OLD)
    return open_index(tmp_path)


def test_a_scaled_query_of_a_passage_finds_it_with_score_one(index: Index) -> None:
    rows = corpus(OLD)[1]
    for number, vector in enumerate(StubEncoder().encode_queries([row.text for row in rows])):
        row, score = index.dense(vector * 3, 5)[0]
        assert (row, score) == (number, pytest.approx(1, abs=1e-6))


def test_vectors_need_not_come_at_length_one() -> None:
    index = opened(Fixed(np.array([[3, 0], [0, 0.5], [0, 0]], dtype=np.float32)))
    assert index.dense(np.array([0, 7], dtype=np.float32), 3) == [(1, 1.0), (0, 0.0), (2, 0.0)]
    assert index.vector(0).tolist() == [1, 0]


@settings(max_examples=25)
@given(numbers=st.lists(st.integers(0, 5), min_size=1, max_size=150), query=st.integers(0, 5), k=st.integers(0, 160))
@example(numbers=[0, 0, 0, 1, 1, 0], query=0, k=5)
def test_dense_finds_the_nearest_first_and_equal_ones_by_row(numbers: list[int], query: int, k: int) -> None:
    vectors = unit(np.random.default_rng(1).standard_normal((6, 17)))
    found = opened(Fixed(vectors[numbers])).dense(vectors[query], k)
    cosines = vectors @ vectors[query]
    best = sorted(range(len(numbers)), key=lambda row: (-cosines[numbers[row]], row))[:k]
    assert [row for row, _ in found] == best
    assert [score for _, score in found] == pytest.approx([float(cosines[numbers[row]]) for row in best], abs=1e-6)


def bm25(query: Sequence[str], passages: Sequence[Sequence[str]]) -> list[float]:
    """Lucene's BM25 as Kamphuis et al. (2020) write it down; a passage without words counts as one word long."""
    mean = sum(max(len(words), 1) for words in passages) / len(passages)
    seen = Counter(word for words in passages for word in set(words))
    weights = []
    for words in passages:
        norm = K1 * (1 - B + B * max(len(words), 1) / mean)
        idf = {w: math.log(1 + (len(passages) - seen[w] + 0.5) / (seen[w] + 0.5)) for w in query}
        weights.append(sum(idf[w] * words.count(w) / (words.count(w) + norm) for w in query))
    return weights


WORDS = st.sampled_from(["园区", "港口", "热线", "2003", "a", "企业"])


@settings(max_examples=25)
@given(
    passages=st.lists(st.lists(WORDS, max_size=8), min_size=1, max_size=12),
    query=st.lists(st.one_of(WORDS, st.sampled_from(["", "无人机"])), max_size=5),
    k=st.integers(0, 14),
)
def test_lexical_weighs_as_bm25_does(passages: list[list[str]], query: list[str], k: int) -> None:
    index = opened(Fixed(np.ones((len(passages), 2), dtype=np.float32)), passages)
    expected = bm25([word for word in query if word], passages)
    found = index.lexical(query, k)
    assert len(found) == min(k, sum(weight > 0 for weight in expected))
    assert [weight for _, weight in found] == pytest.approx(sorted(expected, reverse=True)[: len(found)], rel=1e-5)
    assert [weight for _, weight in found] == pytest.approx([expected[row] for row, _ in found], rel=1e-5)
    assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))
    for word in query:
        assert index.frequency(word) == sum(word in words for words in passages if word)


@pytest.mark.parametrize("k", [1, 7, 39, 60])
def test_of_equal_ones_the_first_rows_are_kept(k: int) -> None:
    better = 31
    vectors = np.ones((200, 2), dtype=np.float32)
    vectors[better] = (2, 1)
    tokens = [["园区"] + ["港口"] * (row != better) for row in range(200)]
    index = opened(Fixed(vectors), tokens)
    expected = [better, *(row for row in range(200) if row != better)][:k]
    assert [row for row, _ in index.lexical(["园区"], k)] == expected
    assert [row for row, _ in index.dense(vectors[better], k)] == expected


def test_searching_leaves_the_threads_of_others_alone(index: Index) -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        index.dense(np.ones(64, dtype=np.float32), 1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("tokens", [[], [""], ["无人机"], ["无人机", ""]])
def test_words_that_stand_nowhere_find_nothing(index: Index, tokens: list[str]) -> None:
    assert index.lexical(tokens, 10) == []
    assert [index.frequency(token) for token in tokens] == [0] * len(tokens)


def test_passages_without_any_word_are_found_by_meaning_alone() -> None:
    index = opened(Fixed(np.eye(3, dtype=np.float32)))
    assert index.lexical(["园区", ""], 3) == []
    assert index.dense(np.array([0, 1, 0], dtype=np.float32), 1) == [(1, 1.0)]


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    build(tmp_path, [])
    index = open_index(tmp_path)
    assert (index.documents, list(index.passages)) == ({}, [])
    assert index.dense(np.ones(64, dtype=np.float32), 5) == index.lexical(["园区"], 5) == []
    assert index.frequency("园区") == 0


def test_each_sentence_has_the_vector_of_its_text(index: Index) -> None:
    for number, row in enumerate(corpus(OLD)[1]):
        expected = StubEncoder().encode_passages(row.sentences)
        found = index.sentence_vectors(number)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-6)
        np.testing.assert_allclose(index.vector(number), StubEncoder().encode_passages([row.text])[0], atol=1e-6)


def test_an_index_is_a_store(index: Index) -> None:
    store: Store = index
    assert [p.id for p in store.passages] == ["0.md#0", "0.md#23", "1.md#0"]
    assert list(store.documents) == ["0.md", "1.md"]
    assert store.frequency("园") == 1


def test_many_threads_read_at_once(index: Index) -> None:
    queries = StubEncoder().encode_queries([f"园区第{n}年" for n in range(50)])

    def ask(number: int) -> object:
        dense, lexical = index.dense(queries[number], 3), index.lexical(["园", "区", "2"], 3)
        return dense, lexical, [index.sentence_vectors(row).tolist() for row, _ in dense]

    expected = [ask(number) for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, [*range(50)] * 8)) == expected * 8


PAGES = st.one_of(st.none(), st.integers(1, 9), st.sampled_from(["9", "表一"]))
TEXTS = st.text(min_size=1, max_size=20)


@st.composite
def sources(draw: st.DrawFn) -> tuple[Document, Passage]:
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    block = Block("row", 1, start, end, draw(PAGES), tuple(draw(st.lists(TEXTS, max_size=2))))
    names = st.one_of(st.none(), TEXTS)
    source = Document(
        "a/b.md", draw(TEXTS), text, "0", (block, replace(block, kind="break", end=start)), draw(names), draw(names)
    )
    source = replace(source, translation_of=draw(names), also_in=tuple(draw(st.lists(TEXTS, max_size=2))))
    heading = tuple(draw(st.lists(TEXTS, max_size=2)))
    return source, Passage("p", "a/b.md", start, end, text[start:end], "row", heading, ((start, end),), draw(PAGES))


@settings(max_examples=25)
@given(sources())
def test_documents_and_passages_come_back_as_they_went_in(given: tuple[Document, Passage]) -> None:
    source, passage = given
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        rows = [Row(passage, passage.text, (passage.text,), (passage.text,))]
        build_index(Path(folder), [source], rows, StubEncoder(), {})
        index = open_index(Path(folder))
        assert dict(index.documents) == {source.path: source}
        assert list(index.passages) == [passage]
        assert [row for row, _ in index.lexical([passage.text], 1)] == [0]
