"""A test kit for replacements of parkqa's parts: checks of a ``Store``, an ``Encoder`` or a ``Reranker``, and stubs.

Each check takes an implementation, calls it in the ways that parkqa does, and raises ``AssertionError`` with one
sentence that names the first promise of the interface (``parkqa.types``) that is broken. No test framework is needed,
and no model: ``StubEncoder`` and ``StubReranker`` stand in for the models where another part is under test. Nothing in
parkqa imports this module.

>>> check_encoder(StubEncoder())
>>> check_reranker(StubReranker())
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import pieces
from parkqa.store.content import Content, Row
from parkqa.text.sentences import sentences
from parkqa.types import (
    Block,
    BlockKind,
    Document,
    Encoder,
    Match,
    Page,
    Passage,
    PassageKind,
    Progress,
    Reranker,
    SpanReranker,
    Store,
    Vectors,
)

__all__ = ["OpenStore", "StubEncoder", "StubReranker", "check_encoder", "check_reranker", "check_store"]

OpenStore = Callable[[Content, Encoder], Store]
"""Builds an index of the content, embedding its texts with the encoder, and returns it opened."""

SAME_VECTOR = 1e-5
"""Largest difference of any component of two vectors of the same text."""
SAME_SCORE = 1e-4
"""Largest difference of two scores of the same question and text."""
COSINE = 1e-3
"""Largest error of a cosine similarity, a component of a stored vector or the length of an embedding."""
THREADS = 8

Value = TypeVar("Value")


class StubEncoder:
    """An encoder without a model: texts that share pairs of neighbouring characters get similar vectors.

    Deterministic on every machine.

    Attributes:
        fingerprint: as given.
        dimension: as given.
        encoded: the number of texts embedded so far.

    >>> encoder = StubEncoder()
    >>> asked, near, far = encoder.encode_queries(["园区成立", "园区成立于2003年", "招商热线"])
    >>> bool(asked @ near > asked @ far)
    True
    """

    def __init__(self, fingerprint: str = "stub-1", dimension: int = 64) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, which are embedded as passages are."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return the vectors of texts, calling ``progress`` after each."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for pair in zip(f" {text}", f"{text} ", strict=True):
                vectors[row, zlib.crc32("".join(pair).encode()) % self.dimension] += 1
            vectors[row] /= np.linalg.norm(vectors[row])
            if progress:
                progress(row + 1, len(texts))
        self.encoded += len(texts)
        return vectors


class StubReranker:
    """A reranker without a model: the score is the share of the question's characters that the text contains.

    It runs from -4 (none) to 4 (all). The fitted numbers that ship with parkqa belong to the default reranker; give
    its fingerprint to have them used with this one.

    Attributes:
        fingerprint: as given.

    >>> StubReranker().score("园区成立", ["园区成立于2003年。", "园区招商热线", "港口"]).tolist()
    [4.0, 0.0, -4.0]
    """

    def __init__(self, fingerprint: str = "stub-reranker-1") -> None:
        self.fingerprint = fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one score per text, shape (len(texts),)."""
        asked = {character for character in question if character.isalnum()}
        shares = [len(asked & set(text)) / max(len(asked), 1) for text in texts]
        return np.array([8 * share - 4 for share in shares], dtype=np.float32)


def check_encoder(encoder: Encoder) -> None:
    """Check an encoder: shapes, types and lengths of the vectors, and that a text's vector is always the same.

    Raises:
        AssertionError: a promise of ``Encoder`` is broken; says which.

    >>> class Unscaled(StubEncoder):
    ...     def encode_passages(self, texts, progress=None):
    ...         return 2 * super().encode_passages(texts, progress)
    >>> check_encoder(Unscaled())
    Traceback (most recent call last):
    ...
    AssertionError: Unscaled.encode_queries: a vector has length 2.0000, each must have length 1.
    """
    _call(type(encoder).__name__, _check_encoder, encoder)


