"""The SQLite file of visitors' messages: made, opened for one change or for reading, and known for what it is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from parkqa.errors import MessagesError

FORMAT = 1
"""Version of the schema, stored as SQLite's ``user_version``."""
_BUSY_SECONDS = 5.0
"""Seconds to wait for a lock that another process holds on the file."""
_SCHEMA = """
CREATE TABLE messages (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, language TEXT NOT NULL, mode TEXT NOT NULL, question TEXT NOT NULL,
  name TEXT NOT NULL, contact TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX messages_at ON messages (at);
CREATE TABLE deleted (id TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file, created where it is missing and readable by its owner only, for one transaction.

    It is on the disk when the block ends; after an error nothing has changed.

    Raises:
        MessagesError: the file is none of messages, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not _has_schema(connection, path):
                    for statement in (*_SCHEMA.split(";\n")[:-1], f"PRAGMA user_version = {FORMAT}"):
                        connection.execute(statement)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except (sqlite3.Error, OSError) as error:
        raise MessagesError(
            f"留言文件 {path} 写不进去（{error}）。", f"The file of messages {path} cannot be written ({error})."
        ) from error


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the file for reading, as None where there is none or nothing is in it yet.

    Raises:
        MessagesError: the file is none of messages, or cannot be read; so too if the block finds a value in it wrong
            (ValueError, TypeError).
    """
    if not path.is_file():
        yield None
        return
    try:
        # Not mode=ro: a connection that may only read cannot roll back what a crash has left half-written.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)) as found:
            # The file may be another machine's: nothing in its schema is to do anything.
            found.execute("PRAGMA trusted_schema = OFF")
            yield found if _has_schema(found, path) else None
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise MessagesError(
            f"留言文件 {path} 读不了（{error}）：请换一份完好的副本。",
            f"The file of messages {path} cannot be read ({error}): use an undamaged copy.",
        ) from error


def _has_schema(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the tables are there.

    Raises:
        MessagesError: the file is none of messages, or of another version.
    """
    # One statement, hence one state of the file: another process may create the schema between two.
    version, tables, ours = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master WHERE type = 'table'),"
        " (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'messages') FROM pragma_user_version"
    ).fetchone()
    if (version or tables) and (version != FORMAT or not ours):
        raise MessagesError(
            f"{path} 不是这个版本的 parkqa 写的留言文件，请另指一个文件。",
            f"{path} is no file of messages written by this version of parkqa; name another file.",
        )
    return bool(tables)
