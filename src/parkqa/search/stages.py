"""Where the seconds of a question go, for whoever measures; nobody else pays for it.

>>> with measured() as spent:
...     with stage("search"), stage("rerank"):
...         pass
>>> sorted(spent)
['rerank', 'search']
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Stage = Literal["understand", "encode", "search", "rerank", "quote"]
"""The question is parsed and mended, embedded, its passages are searched and ranked, reranked, and quoted."""


class _Clock:
    """Counts the seconds of the stage that is innermost at the time."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._stage = ""
        self._since = 0.0

    def turn(self, to: str) -> str:
        """Begin a stage, "" for none; return the one that was on."""
        before, now = self._stage, time.perf_counter()
        if before:
            self.spent[before] = self.spent.get(before, 0.0) + now - self._since
        self._stage, self._since = to, now
        return before


_CLOCK: ContextVar[_Clock | None] = ContextVar("clock", default=None)


@contextmanager
def measured() -> Iterator[Mapping[str, float]]:
    """Measure what is done within, in this thread; the seconds by ``Stage`` are in the mapping when it ends."""
    clock = _Clock()
    token = _CLOCK.set(clock)
    try:
        yield clock.spent
    finally:
        _CLOCK.reset(token)


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """Count what is done within for a stage; within another, it does not count for that."""
    clock = _CLOCK.get()
    if clock is None:
        yield
        return
    before = clock.turn(name)
    try:
        yield
    finally:
        clock.turn(before)
