"""Child processes that read files and draw pages, kept from one test to the next: each start takes half a second.

What one does depends on its job alone, so that a test cannot tell one that has just been started from one that has
answered before. Tests of the processes themselves take ``parkqa.corpus.workers.Worker``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pytest

from parkqa.corpus import page_pictures, processes
from parkqa.corpus.limits import Failure, Limits
from parkqa.corpus.workers import Worker

_idle: dict[tuple[str, ...], list[Worker]] = {}
_lock = Lock()


class KeptWorker:
    """A ``Worker`` that goes back to the others when it is ended, if it has answered all that it was asked."""

    def __init__(self, module: str) -> None:
        self._kind = (module, sys.executable, *sys.path)
        self._worker = _taken(self._kind) or Worker(module)
        self._sound, self._ended = True, False

    def ask(self, job: Any, limits: Limits, *asked: Any) -> Any:
        self._sound = False
        answer = self._worker.ask(job, limits, *asked)
        self._sound = not (isinstance(answer, Failure) and answer.last)
        return answer

    def end(self) -> None:
        if self._sound and not self._ended:
            with _lock:
                _idle.setdefault(self._kind, []).append(self._worker)
        elif not self._ended:
            self._worker.end()
        self._ended = True


def _taken(kind: tuple[str, ...]) -> Worker | None:
    with _lock:
        waiting = _idle.get(kind, [])
        while waiting:
            worker = waiting.pop()
            if worker._process.poll() is None:
                return worker
            worker.end()
    return None


@contextmanager
def kept() -> Iterator[None]:
    """Keep the processes until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (processes, page_pictures):
            patch.setattr(module, "Worker", KeptWorker)
        yield
    for workers in _idle.values():
        while workers:
            workers.pop().end()
