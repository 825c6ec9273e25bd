"""A journal from elsewhere is put into ours: nothing lost, nothing doubled, and nothing else than a journal taken."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parkqa.errors import JournalError
from parkqa.journal import entries as journal
from parkqa.journal import merging, sqlite_file
from parkqa.journal.entries import Cited, Entry, read
from parkqa.journal.merging import Merged, merge_into, snapshot

NOW = datetime(2026, 5, 20, tzinfo=UTC)


def entry(id_: str, day: int = 1, question: str = "码头多长？") -> Entry:
    at = journal.stamp(datetime(2026, 5, day, 9, 30, tzinfo=UTC))
    cited = (Cited("介绍.md", 0, 2, "f" * 64, "码头"),)
    return Entry(id_, at, "c", "chat", "zh", question, question, "answer", 0.5, 9.0, cited)


def judged(made: Entry, liked: bool, day: int) -> Entry:
    at = journal.stamp(datetime(2026, 5, day, tzinfo=UTC))
    return replace(made, liked=liked, reason="不对" if not liked else "", judged_at=at)


def written(path: Path, *entries: Entry) -> Path:
    with closing(journal.connect(path)) as connection:
        journal.write(connection, entries)
    return path


def put(target: Path, source: Path) -> Merged:
    return merge_into(target, source, 90, NOW)


def test_each_entry_comes_once_with_the_latest_feedback(tmp_path: Path) -> None:
    ours = written(tmp_path / "a.db", entry("a"), judged(entry("b"), True, 3), judged(entry("c"), True, 9))
    theirs = written(tmp_path / "b.db", entry("a"), judged(entry("b"), False, 5), judged(entry("c"), False, 5))
    written(theirs, entry("d"))
    assert put(ours, theirs) == Merged(new=1, judged=1, known=2)
    assert read(ours) == [entry("a"), judged(entry("b"), False, 5), judged(entry("c"), True, 9), entry("d")]
    assert put(ours, theirs) == Merged(known=4)


def test_what_is_too_old_to_be_kept_is_not_taken(tmp_path: Path) -> None:
    old = replace(entry("z"), at=journal.stamp(NOW - timedelta(days=91)))
    assert put(tmp_path / "new.db", written(tmp_path / "b.db", old, entry("a"))) == Merged(new=1, old=1)


def test_words_are_masked_whoever_wrote_the_file(tmp_path: Path) -> None:
    theirs = written(tmp_path / "b.db", entry("a", question="打 13812345678 找我\x1b[2J"))
    put(tmp_path / "a.db", theirs)
    assert [made.question for made in read(tmp_path / "a.db")] == ["打 〔电话〕 找我[2J"]


def _sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _scrambled(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    dice = random.Random(7)
    for _ in range(400):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    path.write_bytes(raw)


WRONG: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "a byte": lambda path: path.write_bytes(b"x"),  # which SQLite takes for an empty database
    "no database": lambda path: path.write_bytes(b"%PDF-1.4 nothing"),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:9000]),
    "scrambled": _scrambled,
    "another format": lambda path: _sql(path, "PRAGMA user_version = 7"),
    "another database": lambda path: _sql(path, "DROP TABLE asked", "CREATE TABLE x (y)"),
    "a view": lambda path: _sql(
        path, "ALTER TABLE asked RENAME TO x", "CREATE VIEW asked AS SELECT * FROM x", "DROP INDEX asked_at"
    ),
    "a trigger": lambda path: _sql(path, "CREATE TRIGGER t AFTER DELETE ON asked BEGIN SELECT 1; END"),
    "no time": lambda path: _sql(path, "UPDATE asked SET at = 'gestern' WHERE id = 'b'"),
    "another time": lambda path: _sql(path, "UPDATE asked SET at = '2026-05-01' WHERE id = 'b'"),
    "a time of feedback": lambda path: _sql(path, "UPDATE asked SET judged_at = 'x' WHERE id = 'b'"),
    "no quotes": lambda path: _sql(path, "UPDATE asked SET quotes = '[{}]' WHERE id = 'b'"),
    "no JSON": lambda path: _sql(path, "UPDATE asked SET related = '[' WHERE id = 'b'"),
    "half a surrogate": lambda path: _sql(
        path,
        """UPDATE asked SET quotes = '[{"document": "\\ud800", "start": 0, "end": 1, "sha256": "", "text": ""}]'""",
    ),
    "no text": lambda path: _sql(path, "UPDATE asked SET question = x'ff' WHERE id = 'b'"),
    "no number": lambda path: _sql(path, "UPDATE asked SET ms = 9e999 WHERE id = 'b'"),
    "another mode": lambda path: _sql(path, "UPDATE asked SET mode = 'x' WHERE id = 'b'"),
    "no id": lambda path: _sql(path, "UPDATE asked SET id = '' WHERE id = 'b'"),
    "an endless row": lambda path: _sql(
        path, f"UPDATE asked SET question = zeroblob({2 * merging.LARGEST}) WHERE id = 'b'"
    ),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_file_changes_nothing(tmp_path: Path, how: str) -> None:
    ours = written(tmp_path / "a.db", entry("x"))
    theirs = written(tmp_path / "b.db", *(entry(f"a{n:03}") for n in range(200)), entry("b"))
    WRONG[how](theirs)
    with pytest.raises(JournalError, match="什么也没有改"):
        put(ours, theirs)
    assert read(ours) == [entry("x")]
    assert put(ours, written(tmp_path / "c.db", entry("y"))) == Merged(new=1)


def test_ours_goes_on_being_written_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 60)  # a busy machine may take longer than a visitor would wait
    ours = tmp_path / "a.db"
    theirs = written(tmp_path / "b.db", *(entry(f"b{n:04}") for n in range(1000)))

    def record() -> None:
        for n in range(50):
            with closing(journal.connect(ours)) as connection:
                journal.write(connection, [entry(f"a{n:04}")])

    thread = threading.Thread(target=record)
    thread.start()
    for _ in range(3):
        put(ours, theirs)
    thread.join()
    assert {made.id[0] for made in read(ours)} == {"a", "b"}
    assert len(read(ours)) == 1050


def test_a_journal_that_nobody_has_asked_anything_is_one(tmp_path: Path) -> None:
    assert put(tmp_path / "a.db", written(tmp_path / "b.db")) == Merged()
    (tmp_path / "new.db").touch()
    snapshot(tmp_path / "new.db", tmp_path / "copy.db")
    assert put(tmp_path / "a.db", tmp_path / "copy.db") == Merged()


def test_a_snapshot_is_whole_while_the_log_holds_the_last_entries(tmp_path: Path) -> None:
    with closing(journal.connect(tmp_path / "a.db")) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        journal.write(connection, [entry("a"), entry("b")])
        snapshot(tmp_path / "a.db", tmp_path / "copy.db")
    assert [made.id for made in read(tmp_path / "copy.db")] == ["a", "b"]
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
