"""Child processes that read files, each file within limits of time and memory (``parkqa.corpus.child`` runs in them).

A crafted or merely broken file can keep the libraries that parse it busy for hours, take all memory or crash them. In
a process of its own that costs this file alone. The processes are few and live as long as the corpus is read, so that
a start, half a second, is paid once. They are started as programs and not by ``multiprocessing``, which would run the
main module of the caller again and is forbidden to the process of a background build.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from parkqa.corpus.limits import Failure, Job, Reading, crashed, not_started, too_slow
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import DocumentError

CHILDREN = 2
"""Most processes that read side by side. Chosen by hand: more would finish sooner and take more memory at once."""
READY = "ready"
"""What a process sends when it has started."""


class Readers:
    """The child processes; a context manager, which ends them. None is started before there is something to read."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(CHILDREN, thread_name_prefix="parkqa-read")
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        self._idle: list[_Child] = []

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            children = [*self._children]
        for child in children:  # first, since a thread waits for each of them
            child.end()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, job: Job, name: str) -> Future[Reading]:
        """Have a file read, which is called ``name`` in errors.

        The future raises DocumentError where the file cannot be read or exceeds its limits, and CorpusError where no
        process can be started.
        """
        return self._threads.submit(self._read, job, name)

    def _read(self, job: Job, name: str) -> Reading:
        child = self._taken()
        try:
            answer = child.ask(job)
        except Unreadable as error:
            self._drop(child)
            raise DocumentError(name, error.zh, error.en) from error
        if isinstance(answer, Failure):
            self._drop(child) if answer.last else self._idle.append(child)
            raise DocumentError(name, answer.zh, answer.en)
        self._idle.append(child)
        return answer

    def _taken(self) -> _Child:
        """Return an idle child, or a new one; there are no more than threads that ask for one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        child = _Child()
        with self._lock:
            self._children.add(child)
        return child

    def _drop(self, child: _Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.end()


class _Child:
    """One process and the pipes to it.

    Raises:
        CorpusError: it cannot be started.
    """

    def __init__(self) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        # Its libraries need no threads, and the memory that they set aside for each counts.
        more = {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "parkqa.corpus.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | more,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise not_started(str(error.strerror)) from error
        self._lock = threading.Lock()
        self._busy = self._late = False
        try:
            said = self._received()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            said = error
        if said != READY:
            self.end()
            raise not_started(f"{self._process.returncode}")

    def ask(self, job: Job) -> Reading | Failure:
        """Have a file read.

        Raises:
            Unreadable: the process took longer than allowed, in which case it was killed, or died.
        """
        timer = threading.Timer(job.limits.seconds, self._expire)
        timer.daemon = True
        with self._lock:
            self._busy = True
        timer.start()
        try:
            self._send(job)
            answer: Reading | Failure = self._received()
            return answer
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise too_slow(job.limits.seconds) if self._late else crashed() from error
        finally:
            with self._lock:
                self._busy = False
            timer.cancel()

    def _expire(self) -> None:
        with self._lock:
            if self._busy:
                self._late = True
                self._process.kill()

    def _send(self, job: Job) -> None:
        assert self._process.stdin is not None
        pickle.dump(job, self._process.stdin)
        self._process.stdin.flush()

    def _received(self) -> Any:
        assert self._process.stdout is not None
        return pickle.load(self._process.stdout)

    def end(self) -> None:
        """Kill the process, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and self._process.wait() is not None:
                try:
                    pipe.close()
                except OSError:  # what could not be sent to it any more
                    continue
