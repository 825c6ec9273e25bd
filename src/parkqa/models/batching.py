"""Dynamic batching: calls that arrive while the model is busy are run together in one batch."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Merges calls from many threads into fewer calls of ``work``, of which only one runs at a time.

    No call is delayed to fill a batch: a caller that finds ``work`` idle runs it at once, and calls that arrive
    meanwhile form the next batch, in order of arrival. The callers' own threads do the work, so there is nothing to
    start or stop.

    Args:
        work: takes a list of items and returns one result for each, in order. A result must not depend on the other
            items in the list.
        most: items in a batch at most. The items of one call are never split, so a single call may exceed it.

    >>> batcher = Batcher(lambda words: [len(word) for word in words], most=16)
    >>> batcher(["park", "of"])
    [4, 2]
    """

    def __init__(self, work: Callable[[list[Item]], Sequence[Result]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[_Call[Item, Result]] = deque()
        self._changed = threading.Condition()
        self._busy = False

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """Return the results for ``items``, in order; blocks until they are there.

        Raises:
            Exception: what ``work`` raises for these items alone. Where it fails on a batch of several calls, each call
                is run again by itself, so that only the one at fault fails.
        """
        call: _Call[Item, Result] = _Call(list(items))
        with self._changed:
            self._waiting.append(call)
        while self._my_turn(call):
            self._round()
        if call.error is not None:
            raise call.error
        return call.results

    def _my_turn(self, call: _Call[Item, Result]) -> bool:
        """Wait until the call is done (return False) or ``work`` is idle, and claim it for a batch (return True)."""
        with self._changed:
            self._changed.wait_for(lambda: call.done or not self._busy)
            self._busy = self._busy or not call.done
            return not call.done

    def _round(self) -> None:
        """Run the next batch, which need not hold the caller's own call, and wake all who wait."""
        with self._changed:
            calls = self._taken()
        try:
            self._run(calls)
        except BaseException as error:  # also KeyboardInterrupt: the other callers must not wait for ever
            for call in calls:
                call.error = call.error or error
            raise
        finally:
            with self._changed:
                for call in calls:
                    call.done = True
                self._busy = False
                self._changed.notify_all()

    def _taken(self) -> list[_Call[Item, Result]]:
        """Take the calls of the next batch off the queue; the lock must be held."""
        calls = [self._waiting.popleft()]
        count = len(calls[0].items)
        while self._waiting and count + len(self._waiting[0].items) <= self._most:
            calls.append(self._waiting.popleft())
            count += len(calls[-1].items)
        return calls

    def _run(self, calls: Sequence[_Call[Item, Result]]) -> None:
        try:
            results = self._work([item for call in calls for item in call.items])
        except Exception as error:
            if len(calls) == 1:
                calls[0].error = error
                return
            for call in calls:  # find the call at fault
                self._run([call])
            return
        first = 0
        for call in calls:
            call.results = list(results[first : first + len(call.items)])
            first += len(call.items)


class _Call(Generic[Item, Result]):
    """One call: its items, and its results or its error once ``done``."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.results: list[Result] = []
        self.error: BaseException | None = None
        self.done = False
