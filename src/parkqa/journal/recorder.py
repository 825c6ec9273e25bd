"""Writes the journal beside the answers: in a thread of its own, from a queue that nobody waits for."""

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
"""Questions that wait for a disk that cannot be written; beyond them the newest are not recorded."""
RETRY_SECONDS = 5.0
_TIDY_SECONDS = 3600.0

_Job = Callable[[sqlite3.Connection], None]


class Recorder:
    """Records answers and what visitors think of them. Its methods return at once and raise nothing."""

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
        # Keyed anew in every process: the number tells conversations apart and leads back to nothing.
        self._key = secrets.token_bytes(16)

    @property
    def fault(self) -> ParkqaError | None:
        """Why nothing can be written at present; None while all is well."""
        return self._fault

    def start(self) -> None:
        """Open the journal, beside the caller: a disk that cannot be written is known before the first question."""
        self._thread.start()
        self._put(lambda _: None)

    def record(self, answer: Answer, mode: Mode, conversation: str = "") -> None:
        """Record an answer; ``conversation`` is any word that the questions of one visitor share."""
        at = datetime.now(UTC)
        number = self._number(conversation)
        self._put(lambda open_: entries.write(open_, [entries.entry(answer, mode, number, at)]))

    def judge(self, answer_id: str, liked: bool, reason: str = "") -> None:
        """Record what a visitor thinks of an answer; of one that is not in the journal nothing is kept."""
        at = datetime.now(UTC)
        self._put(lambda open_: entries.judge(open_, answer_id, liked, entries.clean(reason), at))

    def close(self, wait: float = 2.0) -> None:
        """Write what waits, for at most about ``wait`` seconds."""
        self._closing.set()
        with suppress(queue.Full):
            self._queue.put(None, timeout=wait)
        self._thread.join(wait)

    def _number(self, conversation: str) -> str:
        name = conversation.encode("utf-8", "replace") or secrets.token_bytes(16)
        return hashlib.blake2s(name, key=self._key, digest_size=8).hexdigest()

    def _put(self, job: _Job) -> None:
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            self._lost += 1

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            while not self._done(job):
                if self._closing.wait(RETRY_SECONDS):
                    return
        if self._connection:
            self._connection.close()

    def _done(self, job: _Job) -> bool:
        """Do a job; False where it is worth another try."""
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
        if self._connection is None:
            self._connection = entries.connect(self._path)
        return self._connection

    def _tidy(self) -> None:
        if time.monotonic() >= self._next_tidy:
            entries.drop_old(self._open(), self._days, datetime.now(UTC))
            self._next_tidy = time.monotonic() + _TIDY_SECONDS

    def _failed(self, error: Exception) -> None:
        """Say it once in the log, as long as it lasts on /readyz; begin anew with the file."""
        if self._fault is None:
            _LOG.error("the journal %s cannot be written: %s", self._path, error)
        self._fault = JournalError(
            f"问答记录写不进去（{error}）：问答照常，腾出空间或改正 PARKQA_JOURNAL 后会接着记。",
            f"The journal cannot be written ({error}); questions are answered all the same. "
            "Free some space or correct PARKQA_JOURNAL, and recording goes on.",
        )
        if self._connection:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def open_recorder(settings: Settings) -> Recorder | None:
    """Return the recorder that the settings ask for, not yet started; None where nothing is recorded."""
    return Recorder(settings.journal, settings.journal_days) if settings.journal else None
