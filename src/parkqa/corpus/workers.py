"""A child process that takes one job after the other through its pipes, each within limits of time.

It is started as a program and not by ``multiprocessing``, which would run the main module of the caller again and is
forbidden to the process of a background build. The limits of memory are the program's own.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from parkqa.corpus.limits import Limits, crashed, not_started, too_slow

READY = "ready"
"""What a process sends when it has started."""

Serve = Callable[[Any], Any]
"""Answers what a process asks for while it works on a job."""


class Worker:
    """One process that runs a module of parkqa, and the pipes to it.

    Raises:
        CorpusError: it cannot be started.
    """

    def __init__(self, module: str) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        # Its libraries need no threads, and the memory that they set aside for each counts.
        more = {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
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

    def ask(self, job: Any, limits: Limits, asked: type[Any] | None = None, serve: Serve = lambda _: None) -> Any:
        """Have a job done and return what it gives.

        Args:
            job: what is sent.
            limits: what the job may take; its time begins anew after each of the process's own requests.
            asked: the type of what the process asks for while it works; None if it asks for nothing.
            serve: answers that; its time does not count.

        Raises:
            Unreadable: the process took longer than allowed, in which case it was killed, or died.
        """
        try:
            answer = self._timed(job, limits)
            while asked is not None and isinstance(answer, asked):
                answer = self._timed(serve(answer), limits)
            return answer
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise too_slow(limits.seconds) if self._late or self._spent() else crashed() from error

    def _timed(self, message: Any, limits: Limits) -> Any:
        """Send a message and return what comes back, which is waited for as long as the limits allow."""
        timer = threading.Timer(limits.patience, self._expire)
        timer.daemon = True
        with self._lock:
            self._busy = True
        timer.start()
        try:
            self._send(message)
            return self._received()
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

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        pickle.dump(message, self._process.stdin)
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
