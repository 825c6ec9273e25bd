"""The bounded queue for questions from all routes; when it is full, further questions are rejected at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from parkqa.errors import Busy

Result = TypeVar("Result")


def full() -> Busy:
    """Return the error raised when the queue is full."""
    return Busy(
        "现在人多，请稍候几秒再问。", "Many people are asking right now; please wait a few seconds and ask again."
    )


class QuestionQueue:
    """A first-in, first-out queue with worker threads, for use from a single event loop."""

    def __init__(self, at_once: int, waiting: int) -> None:
        """Process up to ``at_once`` questions in parallel, with up to ``waiting`` more in the queue."""
        self.places = at_once + waiting
        self._taken = 0
        self._workers = ThreadPoolExecutor(at_once, "parkqa-ask")

    async def run(self, work: Callable[..., Result], *given: object) -> Result:
        """Run ``work(*given)`` in a worker thread when its turn comes; return its result or raise its exception.

        Raises:
            Busy: the queue is full; raised immediately.
        """
        if self._taken >= self.places:
            raise full()
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, work, *given)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Cancel the waiting questions and return immediately; running ones are finished."""
        self._workers.shutdown(wait=False, cancel_futures=True)