def _check_encoder(encoder: Encoder) -> None:
    name = type(encoder).__name__
    fingerprint = _fingerprint(name, encoder)
    dimension = encoder.dimension
    _check(
        isinstance(dimension, int) and dimension > 0,
        f"{name}.dimension is {dimension!r}, it must be a positive int.",
    )
    for method in ("encode_queries", "encode_passages"):
        _check_vectors(f"{name}.{method}", getattr(encoder, method), dimension)
    _check_progress(f"{name}.encode_passages", encoder)
    _check(encoder.dimension == dimension, f"{name}.dimension changed, it must stay the same.")
    _check(encoder.fingerprint == fingerprint, f"{name}.fingerprint changed, it must stay the same.")


TEXTS = (
    "园区是什么时候成立的？",
    "How do I get there?",
    "园区",
    "2003年8月29日,江阴经济开发区靖江园区正式成立。",
    "招商热线",
    "园区位于长江北岸，拥有11.1公里长江岸线。" * 8,
    "园区",
    "Ｆａｘ 0523-8433",
)
"""What models are given: two languages, short and long, one of them twice."""


def _check_vectors(where: str, encode: Callable[[Sequence[str]], Vectors], dimension: int) -> None:
    together = _array(where, _call(where, encode, list(TEXTS)), (len(TEXTS), dimension))
    lengths = np.linalg.norm(together, axis=1)
    worst = float(lengths[np.argmax(np.abs(lengths - 1))])
    _check(abs(worst - 1) <= COSINE, f"{where}: a vector has length {worst:.4f}, each must have length 1.")
    place = {text: row for row, text in enumerate(TEXTS)}
    same = together[[place[text] for text in TEXTS]]
    _near(where, together, same, SAME_VECTOR, "the same text twice in one call must get the same vector")
    again = _array(where, _call(where, encode, TEXTS), together.shape)
    _near(where, again, together, SAME_VECTOR, "the same texts in a second call must get the same vectors")
    turned = _array(where, _call(where, encode, TEXTS[::-1]), together.shape)[::-1]
    _near(where, turned, together, SAME_VECTOR, "a vector must not depend on the order of the texts")
    alone = [_array(where, _call(where, encode, [text]), (1, dimension))[0] for text in TEXTS]
    _near(where, np.stack(alone), together, SAME_VECTOR, "a vector must not depend on the other texts of the call")
    _array(where, _call(where, encode, []), (0, dimension))


def _check_progress(where: str, encoder: Encoder) -> None:
    calls: list[tuple[int, int]] = []
    _call(where, encoder.encode_passages, list(TEXTS), lambda done, total: calls.append((done, total)))
    done = [each for each, _ in calls]
    _check(
        all(total == len(TEXTS) for _, total in calls) and done == sorted(done) and done[-1:] in ([], [len(TEXTS)]),
        f"{where}: progress was called with {calls}, it must count up to all {len(TEXTS)} texts.",
    )


def check_reranker(reranker: Reranker) -> None:
    """Check a reranker: the shape and type of the scores, and that a text's score does not depend on the others.

    Of a ``SpanReranker`` the readings are checked too.

    Raises:
        AssertionError: a promise of ``Reranker`` is broken; says which.

    >>> class Halved(StubReranker):
    ...     def score(self, question, texts):
    ...         return super().score(question, texts[: len(texts) // 2])
    >>> check_reranker(Halved())
    Traceback (most recent call last):
    ...
    AssertionError: Halved.score: the shape is (4,), it must be (8,).
    """
    _call(type(reranker).__name__, _check_reranker, reranker)


def _check_reranker(reranker: Reranker) -> None:
    name = type(reranker).__name__
    where = f"{name}.score"
    fingerprint = _fingerprint(name, reranker)
    for question in ("园区是什么时候成立的？", "When was the park founded?"):
        together = _array(where, _call(where, reranker.score, question, list(TEXTS)), (len(TEXTS),))
        place = {text: row for row, text in enumerate(TEXTS)}
        same = together[[place[text] for text in TEXTS]]
        _near(where, together, same, SAME_SCORE, "the same text twice in one call must get the same score")
        again = _array(where, _call(where, reranker.score, question, TEXTS), together.shape)
        _near(where, again, together, SAME_SCORE, "the same texts in a second call must get the same scores")
        turned = _array(where, _call(where, reranker.score, question, TEXTS[::-1]), together.shape)[::-1]
        _near(where, turned, together, SAME_SCORE, "a score must not depend on the order of the texts")
        alone = [_array(where, _call(where, reranker.score, question, [text]), (1,))[0] for text in TEXTS]
        _near(where, np.array(alone), together, SAME_SCORE, "a score must not depend on the other texts of the call")
        _array(where, _call(where, reranker.score, question, []), (0,))
        if isinstance(reranker, SpanReranker):
            _check_readings(f"{name}.read", reranker, question, together)
    _check(reranker.fingerprint == fingerprint, f"{name}.fingerprint changed, it must stay the same.")


