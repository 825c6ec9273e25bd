"""Both kinds of SQLite files are opened in one way: for their owner only, without ending a lock, and known apart."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parkqa.errors import JournalError, MessagesError, ParkqaError
from parkqa.journal import entries, messages, messages_file, sqlite_file

EXCLUSIVE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN EXCLUSIVE')"


def open_journal(path: Path) -> None:
    entries.connect(path).close()


def open_messages(path: Path) -> None:
    with messages_file.writing(path):
        pass


BOTH = pytest.mark.parametrize("opened", [open_journal, open_messages])


@BOTH
def test_opening_one_ends_no_lock_of_another_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Path], None]
) -> None:
    """POSIX ends all locks of a process on a file when it closes it; SQLite takes care of its own connections only."""
    path = tmp_path / "a.db"
    opened(path)
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as held:
        held.execute("PRAGMA journal_mode = DELETE")
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises((sqlite3.Error, ParkqaError), match="locked"):
            opened(path)
        run = subprocess.run(
            [sys.executable, "-c", EXCLUSIVE, path], capture_output=True, text=True, timeout=60, check=False
        )
    assert "database is locked" in run.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of files")
@BOTH
def test_one_behind_a_link_is_its_owners_too(tmp_path: Path, opened: Callable[[Path], None]) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    opened(tmp_path / "link.db")
    assert (tmp_path / "a.db").stat().st_mode & 0o777 == 0o600


def test_each_kind_is_known_from_the_other_and_neither_is_touched(tmp_path: Path) -> None:
    journal, left = tmp_path / "journal.db", tmp_path / "messages.db"
    open_journal(journal)
    open_messages(left)
    before = journal.read_bytes(), left.read_bytes()
    for use in (open_journal, entries.read):
        with pytest.raises(JournalError, match="is not a journal"):
            use(left)
    for use in (open_messages, messages.read):
        with pytest.raises(MessagesError, match="no file of messages"):
            use(journal)
    assert (journal.read_bytes(), left.read_bytes()) == before


class Locked:
    """A connection that finds the file locked so many times."""

    def __init__(self, times: int, code: int = sqlite3.SQLITE_BUSY) -> None:
        self.times, self.code = times, code

    def execute(self, _: str) -> None:
        if self.times:
            self.times -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error


def test_two_that_make_the_same_file_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: Any = Locked(3, sqlite3.SQLITE_BUSY_RECOVERY)
    sqlite_file.use_write_ahead_log(waited)
    assert waited.times == 0
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.0)
    for locked in (Locked(9), Locked(9, sqlite3.SQLITE_READONLY)):
        with pytest.raises(sqlite3.OperationalError):
            sqlite_file.use_write_ahead_log(locked)  # type: ignore[arg-type]
        assert locked.times == 8
