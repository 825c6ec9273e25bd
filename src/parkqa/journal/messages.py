"""Messages that visitors have left for the park's office: a question, and how to reach who asks.

They are kept in a SQLite file of their own, apart from the journal, since they say who somebody is. A message that was
deleted leaves its number behind, so that none comes back from another machine's file.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

from parkqa.errors import MessagesError
from parkqa.journal.entries import LONGEST_PAUSE, stamp
from parkqa.journal.messages_file import reading, writing
from parkqa.journal.table import cell

State = Literal["new", "answered", "closed"]
STATES: tuple[str, ...] = get_args(State)
MOST = 10_000
"""Maximum number of messages that are kept, chosen by hand: about 20 MB, and more than an office answers within
PARKQA_MESSAGES_DAYS."""
SHORT = 8
"""Digits of a message's number that visitors are told and staff see: of 10,000, two hardly begin alike."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message; ``id`` is a random number of 32 hexadecimal digits.

    ``at`` and ``changed_at`` are times in UTC as ISO 8601; ``changed_at`` is that of the last change of state or note,
    "" before the first. ``name`` may be "". ``mode`` is the page it was left on.
    """

    id: str
    at: str
    language: str
    mode: str
    question: str
    name: str
    contact: str
    state: State = "new"
    note: str = ""
    changed_at: str = ""

    @property
    def number(self) -> str:
        """The number by which visitors and staff call the message."""
        return self.id[:SHORT]

    def to_dict(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return asdict(self)


class BoxFull(MessagesError):
    """The error for a message that was not taken, since MOST are there."""


COLUMNS = tuple(field.name for field in fields(Message))
SELECT, _ORDER = f"SELECT {', '.join(COLUMNS)} FROM messages", "ORDER BY at, id"
_PLACES = ", ".join("?" * len(COLUMNS))
_ADD = f"INSERT OR IGNORE INTO messages VALUES ({_PLACES})"
PUT = f"INSERT OR REPLACE INTO messages VALUES ({_PLACES})"


def leave(path: Path, message: Message) -> None:
    """Keep a message, on the disk when this returns; one that is already there, sent twice, is kept once.

    Raises:
        BoxFull: MOST messages are there.
        MessagesError: it could not be kept.
    """
    with writing(path) as connection:
        if connection.execute("SELECT count(*) FROM messages").fetchone()[0] >= MOST:
            raise _full()
        connection.execute("DELETE FROM deleted WHERE id = ?", (message.id,))
        connection.execute(_ADD, astuple(message))


def read(path: Path, since: datetime | None = None, until: datetime | None = None) -> list[Message]:
    """Return the messages from ``since`` (included) to ``until`` (excluded), oldest first; none where no file is.

    Raises:
        MessagesError: the file cannot be read.
    """
    bounds = (stamp(since) if since else "", stamp(until) if until else "~")
    with reading(path) as connection:
        if connection is None:
            return []
        return [Message(*row) for row in connection.execute(f"{SELECT} WHERE at >= ? AND at < ? {_ORDER}", bounds)]


def waiting(path: Path) -> int:
    """Return how many messages are new.

    Raises:
        MessagesError: the file cannot be read.
    """
    with reading(path) as connection:
        if connection is None:
            return 0
        return int(connection.execute("SELECT count(*) FROM messages WHERE state = 'new'").fetchone()[0])


def change(path: Path, id_: str, state: str, note: str, seen: str, at: datetime) -> None:
    """Set the state and the note of a message whose ``changed_at`` is still ``seen``.

    Raises:
        MessagesError: it is gone, somebody has changed it meanwhile, or the file cannot be written.
    """
    values = (state if state in STATES else "new", note, stamp(at), id_, seen)
    with writing(path) as connection:
        done = connection.execute(
            "UPDATE messages SET state = ?, note = ?, changed_at = ? WHERE id = ? AND changed_at = ?", values
        )
        if not done.rowcount:
            raise MessagesError(
                "您打开以后，这条留言已经有人改过或删掉了，没有保存。请看过再改。",
                "Somebody has changed or deleted this message since you opened it; nothing was saved. Look again.",
            )


def delete(path: Path, number: str, at: datetime) -> Message:
    """Delete the message whose id begins with ``number``, and return it; on the disk its text is overwritten.

    Raises:
        MessagesError: there is none, several begin so, or the file cannot be written.
    """
    with writing(path) as connection:
        begins = f"{SELECT} WHERE substr(id, 1, ?) = ? AND length(?) >= {SHORT}"
        found = [Message(*row) for row in connection.execute(begins, (len(number), number, number))]
        if len(found) != 1:
            raise MessagesError(f"没有编号是 {number} 的一条留言。", f"There is no one message of the number {number}.")
        remove(connection, found[0].id, stamp(at))
        return found[0]


def remove(connection: sqlite3.Connection, id_: str, at: str) -> None:
    """Delete a message, if it is there, and keep that it was deleted ``at``."""
    connection.execute("DELETE FROM messages WHERE id = ?", (id_,))
    connection.execute("INSERT OR REPLACE INTO deleted VALUES (?, ?)", (id_, at))


def drop_old(path: Path, days: int, now: datetime) -> bool:
    """Delete messages older than ``days`` days at ``now``; return False, deleting none, if the clock is hardly right.

    That is so if nobody has left a message or changed one for LONGEST_PAUSE, and yet some are there: as long as a
    server runs they would have been deleted one by one.

    Raises:
        MessagesError: the file cannot be written.
    """
    if not path.is_file():
        return True
    before = stamp(now - timedelta(days=days))
    with writing(path) as connection:
        latest = connection.execute("SELECT max(max(at), max(changed_at)) FROM messages").fetchone()[0]
        if latest and latest < min(before, stamp(now - LONGEST_PAUSE)):
            return False
        connection.execute("DELETE FROM messages WHERE at < ?", (before,))
        connection.execute("DELETE FROM deleted WHERE at < ?", (before,))
    return True


def held_until(path: Path, days: int) -> datetime | None:
    """Return when the last of the messages will have been deleted; None if there are none. For those who back it up.

    Raises:
        MessagesError: the file cannot be read.
    """
    found = read(path)
    return datetime.fromisoformat(found[-1].at) + timedelta(days=days) if found else None


def write_table(found: Iterable[Message], out: TextIO) -> None:
    """Write messages as CSV, in which no spreadsheet takes anything for a formula."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([cell(value) for value in message.to_dict().values()] for message in found)


def _full() -> BoxFull:
    return BoxFull(
        "留言箱满了，这条没有收：请直接联系园区办公室。",
        "The message box is full and this one was not taken: please contact the park’s office directly.",
    )
