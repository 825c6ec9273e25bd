"""The file of messages: nothing acknowledged is lost, nothing deleted comes back, and it is its owner's alone."""

from __future__ import annotations

import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parkqa.errors import MessagesError
from parkqa.journal import entries, messages, sqlite_file
from parkqa.journal.messages import Message

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
CONTACT = "13912345678"
LEAVES = """
import sys
from pathlib import Path
from parkqa.journal.messages import Message, leave
for number in range(10_000):
    leave(Path(sys.argv[1]), Message(f"{number:032x}", "2026-05-01T08:00:00.000+00:00", "zh", "chat", "问", "", "电话"))
    print(number, flush=True)
"""
LIMITS = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, -1))
"""
WINDOWS = sys.platform == "win32"


def message(number: int = 1, at: datetime = NOW, **values: str) -> Message:
    made = Message(f"{number:08x}" * 4, entries.stamp(at), "zh", "chat", "食堂几点开？", "王先生", CONTACT)
    return dataclasses.replace(made, **values)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "there" / "messages.db"


def test_what_is_left_is_read_once_however_often_it_was_sent(path: Path) -> None:
    for _ in range(2):
        messages.leave(path, message())
    messages.leave(path, message(2, NOW + timedelta(days=1)))
    assert messages.read(path) == [message(), message(2, NOW + timedelta(days=1))]
    assert messages.read(path, NOW + timedelta(hours=1)) == [message(2, NOW + timedelta(days=1))]
    assert messages.waiting(path) == 2


def test_without_a_file_there_are_none_and_reading_makes_none(path: Path) -> None:
    assert messages.read(path) == []
    assert messages.waiting(path) == 0
    assert messages.held_until(path, 180) is None
    assert messages.drop_old(path, 1, NOW)
    assert not path.exists()


@pytest.mark.skipif(WINDOWS, reason="Windows has no modes of files")
def test_only_its_owner_may_read_it(path: Path) -> None:
    messages.leave(path, message())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_change_that_somebody_else_was_first_to_make_is_not_made(path: Path) -> None:
    messages.leave(path, message())
    messages.change(path, message().id, "answered", "打过电话", "", NOW)
    with pytest.raises(MessagesError, match="没有保存"):
        messages.change(path, message().id, "closed", "", "", NOW)
    (found,) = messages.read(path)
    assert (found.state, found.note, found.changed_at) == ("answered", "打过电话", entries.stamp(NOW))
    assert messages.waiting(path) == 0


def test_what_is_deleted_is_gone_from_the_file_itself(path: Path) -> None:
    messages.leave(path, message())
    messages.leave(path, message(2, contact="zhang@example.cn"))
    assert messages.delete(path, message().number, NOW) == message()
    assert messages.read(path) == [message(2, contact="zhang@example.cn")]
    assert CONTACT.encode() not in path.read_bytes()


@pytest.mark.parametrize("number", ["", "0", "00000009", "0000000", "%", "________"])
def test_a_number_that_names_no_one_message_deletes_nothing(path: Path, number: str) -> None:
    messages.leave(path, message())
    with pytest.raises(MessagesError, match="没有编号"):
        messages.delete(path, number, NOW)
    assert messages.read(path) == [message()]


def test_old_ones_are_deleted_and_it_is_known_when_the_last_will_be(path: Path) -> None:
    messages.leave(path, message())
    messages.leave(path, message(2, NOW + timedelta(days=10)))
    assert messages.held_until(path, 180) == NOW + timedelta(days=190)
    assert messages.drop_old(path, 180, NOW + timedelta(days=181))
    assert messages.read(path) == [message(2, NOW + timedelta(days=10))]
    assert messages.drop_old(path, 180, NOW + timedelta(days=191))
    assert messages.read(path) == []


def test_a_clock_that_is_years_ahead_deletes_nothing(path: Path) -> None:
    messages.leave(path, message())
    assert not messages.drop_old(path, 180, NOW + timedelta(days=3650))
    assert messages.read(path) == [message()]


def test_where_it_cannot_be_written_nothing_is_acknowledged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messages.leave(path, message())
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.01)
        with pytest.raises(MessagesError, match="locked"):
            messages.leave(path, message(2))
    assert messages.read(path) == [message()]


def test_a_place_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MessagesError, match="写不进去"):
        messages.leave(tmp_path / "file" / "messages.db", message())


@pytest.mark.skipif(WINDOWS, reason="no limit on the size of files")
def test_a_full_disk_is_said_and_loses_nothing(path: Path) -> None:
    messages.leave(path, message())
    # A limit on the size of files stops writing where a full disk would.
    program = f"{LIMITS}{LEAVES}"
    run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, timeout=60, check=False)
    said = [int(line) for line in run.stdout.split()]
    assert "MessagesError" in run.stderr and "cannot be written" in run.stderr
    assert {f"{number:032x}" for number in said} < {each.id for each in messages.read(path)}
    assert said


@pytest.mark.skipif(WINDOWS, reason="no SIGKILL")
def test_a_process_that_is_killed_has_lost_nothing_it_acknowledged(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LEAVES, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [next(process.stdout) for _ in range(25)]
        os.kill(process.pid, signal.SIGKILL)
        said += list(process.stdout)
    ids = {each.id for each in messages.read(path)}
    assert {f"{int(line):032x}" for line in said} <= ids
    messages.leave(path, message())
    assert len(messages.read(path)) == len(ids) + 1


def test_a_full_box_takes_no_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST", 1)
    messages.leave(path, message())
    with pytest.raises(MessagesError, match="满了"):
        messages.leave(path, message(2))