def _check_readings(where: str, reranker: SpanReranker, question: str, scores: npt.NDArray[np.float32]) -> None:
    texts = list(TEXTS)
    readings = _call(where, reranker.read, question, texts)
    _check(len(readings) == len(texts), f"{where}: there are {len(readings)} readings, there must be {len(texts)}.")
    for text, reading, score in zip(texts, readings, scores, strict=True):
        count = len(reading.offsets)
        _array(where, reading.ends, (count, 2))
        inside = (reading.offsets >= 0) & (reading.offsets <= len(text))
        _check(reading.offsets.shape == (count, 2), f"{where}: the offsets must have the shape ({count}, 2).")
        _check(bool(inside.all()), f"{where}: an offset lies outside the text.")
        _near(where, np.array([reading.score]), np.array([score]), SAME_SCORE, "a reading must have the text's score")


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
    given = _Given.of(_content({"corpus": "a", "empty": ""}), encoder)
    store = _opened(open_store, given.content, encoder)
    name = type(store).__name__
    version = _call(name, _check_open, name, store, given, encoder)
    changed = _opened(open_store, _content({"corpus": "b"}), encoder)
    _check(changed.version != version, f"{name}.version is the same for two builds with different notes.")
    _call(name, _check_empty, name, _opened(open_store, Content((), ()), encoder), encoder)


def _check_open(name: str, store: Store, given: _Given, encoder: Encoder) -> str:
    """Check a store that holds something; return its version."""
    version = _check_kept(name, store, given.content)
    _check_sides(name, store, given.content)
    _check_frequencies(name, store, given.content)
    _check_stored_vectors(name, store, given)
    _check_searches(name, store, given, encoder)
    _check_threads(name, store, given, encoder)
    _check(store.version == version, f"{name}.version changed, it must stay the same while the store is open.")
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


BUILDINGS = range(10, 34)
MARK = "标记"
"""A word of two of the passages on buildings: three times in the first, once in the second; both are equally long."""


def _content(note: Mapping[str, str]) -> Content:
    """Return a content with all that there can be: translations, a table, long sentences, a question of faq.yaml."""
    guide = _document(
        "服务/指南.md",
        ("企业指南", "靖江园区成立于2003年。园区位于长江北岸。", "招商热线见首页。"),
        date="2024-05",
        valid_until="2026-12-31",
        also_in=("服务/指南.docx",),
    )
    english = _document(
        "guide_en.md",
        ("Guide", "The park was founded in 2003. It lies on the north bank.", "See the front page for the hotline."),
        translation_of="服务/指南.md",
    )
    prices = _document("价格.xlsx", ("项目\t标准", "厂房\t15元", "写字楼\t25元"), kind="row", page="Sheet1")
    long = "园区拥有11.1公里长江岸线，" + "建有万吨级码头，" * 15 + "是长江下游重要的船舶制造基地。"
    buildings = _document("楼宇.pdf", ("楼宇", *(f"{n}号楼有厂房{n * 7}平方米。" for n in BUILDINGS), long), page=3)
    rows = [*_rows(guide), *_rows(prices), *_rows(buildings)]
    marked = [place for place, row in enumerate(rows) if re.match("(10|11)号楼", row.passage.text)]
    for place, more in zip(marked, ((MARK,) * 3, (MARK, "甲", "乙")), strict=True):
        rows[place] = _row(rows[place].passage, more)
    originals = [row.passage.id for row in rows if row.passage.document == guide.path]
    rows += _rows(english, originals)
    owner = rows[0].passage
    asked = _slice(guide, "question", *owner.spans[0], ("园区什么时候成立？",), original=owner.id)
    return Content((guide, english, prices, buildings), [*rows, _row(asked)], note)


