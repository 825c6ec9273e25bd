"""Builds an index in PostgreSQL: one transaction writes it, another makes it current, a third drops older builds."""

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
from parkqa.store.postgres.builds import GRAPH, INDEXES, LONGEST_VECTOR, TABLES, current, schema
from parkqa.store.postgres.connection import SCHEMA, Database, database, failing
from parkqa.store.postgres.index import DOCUMENT, PASSAGE, PostgresStore
from parkqa.types import Encoder, Progress, Vectors

if TYPE_CHECKING:
    from psycopg import Connection
from parkqa.store.bm25 import sparse_weights

GRAPH_FROM = 5_000
"""Number of passages from which an HNSW index is created; below it, exact search is used (docs/scaling.md)."""

_LOCK = "hashtext('parkqa build')"
"""SQL expression for the key of the advisory lock that builds hold."""
_READERS = f"""
select distinct case a.grantee when 0 then 'public' else quote_ident(r.rolname) end
from pg_class c cross join aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
where c.oid = '{SCHEMA}.builds'::regclass and a.privilege_type = 'SELECT' and a.grantee <> c.relowner
"""
"""The roles that were granted to read the table of builds, quoted for use in a statement."""
_PAUSE = 0.5
"""Seconds between two attempts to acquire the lock."""
_log = logging.getLogger(__name__)


def build_postgres(
    address: SecretStr,
    content: Content,
    encoder: Encoder,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
) -> Built:
    """Build an index and make it the current build; arguments and errors are those of ``drafted``."""
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
    """Build an index in a new schema; it becomes the current build atomically when the draft is published.

    Vectors of texts that the current build holds are reused if it was built with the same model. If nothing has
    changed, the current build is kept.

    Args:
        address: address of the database.
        content: what the index is to hold.
        encoder: the embedding model.
        progress: called with the number of texts embedded so far and the number to embed.
        wait: how many seconds to wait for another build to finish.

    Raises:
        IndexLocked: another build is still running; the message names its connection.
        StoreError: the database cannot be used; the current build is unaffected.
        ModelError: the embedding model returned unusable vectors.
    """
    where = database(address)
    with where.writing() as connection, _locked(connection, wait, where.name):
        before = _before(where)
        made = embedded(content.rows, _known(connection, before, encoder), encoder, progress)
        files = {"content": _digest(content, made)}
        manifest = describe(content, encoder, {"kind": "pgvector", "effort": 0, "recall": 0}, files)
        if before and _unchanged(manifest, before[1]):
            number, manifest = before
        else:
            number = _written(connection, manifest, content, made)

        def publish(note: Mapping[str, str]) -> Built:
            whole = replace(manifest, note={**content.note, **note})
            _grant(connection, number)
            former = _publish(connection, number, whole) if before != (number, whole) else []
            _drop(connection, _left_behind(connection, number, former))
            return Built(whole, made.new, made.known)

        with _dropped_unless_published(connection, number, before):
            yield Draft(lambda: PostgresStore(where, number, manifest), publish)


def _unchanged(manifest: Manifest, before: Manifest) -> bool:
    """Whether two manifests are equal except for the strings that publishing added to the earlier note."""
    contained = manifest.note.items() <= before.note.items()
    return contained and replace(manifest, note=before.note) == before


@contextlib.contextmanager
def _dropped_unless_published(
    connection: Connection[Any], number: int, before: tuple[int, Manifest] | None
) -> Iterator[None]:
    """Drop a new build if an exception leaves the context."""
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
    """The vectors of the current build by key, if the same model made them."""
    if before is None or (before[1].encoder, before[1].dimension) != (encoder.fingerprint, encoder.dimension):
        return {}
    b = schema(before[0])
    statement = f"select key, vec from {b}.passages union all select key, vec from {b}.pieces"
    known = {key: vec.to_numpy() for key, vec in connection.execute(statement, binary=True)}
    connection.commit()  # Embedding may take an hour, during which no transaction should stay open.
    return known


def _digest(content: Content, made: Embedded) -> str:
    """The SHA-256 of everything that a build writes, to detect that nothing has changed."""
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
    """Write a build without making it current; return its number."""
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


def _publish(connection: Connection[Any], number: int, manifest: Manifest) -> list[int]:
    """Make a build the current one; return the one that was it before."""
    with connection.transaction():
        flipped = f"update {SCHEMA}.builds set current = false where current and id <> %s returning id"
        before = [found[0] for found in connection.execute(flipped, [number])]
        raw = manifest.to_bytes().decode()
        connection.execute(f"update {SCHEMA}.builds set current = true, manifest = %s where id = %s", [raw, number])
    return before


def _left_behind(connection: Connection[Any], number: int, former: Sequence[int]) -> list[int]:
    """Return the builds that nobody needs, those of builders that were killed among them.

    These are all but the current one, ``number``, and the one before it, which servers may still be reading. That is
    ``former``, or the newest of the older ones if nothing has been published now.
    """
    statement = f"select id from {SCHEMA}.builds where id <> %s order by id"
    others = [found[0] for found in connection.execute(statement, [number])]
    connection.commit()
    kept = former or [build for build in others if build < number][-1:]
    return [build for build in others if build not in kept]


def _grant(connection: Connection[Any], number: int) -> None:
    """Let whoever may read the table of builds read this build too: a server needs no more (docs/settings.md)."""
    b = schema(number)
    with connection.transaction():
        for (role,) in connection.execute(_READERS).fetchall():
            connection.execute(f"grant usage on schema {b} to {role}")
            connection.execute(f"grant select on all tables in schema {b} to {role}")


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
    """For each word, its number, from 1, and the number of passages that contain it."""
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
    """Drop builds; one that cannot be dropped is left to a later build."""
    for build in builds:
        try:
            with failing("PostgreSQL"), connection.transaction():
                connection.execute("set local lock_timeout = '5s'")
                connection.execute(f"drop schema if exists {schema(build)} cascade")
                connection.execute(f"delete from {SCHEMA}.builds where id = %s", [build])
        except StoreError as error:  # for instance because a long statement is still reading it
            _log.warning("%s is left for the next build to drop: %s", schema(build), error.en)


@contextlib.contextmanager
def _locked(connection: Connection[Any], wait: float, where: str) -> Iterator[None]:
    """Hold the lock of builds. It belongs to the connection, so that a killed build releases it."""
    until = time.monotonic() + wait
    while not _acquired(connection):
        if time.monotonic() >= until:
            raise _held(connection, where)
        time.sleep(min(_PAUSE, wait))
    try:
        yield
    finally:
        # Released explicitly, because the server takes a moment to notice a closed connection.
        if not connection.closed:
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
