"""Child processes that read files, each file within limits of time and memory (``parkqa.corpus.child`` runs in them).

A crafted or merely broken file can keep the libraries that parse it busy for hours, take all memory or crash them. In
a process of its own that costs this file alone. The processes are few and live as long as the corpus is read, so that
a start, half a second, is paid once. They are started as programs and not by ``multiprocessing``, which would run the
main module of the caller again and is forbidden to the process of a background build.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from parkqa.corpus.conversion import Office
from parkqa.corpus.limits import Failure, FileReading, Job, crashed, not_started, too_slow
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import DocumentError

_T = TypeVar("_T")

CHILDREN = 2
"""Most processes that read side by side. Chosen by hand: more would finish sooner and take more memory at once."""
READY = "ready"
"""What a process sends when it has started."""


class Readers:
    """The child processes; a context manager, which ends them, and what LibreOffice does for them.

    None is started before there is something to read.
    """

    def __init__(self, office: Office | None = None) -> None:
        self._office = office
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
        if self._office:
            self._office.end()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, job: Job, name: str) -> Future[FileReading]:
        """Have a file read, which is called ``name`` in errors; see ``ask`` for what the future raises."""
        return self._threads.submit(self.ask, job, name)

    def start(self, work: Callable[[], _T]) -> Future[_T]:
        """Have something done beside the caller that itself asks the processes, one after the other."""
        return self._threads.submit(work)

    def ask(self, job: Job, name: str, task: Callable[[Job], Any] | None = None) -> Any:
        """Have a file read by a process, or something else done with it, and return what comes of it.

        Args:
            job: the file.
            name: what it is called in errors.
            task: a function of a module, which the process calls with the job; by default ``documents.read_file``.

        Raises:
            DocumentError: the file cannot be read or exceeds its limits.
            CorpusError: no process can be started.
        """
        child = self._taken()
        try:
            answer = child.ask(job, task)
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

    def ask(self, job: Job, task: Callable[[Job], Any] | None) -> Any:
        """Have a task done with a file.

        Raises:
            Unreadable: the process took longer than allowed, in which case it was killed, or died.
        """
        timer = threading.Timer(job.limits.patience, self._expire)
        timer.daemon = True
        with self._lock:
            self._busy = True
        timer.start()
        try:
            self._send((job, task))
            return self._received()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise too_slow(job.limits.seconds) if self._late or self._spent() else crashed() from error
        finally:
            with self._lock:
                self._busy = False
            timer.cancel()

    def _spent(self) -> bool:
        """Return whether the process, which has ended, had used up its time of the processor."""
        self._process.wait()
        return hasattr(signal, "SIGXCPU") and self._process.returncode == -signal.SIGXCPU

    def _expire(self) -> None:
        with self._lock:
            if self._busy:
                self._late = True
                self._process.kill()

    def _send(self, request: tuple[Job, Callable[[Job], Any] | None]) -> None:
        assert self._process.stdin is not None
        pickle.dump(request, self._process.stdin)
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