def _document(
    path: str, lines: Sequence[str], kind: BlockKind = "paragraph", page: Page = None, **more: Any
) -> Document:
    """Return a document of lines, of which the first is its heading, or in a table the header row."""
    text = "\n".join(lines)
    columns = tuple(lines[0].split("\t")) if kind == "row" else ()
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    first = Block("columns" if columns else "heading", 0 if columns else 1, 0, len(lines[0]), page, columns)
    others = [Block(kind, 0, at, at + len(line), page, columns) for at, line in zip(starts, lines, strict=True)]
    digest = sha256(text.encode()).hexdigest()
    return Document(path, lines[0].replace("\t", " "), text, digest, (first, *others[1:]), **more)


def _rows(document: Document, originals: Sequence[str | None] | None = None) -> list[Row]:
    """Return a row for each line of a document but its first."""
    blocks = document.blocks[1:]
    return [
        _row(_slice(document, _kind(block), block.start, block.end, (document.title,), block.page, original))
        for block, original in zip(blocks, originals or [None] * len(blocks), strict=True)
    ]


def _kind(block: Block) -> PassageKind:
    return "row" if block.kind == "row" else "paragraph"


def _slice(
    document: Document,
    kind: PassageKind,
    start: int,
    end: int,
    heading: tuple[str, ...],
    page: Page = None,
    original: str | None = None,
) -> Passage:
    text, spans = document.text[start:end], sentences(document.text, start, end)
    name = sha256(f"{document.path} {kind} {start}".encode()).hexdigest()[:16]
    return Passage(name, document.path, start, end, text, kind, heading, spans, page, original)


def _row(passage: Passage, more: tuple[str, ...] = ()) -> Row:
    head = " ".join(passage.heading)
    texts = (passage.text[start - passage.start : end - passage.start] for _, (start, end) in pieces(passage))
    words = re.findall(r"[a-z]+|\d+|[\u4e00-\u9fff]", passage.text.lower())
    return Row(passage, f"{head}\n{passage.text}", tuple(f"{head}\n{text}" for text in texts), (*words, *more))


def _opened(open_store: OpenStore, content: Content, encoder: Encoder) -> Store:
    what = "of nothing" if not content.rows else f"of {len(content.rows)} passages"
    return _call(f"building and opening a store {what}", open_store, content, encoder)


def _check_kept(name: str, store: Store, content: Content) -> str:
    """Check what is handed out as it was given; return the version."""
    version = store.version
    _check(isinstance(version, str) and version != "", f"{name}.version is {version!r}, it must be a non-empty str.")
    for _ in range(2):
        _check(
            dict(content.note).items() <= dict(store.note).items(),
            f"{name}.note is {dict(store.note)}, it must hold {dict(content.note)}.",
        )
    _call(f"{name}.passages", _check_passages, name, store.passages, [row.passage for row in content.rows])
    given = {document.path: document for document in content.documents}
    found = store.documents
    _check(
        set(found) == given.keys() and len(found) == len(given),
        f"{name}.documents has the paths {sorted(found)}, {sorted(given)} were given.",
    )
    for path, document in given.items():
        _check(found[path] == document, f"{name}.documents[{path!r}] is {found[path]}, {document} was given.")
    _check(
        "nowhere.md" not in found and found.get("nowhere.md") is None,
        f"{name}.documents holds a document under a path that was not given.",
    )
    return version


def _check_passages(name: str, found: Sequence[Passage], given: Sequence[Passage]) -> None:
    _check(len(found) == len(given), f"len({name}.passages) is {len(found)}, {len(given)} passages were given.")
    for row, passage in enumerate(given):
        _check(found[row] == passage, f"{name}.passages[{row}] is {found[row]}, {passage} was given.")
    _check(list(found) == [*given], f"{name}.passages gives other passages in a loop than by row.")
    _check(found[-1] == given[-1], f"{name}.passages[-1] is not the last passage.")
    for part in (slice(None, None, 3), slice(2, 5), slice(len(given), None)):
        _check(list(found[part]) == given[part], f"{name}.passages[{part}] is not what a list would give.")
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
    _check(found == expected, f"{name}.translations is {found}, it must be {expected}.")
    _check(
        back == {row: original for original, row in expected.items()},
        f"{name}.originals is {back}, it must be the inverse of translations, {expected}.",
    )


