"""An open index in PostgreSQL: all searching and scoring is done by the database, with pgvector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple, overload

import numpy as np
from pydantic import SecretStr, TypeAdapter

from parkqa.errors import DatabaseRefused, IndexDamaged, IndexReplaced, StoreError
from parkqa.store.content import unit
from parkqa.store.manifest import Manifest, digest
from parkqa.store.postgres.builds import current, schema
from parkqa.store.postgres.connection import Database, database
from parkqa.types import Document, Match, Passage, Vectors

MATCHED = 20_000
"""Largest number of passages that the lexical search of one question scores.

If the words of a question occur in more passages than this, only the rarest of them select the passages to score, since
scoring all would take too long. Chosen by hand; a smaller value is faster but finds fewer passages that contain only
frequent words.
"""
_KEPT = 65536
"""Largest number of cached words, and of cached passages."""
_FETCHED = 500
"""Number of passages that iteration fetches with one statement."""

# Ordering by row as well makes the result deterministic: among equals, the first rows are returned.
_DENSE = (
    "select row, -(vec <#> %(v)s::vector) as dense from {b}.passages order by vec <#> %(v)s::vector, row limit %(k)s"
)
_LEXICAL = (
    "select row, -(sp <#> %(s)s::sparsevec) as lexical from {b}.words where ts @@ %(t)s::tsquery"
    " order by sp <#> %(s)s::sparsevec, row limit %(k)s"
)
_SEARCH = f"""
with near as ({_DENSE}), said as ({_LEXICAL}), found as (select row from near union select row from said),
chosen as (
    select row from found
    union select p.other from found join {{b}}.passages p using (row) where %(both)s and p.other is not null
)
select row, p.body, coalesce(near.dense, -(p.vec <#> %(v)s::vector)), coalesce(said.lexical, 0), array(
    select -(q.vec <#> %(v)s::vector) from {{b}}.pieces q where q.row = p.row order by q.place
)
from chosen join {{b}}.passages p using (row) left join near using (row) left join said using (row) order by row
"""
_COUNTS = "select " + ", ".join(
    f"(select count(*) from {{b}}.{table})" for table in ("documents", "passages", "pieces", "words")
)

DOCUMENT, PASSAGE = TypeAdapter(Document), TypeAdapter(Passage)


class Word(NamedTuple):
    """A word of the vocabulary: its number, from 1 (0 if it occurs nowhere), and its document frequency."""

    id: int
    seen: int


class PostgresStore:
    """One build in a database; implements ``types.Store``. Thread-safe; newer builds do not affect it."""

    def __init__(self, where: Database, build: int, manifest: Manifest) -> None:
        self.database, self.build, self.manifest = where, build, manifest
        self.version = digest(manifest.to_bytes())
        self.note = manifest.note
        self.documents: Mapping[str, Document] = _Documents(self, manifest.documents)
        self.passages: Sequence[Passage] = _Passages(self, manifest.passages)
        pairs = self.all("select row, other from {b}.passages where other > row order by row", {})
        self.translations: Mapping[int, int] = dict(pairs)
        self.originals: Mapping[int, int] = {row: original for original, row in self.translations.items()}
        self._vocabulary: dict[str, Word] = {}
        self._lock = Lock()
        (self._dimension,) = self.all("select coalesce(max(id), 0) + 1 from {b}.vocabulary", {})[0]

    def dense(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Return the ``k`` nearest passages as pairs (row, cosine), best first; ``vector`` has shape (dimension,)."""
        if k < 1 or not self.passages:
            return []
        return self.all(_DENSE, {"v": unit(vector[None])[0], "k": k})

    def lexical(self, tokens: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Return at most ``k`` passages that contain any of the tokens, as pairs (row, BM25 score), best first."""
        asked = self._asked(tokens)
        return self.all(_LEXICAL, {**asked, "k": k}) if asked["t"] and k > 0 else []

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return the union of ``dense`` and ``lexical`` with all scores, ordered by row; see ``types.Store.search``.

        It takes a single statement, apart from words that are not yet in the cache.
        """
        if k < 1 or not self.passages:
            return []
        found = self.all(_SEARCH, {**self._asked(tokens), "v": vector, "k": k, "both": translated})
        return [
            Match(row, self._passage(body), dense, lexical, np.array(pieces, dtype=np.float32))
            for row, body, dense, lexical, pieces in found
        ]

    def vectors(self, count: int) -> Vectors:
        """Return the vectors of the first ``count`` passages, shape (count, dimension)."""
        found = self.all("select vec from {b}.passages where row < %(count)s order by row", {"count": count})
        return np.stack([vector.to_numpy() for (vector,) in found])

    def frequencies(self, tokens: Sequence[str]) -> dict[str, int]:
        """Return the number of passages that contain each token; those not in the cache take one statement."""
        asked = [token for token in dict.fromkeys(tokens) if token]
        return dict.fromkeys(tokens, 0) | {
            token: word.seen for token, word in zip(asked, self._words(asked), strict=True)
        }

    def all(self, statement: str, given: Mapping[str, Any]) -> list[Any]:
        """Execute a statement and return all its rows.

        Args:
            statement: the SQL text, in which ``{b}`` stands for the schema of the build.
            given: the parameters by name.

        Raises:
            StoreUnavailable: the database cannot be reached or did not answer in time.
            IndexReplaced: the build has been dropped.
            StoreError: the database rejected the statement.
        """
        from psycopg import errors

        try:
            with self.database.reading() as connection:
                return connection.execute(_filled(statement, self.build), given, binary=True).fetchall()
        except DatabaseRefused as error:
            if isinstance(error.__cause__, errors.UndefinedTable | errors.InvalidSchemaName):
                raise IndexReplaced(
                    "索引刚换成新的，请再试一次。", "The index has just been replaced by a new one; please try again."
                ) from error
            raise

    def _asked(self, tokens: Sequence[str]) -> dict[str, Any]:
        """The parameters of a lexical search: the sparse vector of word counts, and the text search query."""
        from pgvector import SparseVector

        counts = Counter(token for token in tokens if token)
        known = {word: n for word, n in zip(self._words([*counts]), counts.values(), strict=True) if word.id}
        # The indices of a sparse vector count from 0 in Python and from 1 in the text form of the database.
        sparse = SparseVector({word.id - 1: float(n) for word, n in known.items()}, self._dimension)
        return {"s": sparse, "t": " | ".join(str(word.id) for word in _telling(known))}

    def _words(self, tokens: Sequence[str]) -> list[Word]:
        """The vocabulary entry of each token, cached after the first look-up."""
        new = [token for token in dict.fromkeys(tokens) if token not in self._vocabulary]
        found: dict[str, Word] = {}
        if new:
            keys = [token.encode("utf-8", "surrogatepass") for token in new]
            rows = self.all("select token, id, seen from {b}.vocabulary where token = any(%(keys)s)", {"keys": keys})
            there = {bytes(token): Word(number, seen) for token, number, seen in rows}
            found = {token: there.get(key, Word(0, 0)) for token, key in zip(new, keys, strict=True)}
        with self._lock:
            if len(self._vocabulary) > _KEPT:
                self._vocabulary.clear()
            self._vocabulary.update(found)
            return [found.get(token) or self._vocabulary[token] for token in tokens]

    @staticmethod
    @lru_cache(_KEPT)
    def _passage(body: bytes) -> Passage:
        return PASSAGE.validate_json(body)


def _telling(words: Iterable[Word]) -> list[Word]:
    """The words that select passages: the rarest, up to MATCHED passages in total, but at least one word."""
    kept: list[Word] = []
    for word in sorted(words, key=lambda word: (word.seen, word.id)):
        if kept and sum(each.seen for each in kept) + word.seen > MATCHED:
            break
        kept.append(word)
    return kept


@lru_cache(256)
def _filled(statement: str, build: int) -> bytes:
    return statement.format(b=schema(build)).encode()


class _Passages(Sequence[Passage]):
    """The passages of a build by row, fetched on access."""

    def __init__(self, store: PostgresStore, count: int) -> None:
        self._store, self._count = store, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Passage: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Passage]: ...
    def __getitem__(self, place: int | slice) -> Passage | Sequence[Passage]:
        rows = range(self._count)[place]
        return self._fetched([rows])[0] if isinstance(rows, int) else self._fetched([*rows])

    def __iter__(self) -> Iterator[Passage]:
        for start in range(0, self._count, _FETCHED):
            yield from self._fetched([*range(start, min(start + _FETCHED, self._count))])

    def _fetched(self, rows: Sequence[int]) -> list[Passage]:
        found = dict(self._store.all("select row, body from {b}.passages where row = any(%(rows)s)", {"rows": rows}))
        return [PASSAGE.validate_json(found[row]) for row in rows]


class _Documents(Mapping[str, Document]):
    """The documents of a build by path, fetched on access."""

    def __init__(self, store: PostgresStore, paths: Iterable[str]) -> None:
        self._paths = dict.fromkeys(sorted(paths))
        self._fetch = lru_cache(64)(lambda path: _document(store, path))

    def __getitem__(self, path: str) -> Document:
        if path not in self._paths:
            raise KeyError(path)
        return self._fetch(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _document(store: PostgresStore, path: str) -> Document:
    try:
        (found,) = store.all("select body from {b}.documents where path = %(path)s", {"path": path})
        return DOCUMENT.validate_json(found[0])
    except ValueError as error:  # no such row, or another than was written
        raise _short("documents") from error


def open_postgres(address: SecretStr, encoder: str | None = None) -> PostgresStore:
    """Open the current build.

    Args:
        address: address of the database.
        encoder: fingerprint of the embedding model that it must have been built with; None accepts any.

    Raises:
        IndexMissing: no index has been built.
        IndexDamaged: the manifest is malformed.
        IndexMismatch: it has a different format version or was built with a different model.
        StoreError: the database cannot be used.
    """
    where = database(address)
    build, manifest = current(where)
    manifest.check_encoder(encoder)
    return PostgresStore(where, build, manifest)


def faults(address: SecretStr) -> list[StoreError]:
    """Verify the current build by counting the rows of its tables; return all problems found."""
    try:
        store = open_postgres(address)
        (found,) = store.all(_COUNTS, {})
    except StoreError as error:
        return [error]
    expected = {
        "documents": len(store.documents),
        "passages": len(store.passages),
        "pieces": store.manifest.sentences,
        "words": len(store.passages),
    }
    return [_short(table) for (table, count), seen in zip(expected.items(), found, strict=True) if count != seen]


def _short(table: str) -> IndexDamaged:
    return IndexDamaged(
        table,
        f"数据库里索引的表 {table} 行数不对，请运行 parkqa build 重建。",
        f"The table {table} of the index in the database has not the rows it should. Run parkqa build to rebuild it.",
    )
