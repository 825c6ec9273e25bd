"""Questions that arrive together go through the model together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Merges the calls of many threads into few calls of ``work``, one at a time.

    Nobody waits for company: a caller who finds the model idle goes ahead at once, and whoever comes meanwhile is
    taken along in the next round, first come first served, ``most`` items a round (one caller's are never split).
    There is no thread of its own, so nothing to start or stop. ``work`` gives a result for each item, in order; each
    result must be the same whatever else is in the round.
    """

    def __init__(self, work: Callable[[list[Item]], Sequence[Result]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[_Call[Item, Result]] = deque()
        self._changed = threading.Condition()
        self._busy = False

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """Return the results of ``items``; raises what ``work`` raises for them, whoever else is in the round."""
        call: _Call[Item, Result] = _Call(list(items))
        with self._changed:
            self._waiting.append(call)
        while self._my_turn(call):
            self._round()
        if call.error is not None:
            raise call.error
        return call.results

    def _my_turn(self, call: _Call[Item, Result]) -> bool:
        """Wait until the call is done (False) or the model is free for it (True)."""
        with self._changed:
            self._changed.wait_for(lambda: call.done or not self._busy)
            self._busy = self._busy or not call.done
            return not call.done

    def _round(self) -> None:
        with self._changed:
            calls = self._taken()
        try:
            self._run(calls)
        except BaseException as error:  # Whoever interrupts one caller must not leave the others waiting.
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
            for call in calls:  # One of them spoilt it: each by itself.
                self._run([call])
            return
        first = 0
        for call in calls:
            call.results = list(results[first : first + len(call.items)])
            first += len(call.items)


class _Call(Generic[Item, Result]):
    """The items of one caller, and what became of them."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.results: list[Result] = []
        self.error: BaseException | None = None
        self.done = False
