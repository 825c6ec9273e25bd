"""Puts files of visitors' messages together, of which some come from elsewhere.

A message has a random number, so that none is doubled, and what was deleted in one file comes back from no other. A
file from elsewhere is not trusted: it is read row by row, and refused as a whole for one that parkqa would not have
written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from parkqa.errors import MessagesError
from parkqa.journal.entries import printable, stamp
from parkqa.journal.messages import PUT, SELECT, STATES, Message, remove
from parkqa.journal.messages_file import reading, writing


def merge(sources: Sequence[Path], target: Path) -> tuple[int, int]:
    """Merge files of messages into ``target``, which may be there; return how many are in it, and how many came.

    Of a message that is in several, the one changed last is kept. What was deleted in any of them is deleted.

    Raises:
        MessagesError: a source cannot be read, or ``target`` cannot be written; then nothing has changed.
    """
    messages, gone = [], []
    for path in sources:
        theirs, deleted = _foreign(path)
        messages += theirs
        gone += deleted
    with writing(target) as connection:
        there = {row[0]: Message(*row) for row in connection.execute(SELECT)}
        merged = dict(there)
        for message in messages:
            merged[message.id] = max(merged.get(message.id, message), message, key=_lateness)
        connection.executemany(PUT, map(astuple, merged.values()))
        gone += connection.execute("SELECT id, at FROM deleted").fetchall()
        for id_, at in gone:
            remove(connection, id_, at)
        kept = set(merged) - {id_ for id_, _ in gone}
    return len(kept), len(kept - set(there))


def snapshot(path: Path, copy: Path) -> None:
    """Copy the file as it is at this moment, also while a server writes to it, into one that does not exist.

    Raises:
        MessagesError: it cannot be read, or the copy not be written.
    """
    with reading(path) as connection:
        there = connection is not None
    merge([path] if there else [], copy)


def check(source: Path) -> None:
    """Read a file from elsewhere to its end.

    Raises:
        MessagesError: it is no file of messages that parkqa has written.
    """
    _foreign(source)


def _foreign(path: Path) -> tuple[list[Message], list[tuple[str, str]]]:
    """Return the messages in a file from elsewhere, and the numbers that were deleted with the time."""
    with reading(path) as connection:
        if connection is None:
            raise MessagesError(f"没有这个留言文件：{path}。", f"There is no file of messages at {path}.")
        messages = [_checked(row) for row in connection.execute(SELECT)]
        gone = [(_id(id_), _time(at)) for id_, at in connection.execute("SELECT id, at FROM deleted")]
        return messages, gone


def _checked(row: Sequence[Any]) -> Message:
    """Return the message of a row from elsewhere.

    Raises:
        ValueError, TypeError: it is none that parkqa would have written.
    """
    message = Message(*row)
    if not all(isinstance(value, str) for value in row) or message.state not in STATES:
        raise ValueError("no message")
    for at in (message.at, message.changed_at or message.at):
        _time(at)
    return replace(
        message,
        id=_id(message.id),
        question=printable(message.question),
        name=printable(message.name),
        contact=printable(message.contact),
        note=printable(message.note),
    )


def _id(value: str) -> str:
    if not re.fullmatch("[0-9a-f]{32}", value):
        raise ValueError("no number of a message")
    return value


def _time(at: str) -> str:
    if stamp(datetime.fromisoformat(at)) != at:
        raise ValueError("no time of a message")
    return at


def _lateness(message: Message) -> tuple[Any, ...]:
    # The other fields break ties, so that the result does not depend on the order of the files.
    return (message.changed_at, astuple(message))
