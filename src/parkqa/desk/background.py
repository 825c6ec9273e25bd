"""Work that takes a while: done in a thread, one piece at a time, and told of by whoever looks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from parkqa.desk.comparison import Stopped
from parkqa.errors import ParkqaError

_LOG = logging.getLogger("parkqa")
STOP_SECONDS = 5
"""Seconds that a stopping server waits for the work to break off; chosen by hand."""


class Background:
    """One piece of work at a time.

    Attributes:
        who: the name of the person whose work is going on, "" if nothing is.
        at: what it is at just now, as the work tells it by ``begin`` and ``tell``.
        done: how much of that is done, likewise; of ``total``, if that is known.
        fault: why the last work was not done, in Chinese and English; None if it was.
        stopping: set when the server stops; the work is to look at it and to raise Stopped.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.who = ""
        self.at = ""
        self.done = self.total = 0
        self.fault: tuple[str, str] | None = None
        self.stopping = threading.Event()

    def start(self, who: str, work: Callable[[], None], at: str = "") -> None:
        """Begin some work and return immediately; ``at`` is what it is at first.

        Raises:
            ParkqaError: something is going on already.
        """
        with self._lock:
            if self.who:
                raise ParkqaError(
                    f"{self.who} 已经开始了，还没有做完，请稍等。",
                    f"{self.who} has begun it already; wait for it to end.",
                )
            self.who, self.fault = who, None
            self.begin(at)
            self._thread = threading.Thread(target=self._run, args=(work,), name=self._name, daemon=True)
            self._thread.start()

    def begin(self, at: str, total: int = 0) -> None:
        """Say what the work is at from now on, and how much of it there is to do."""
        self.at, self.done, self.total = at, 0, total

    def tell(self, at: str) -> None:
        """Say what the work is at, and that one more step is done.

        Raises:
            Stopped: the server stops.
        """
        if self.stopping.is_set():
            raise Stopped
        self.at, self.done = at, self.done + 1

    def stop(self) -> None:
        """Have the work broken off, and wait for that, but not for long."""
        self.stopping.set()
        self.wait(STOP_SECONDS)

    def wait(self, seconds: float) -> None:
        """Wait until nothing is going on, at most so many seconds."""
        if self._thread:
            self._thread.join(seconds)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ParkqaError as error:
            _LOG.error("%s", error)
            self.fault = (error.zh, error.en)
        except Stopped:
            self.fault = ("没有做完，已停下。", "It was broken off.")
        except Exception:
            _LOG.exception("work in the background failed")
            self.fault = ("出了错，没有做完；详情在日志里。", "It failed; the log has the details.")
        finally:
            self.who = ""
