"""The builds in a database: which is the current one, and the schema of tables that each of them is.

A build is a schema of five tables (``TABLES``): the documents; the passages with their vectors, from a certain size on
with an HNSW index; the vectors of sentences and clauses (``pieces``); the BM25 weights of the passages as sparse
vectors, with a ``tsvector`` to filter by (``words``); and the vocabulary, which numbers the words.
"""

from __future__ import annotations

from typing import Any

from parkqa.errors import IndexDamaged, IndexMissing
from parkqa.store.manifest import REBUILD, Manifest
from parkqa.store.postgres.connection import SCHEMA, Database

TABLES = """
create table {b}.documents (path text primary key, body bytea not null);
create table {b}.passages (
    row int not null, id text not null, other int, key bytea not null, vec vector({d}) not null, body bytea not null
);
create table {b}.pieces (row int not null, place int not null, key bytea not null, vec vector({d}) not null);
create table {b}.words (row int not null, ts tsvector not null, sp sparsevec({w}) not null);
create table {b}.vocabulary (token bytea not null, id int not null, seen int not null);
"""

INDEXES = """
alter table {b}.passages add primary key (row);
alter table {b}.pieces add primary key (row, place);
alter table {b}.words add primary key (row);
alter table {b}.vocabulary add primary key (token);
create index on {b}.words using gin (ts);
analyze {b}.documents; analyze {b}.passages; analyze {b}.pieces; analyze {b}.words; analyze {b}.vocabulary;
"""

GRAPH = "create index on {b}.passages using hnsw (vec vector_ip_ops) with (m = 16, ef_construction = 100);"

LONGEST_VECTOR = 2000
"""Largest dimension that an HNSW index of pgvector supports; for longer vectors, exact search is used."""


def current(where: Database) -> tuple[int, Manifest]:
    """Return the number of the current build, and its manifest.

    Raises:
        IndexMissing: no index has been built.
        IndexDamaged: the manifest is malformed.
        IndexMismatch: the index has a different format version.
        StoreError: the database cannot be used.
    """
    found = _of_current(where, "id, manifest")
    if not found:
        raise _missing(where)
    number, raw = found
    try:
        return number, Manifest.from_json(raw)
    except ValueError as error:
        raise IndexDamaged(
            "manifest",
            f"数据库里的索引描述坏了，{REBUILD[0]}",
            f"The manifest in the database is damaged. {REBUILD[1]}",
        ) from error


def version(where: Database) -> str:
    """Return the version of the current build, "" if there is none; cheap enough for polling every second.

    Raises:
        StoreError: the database cannot be used.
    """
    found = _of_current(where, "encode(sha256(convert_to(manifest, 'UTF8')), 'hex')")
    return str(found[0]) if found else ""


def built(where: Database) -> float:
    """Return when the current build was made, as POSIX time in seconds.

    Raises:
        IndexMissing: there is no build.
        StoreError: the database cannot be used.
    """
    found = _of_current(where, "extract(epoch from built)")
    if found is None:
        raise _missing(where)
    return float(found[0])


def _of_current(where: Database, columns: str) -> tuple[Any, ...] | None:
    """The given columns of the current build; None if no index has been built."""
    with where.reading() as connection:
        (there,) = connection.execute("select to_regclass(%s)", [f"{SCHEMA}.builds"]).fetchone() or (None,)
        statement = f"select {columns} from {SCHEMA}.builds where current"
        return connection.execute(statement.encode()).fetchone() if there else None


def _missing(where: Database) -> IndexMissing:
    return IndexMissing(
        f"数据库 {where.name} 里还没有索引，请先运行 parkqa build。",
        f"There is no index in {where.name} yet; run parkqa build.",
    )


def schema(build: int) -> str:
    """Return the name of the schema of a build.

    >>> schema(7)
    'parkqa_b7'
    """
    return f"{SCHEMA}_b{int(build)}"
