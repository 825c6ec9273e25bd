"""What the SQLite files of the journal and of the messages share: creating them privately, opening, checking the kind.

A file may come from another machine, so nothing in it is trusted.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parkqa.errors import ParkqaError

BUSY_SECONDS = 5.0
"""Seconds to wait for a lock that another connection holds on the file; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables and indexes of one kind of file.

    ``version`` is stored as SQLite's ``user_version``. ``table`` is the name by which the kind is known. ``statements``
    create everything where it does not exist yet. ``wrong`` makes the error for a file of another kind or version.
    """

    version: int
    table: str
    statements: tuple[str, ...]
    wrong: Callable[[Path], ParkqaError]

    def is_in(self, connection: sqlite3.Connection, path: Path) -> bool:
        """Return whether the file has the schema: one that is just being created has none yet.

        Raises:
            ParkqaError: what ``wrong`` makes; the file is of another kind or version.
        """
        # One statement, hence one state of the file: another process may create the schema between two.
        version, objects, own = connection.execute(
            "SELECT user_version, (SELECT count(*) FROM sqlite_master), (SELECT count(*) FROM sqlite_master"
            f" WHERE type = 'table' AND name = '{self.table}') FROM pragma_user_version"
        ).fetchone()
        if (version or objects) and (version != self.version or not own):
            raise self.wrong(path)
        return bool(objects)

    def create(self, connection: sqlite3.Connection) -> None:
        """Create the schema, in the transaction that is open."""
        for statement in (*self.statements, f"PRAGMA user_version = {self.version}"):
            connection.execute(statement)

    def is_all_of(self, connection: sqlite3.Connection) -> bool:
        """Return whether the file has these tables and indexes, by the same SQL, and nothing else (views, triggers)."""
        with closing(sqlite3.connect(":memory:")) as pattern:
            self.create(pattern)
            return _objects(connection) == _objects(pattern)


def _objects(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """The type, the name and the SQL, in one line, of everything in a file."""
    found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in found}


def connect(path: Path, **options: Any) -> sqlite3.Connection:
    """Open a file for writing; create it, empty and readable by its owner only, if it does not exist.

    ``options`` are those of ``sqlite3.connect``.

    Raises:
        OSError, sqlite3.Error: the file cannot be created or opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # A file that is there is not opened: closing it would end the locks that other connections of this process
        # have on it. O_EXCL follows no link, so the path is resolved first.
        os.close(os.open(path.resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection: sqlite3.Connection = sqlite3.connect(path, timeout=BUSY_SECONDS, **options)
    return connection


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Have the file keep its changes in a write-ahead log, so that it is read while it is written.

    Where another connection makes the same file at this moment SQLite gives up at once instead of waiting, so it is
    tried again for BUSY_SECONDS.

    Raises:
        sqlite3.Error: the file cannot be written, or is locked for longer.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        time.sleep(0.01)


@contextmanager
def existing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that exists, to read it.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """
    # Not mode=ro: a connection that may only read can neither roll back what a crash has left half-written nor remove
    # the -wal and -shm files when it closes.
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection
