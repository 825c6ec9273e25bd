"""Files of messages that come together, and what is made of one from elsewhere."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parkqa.errors import MessagesError
from parkqa.journal import entries, messages
from parkqa.journal.messages import Message
from parkqa.journal.messages_merging import check, merge, snapshot

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)


def message(number: int = 1, at: datetime = NOW, **values: str) -> Message:
    made = Message(f"{number:08x}" * 4, entries.stamp(at), "zh", "chat", "食堂几点开？", "王先生", "13912345678")
    return dataclasses.replace(made, **values)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "there" / "messages.db"


def test_files_are_merged_and_what_changed_last_is_kept(tmp_path: Path) -> None:
    one, other, both = (tmp_path / name for name in ("a.db", "b.db", "c.db"))
    for path in (one, other):
        messages.leave(path, message())
    messages.leave(other, message(2))
    messages.change(one, message().id, "answered", "早", "", NOW)
    messages.change(other, message().id, "closed", "晚", "", NOW + timedelta(hours=1))
    assert merge([one, other], both) == (2, 2)
    assert [(each.state, each.note) for each in messages.read(both)] == [("closed", "晚"), ("new", "")]
    assert merge([other], one) == (2, 1)
    assert messages.read(one) == messages.read(both)
    assert merge([one, other], both) == (2, 0)


def test_what_was_deleted_in_one_file_does_not_come_back_from_another(tmp_path: Path) -> None:
    stand, office = tmp_path / "stand.db", tmp_path / "office.db"
    messages.leave(stand, message())
    merge([stand], office)
    messages.delete(office, message().id, NOW)
    assert merge([stand], office) == (0, 0)
    assert merge([office], stand) == (0, 0)
    messages.leave(office, message())  # sent once more by the visitor
    assert messages.read(office) == [message()]


def test_other_files_are_refused_and_not_touched(tmp_path: Path) -> None:
    journal, junk, good = tmp_path / "journal.db", tmp_path / "junk.db", tmp_path / "good.db"
    entries.connect(journal).close()
    junk.write_bytes(b"no database" * 100)
    messages.leave(good, message())
    for bad in (journal, junk, tmp_path / "none.db"):
        before = bad.read_bytes() if bad.exists() else None
        with pytest.raises(MessagesError):
            merge([bad], good)
        if before is not None:
            with pytest.raises(MessagesError):
                messages.leave(bad, message(2))
            with pytest.raises(MessagesError):
                messages.read(bad)
            assert bad.read_bytes() == before
    assert messages.read(good) == [message()]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "../../x"),
        ("state", "<b>"),
        ("at", "yesterday"),
        ("changed_at", "2026"),
        ("question", b"x"),
        ("note", None),
    ],
)
def test_what_parkqa_would_not_have_written_is_not_merged(
    path: Path, tmp_path: Path, column: str, value: object
) -> None:
    """The file may come from anywhere: it is uploaded in a back-up, or brought from a fair."""
    other = tmp_path / "other.db"
    messages.leave(other, message())
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("CREATE TABLE loose AS SELECT * FROM messages")
        connection.execute("DROP TABLE messages")
        connection.execute("ALTER TABLE loose RENAME TO messages")
        connection.execute(f"UPDATE messages SET {column} = ?", (value,))
    messages.leave(path, message(2))
    with pytest.raises(MessagesError, match="换一份完好的副本"):
        merge([other], path)
    assert messages.read(path) == [message(2)]


def test_control_characters_of_another_file_are_left_out(path: Path, tmp_path: Path) -> None:
    messages.leave(tmp_path / "other.db", message(question="几\x1b[2J点"))
    merge([tmp_path / "other.db"], path)
    assert messages.read(path)[0].question == "几[2J点"


def test_a_snapshot_is_the_same_and_of_an_empty_file_too(path: Path, tmp_path: Path) -> None:
    messages.leave(path, message())
    snapshot(path, tmp_path / "copy")
    check(tmp_path / "copy")
    assert messages.read(tmp_path / "copy") == [message()]
    (tmp_path / "empty").touch()
    snapshot(tmp_path / "empty", tmp_path / "none")
    assert messages.read(tmp_path / "none") == []
