"""The check of a ``Store``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from parkqa.store.content import Content
from parkqa.testing.assertions import COSINE, SAME_VECTOR, array, call, check, near
from parkqa.testing.contents import BUILDINGS, MARK, sample_content
from parkqa.testing.stubs import StubEncoder
from parkqa.types import Encoder, Match, Passage, Store, Vectors

OpenStore = Callable[[Content, Encoder], Store]
"""Builds an index of the content, embedding its texts with the encoder, and returns it opened."""

THREADS = 8


def check_store(open_store: OpenStore) -> None:
    """Check a store: what goes in comes back, and searches find what a comparison with every passage finds.

    ``open_store`` is called three times, one index after the other, and may build each in the same place. The contents
    are small (some thirty passages, embedded with a ``StubEncoder``), so that an approximate index must be exact too.

    Raises:
        AssertionError: a promise of ``Store`` is broken; says which.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from parkqa.store.local.index import open_index
    >>> from parkqa.store.local.writer import build_index
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     def open_store(content, encoder):
    ...         build_index(Path(folder), content, encoder)
    ...         return open_index(Path(folder))
    ...     check_store(open_store)
    """
    encoder = StubEncoder()
    given = _Given.of(sample_content({"corpus": "a", "empty": ""}), encoder)
    store = _opened(open_store, given.content, encoder)
    name = type(store).__name__
    version = call(name, _check_open, name, store, given, encoder)
    changed = _opened(open_store, sample_content({"corpus": "b"}), encoder)
    check(changed.version != version, f"{name}.version is the same for two builds with different notes.")
    call(name, _check_empty, name, _opened(open_store, Content((), ()), encoder), encoder)


def _check_open(name: str, store: Store, given: _Given, encoder: Encoder) -> str:
    """Check a store that holds something; return its version."""
    version = _check_kept(name, store, given.content)
    _check_sides(name, store, given.content)
    _check_frequencies(name, store, given.content)
    _check_stored_vectors(name, store, given)
    _check_searches(name, store, given, encoder)
    _check_threads(name, store, given, encoder)
    check(store.version == version, f"{name}.version changed, it must stay the same while the store is open.")
    return version


@dataclass(frozen=True, slots=True)
class _Given:
    """A content, the vectors of its passages, and of each passage those of its sentences and clauses."""

    content: Content
    vectors: Vectors
    pieces: tuple[Vectors, ...]

    @classmethod
    def of(cls, content: Content, encoder: Encoder) -> _Given:
        vectors = encoder.encode_passages([row.text for row in content.rows])
        return cls(content, vectors, tuple(encoder.encode_passages(row.sentences) for row in content.rows))


def _opened(open_store: OpenStore, content: Content, encoder: Encoder) -> Store:
    what = "of nothing" if not content.rows else f"of {len(content.rows)} passages"
    return call(f"building and opening a store {what}", open_store, content, encoder)


def _check_kept(name: str, store: Store, content: Content) -> str:
    """Check what is handed out as it was given; return the version."""
    version = store.version
    check(isinstance(version, str) and version != "", f"{name}.version is {version!r}, it must be a non-empty str.")
    for _ in range(2):
        check(
            dict(content.note).items() <= dict(store.note).items(),
            f"{name}.note is {dict(store.note)}, it must hold {dict(content.note)}.",
        )
    call(f"{name}.passages", _check_passages, name, store.passages, [row.passage for row in content.rows])
    given = {document.path: document for document in content.documents}
    found = store.documents
    check(
        set(found) == given.keys() and len(found) == len(given),
        f"{name}.documents has the paths {sorted(found)}, {sorted(given)} were given.",
    )
    for path, document in given.items():
        check(found[path] == document, f"{name}.documents[{path!r}] is {found[path]}, {document} was given.")
    check(
        "nowhere.md" not in found and found.get("nowhere.md") is None,
        f"{name}.documents holds a document under a path that was not given.",
    )
    return version


def _check_passages(name: str, found: Sequence[Passage], given: Sequence[Passage]) -> None:
    check(len(found) == len(given), f"len({name}.passages) is {len(found)}, {len(given)} passages were given.")
    for row, passage in enumerate(given):
        check(found[row] == passage, f"{name}.passages[{row}] is {found[row]}, {passage} was given.")
    check(list(found) == [*given], f"{name}.passages gives other passages in a loop than by row.")
    check(found[-1] == given[-1], f"{name}.passages[-1] is not the last passage.")
    for part in (slice(None, None, 3), slice(2, 5), slice(len(given), None)):
        check(list(found[part]) == given[part], f"{name}.passages[{part}] is not what a list would give.")
    try:
        beyond = found[len(given)]
    except IndexError:
        return
    raise AssertionError(f"{name}.passages[{len(given)}] is {beyond}, it must raise IndexError.")


def _check_sides(name: str, store: Store, content: Content) -> None:
    rows = {row.passage.id: number for number, row in enumerate(content.rows)}
    expected = {
        rows[row.passage.original]: number
        for number, row in enumerate(content.rows)
        if row.passage.original and row.passage.kind != "question"
    }
    found, back = dict(store.translations), dict(store.originals)
    check(found == expected, f"{name}.translations is {found}, it must be {expected}.")
    check(
        back == {row: original for original, row in expected.items()},
        f"{name}.originals is {back}, it must be the inverse of translations, {expected}.",
    )


def _check_frequencies(name: str, store: Store, content: Content) -> None:
    where = f"{name}.frequencies"
    words = ["园", "2003", "the", MARK, "号", "号", "无人机", ""]
    found = call(where, store.frequencies, words)
    for word in words:
        expected = sum(word in row.tokens for row in content.rows) if word else 0
        check(word in found, f"{where}: {word!r} was asked for and is missing.")
        check(found[word] == expected, f"{where}: {word!r} has {found[word]}, it stands in {expected} passages.")
    check(not call(where, store.frequencies, []), f"{where}: no token was asked for, nothing may be returned.")


def _check_stored_vectors(name: str, store: Store, given: _Given) -> None:
    where = f"{name}.vectors"
    for count in (1, len(given.vectors)):
        found = array(where, call(where, store.vectors, count), (count, given.vectors.shape[1]))
        near(where, found, given.vectors[:count], COSINE, "row by row they must be the vectors of the passages")


def _check_searches(name: str, store: Store, given: _Given, encoder: Encoder) -> None:
    count = len(given.content.rows)
    asked = encoder.encode_queries(["园区什么时候成立？", "When was the park founded?", "12号楼有厂房多少"])
    for vector in (*asked, given.vectors[1], given.vectors[-2]):
        for tokens in ([], ["园", "区"], ["the"], [MARK], ["无人机", ""]):
            for k in (1, 3, count, count + 9):
                for translated in (False, True):
                    _Search(name, given, vector, tuple(tokens), k, translated).check(store)
    found = call(f"{name}.search", store.search, asked[0], ["园"], 0)
    check(not found, f"{name}.search: of k = 0 it returned {len(found)} matches, it must return none.")
    best, second = (row for row, each in enumerate(given.content.rows) if MARK in each.tokens)
    far = given.vectors[0]  # nearer to the guide than to any building
    weights = {match.row: match.lexical for match in store.search(far, [MARK], count)}
    check(
        weights[best] > weights[second] > 0,
        f"{name}.search: the word stands three times in a passage of weight {weights[best]} and once in another, "
        f"equally long, of weight {weights[second]}; BM25 gives the first more.",
    )
    rows = {match.row for match in store.search(far, [MARK], 1) if match.lexical > 0}
    check(
        rows == {best}, f"{name}.search: of the rows by word it kept {rows}, the one with the largest BM25 is {best}."
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """One search and what is expected of it."""

    name: str
    given: _Given
    vector: Vectors
    tokens: tuple[str, ...]
    k: int
    translated: bool

    @property
    def where(self) -> str:
        more = ", translated=True" if self.translated else ""
        return f"{self.name}.search(vector, {list(self.tokens)}, {self.k}{more})"

    def check(self, store: Store) -> None:
        kept = self.vector.copy()
        found = call(self.where, store.search, self.vector, list(self.tokens), self.k, translated=self.translated)
        check(bool((self.vector == kept).all()), f"{self.where} changed the vector that it was given.")
        rows = [match.row for match in found]
        check(rows == sorted(set(rows)), f"{self.where}: the rows are {rows}, they must rise.")
        for match in found:
            self._check_match(match)
        self._check_rows(found, store)

    def _check_match(self, match: Match) -> None:
        row = self.given.content.rows[match.row]
        where = f"{self.where}, row {match.row}"
        check(match.passage == row.passage, f"{where}: the passage is {match.passage}, it must be {row.passage}.")
        cosine = float(self.given.vectors[match.row] @ self.vector)
        check(
            abs(match.dense - cosine) <= COSINE, f"{where}: the cosine is {match.dense:.4f}, it must be {cosine:.4f}."
        )
        cosines = self.given.pieces[match.row] @ self.vector
        inside = array(f"{where}: pieces", match.pieces, cosines.shape)
        near(f"{where}: pieces", inside, cosines, COSINE, "they must be the cosines of its sentences and clauses")
        stands = bool(set(self.tokens) & set(row.tokens))
        check(
            np.isfinite(match.lexical) and match.lexical >= 0,
            f"{where}: the BM25 score is {match.lexical}, it must be a finite number and not negative.",
        )
        check(stands or match.lexical == 0, f"{where}: the BM25 score is not 0, and none of the words stands there.")

    def _check_rows(self, found: Sequence[Match], store: Store) -> None:
        cosines = self.given.vectors @ self.vector
        last = float(np.sort(cosines)[::-1][min(self.k, len(cosines)) - 1])
        rows = {match.row for match in found}
        missing = set(np.flatnonzero(cosines > last + COSINE).tolist()) - rows
        check(
            not missing and len(rows) >= min(self.k, len(cosines)),
            f"{self.where}: rows {sorted(missing)} are missing of the nearest, {sorted(rows)} were found.",
        )
        by_word = {match.row for match in found if match.lexical > 0}
        holding = sum(bool(set(self.tokens) & set(row.tokens)) for row in self.given.content.rows)
        check(
            len(by_word) == min(self.k, holding),
            f"{self.where}: {len(by_word)} passages were found by word, {holding} hold one; k allows {self.k}.",
        )
        own = by_word | {row for row in rows if cosines[row] >= last - COSINE}
        sides = {side[row] for row in own for side in (store.translations, store.originals) if row in side}
        if self.translated:
            check(sides <= rows, f"{self.where}: the other sides {sorted(sides - rows)} are missing.")
        more = rows - own - (sides if self.translated else set())
        check(not more, f"{self.where}: rows {sorted(more)} are neither among the nearest nor found by word.")


def _check_threads(name: str, store: Store, given: _Given, encoder: Encoder) -> None:
    texts = [f"{number}号楼有多少厂房？" for number in BUILDINGS]
    vectors = encoder.encode_queries(texts)

    def ask(number: int) -> tuple[object, list[float]]:
        found = store.search(vectors[number], ["号", "楼"], 5, translated=True)
        known = store.frequencies(["园", "号"])
        rows = [(match.row, match.passage) for match in found], dict(known), store.passages[number]
        return rows, [x for match in found for x in (match.dense, match.lexical, *match.pieces.tolist())]

    numbers = [*range(len(texts))] * 4
    expected = [ask(number) for number in range(len(texts))]
    with ThreadPoolExecutor(THREADS) as pool:
        together = call(f"{name}: {THREADS} threads at once", lambda: list(pool.map(ask, numbers)))
    same = all(
        found[0] == expected[number][0] and np.allclose(found[1], expected[number][1], rtol=0, atol=SAME_VECTOR)
        for number, found in zip(numbers, together, strict=True)
    )
    check(same, f"{name}: {THREADS} threads at once were given something else than one alone.")


def _check_empty(name: str, store: Store, encoder: Encoder) -> None:
    vector = encoder.encode_queries(["园区"])[0]
    check(len(store.passages) == 0, f"{name}.passages of an index of nothing must be empty.")
    check(len(store.documents) == 0, f"{name}.documents of an index of nothing must be empty.")
    found = call(f"{name}.search in an index of nothing", store.search, vector, ["园"], 5)
    check(len(found) == 0, f"{name}.search in an index of nothing must find nothing.")
    known = call(f"{name}.frequencies in an index of nothing", store.frequencies, ["园"])
    check(known["园"] == 0, f"{name}.frequencies in an index of nothing must be 0.")
