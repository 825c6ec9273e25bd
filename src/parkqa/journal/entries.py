"""The journal: what was asked, quoted, refused and liked, in one SQLite file without anything that names a person."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from parkqa.errors import JournalError
from parkqa.journal.masking import masked
from parkqa.text.characters import language
from parkqa.types import Answer, Mode, Quote

FORMAT = 1
MODES: tuple[str, ...] = get_args(Mode)
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage that was shown: ``text`` is the slice of the document with this SHA-256 from ``start`` to ``end``."""

    document: str
    start: int
    end: int
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One question and what became of it; ``id`` is the answer's UUID.

    ``at`` and ``judged_at`` are UTC in ISO 8601 (so they sort as text). ``related`` holds the nearest passages of a
    refusal. ``liked`` is None, and ``judged_at`` "", until the visitor has said; ``reason`` is what was said with it.
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
        """Return the entry as an object for JSON."""
        return asdict(self)


COLUMNS = tuple(field.name for field in fields(Entry))
_SCHEMA = """
CREATE TABLE IF NOT EXISTS asked (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, conversation TEXT NOT NULL, mode TEXT NOT NULL, language TEXT NOT NULL,
  question TEXT NOT NULL, understood TEXT NOT NULL, kind TEXT NOT NULL, confidence REAL NOT NULL, ms REAL NOT NULL,
  quotes TEXT NOT NULL, related TEXT NOT NULL, liked INTEGER, reason TEXT NOT NULL, judged_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS asked_at ON asked (at);
"""
_INSERT = f"INSERT OR IGNORE INTO asked ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


def entry(answer: Answer, mode: Mode, conversation: str, at: datetime) -> Entry:
    """Return what is written of an answer: masked, in UTC."""
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
    """Return a visitor's words as they may be written: masked, and without halves of characters."""
    return masked(text.encode("utf-8", "replace").decode("utf-8"))


def stamp(at: datetime) -> str:
    """Return a time as the journal writes it: UTC, ISO 8601, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal for writing; make it, for its owner's eyes only, where it is not there.

    Raises:
        OSError, sqlite3.Error: it cannot be written.
        JournalError: another version of parkqa wrote it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    begun = _begun(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    # Each write goes on into the file itself, so that a copy of that file alone holds all but the last question.
    connection.execute("PRAGMA wal_autocheckpoint = 1")
    if not begun:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")


def write(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Write entries, all or none; one whose id is there already is left as it is."""
    with connection:
        connection.executemany(_INSERT, map(_row, entries))


def judge(connection: sqlite3.Connection, id_: str, liked: bool, reason: str, at: datetime) -> None:
    """Write what a visitor thinks of an answer; later words replace earlier ones."""
    with connection:
        connection.execute(
            "UPDATE asked SET liked = ?, reason = ?, judged_at = ? WHERE id = ?", (liked, reason, stamp(at), id_)
        )


def drop_old(connection: sqlite3.Connection, days: int, now: datetime) -> None:
    """Drop what was asked more than ``days`` days ago."""
    with connection:
        connection.execute("DELETE FROM asked WHERE at < ?", (stamp(now - timedelta(days=days)),))


def read(path: Path, since: datetime | None = None, until: datetime | None = None) -> list[Entry]:
    """Return the entries from ``since`` to before ``until``, oldest first.

    Raises:
        JournalError: there is no journal at ``path``, or it cannot be read.
    """
    bounds = (stamp(since) if since else "", stamp(until) if until else "~")
    query = f"SELECT {', '.join(COLUMNS)} FROM asked WHERE at >= ? AND at < ? ORDER BY at, id"
    with _reading(path) as connection:
        return [_entry(row) for row in connection.execute(query, bounds)] if _begun(connection, path) else []


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise JournalError(
            f"没有这个问答记录：{path}。有人问过之后才会有，或用 PARKQA_JOURNAL 指明它在哪里。",
            f"There is no journal at {path}: it begins with the first question; or name it with PARKQA_JOURNAL.",
        )
    try:
        # Not mode=ro: a reader that may not write leaves the files of the write-ahead log lying about.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            yield connection
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise JournalError(
            f"问答记录 {path} 读不了（{error}）：请换一份完好的副本。",
            f"The journal {path} cannot be read ({error}): use an undamaged copy.",
        ) from error


def _begun(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the table is there yet: a file that is just being made has none."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version != FORMAT and (version or tables):
        raise _foreign(path)
    return bool(tables)


def _foreign(path: Path) -> JournalError:
    return JournalError(
        f"{path} 不是这个版本的 parkqa 写的问答记录，请另指一个文件。",
        f"{path} is not a journal written by this version of parkqa; name another file.",
    )


def _row(made: Entry) -> tuple[Any, ...]:
    values = {name: getattr(made, name) for name in COLUMNS}
    for name in ("quotes", "related"):
        values[name] = json.dumps([asdict(cited) for cited in values[name]], ensure_ascii=False)
    return tuple(values.values())


def _entry(row: Sequence[Any]) -> Entry:
    values = dict(zip(COLUMNS, row, strict=True))
    for name in ("quotes", "related"):
        values[name] = tuple(Cited(**cited) for cited in json.loads(values[name]))
    return Entry(**values | {"liked": None if values["liked"] is None else bool(values["liked"])})


def merged(journals: Iterable[Iterable[Entry]]) -> list[Entry]:
    """Return every entry of the journals once, oldest first; of two states of one, that which was judged later."""
    kept: dict[str, Entry] = {}
    for journal in journals:
        for found in journal:
            kept[found.id] = max(kept.get(found.id, found), found, key=_lateness)
    return sorted(kept.values(), key=lambda found: (found.at, found.id))


def _lateness(found: Entry) -> tuple[Any, ...]:
    # All else is compared too, so that the order of the journals never matters.
    return (found.judged_at, found.liked is not None, bool(found.liked), found.reason, repr(astuple(found)))


def merge(sources: Sequence[Path], target: Path) -> tuple[int, int]:
    """Write one journal of several; return how many entries it holds and how many stood in more than one.

    Raises:
        JournalError: one of them cannot be read, or ``target`` is there already or cannot be written.
    """
    if target.exists():
        raise JournalError(f"{target} 已经存在，请另起一个名字。", f"{target} is already there; choose another name.")
    journals = [read(path) for path in sources]
    entries = merged(journals)
    try:
        with TemporaryDirectory(dir=target.parent) as folder:
            made = Path(folder) / target.name
            with closing(connect(made)) as connection:
                write(connection, entries)
            made.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{target} 写不了（{error}）。", f"{target} cannot be written ({error}).") from error
    return len(entries), sum(map(len, journals)) - len(entries)
