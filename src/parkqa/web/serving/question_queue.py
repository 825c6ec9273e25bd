"""The line in which questions wait, whichever way they came; whoever would wait too long is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from parkqa.errors import Busy

Result = TypeVar("Result")


def full() -> Busy:
    """Return what is said when nobody more is taken."""
    return Busy(
        "现在人多，请稍候几秒再问。", "Many people are asking right now; please wait a few seconds and ask again."
    )


class QuestionQueue:
    """First come, first served; to be used from one event loop."""

    def __init__(self, at_once: int, waiting: int) -> None:
        """Answer ``at_once`` questions side by side, let ``waiting`` more wait."""
        self.places = at_once + waiting
        self._taken = 0
        self._workers = ThreadPoolExecutor(at_once, "parkqa-ask")

    async def run(self, work: Callable[..., Result], *given: object) -> Result:
        """Return what ``work(*given)`` returns, in a thread and in turn.

        Raises:
            Busy: at once, when every place is taken.
        """
        if self._taken >= self.places:
            raise full()
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, work, *given)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Let those who still wait go; returns at once."""
        self._workers.shutdown(wait=False, cancel_futures=True)
