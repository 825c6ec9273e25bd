"""Every store finds what it was given: by meaning, by word, from many threads, and gives back the same values."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from indexes import MEMORY, OLD, corpus, plain_rows
from parkqa.store.bm25 import K1, B
from parkqa.store.content import Content, Row, unit
from parkqa.store.local.index import open_index
from parkqa.store.local.writer import build_index
from parkqa.store.postgres.connection import database
from parkqa.store.postgres.index import open_postgres
from parkqa.store.postgres.writer import build_postgres
from parkqa.types import Block, Document, Encoder, Passage, Store, Vectors
from servers import new_database
from stubs import StubEncoder


class Fixed:
    """An encoder whose vectors are given: a text is the number of its row."""

    def __init__(self, vectors: Vectors) -> None:
        self.fingerprint = hashlib.sha256(vectors.tobytes()).hexdigest()
        self.vectors = vectors
        self.dimension = vectors.shape[1]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: object = None) -> Vectors:
        return self.vectors[[int(text) for text in texts]]


Maker = Callable[[Sequence[Document], Sequence[Row], Encoder], Store]
"""Builds and opens a store; a second build goes into the same place."""


def faiss_store(folder: Path, documents: Sequence[Document], rows: Sequence[Row], encoder: Encoder) -> Store:
    build_index(folder, Content(documents, rows), encoder)
    return open_index(folder)


def postgres_store(address: SecretStr, documents: Sequence[Document], rows: Sequence[Row], encoder: Encoder) -> Store:
    build_postgres(address, Content(documents, rows), encoder)
    return open_postgres(address)


@pytest.fixture(scope="module", params=["faiss", pytest.param("postgres", marks=pytest.mark.postgres)])
def make(request: pytest.FixtureRequest) -> Iterator[Maker]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        if request.param == "faiss":
            yield partial(faiss_store, Path(folder))
        else:
            address = new_database()
            yield partial(postgres_store, address)
            database(address).close()


def opened(make: Maker, encoder: Fixed, tokens: Sequence[Sequence[str]] | None = None) -> Store:
    source, rows = plain_rows(len(encoder.vectors), tokens)
    return make([source], rows, encoder)


@pytest.fixture
def store(make: Maker) -> Store:
    return make(*corpus(OLD), StubEncoder())


def test_a_scaled_query_of_a_passage_finds_it_with_score_one(store: Store) -> None:
    rows = corpus(OLD)[1]
    for number, vector in enumerate(StubEncoder().encode_queries([row.text for row in rows])):
        row, score = store.dense(vector * 3, 5)[0]
        assert (row, score) == (number, pytest.approx(1, abs=1e-6))


def test_vectors_need_not_come_at_length_one(make: Maker) -> None:
    store = opened(make, Fixed(np.array([[3, 0], [0, 0.5], [0, 0]], dtype=np.float32)))
    assert store.dense(np.array([0, 7], dtype=np.float32), 3) == [(1, 1.0), (0, 0.0), (2, 0.0)]
    assert store.vectors(1)[0].tolist() == [1, 0]


@settings(max_examples=25)
@given(numbers=st.lists(st.integers(0, 5), min_size=1, max_size=150), query=st.integers(0, 5), k=st.integers(0, 160))
@example(numbers=[0, 0, 0, 1, 1, 0], query=0, k=5)
def test_dense_finds_the_nearest_first_and_equal_ones_by_row(
    make: Maker, numbers: list[int], query: int, k: int
) -> None:
    vectors = unit(np.random.default_rng(1).standard_normal((6, 17)))
    found = opened(make, Fixed(vectors[numbers])).dense(vectors[query], k)
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


@pytest.mark.slow
@settings(max_examples=25)
@given(
    passages=st.lists(st.lists(WORDS, max_size=8), min_size=1, max_size=12),
    query=st.lists(st.one_of(WORDS, st.sampled_from(["", "无人机"])), max_size=5),
    k=st.integers(0, 14),
)
def test_lexical_weighs_as_bm25_does(make: Maker, passages: list[list[str]], query: list[str], k: int) -> None:
    store = opened(make, Fixed(np.ones((len(passages), 2), dtype=np.float32)), passages)
    expected = bm25([word for word in query if word], passages)
    found = store.lexical(query, k)
    assert len(found) == min(k, sum(weight > 0 for weight in expected))
    assert [weight for _, weight in found] == pytest.approx(sorted(expected, reverse=True)[: len(found)], rel=1e-5)
    assert [weight for _, weight in found] == pytest.approx([expected[row] for row, _ in found], rel=1e-5)
    assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))
    for word in query:
        assert store.frequencies([word])[word] == sum(word in words for words in passages if word)


@pytest.mark.parametrize("k", [1, 7, 39, 60])
def test_of_equal_ones_the_first_rows_are_kept(make: Maker, k: int) -> None:
    better = 31
    vectors = np.ones((200, 2), dtype=np.float32)
    vectors[better] = (2, 1)
    tokens = [["园区"] + ["港口"] * (row != better) for row in range(200)]
    store = opened(make, Fixed(vectors), tokens)
    expected = [better, *(row for row in range(200) if row != better)][:k]
    assert [row for row, _ in store.lexical(["园区"], k)] == expected
    assert [row for row, _ in store.dense(vectors[better], k)] == expected


@pytest.mark.parametrize("tokens", [[], [""], ["无人机"], ["无人机", ""]])
def test_words_that_stand_nowhere_find_nothing(store: Store, tokens: list[str]) -> None:
    assert store.lexical(tokens, 10) == []
    assert [store.frequencies([token])[token] for token in tokens] == [0] * len(tokens)


def test_passages_without_any_word_are_found_by_meaning_alone(make: Maker) -> None:
    store = opened(make, Fixed(np.eye(3, dtype=np.float32)))
    assert store.lexical(["园区", ""], 3) == []
    assert store.dense(np.array([0, 1, 0], dtype=np.float32), 1) == [(1, 1.0)]


def test_an_index_of_nothing_finds_nothing(make: Maker) -> None:
    store = make([], [], StubEncoder())
    assert (store.documents, list(store.passages)) == ({}, [])
    assert store.dense(np.ones(64, dtype=np.float32), 5) == store.lexical(["园区"], 5) == []
    assert store.search(np.ones(64, dtype=np.float32), ["园区"], 5) == []
    assert store.frequencies(["园区"])["园区"] == 0


def test_each_sentence_is_weighed_by_the_vector_of_its_text(store: Store) -> None:
    query = StubEncoder().encode_queries(["园区在长江边吗"])[0]
    matches = {match.row: match for match in store.search(query, [], 5)}
    for number, row in enumerate(corpus(OLD)[1]):
        assert matches[number].pieces.dtype == np.float32
        np.testing.assert_allclose(
            matches[number].pieces, StubEncoder().encode_passages(row.sentences) @ query, atol=1e-6
        )
        vector = StubEncoder().encode_passages([row.text])[0]
        np.testing.assert_allclose(store.vectors(number + 1)[number], vector, atol=1e-6)
        assert matches[number].dense == pytest.approx(float(vector @ query), abs=1e-6)


def test_a_search_gives_what_either_of_the_two_finds(store: Store) -> None:
    query = StubEncoder().encode_queries(["园区在长江边吗"])[0]
    tokens = ["港", "口", "港"]
    dense, lexical = store.dense(query, 1), store.lexical(tokens, 1)
    found = store.search(query, tokens, 1)
    assert [match.row for match in found] == sorted({dense[0][0], lexical[0][0]}) == [0, 2]
    assert [match.passage for match in found] == [store.passages[0], store.passages[2]]
    assert [match.lexical for match in found] == [0, pytest.approx(lexical[0][1])]
    assert found[0].dense == pytest.approx(dense[0][1])
    assert store.search(query, tokens, 0) == []


def test_a_search_brings_the_other_side_when_asked(make: Maker) -> None:
    encoder = Fixed(np.eye(4, dtype=np.float32))
    source, rows = plain_rows(4, [["甲"], [], [], ["乙"]])
    translated = [replace(rows[3].passage, original="p0"), replace(rows[2].passage, original="p1")]
    rows = [rows[0], rows[1], replace(rows[2], passage=translated[1]), replace(rows[3], passage=translated[0])]
    store = make([source], rows, encoder)
    assert (store.translations, store.originals) == ({0: 3, 1: 2}, {3: 0, 2: 1})
    query = encoder.vectors[2]
    assert [match.row for match in store.search(query, ["乙"], 1)] == [2, 3]
    both = store.search(query, ["乙"], 1, translated=True)
    assert [match.row for match in both] == [0, 1, 2, 3]
    assert [match.dense for match in both] == [0, 0, 1, 0]
    assert [match.lexical > 0 for match in both] == [False, False, False, True]


def test_passages_and_documents_come_by_row_and_path(store: Store) -> None:
    assert [p.id for p in store.passages] == ["0.md#0", "0.md#23", "1.md#0"]
    assert [p.id for p in store.passages[1:]] == ["0.md#23", "1.md#0"]
    assert store.passages[-1].id == store.passages[2].id == "1.md#0"
    assert list(store.documents) == ["0.md", "1.md"]
    assert store.documents["1.md"].text == OLD[1]
    assert store.documents.get("2.md") is None
    assert store.frequencies(["园"])["园"] == 1
    with pytest.raises(IndexError):
        store.passages[3]


def test_many_threads_read_at_once(store: Store) -> None:
    queries = StubEncoder().encode_queries([f"园区第{n}年" for n in range(50)])

    def ask(number: int) -> object:
        found = store.search(queries[number], ["园", "区", "2"], 3)
        return [(m.row, m.dense, m.lexical, m.pieces.tolist()) for m in found]

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
def test_documents_and_passages_come_back_as_they_went_in(make: Maker, given: tuple[Document, Passage]) -> None:
    source, passage = given
    store = make([source], [Row(passage, passage.text, (passage.text,), (passage.text,))], StubEncoder())
    assert dict(store.documents) == {source.path: source}
    assert list(store.passages) == [passage]
    assert [row for row, _ in store.lexical([passage.text], 1)] == [0]