def _check_frequencies(name: str, store: Store, content: Content) -> None:
    where = f"{name}.frequencies"
    words = ["园", "2003", "the", MARK, "号", "号", "无人机", ""]
    found = _call(where, store.frequencies, words)
    for word in words:
        expected = sum(word in row.tokens for row in content.rows) if word else 0
        _check(word in found, f"{where}: {word!r} was asked for and is missing.")
        _check(found[word] == expected, f"{where}: {word!r} has {found[word]}, it stands in {expected} passages.")
    _check(not _call(where, store.frequencies, []), f"{where}: no token was asked for, nothing may be returned.")


def _check_stored_vectors(name: str, store: Store, given: _Given) -> None:
    where = f"{name}.vectors"
    for count in (1, len(given.vectors)):
        found = _array(where, _call(where, store.vectors, count), (count, given.vectors.shape[1]))
        _near(where, found, given.vectors[:count], COSINE, "row by row they must be the vectors of the passages")


def _check_searches(name: str, store: Store, given: _Given, encoder: Encoder) -> None:
    count = len(given.content.rows)
    asked = encoder.encode_queries(["园区什么时候成立？", "When was the park founded?", "12号楼有厂房多少"])
    for vector in (*asked, given.vectors[1], given.vectors[-2]):
        for tokens in ([], ["园", "区"], ["the"], [MARK], ["无人机", ""]):
            for k in (1, 3, count, count + 9):
                for translated in (False, True):
                    _Search(name, given, vector, tuple(tokens), k, translated).check(store)
    found = _call(f"{name}.search", store.search, asked[0], ["园"], 0)
    _check(not found, f"{name}.search: of k = 0 it returned {len(found)} matches, it must return none.")
    best, second = (row for row, each in enumerate(given.content.rows) if MARK in each.tokens)
    far = given.vectors[0]  # nearer to the guide than to any building
    weights = {match.row: match.lexical for match in store.search(far, [MARK], count)}
    _check(
        weights[best] > weights[second] > 0,
        f"{name}.search: the word stands three times in a passage of weight {weights[best]} and once in another, "
        f"equally long, of weight {weights[second]}; BM25 gives the first more.",
    )
    rows = {match.row for match in store.search(far, [MARK], 1) if match.lexical > 0}
    _check(
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
        found = _call(self.where, store.search, self.vector, list(self.tokens), self.k, translated=self.translated)
        _check(bool((self.vector == kept).all()), f"{self.where} changed the vector that it was given.")
        rows = [match.row for match in found]
        _check(rows == sorted(set(rows)), f"{self.where}: the rows are {rows}, they must rise.")
        for match in found:
            self._check_match(match)
        self._check_rows(found, store)

    def _check_match(self, match: Match) -> None:
        row = self.given.content.rows[match.row]
        where = f"{self.where}, row {match.row}"
        _check(match.passage == row.passage, f"{where}: the passage is {match.passage}, it must be {row.passage}.")
        cosine = float(self.given.vectors[match.row] @ self.vector)
        _check(
            abs(match.dense - cosine) <= COSINE, f"{where}: the cosine is {match.dense:.4f}, it must be {cosine:.4f}."
        )
        cosines = self.given.pieces[match.row] @ self.vector
        inside = _array(f"{where}: pieces", match.pieces, cosines.shape)
        _near(f"{where}: pieces", inside, cosines, COSINE, "they must be the cosines of its sentences and clauses")
        stands = bool(set(self.tokens) & set(row.tokens))
        _check(
            np.isfinite(match.lexical) and match.lexical >= 0,
            f"{where}: the BM25 score is {match.lexical}, it must be a finite number and not negative.",
        )
        _check(stands or match.lexical == 0, f"{where}: the BM25 score is not 0, and none of the words stands there.")

    def _check_rows(self, found: Sequence[Match], store: Store) -> None:
        cosines = self.given.vectors @ self.vector
        last = float(np.sort(cosines)[::-1][min(self.k, len(cosines)) - 1])
        rows = {match.row for match in found}
        missing = set(np.flatnonzero(cosines > last + COSINE).tolist()) - rows
        _check(
            not missing and len(rows) >= min(self.k, len(cosines)),
            f"{self.where}: rows {sorted(missing)} are missing of the nearest, {sorted(rows)} were found.",
        )
        by_word = {match.row for match in found if match.lexical > 0}
        holding = sum(bool(set(self.tokens) & set(row.tokens)) for row in self.given.content.rows)
        _check(
            len(by_word) == min(self.k, holding),
            f"{self.where}: {len(by_word)} passages were found by word, {holding} hold one; k allows {self.k}.",
        )
        own = by_word | {row for row in rows if cosines[row] >= last - COSINE}
        sides = {side[row] for row in own for side in (store.translations, store.originals) if row in side}
        if self.translated:
            _check(sides <= rows, f"{self.where}: the other sides {sorted(sides - rows)} are missing.")
        more = rows - own - (sides if self.translated else set())
        _check(not more, f"{self.where}: rows {sorted(more)} are neither among the nearest nor found by word.")


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
        together = _call(f"{name}: {THREADS} threads at once", lambda: list(pool.map(ask, numbers)))
    same = all(
        found[0] == expected[number][0] and np.allclose(found[1], expected[number][1], rtol=0, atol=SAME_VECTOR)
        for number, found in zip(numbers, together, strict=True)
    )
    _check(same, f"{name}: {THREADS} threads at once were given something else than one alone.")


def _check_empty(name: str, store: Store, encoder: Encoder) -> None:
    vector = encoder.encode_queries(["园区"])[0]
    _check(len(store.passages) == 0, f"{name}.passages of an index of nothing must be empty.")
    _check(len(store.documents) == 0, f"{name}.documents of an index of nothing must be empty.")
    found = _call(f"{name}.search in an index of nothing", store.search, vector, ["园"], 5)
    _check(len(found) == 0, f"{name}.search in an index of nothing must find nothing.")
    known = _call(f"{name}.frequencies in an index of nothing", store.frequencies, ["园"])
    _check(known["园"] == 0, f"{name}.frequencies in an index of nothing must be 0.")


def _fingerprint(name: str, part: Encoder | Reranker) -> str:
    found = part.fingerprint
    _check(isinstance(found, str) and found != "", f"{name}.fingerprint is {found!r}, it must be a non-empty str.")
    _check(part.fingerprint == found, f"{name}.fingerprint changed, it must stay the same.")
    return found


def _check(holds: bool | np.bool_, otherwise: str) -> None:
    """Raise ``AssertionError``, under ``python -O`` too."""
    if not holds:
        raise AssertionError(otherwise)


def _call(where: str, function: Callable[..., Value], *given: object, **named: object) -> Value:
    """Call what is under test; an exception of its own is a broken promise as well."""
    try:
        return function(*given, **named)
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{where} raised {type(error).__name__}: {error}") from error


def _array(where: str, found: object, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Check that an array is of float32, of a shape, and finite; return it."""
    _check(isinstance(found, np.ndarray), f"{where}: it is a {type(found).__name__}, it must be a NumPy array.")
    assert isinstance(found, np.ndarray)
    _check(found.shape == shape, f"{where}: the shape is {found.shape}, it must be {shape}.")
    _check(found.dtype == np.float32, f"{where}: the dtype is {found.dtype}, it must be float32.")
    _check(np.isfinite(found).all(), f"{where}: there are numbers that are not finite.")
    return found


def _near(where: str, found: npt.NDArray[Any], expected: npt.NDArray[Any], within: float, promise: str) -> None:
    apart = float(np.abs(found - expected).max(initial=0))
    _check(apart <= within, f"{where}: {promise}; they differ by {apart:.2g}.")
