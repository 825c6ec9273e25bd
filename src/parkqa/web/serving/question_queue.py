"""The bounded queue for questions from all routes, in which visitors take turns.

Without turns, one visitor who asks on many connections at once would shut all others out.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from parkqa.web.addresses import visitor
from parkqa.web.responses import crowded
from parkqa.web.serving.metrics import Meter

Result = TypeVar("Result")
RECENT_SECONDS = 60.0
"""Seconds for which a visitor who has asked is reckoned with; chosen by hand."""


class QuestionQueue:
    """A queue with worker threads that is fair among visitors, for use from a single event loop.

    Whose turn is next goes round among the visitors who wait; the questions of one visitor keep their order. A visitor
    who is alone may take all places and all workers. As soon as there are others, each has at most half of the workers,
    since work that has begun cannot be interrupted; and when the queue is full, whoever has fewer questions in it than
    another displaces the newest of those.
    """

    def __init__(self, at_once: int, waiting: int, meter: Meter | None = None) -> None:
        """Process up to ``at_once`` questions in parallel, with up to ``waiting`` more in the queue.

        ``meter`` is told how long each has waited.
        """
        self._meter = meter or Meter()
        self.places = at_once + waiting
        self._at_once = at_once
        self._asked: dict[str, float] = {}
        self._running: Counter[str] = Counter()
        # In the order of turns; nobody in it has nothing to ask.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._workers = ThreadPoolExecutor(at_once, "parkqa-ask")

    @property
    def line(self) -> tuple[int, int]:
        """How many wait, and how many are being answered; for use from any thread."""
        return sum(map(len, list(self._waiting.values()))), sum(list(self._running.values()))

    def is_busy(self) -> bool:
        """Whether any question waits or is being answered; for use from any thread."""
        return any(self.line)

    async def ask(self, request: Request, work: Callable[..., Result], *given: object) -> Result:
        """Run ``work(*given)`` for the visitor who sent the request, whose body has been read.

        Raises:
            Busy: the queue is full.
            ClientDisconnect: the visitor has hung up. A question that still waits is dropped.
        """
        asking = asyncio.ensure_future(self.run(visitor(request.scope), work, *given))
        leaving = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait((asking, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise ClientDisconnect
            return asking.result()
        finally:
            leaving.cancel()
            asking.cancel()

    async def run(self, visitor: str, work: Callable[..., Result], *given: object) -> Result:
        """Run ``work(*given)`` in a worker thread when the visitor's turn comes; return its result.

        Cancelled while it waits, it is dropped; work that has begun is finished.

        Raises:
            Busy: the queue is full, or this question was displaced by one of a visitor with fewer.
        """
        loop = asyncio.get_running_loop()
        self._asked.pop(visitor, None)
        self._asked[visitor] = came = loop.time()  # the latest last
        self._make_room(visitor)
        turn = loop.create_future()
        self._waiting.setdefault(visitor, deque()).append(turn)
        self._grant()
        try:
            await turn
        except BaseException:
            self._give_up(visitor, turn)
            raise
        self._meter.waited(loop.time() - came)
        return await self._started(loop, visitor, lambda: work(*given))

    def close(self) -> None:
        """Cancel the waiting questions and return immediately; running ones are finished."""
        for turns in self._waiting.values():
            for turn in turns:
                turn.cancel()
        self._waiting.clear()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _make_room(self, visitor: str) -> None:
        """Make sure that there is a place, if need be that of another visitor's newest question."""
        if self._running.total() + sum(map(len, self._waiting.values())) < self.places:
            return
        heaviest = max(self._waiting, key=self._held, default=visitor)
        if self._held(heaviest) <= self._held(visitor) + 1:
            raise crowded()
        turn = self._waiting[heaviest][-1]
        self._remove(heaviest, turn)
        if not turn.done():  # not that of one who has just hung up and has not noticed yet
            turn.set_exception(crowded())

    def _held(self, visitor: str) -> int:
        """How many questions of a visitor are in the queue or being answered."""
        return self._running[visitor] + len(self._waiting.get(visitor, ()))

    def _grant(self) -> None:
        """Give the free workers to those whose turn it is: first to whoever has the fewest."""
        share = self._share()
        while self._running.total() < self._at_once:
            next_ = min(self._waiting, key=self._running.__getitem__, default=None)
            if next_ is None or self._running[next_] >= share:
                return
            turn = self._waiting[next_][0]
            self._remove(next_, turn)
            if turn.done():  # cancelled: its question is told so only when the loop comes round to it
                continue
            if next_ in self._waiting:
                self._waiting[next_] = self._waiting.pop(next_)  # to the end of the round
            self._running[next_] += 1
            turn.set_result(None)

    def _share(self) -> int:
        """How many workers one visitor may have."""
        now = asyncio.get_running_loop().time()
        while self._asked and now - next(iter(self._asked.values())) > RECENT_SECONDS:
            del self._asked[next(iter(self._asked))]
        return self._at_once if len(self._asked) < 2 else max(1, self._at_once // 2)

    def _remove(self, visitor: str, turn: asyncio.Future[None]) -> None:
        self._waiting[visitor].remove(turn)
        if not self._waiting[visitor]:
            del self._waiting[visitor]

    def _give_up(self, visitor: str, turn: asyncio.Future[None]) -> None:
        """Forget a question that is not to be answered any more."""
        if turn in self._waiting.get(visitor, ()):
            self._remove(visitor, turn)
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            self._release(visitor)  # its turn had just come

    def _release(self, visitor: str) -> None:
        self._running[visitor] -= 1
        if not self._running[visitor]:
            del self._running[visitor]
        self._grant()

    async def _started(self, loop: asyncio.AbstractEventLoop, visitor: str, work: Callable[[], Result]) -> Result:
        """Run ``work`` in a worker, which stays the visitor's until it has finished, whoever still waits for it."""

        def done(_: Future[Result]) -> None:
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(self._release, visitor)

        try:
            running = self._workers.submit(work)
        except RuntimeError:  # closed since the turn was given
            raise asyncio.CancelledError from None
        running.add_done_callback(done)
        return await asyncio.wrap_future(running)


async def _left(request: Request) -> None:
    """Return when the visitor has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
