"""The shipped test kit passes what keeps the promises of the interfaces, and tells what breaks one of them."""

from __future__ import annotations

import operator
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from indexes import MEMORY
from parkqa.store.content import Content
from parkqa.store.local.index import open_index
from parkqa.store.local.writer import build_index
from parkqa.store.postgres.connection import database
from parkqa.store.postgres.index import open_postgres
from parkqa.store.postgres.writer import build_postgres
from parkqa.testing import OpenStore, StubEncoder, StubReranker, check_encoder, check_reranker, check_store
from parkqa.types import Encoder, Match, Progress, Reading, Store, Vectors
from servers import new_database

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "testing-your-own.md"


def test_the_stubs_pass() -> None:
    check_encoder(StubEncoder())
    check_encoder(StubEncoder("other", 7))
    check_reranker(StubReranker())
    assert StubReranker("other").fingerprint == "other"


class FromEncode(StubEncoder):
    """An encoder that is broken in one place: what ``encode`` makes of the stub's vectors."""

    def __init__(self, encode: Callable[[Vectors, Sequence[str]], Any]) -> None:
        super().__init__()
        self.encode = encode

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        found: Vectors = self.encode(super().encode_passages(texts, progress), texts)
        return found


def scaled(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def by_place(vectors: Vectors) -> Vectors:
    return scaled(vectors + np.linspace(0, 1, len(vectors), dtype=np.float32)[:, None])


def drifting() -> Callable[[Vectors, Sequence[str]], Vectors]:
    calls = count()
    return lambda vectors, _: scaled(vectors + np.float32(0.001 * next(calls)))


def only_lists(vectors: Vectors, texts: Sequence[str]) -> Vectors:
    texts.copy()  # type: ignore[attr-defined]
    return vectors


BROKEN_VECTORS: dict[str, tuple[Callable[[Vectors, Sequence[str]], Any], str]] = {
    "float64": (lambda v, _: v.astype(np.float64), "the dtype is float64"),
    "a list": (lambda v, _: v.tolist(), "it is a list"),
    "one more row": (lambda v, _: np.vstack([v, v[:1]]), "the shape is (9, 64), it must be (8, 64)"),
    "longer vectors": (lambda v, _: np.hstack([v, v]), "the shape is (8, 128)"),
    "not a number": (lambda v, _: v * np.float32("nan"), "not finite"),
    "not of length 1": (lambda v, _: v * np.float32(1.01), "a vector has length 1.0100"),
    "by place": (lambda v, _: by_place(v), "the same text twice"),
    "drifting": (drifting(), "a second call"),
    "last of the batch": (lambda v, t: scaled(v + np.float32(len(t[-1]) % 5)), "the order of the texts"),
    "size of the batch": (lambda v, t: scaled(v + np.float32(len(t))), "the other texts of the call"),
    "no empty input": (lambda v, t: np.stack(list(v)), "raised ValueError"),
    "empty of another shape": (lambda v, t: v if len(t) else np.empty(0, np.float32), "it must be (0, 64)"),
    "lists only": (only_lists, "raised AttributeError"),
}


@pytest.mark.parametrize("name", BROKEN_VECTORS)
def test_broken_vectors_are_told(name: str) -> None:
    encode, told = BROKEN_VECTORS[name]
    with pytest.raises(AssertionError, match=re.escape(told)):
        check_encoder(FromEncode(encode))


class Unnamed(StubEncoder):
    def __init__(self, fingerprint: Any) -> None:
        super().__init__()
        self.fingerprint = fingerprint


class Renaming(StubEncoder):
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.fingerprint += "x"
        return super().encode_queries(texts)


class Shrinking(StubEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        found = super().encode_passages(texts, progress)
        self.dimension -= progress is not None
        return found


class Miscounting(StubEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if progress:
            progress(1, 1)
        return super().encode_passages(texts)


@pytest.mark.parametrize(
    ("encoder", "told"),
    [
        (Unnamed(""), "fingerprint is ''"),
        (Unnamed(None), "fingerprint is None"),
        (Renaming(), "fingerprint changed"),
        (StubEncoder(dimension=0), "dimension is 0"),
        (Shrinking(), "dimension changed"),
        (Miscounting(), "progress was called with [(1, 1)]"),
    ],
)
def test_broken_encoders_are_told(encoder: Encoder, told: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(told)):
        check_encoder(encoder)


class FromScore(StubReranker):
    """A reranker that is broken in one place: what ``change`` makes of the stub's scores."""

    def __init__(self, change: Callable[[Any, Sequence[str]], Any], fingerprint: Any = "a") -> None:
        super().__init__(fingerprint)
        self.change = change

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        found: npt.NDArray[np.float32] = self.change(super().score(question, texts), texts)
        return found


NUMBERS = count()
BROKEN_SCORES: dict[str, tuple[FromScore, str]] = {
    "no name": (FromScore(lambda s, _: s, ""), "fingerprint is ''"),
    "a column": (FromScore(lambda s, _: s[:, None]), "the shape is (8, 1), it must be (8,)"),
    "float64": (FromScore(lambda s, _: s.astype(np.float64)), "the dtype is float64"),
    "a list": (FromScore(lambda s, _: s.tolist()), "it is a list"),
    "infinite": (FromScore(lambda s, _: s - np.float32("inf")), "not finite"),
    "by place": (FromScore(lambda s, _: s + np.arange(len(s), dtype=np.float32)), "the same text twice"),
    "drifting": (FromScore(lambda s, _: s + np.float32(next(NUMBERS))), "a second call"),
    "last of the batch": (FromScore(lambda s, t: s + np.float32(len(t[-1]) if t else 0)), "the order of the texts"),
    "share of the batch": (FromScore(lambda s, _: s - s.max(initial=-9)), "the other texts of the call"),
    "no empty input": (FromScore(lambda s, t: s + np.float32(t[0] == "")), "raised IndexError"),
}


@pytest.mark.parametrize("name", BROKEN_SCORES)
def test_broken_rerankers_are_told(name: str) -> None:
    reranker, told = BROKEN_SCORES[name]
    with pytest.raises(AssertionError, match=re.escape(told)):
        check_reranker(reranker)


class FromReading(StubReranker):
    """A reranker that finds spans, broken in one place: what ``change`` makes of a reading."""

    def __init__(self, change: Callable[[Reading], Reading] = lambda reading: reading) -> None:
        super().__init__()
        self.change = change

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        scores = self.score(question, texts)
        offsets = [np.array([(at, at + 1) for at in range(len(text))]).reshape(-1, 2) for text in texts]
        return [
            self.change(Reading(float(score), mine, np.zeros((len(mine), 2), dtype=np.float32)))
            for score, mine in zip(scores, offsets, strict=True)
        ]


BROKEN_READINGS: dict[str, tuple[Callable[[Reading], Reading], str]] = {
    "another score": (lambda r: replace(r, score=r.score + 1), "a reading must have the text's score"),
    "one column": (lambda r: replace(r, ends=r.ends[:, :1]), "FromReading.read: the shape is"),
    "outside": (lambda r: replace(r, offsets=r.offsets + 1), "an offset lies outside the text"),
}


@pytest.mark.parametrize("name", BROKEN_READINGS)
def test_broken_readings_are_told(name: str) -> None:
    change, told = BROKEN_READINGS[name]
    with pytest.raises(AssertionError, match=re.escape(told)):
        check_reranker(FromReading(change))


def test_a_reranker_that_finds_spans_passes() -> None:
    check_reranker(FromReading())


def local_store(folder: Path) -> OpenStore:
    def open_store(content: Content, encoder: Encoder) -> Store:
        build_index(folder, content, encoder)
        return open_index(folder)

    return open_store


def test_the_local_store_passes(tmp_path: Path) -> None:
    check_store(local_store(tmp_path))


@pytest.mark.postgres
def test_postgres_passes() -> None:
    address = new_database()

    def open_store(content: Content, encoder: Encoder) -> Store:
        build_postgres(address, content, encoder)
        return open_postgres(address)

    check_store(open_store)
    database(address).close()


class Changed:
    """A store of which some attributes are changed."""

    def __init__(self, store: Store, changes: Mapping[str, Callable[[Any], Any]]) -> None:
        self._store, self._changes = store, changes

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._store, name)
        return self._changes[name](value) if name in self._changes else value


Search = Callable[..., list[Match]]


def searching(change: Callable[[Match], Match]) -> Callable[[Search], Search]:
    """Change each match of a search."""
    return lambda search: lambda *given, **named: [change(match) for match in search(*given, **named)]


def matches(change: Callable[[list[Match]], list[Match]]) -> Callable[[Search], Search]:
    """Change the list of the matches of a search."""
    return lambda search: lambda *given, **named: change(search(*given, **named))


class Racing:
    """A search that keeps its question where all threads find it."""

    asked: ClassVar[Any] = None

    def __init__(self, search: Search) -> None:
        self._search = search

    def __call__(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        Racing.asked = vector
        time.sleep(0.001)
        return self._search(Racing.asked, tokens, k, translated=translated)


def spoiling(search: Search) -> Search:
    def changed(vector: Vectors, *given: Any, **named: Any) -> list[Match]:
        found = search(vector, *given, **named)
        vector *= 2
        return found

    return changed


VERSIONS = count()
BROKEN_STORES: dict[str, tuple[dict[str, Callable[[Any], Any]], str]] = {
    "passages turned": ({"passages": lambda p: list(p)[::-1]}, "passages[0] is"),
    "passages missing": ({"passages": lambda p: p[1:]}, "len(Changed.passages) is"),
    "passages without slices": ({"passages": lambda p: dict(enumerate(p))}, "gives other passages in a loop"),
    "passages by row only": ({"passages": lambda p: OneByOne(p)}, "passages raised TypeError"),
    "passages without end": ({"passages": lambda p: Endless(p)}, "it must raise IndexError"),
    "passages missing as a whole": ({"passages": lambda p: p.gone}, "Changed raised AttributeError"),
    "documents missing": ({"documents": lambda d: dict(list(d.items())[1:])}, "documents has the paths"),
    "documents changed": (
        {"documents": lambda d: {path: replace(each, date=None) for path, each in d.items()}},
        "was given",
    ),
    "note lost": ({"note": lambda _: {}}, "note is {}"),
    "version empty": ({"version": lambda _: ""}, "version is ''"),
    "version drifting": ({"version": lambda _: str(next(VERSIONS))}, "version changed"),
    "version the same": ({"version": lambda _: "1"}, "the same for two builds"),
    "translations lost": ({"translations": lambda _: {}}, "translations is {}"),
    "originals no inverse": ({"originals": lambda o: {b: a for a, b in o.items()}}, "must be the inverse"),
    "frequencies off": (
        {"frequencies": lambda f: lambda words: {word: n + 1 for word, n in f(words).items()}},
        "it stands in",
    ),
    "frequencies of known words": (
        {"frequencies": lambda f: lambda words: {word: n for word, n in f(words).items() if n}},
        "is missing",
    ),
    "frequencies raise": ({"frequencies": lambda f: lambda words: {w: {"园": 1}[w] for w in words}}, "raised KeyError"),
    "vectors of float64": ({"vectors": lambda v: lambda n: v(n).astype(np.float64)}, "the dtype is float64"),
    "vectors turned": ({"vectors": lambda v: lambda n: v(n)[::-1]}, "they must be the vectors of the passages"),
    "vectors too many": ({"vectors": lambda v: lambda n: v(n + 1)}, "the shape is (2, 64)"),
    "search best first": (
        {"search": matches(lambda found: sorted(found, key=lambda match: -match.dense))},
        "they must rise",
    ),
    "search nearest missing": (
        {"search": matches(lambda found: [m for m in found if m.dense < max(each.dense for each in found)])},
        "missing of the nearest",
    ),
    "search finds little": ({"search": matches(lambda found: found[1:])}, "missing of the nearest"),
    "search ignores k": (
        {"search": lambda s: lambda v, t, k, translated=False: s(v, t, k + 1, translated=translated)},
        "neither among the nearest",
    ),
    "search of none": (
        {"search": lambda s: lambda v, t, k, translated=False: s(v, t, max(k, 1), translated=translated)},
        "of k = 0",
    ),
    "search without words": (
        {"search": lambda s: lambda v, t, k, translated=False: s(v, [], k, translated=translated)},
        "were found by word",
    ),
    "search by all words": ({"search": searching(lambda m: replace(m, lexical=1.0))}, "none of the words stands there"),
    "search weighs wrongly": (
        {"search": searching(lambda m: replace(m, lexical=1 / m.lexical if m.lexical else 0.0))},
        "BM25 gives the first more",
    ),
    "search below zero": ({"search": searching(lambda m: replace(m, lexical=m.lexical - 1))}, "not negative"),
    "search gives distances": ({"search": searching(lambda m: replace(m, dense=1 - m.dense))}, "the cosine is"),
    "search gives others": (
        {"search": searching(lambda m: replace(m, passage=replace(m.passage, text="")))},
        "the passage is",
    ),
    "search without clauses": (
        {"search": searching(lambda m: replace(m, pieces=m.pieces[: len(m.passage.spans)]))},
        "pieces: the shape is",
    ),
    "search with other pieces": (
        {"search": searching(lambda m: replace(m, pieces=m.pieces / 2))},
        "must be the cosines",
    ),
    "search without the other side": (
        {"search": lambda s: lambda v, t, k, translated=False: s(v, t, k)},
        "the other sides",
    ),
    "search with the other side": (
        {"search": lambda s: lambda v, t, k, translated=False: s(v, t, k, translated=True)},
        "neither among the nearest",
    ),
    "search spoils its question": ({"search": spoiling}, "changed the vector"),
    "search in one thread": ({"search": Racing}, "8 threads at once"),
}


class OneByOne(list[Any]):
    """Passages without slices."""

    def __getitem__(self, row: Any) -> Any:
        return super().__getitem__(operator.index(row))


class Endless(Sequence[Any]):
    """Passages that begin anew after the last."""

    def __init__(self, passages: Sequence[Any]) -> None:
        self._passages = list(passages)

    def __len__(self) -> int:
        return len(self._passages)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._passages)

    def __getitem__(self, row: Any) -> Any:
        return self._passages[row if isinstance(row, slice) else row % len(self._passages)]


@pytest.fixture(scope="module")
def open_once() -> Iterator[OpenStore]:
    """Build each content once in a folder of its own, for all tests."""
    known: dict[str, Store] = {}
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:

        def open_store(content: Content, encoder: Encoder) -> Store:
            key = f"{len(content.rows)}-{len(content.note)}"
            known[key] = known.get(key) or local_store(Path(folder, key))(content, encoder)
            return known[key]

        yield open_store


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN_STORES)
def test_broken_stores_are_told(open_once: OpenStore, name: str) -> None:
    changes, told = BROKEN_STORES[name]

    def open_store(content: Content, encoder: Encoder) -> Any:
        return Changed(open_once(content, encoder), changes)

    with pytest.raises(AssertionError, match=re.escape(told)):
        check_store(open_store)


def test_a_store_that_cannot_be_empty_is_told(open_once: OpenStore) -> None:
    def refusing(content: Content, encoder: Encoder) -> Store:
        if not content.rows:
            raise ValueError("no passages")
        return open_once(content, encoder)

    with pytest.raises(AssertionError, match="a store of nothing raised ValueError: no passages"):
        check_store(refusing)


@pytest.mark.slow
def test_what_an_empty_store_finds_is_told(open_once: OpenStore) -> None:
    full: list[Store] = []

    def open_store(content: Content, encoder: Encoder) -> Any:
        store = open_once(content, encoder)
        full.append(store)
        found: dict[str, Callable[[Any], Any]] = {"search": lambda _: full[0].search}
        return store if content.rows else Changed(store, found)

    with pytest.raises(AssertionError, match="must find nothing"):
        check_store(open_store)


@pytest.mark.slow
def test_the_examples_of_the_page_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(block, names)
    assert names["answer"].quotes or names["answer"].related
