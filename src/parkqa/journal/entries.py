"""The question journal: questions, answers and feedback in one SQLite file, with personal data masked.

Entries from several machines can be merged (``journal.merging``), since each has the UUID of its answer.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from parkqa.errors import JournalError
from parkqa.journal import sqlite_file
from parkqa.journal.masking import masked
from parkqa.text.characters import language
from parkqa.types import Answer, Mode, Quote

MODES: tuple[str, ...] = get_args(Mode)
LONGEST_PAUSE = timedelta(days=400)
"""Longest time between two questions that is no sign of a wrong clock, chosen by hand: a fair is held once a year."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage that was shown.

    ``text`` is the slice from ``start`` to ``end``, in code points, of the document text whose SHA-256 is ``sha256``.
    """

    document: str
    start: int
    end: int
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its answer and the visitor's feedback; ``id`` is the answer's UUID.

    ``at`` and ``judged_at`` are times in UTC as ISO 8601, which sort correctly as text. ``ms`` is the time to answer in
    milliseconds. ``related`` holds the nearest passages of a refusal. Until the visitor gives feedback, ``liked`` is
    None and ``judged_at`` is ""; ``reason`` is the visitor's comment.
    """

    id: str
    at: str
    conversation: str
    mode: str
    language: str
    question: str
    understood: str
    kind: str
    confidence: float
    ms: float
    quotes: tuple[Cited, ...] = ()
    related: tuple[Cited, ...] = ()
    liked: bool | None = None
    reason: str = ""
    judged_at: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as a JSON object."""
        return asdict(self)


COLUMNS = tuple(field.name for field in fields(Entry))


def _wrong_format(path: Path) -> JournalError:
    return JournalError(
        f"{path} 不是这个版本的 parkqa 写的问答记录，请另指一个文件。",
        f"{path} is not a journal written by this version of parkqa; name another file.",
    )


SCHEMA = sqlite_file.Schema(
    version=1,
    table="asked",
    statements=(
        """CREATE TABLE IF NOT EXISTS asked (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, conversation TEXT NOT NULL, mode TEXT NOT NULL, language TEXT NOT NULL,
  question TEXT NOT NULL, understood TEXT NOT NULL, kind TEXT NOT NULL, confidence REAL NOT NULL, ms REAL NOT NULL,
  quotes TEXT NOT NULL, related TEXT NOT NULL, liked INTEGER, reason TEXT NOT NULL, judged_at TEXT NOT NULL
) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS asked_at ON asked (at)",
    ),
    wrong=_wrong_format,
)
INSERT = f"INSERT OR IGNORE INTO asked ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
SELECT = f"SELECT {', '.join(COLUMNS)} FROM asked"
"""Rows in the order of COLUMNS; a condition may follow."""


_PAUSES = """
SELECT 1 FROM (
  SELECT at, lead(at, 1, :now) OVER (ORDER BY at) AS next FROM asked
  WHERE at >= (SELECT max(at) FROM asked WHERE at < :before) AND at <= :now
) WHERE julianday(next) - julianday(at) > :pause
"""


def entry(answer: Answer, mode: Mode, conversation: str, at: datetime) -> Entry:
    """Return the journal entry for an answer, its questions masked.

    ``conversation`` is the pseudonym of the conversation; ``at`` is when the question was answered.
    """
    return Entry(
        id=answer.answer_id,
        at=stamp(at),
        conversation=conversation,
        mode=mode,
        language=language(answer.question),
        question=clean(answer.question),
        understood=clean(answer.understood),
        kind=answer.kind,
        confidence=answer.confidence,
        ms=answer.elapsed_ms,
        quotes=tuple(map(_cited, answer.quotes)),
        related=tuple(map(_cited, answer.related)),
    )


def _cited(quote: Quote) -> Cited:
    return Cited(quote.document, quote.start, quote.end, quote.sha256, quote.text)


def clean(text: str) -> str:
    """Return a visitor's text ready for storage: ``printable``, and personal data masked."""
    return masked(printable(text))


