"""The SQLite file of visitors' messages: its schema, and opening it for one change or for reading."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from parkqa.errors import MessagesError
from parkqa.journal import sqlite_file


def _wrong_format(path: Path) -> MessagesError:
    return MessagesError(
        f"{path} 不是这个版本的 parkqa 写的留言文件，请另指一个文件。",
        f"{path} is no file of messages written by this version of parkqa; name another file.",
    )


_SCHEMA = sqlite_file.Schema(
    version=1,
    table="messages",
    statements=(
        """CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, language TEXT NOT NULL, mode TEXT NOT NULL, question TEXT NOT NULL,
  name TEXT NOT NULL, contact TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS messages_at ON messages (at)",
        "CREATE TABLE IF NOT EXISTS deleted (id TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID",
    ),
    wrong=_wrong_format,
)


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file, created where it is missing and readable by its owner only, for one transaction.

    It is on the disk when the block ends; after an error nothing has changed.

    Raises:
        MessagesError: the file is none of messages, or cannot be written.
    """
    try:
        with closing(sqlite_file.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not _SCHEMA.is_in(connection, path):
                    _SCHEMA.create(connection)
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
        with sqlite_file.existing(path) as connection:
            yield connection if _SCHEMA.is_in(connection, path) else None
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise MessagesError(
            f"留言文件 {path} 读不了（{error}）：请换一份完好的副本。",
            f"The file of messages {path} cannot be read ({error}): use an undamaged copy.",
        ) from error
