"""Puts journals together: those of a fair's laptops into a new file, and one that comes from elsewhere into ours.

Each entry has the UUID of its answer, so that none is lost or doubled. A file from elsewhere is not trusted: it is read
row by row, and refused as a whole for one that parkqa would not have written.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from pydantic import TypeAdapter

from parkqa.errors import JournalError
from parkqa.journal.entries import (
    COLUMNS,
    INSERT,
    MODES,
    SCHEMA,
    SELECT,
    Entry,
    clean,
    connect,
    read,
    reading,
    stamp,
    to_row,
    write,
)
from parkqa.types import AnswerKind

LARGEST = 1024**2
"""Bytes of the largest row that is taken from a file from elsewhere, chosen by hand: ten quotes take some kB."""
_ENTRY = TypeAdapter(Entry)


@dataclass(frozen=True, slots=True)
class Merged:
    """How many entries of a journal were new, had later feedback, were there already, or are too old to be kept."""

    new: int = 0
    judged: int = 0
    known: int = 0
    old: int = 0


def merged(journals: Iterable[Iterable[Entry]]) -> list[Entry]:
    """Return each entry of the journals once, oldest first; of duplicates, the one with the latest feedback is kept."""
    kept: dict[str, Entry] = {}
    for journal in journals:
        for record in journal:
            kept[record.id] = max(kept.get(record.id, record), record, key=_lateness)
    return sorted(kept.values(), key=lambda record: (record.at, record.id))


def _lateness(record: Entry) -> tuple[Any, ...]:
    # The other fields break ties, so that the result does not depend on the order of the journals.
    return (record.judged_at, record.liked is not None, bool(record.liked), record.reason, repr(astuple(record)))


def merge(sources: Sequence[Path], target: Path) -> tuple[int, int]:
    """Merge journals into a new file; return the number of entries written and of duplicates dropped.

    Raises:
        JournalError: a source cannot be read, or ``target`` exists already or cannot be written.
    """
    if target.exists():
        raise JournalError(f"{target} 已经存在，请另起一个名字。", f"{target} is already there; choose another name.")
    journals = [read(path) for path in sources]
    entries = merged(journals)
    try:
        with TemporaryDirectory(dir=target.parent) as folder:
            draft = Path(folder) / target.name
            with closing(connect(draft)) as connection:
                write(connection, entries)
            draft.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise _unwritable(target, error) from error
    return len(entries), sum(map(len, journals)) - len(entries)


def merge_into(target: Path, source: Path, days: int, now: datetime) -> Merged:
    """Put the entries of a journal from elsewhere into ours in one transaction, also while a server writes to it.

    Args:
        target: our journal; it is made if it does not exist.
        source: the file from elsewhere; it lies where SQLite may write beside it.
        days: how many days entries are kept; older ones are not taken.
        now: the time.

    Raises:
        JournalError: the file is no journal, or ours cannot be written; ours is as it was.
    """
    counts = dict.fromkeys((field.name for field in fields(Merged)), 0)
    oldest = stamp(now - timedelta(days=days))
    try:
        with closing(connect(target)) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for record in foreign(source):
                counts["old" if record.at < oldest else _put(connection, record)] += 1
    except (sqlite3.Error, OSError) as error:
        raise _unwritable(target, error) from error
    return Merged(**counts)


def _put(connection: sqlite3.Connection, record: Entry) -> str:
    """Write an entry that ours lacks, or its feedback if that is later; return the name of the count it goes into."""
    row = connection.execute("SELECT judged_at FROM asked WHERE id = ?", (record.id,)).fetchone()
    if row is None:
        connection.execute(INSERT, to_row(record))
        return "new"
    if record.judged_at <= row[0]:
        return "known"
    given = (record.liked, record.reason, record.judged_at, record.id)
    connection.execute("UPDATE asked SET liked = ?, reason = ?, judged_at = ? WHERE id = ?", given)
    return "judged"


def snapshot(journal: Path, copy: Path) -> None:
    """Copy a journal as it is at this moment, also while a server writes to it, into a file that does not exist.

    Raises:
        JournalError: it cannot be read, or the copy not be written.
    """
    with reading(journal) as connection, closing(connect(copy)) as into:
        if SCHEMA.is_in(connection, journal):  # not while it is just being made
            connection.backup(into)


def check(source: Path) -> None:
    """Read a journal from elsewhere to its end.

    Raises:
        JournalError: it is no journal that parkqa has written.
    """
    for _ in foreign(source):
        pass


def foreign(source: Path) -> Iterator[Entry]:
    """Yield the entries of a journal from elsewhere, by their id; visitors' words are masked again.

    Raises:
        JournalError: it is no journal that parkqa has written.
    """
    try:
        with reading(source) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
            if not SCHEMA.is_in(connection, source) or not SCHEMA.is_all_of(connection):
                raise ValueError("another schema")
            last = ""
            for row in connection.execute(f"{SELECT} ORDER BY id"):
                record = _checked(row)
                if record.id <= last:  # pages that are led to twice, which would never end
                    raise ValueError("entries in disorder")
                last = record.id
                yield record
    except JournalError as error:
        raise _none() from error


def _checked(row: Sequence[Any]) -> Entry:
    """Return the entry of a row from elsewhere.

    Raises:
        ValueError, TypeError: it is none that parkqa would have written.
    """
    values = dict(zip(COLUMNS, row, strict=True))
    record = _ENTRY.validate_python(values | {name: json.loads(values[name]) for name in ("quotes", "related")})
    if not record.id or record.mode not in MODES or record.kind not in get_args(AnswerKind):
        raise ValueError("no entry of a journal")
    if not math.isfinite(record.confidence) or not math.isfinite(record.ms):
        raise ValueError("no number")
    if any(stamp(datetime.fromisoformat(at)) != at for at in (record.at, record.judged_at or record.at)):
        raise ValueError("no time of a journal")
    json.dumps(record.to_dict(), ensure_ascii=False).encode()  # JSON can hold half a surrogate pair, the file cannot
    return replace(
        record,
        question=clean(record.question),
        understood=clean(record.understood),
        reason=clean(record.reason),
    )


def _none() -> JournalError:
    return JournalError(
        "这不是 parkqa 的问答记录，或者文件坏了；什么也没有改。请把那台电脑上的 journal.db 再拷一次。",
        "This is no journal of parkqa, or a damaged one, and nothing was changed; copy journal.db from that computer "
        "again.",
    )


def _unwritable(target: Path, error: Exception) -> JournalError:
    return JournalError(f"{target} 写不了（{error}）。", f"{target} cannot be written ({error}).")