def printable(text: str) -> str:
    """Return a visitor's text with lone surrogates replaced by "?".

    Control characters, which a terminal would obey, are left out but for line breaks and tabs.
    """
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    return shown.encode("utf-8", "replace").decode("utf-8")


def stamp(at: datetime) -> str:
    """Return a time as stored in the journal: UTC, ISO 8601, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal for writing; create it, readable only by its owner, if it does not exist.

    The connection may be used from any thread.

    Raises:
        OSError, sqlite3.Error: the file cannot be written.
        JournalError: the file was written by another version of parkqa or is not a journal.
    """
    connection = sqlite_file.connect(path, check_same_thread=False)
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    is_new = not SCHEMA.is_in(connection, path)
    sqlite_file.use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    # Checkpoint after every write, so that a copy of the database file without its WAL lacks at most the last entry.
    connection.execute("PRAGMA wal_autocheckpoint = 1")
    if is_new:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            SCHEMA.create(connection)


def write(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Write entries in one transaction; an entry whose id is already in the journal is not changed."""
    with connection:
        connection.executemany(INSERT, map(to_row, entries))


def judge(connection: sqlite3.Connection, id_: str, liked: bool, reason: str, at: datetime) -> None:
    """Store the feedback on the answer ``id_``, replacing earlier feedback; an unknown id is ignored."""
    with connection:
        connection.execute(
            "UPDATE asked SET liked = ?, reason = ?, judged_at = ? WHERE id = ?", (liked, reason, stamp(at), id_)
        )


def drop_old(connection: sqlite3.Connection, days: int, now: datetime) -> bool:
    """Delete entries older than ``days`` days at ``now``; return False, deleting none, if the clock is hardly right.

    That is so if nobody has asked for LONGEST_PAUSE between the newest of them and now: a clock that is years ahead
    would delete everything.
    """
    bounds = {"before": stamp(now - timedelta(days=days)), "now": stamp(now), "pause": LONGEST_PAUSE.days}
    if connection.execute(_PAUSES, bounds).fetchone():
        return False
    with connection:
        connection.execute("DELETE FROM asked WHERE at < :before", bounds)
    return True


def read(path: Path, since: datetime | None = None, until: datetime | None = None) -> list[Entry]:
    """Return the entries from ``since`` (included) to ``until`` (excluded), oldest first.

    Raises:
        JournalError: there is no journal at ``path``, or it cannot be read.
    """
    bounds = (stamp(since) if since else "", stamp(until) if until else "~")
    query = f"{SELECT} WHERE at >= ? AND at < ? ORDER BY at, id"
    with reading(path) as connection:
        return [_entry(row) for row in connection.execute(query, bounds)] if SCHEMA.is_in(connection, path) else []


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal to read it.

    Raises:
        JournalError: there is none at ``path``, or it cannot be read, also where that shows while it is used.
    """
    if not path.is_file():
        raise JournalError(
            f"没有这个问答记录：{path}。有人问过之后才会有，或用 PARKQA_JOURNAL 指明它在哪里。",
            f"There is no journal at {path}: it begins with the first question; or name it with PARKQA_JOURNAL.",
        )
    try:
        with sqlite_file.existing(path) as connection:
            yield connection
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise JournalError(
            f"问答记录 {path} 读不了（{error}）：请换一份完好的副本。",
            f"The journal {path} cannot be read ({error}): use an undamaged copy.",
        ) from error


def to_row(record: Entry) -> tuple[Any, ...]:
    """Return an entry as a row of the table, in the order of COLUMNS."""
    values = {name: getattr(record, name) for name in COLUMNS}
    for name in ("quotes", "related"):
        values[name] = json.dumps([asdict(cited) for cited in values[name]], ensure_ascii=False)
    return tuple(values.values())


def _entry(row: Sequence[Any]) -> Entry:
    values = dict(zip(COLUMNS, row, strict=True))
    for name in ("quotes", "related"):
        values[name] = tuple(Cited(**cited) for cited in json.loads(values[name]))
    return Entry(**values | {"liked": None if values["liked"] is None else bool(values["liked"])})
