"""Writes the journal in a background thread, fed by a queue, so that no answer waits for the disk."""

from __future__ import annotations

import hashlib
import logging
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from parkqa.errors import JournalError, ParkqaError
from parkqa.journal import entries
from parkqa.settings import Settings
from parkqa.types import Answer, Mode

_LOG = logging.getLogger("parkqa")
WAITING = 1000
"""Capacity of the queue, in jobs; new ones are dropped while it is full. Chosen by hand."""
RETRY_SECONDS = 5.0
"""Seconds between attempts to write a job that failed; chosen by hand."""
_TIDY_SECONDS = 3600.0
"""Seconds between deletions of entries that are too old."""

_Job = Callable[[sqlite3.Connection], None]


class Recorder:
    """Records answers and feedback for ``days`` days in the journal at ``path``.

    Except for ``close``, the methods return immediately; none raises when the journal cannot be written. Such an error
    is logged once and kept in ``fault``.
    """

    def __init__(self, path: Path, days: int) -> None:
        self._path = path
        self._days = days
        self._queue: queue.Queue[_Job | None] = queue.Queue(WAITING)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parkqa-journal", daemon=True)
        self._connection: sqlite3.Connection | None = None
        self._next_tidy = 0.0
        self._lost = 0
        self._fault: ParkqaError | None = None
        self._clock_fault: ParkqaError | None = None
        self._replaced: ParkqaError | None = None
        self._files: dict[Path, tuple[int, int]] = {}
        # A new key per process: the hash tells conversations apart but cannot be linked to a conversation's token.
        self._key = secrets.token_bytes(16)

    @property
    def fault(self) -> ParkqaError | None:
        """The reason why the journal cannot be written at present; None if it can."""
        return self._fault

    @property
    def complaints(self) -> str:
        """All that is wrong with the journal, for /readyz; "" if nothing is."""
        return " ".join(str(found) for found in (self._fault, self._clock_fault, self._replaced) if found)

    def start(self) -> None:
        """Start the thread, which opens the journal at once, so that a write error shows before the first question."""
        self._thread.start()
        self._put(lambda _: None)

    def record(self, answer: Answer, mode: Mode, conversation: str = "") -> None:
        """Record an answer; ``conversation`` is a token shared by all questions of a conversation, stored hashed."""
        at = datetime.now(UTC)
        pseudonym = self._pseudonym(conversation)
        self._put(lambda connection: entries.write(connection, [entries.entry(answer, mode, pseudonym, at)]))

    def judge(self, answer_id: str, liked: bool, reason: str = "") -> None:
        """Record the feedback on an answer; ignored if the answer is not in the journal."""
        at = datetime.now(UTC)
        known = answer_id.encode("utf-8", "replace").decode()  # JSON can hold half a surrogate pair, the file cannot
        self._put(lambda connection: entries.judge(connection, known, liked, entries.clean(reason), at))

    def close(self, wait: float = 2.0) -> None:
        """Write the queued jobs and stop the thread; give up after about ``wait`` seconds."""
        self._closing.set()
        with suppress(queue.Full):
            self._queue.put(None, timeout=wait)
        self._thread.join(wait)

    def _pseudonym(self, conversation: str) -> str:
        name = conversation.encode("utf-8", "replace") or secrets.token_bytes(16)
        return hashlib.blake2s(name, key=self._key, digest_size=8).hexdigest()

    def _put(self, job: _Job) -> None:
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            self._lost += 1

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            while not self._run_job(job):
                if self._closing.wait(RETRY_SECONDS):
                    return
        self._close()

    def _run_job(self, job: _Job) -> bool:
        """Run a job; return False if it should be retried."""
        try:
            job(self._open())
            self._tidy()
        except (sqlite3.DatabaseError, OSError, JournalError) as error:
            self._failed(error)
            return False
        except Exception:
            _LOG.exception("an entry of the journal could not be made")
            return True
        if self._fault:
            _LOG.warning("the journal %s can be written again; not recorded meanwhile: %d", self._path, self._lost)
        self._fault, self._lost = None, 0
        return True

    def _open(self) -> sqlite3.Connection:
        if self._connection and self._files.get(self._path) != _identity(self._path):
            self._reopen()
        if self._connection is None:
            self._connection = entries.connect(self._path)
        self._files = {path: found for path in self._paths() if (found := _identity(path))}
        return self._connection

    def _reopen(self) -> None:
        """Give up a file that was deleted, moved or replaced while it was open; what is written from now on is kept."""
        with suppress(sqlite3.Error):  # so that the former file is whole without the one beside it
            assert self._connection is not None
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._close()
        for path in self._paths()[1:]:
            # SQLite leaves these behind, and would take them for parts of the new file.
            if path in self._files and self._files[path] == _identity(path):
                path.unlink()
        self._replaced = JournalError(
            "问答记录的文件在服务期间被移走、删除或换掉了，已重新打开；此前的记录在原来的文件里。",
            "The file of the journal was moved, deleted or replaced while the server ran and has been opened anew; "
            "what was recorded before is in the former file.",
        )
        _LOG.warning("%s (%s)", self._replaced, self._path)

    def _paths(self) -> list[Path]:
        """The file of the journal, and those that SQLite puts beside it."""
        return [self._path, *(self._path.with_name(self._path.name + suffix) for suffix in ("-wal", "-shm"))]

    def _tidy(self) -> None:
        if time.monotonic() < self._next_tidy:
            return
        self._next_tidy = time.monotonic() + _TIDY_SECONDS
        now = datetime.now(UTC)
        if entries.drop_old(self._open(), self._days, now):
            self._clock_fault = None
        elif self._clock_fault is None:
            days = entries.LONGEST_PAUSE.days
            self._clock_fault = JournalError(
                f"今天是 {now:%Y-%m-%d}，而之前 {days} 天以上没有人问过：时钟可能不对，过期的问答记录先不删。"
                "时钟没错的话，请把旧记录移走。",
                f"Today is {now:%Y-%m-%d}, and nobody has asked for more than {days} days: the clock may be wrong, so "
                "old entries of the journal are not deleted. If it is right, move the old journal away.",
            )
            _LOG.warning("%s", self._clock_fault)

    def _close(self) -> None:
        if self._connection:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _failed(self, error: Exception) -> None:
        """Log the first failure, keep it in ``fault`` for /readyz, and close the connection so that it is reopened."""
        if self._fault is None:
            _LOG.error("the journal %s cannot be written: %s", self._path, error)
        self._fault = JournalError(
            f"问答记录写不进去（{error}）：问答照常，腾出空间或改正 PARKQA_JOURNAL 后会接着记。",
            f"The journal cannot be written ({error}); questions are answered all the same. "
            "Free some space or correct PARKQA_JOURNAL, and recording goes on.",
        )
        self._close()


def _identity(path: Path) -> tuple[int, int] | None:
    """The device and inode of a file, by which it is told from another of the same name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def open_recorder(settings: Settings) -> Recorder | None:
    """Return a recorder for the journal in the settings, not started; None if journaling is off."""
    return Recorder(settings.journal, settings.journal_days) if settings.journal else None
