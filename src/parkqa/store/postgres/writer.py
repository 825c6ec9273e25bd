"""Writing a build into PostgreSQL: one transaction writes it, one makes it current, one drops what is older."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from parkqa.errors import IndexLocked, StoreError
from parkqa.store.content import WAIT_SECONDS, Built, Content, Draft, Embedded, Row, describe, embedded, pairs
from parkqa.store.manifest import Manifest
from parkqa.store.postgres.connection import SCHEMA, Database, database, failing
from parkqa.store.postgres.index import (
    DOCUMENT,
    GRAPH,
    INDEXES,
    LONGEST_VECTOR,
    PASSAGE,
    TABLES,
    PostgresStore,
    current,
    schema,
)
from parkqa.types import Encoder, Progress, Vectors

if TYPE_CHECKING:
    from psycopg import Connection
from parkqa.store.bm25 import sparse_weights

GRAPH_FROM = 5_000
"""Passages from which a graph takes the place of the exact search, which is as quick below."""

_LOCK = "hashtext('parkqa build')"
_PAUSE = 0.5
_log = logging.getLogger(__name__)


def build_postgres(
    address: SecretStr,
    content: Content,
    encoder: Encoder,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
) -> Built:
    """Build ``content`` into the database and make that the current build; raises as ``drafted`` does."""
    with drafted(address, content, encoder, progress, wait) as draft:
        return draft.publish({})


@contextlib.contextmanager
def drafted(
    address: SecretStr,
    content: Content,
    encoder: Encoder,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
) -> Iterator[Draft]:
    """Build ``content`` into the database; it becomes the current build when it is published, all or nothing.

    Raises:
        IndexLocked: another build is still at work; says who.
        StoreError: the database cannot be used; the build that was there stays.
        ModelError: the encoder gave something else than vectors.
    """
    where = database(address)
    with where.writing() as connection, _locked(connection, wait, where.name):
        before = _before(where)
        made = embedded(content.rows, _known(connection, before, encoder), encoder, progress)
        files = {"content": _digest(content, made)}
        manifest = describe(content, encoder, {"kind": "pgvector", "effort": 0, "recall": 0}, files)
        if before and _same_but_for_what_was_added(manifest, before[1]):
            number, manifest = before
        else:
            number = _written(connection, manifest, content, made)

        def publish(note: Mapping[str, str]) -> Built:
            whole = replace(manifest, note={**content.note, **note})
            if before != (number, whole):
                _publish(connection, number, whole)
            return Built(whole, made.new, made.known)

        with _dropped_unless_published(connection, number, before):
            yield Draft(lambda: PostgresStore(where, number, manifest), publish)


def _same_but_for_what_was_added(manifest: Manifest, before: Manifest) -> bool:
    told = manifest.note.items() <= before.note.items()
    return told and replace(manifest, note=before.note) == before


@contextlib.contextmanager
def _dropped_unless_published(
    connection: Connection[Any], number: int, before: tuple[int, Manifest] | None
) -> Iterator[None]:
    """Leave nothing behind of a new build in which something went wrong."""
    try:
        yield
    except BaseException:
        if before is None or number != before[0]:
            _drop(connection, [number])
        raise


def _before(where: Database) -> tuple[int, Manifest] | None:
    with contextlib.suppress(StoreError):
        return current(where)
    return None


def _known(connection: Connection[Any], before: tuple[int, Manifest] | None, encoder: Encoder) -> dict[bytes, Vectors]:
    """The vectors of the build before, by key, where the same model made them."""
    if before is None or (before[1].encoder, before[1].dimension) != (encoder.fingerprint, encoder.dimension):
        return {}
    b = schema(before[0])
    statement = f"select key, vec from {b}.passages union all select key, vec from {b}.pieces"
    known = {key: vec.to_numpy() for key, vec in connection.execute(statement, binary=True)}
    connection.commit()  # What is embedded now may take an hour, and no transaction should stay open for it.
    return known


def _digest(content: Content, made: Embedded) -> str:
    """The SHA-256 of all that is written: equal, and nothing has changed."""
    digest = hashlib.sha256()
    for document in content.documents:
        digest.update(DOCUMENT.dump_json(document))
    for row in content.rows:
        digest.update(PASSAGE.dump_json(row.passage))
        digest.update(json.dumps(row.tokens).encode())
    digest.update(made.keys.tobytes())
    digest.update(made.vectors.tobytes())
    return digest.hexdigest()


def _written(connection: Connection[Any], manifest: Manifest, content: Content, made: Embedded) -> int:
    """Write a build that nobody is shown yet; return its number."""
    rows = content.rows
    with connection.transaction():
        connection.execute("set local maintenance_work_mem = '512MB'")
        found = connection.execute(
            f"insert into {SCHEMA}.builds (manifest) values (%s) returning id", [manifest.to_bytes().decode()]
        ).fetchone()
        assert found is not None
        b = schema(found[0])
        words = _vocabulary(rows)
        connection.execute(f"create schema {b}")
        connection.execute(TABLES.format(b=b, d=manifest.dimension, w=len(words) + 1))
        documents = ((document.path, DOCUMENT.dump_json(document)) for document in content.documents)
        _copy(connection, f"{b}.documents", ("text", "bytea"), documents)
        _copy_passages(connection, b, rows, made)
        _copy_words(connection, b, rows, words)
        connection.execute(INDEXES.format(b=b))
        if len(rows) >= GRAPH_FROM and manifest.dimension <= LONGEST_VECTOR:
            connection.execute(GRAPH.format(b=b))
    return int(found[0])


def _publish(connection: Connection[Any], number: int, manifest: Manifest) -> None:
    """Make a build the current one; drop all others but the one before, which some server may still be reading."""
    with connection.transaction():
        flipped = f"update {SCHEMA}.builds set current = false where current and id <> %s returning id"
        before = [found[0] for found in connection.execute(flipped, [number])]
        raw = manifest.to_bytes().decode()
        connection.execute(f"update {SCHEMA}.builds set current = true, manifest = %s where id = %s", [raw, number])
    if before:
        others = connection.execute(f"select id from {SCHEMA}.builds where id <> all(%s)", [[number, *before]])
        old = [found[0] for found in others]
        connection.commit()
        _drop(connection, old)


def _copy(connection: Connection[Any], table: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {table} from stdin with (format binary)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _copy_passages(connection: Connection[Any], b: str, rows: Sequence[Row], made: Embedded) -> None:
    both = pairs([row.passage for row in rows])
    other = {**dict(both), **{translation: row for row, translation in both}}
    keys = [key.tobytes() for key in made.keys]
    passages = (
        (n, row.passage.id, other.get(n), keys[n], made.vectors[n], PASSAGE.dump_json(row.passage))
        for n, row in enumerate(rows)
    )
    _copy(connection, f"{b}.passages", ("int4", "text", "int4", "bytea", "vector", "bytea"), passages)
    numbered = ((n, place) for n, row in enumerate(rows) for place in range(len(row.sentences)))
    pieces = ((n, place, keys[at], made.vectors[at]) for at, (n, place) in enumerate(numbered, start=len(rows)))
    _copy(connection, f"{b}.pieces", ("int4", "int4", "bytea", "vector"), pieces)


def _vocabulary(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """The number of each word, from 1, and in how many passages it stands."""
    seen = Counter(word for row in rows for word in set(row.tokens) if word)
    return {word: (number, seen[word]) for number, word in enumerate(sorted(seen), start=1)}


def _copy_words(connection: Connection[Any], b: str, rows: Sequence[Row], words: Mapping[str, tuple[int, int]]) -> None:
    dimension = len(words) + 1
    with connection.cursor() as cursor, cursor.copy(f"copy {b}.words (row, ts, sp) from stdin") as copy:
        for n, weights in enumerate(sparse_weights([row.tokens for row in rows], words)):
            pairs_ = ",".join(f"{word}:{weight}" for word, weight in weights.items())
            copy.write_row((n, " ".join(map(str, weights)), f"{{{pairs_}}}/{dimension}"))
    entries = ((word.encode("utf-8", "surrogatepass"), *numbers) for word, numbers in words.items())
    _copy(connection, f"{b}.vocabulary", ("bytea", "int4", "int4"), entries)


def _drop(connection: Connection[Any], builds: Iterable[int]) -> None:
    """Drop builds; what cannot be dropped is left for a later build."""
    for build in builds:
        try:
            with failing("PostgreSQL"), connection.transaction():
                connection.execute("set local lock_timeout = '5s'")
                connection.execute(f"drop schema if exists {schema(build)} cascade")
                connection.execute(f"delete from {SCHEMA}.builds where id = %s", [build])
        except StoreError as error:  # A long statement still reads it.
            _log.warning("%s is left for the next build to drop: %s", schema(build), error.en)


@contextlib.contextmanager
def _locked(connection: Connection[Any], wait: float, where: str) -> Iterator[None]:
    """Hold the lock of builds; it belongs to the connection, so a killed build frees it."""
    until = time.monotonic() + wait
    while not _acquired(connection):
        if time.monotonic() >= until:
            raise _held(connection, where)
        time.sleep(min(_PAUSE, wait))
    try:
        yield
    finally:
        if not connection.closed:  # The server takes a moment to notice that a connection has been closed.
            connection.rollback()
            connection.execute(f"select pg_advisory_unlock({_LOCK})")
            connection.commit()


def _acquired(connection: Connection[Any]) -> bool:
    found = connection.execute(f"select pg_try_advisory_lock({_LOCK})").fetchone()
    connection.commit()
    return bool(found and found[0])


def _held(connection: Connection[Any], where: str) -> IndexLocked:
    found = connection.execute(
        "select a.pid, coalesce(a.client_hostname, host(a.client_addr), 'local'), "
        "to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS') from pg_locks l join pg_stat_activity a using (pid) "
        f"where l.locktype = 'advisory' and l.granted and l.objid = {_LOCK}::oid"
    ).fetchone()
    pid, host, since = found or ("?", "?", "?")
    return IndexLocked(
        f"另一个 parkqa build（数据库连接 {pid}，来自 {host}，{since} 开始）正在写 {where}，请等它结束后再试。",
        f"Another parkqa build (connection {pid} from {host}, since {since}) is writing {where}; "
        "try again when it has ended.",
    )
