"""When the memory that answers and the desk's work have freed goes back to the system."""

from __future__ import annotations

import time
from collections.abc import Callable

from parkqa.models.memory import give_back

QUIET_SECONDS = 5.0
"""Seconds without work after which freed memory is handed back; chosen by hand."""
LONGEST_SECONDS = 40.0
"""Seconds of unbroken work after which it is handed back all the same; chosen by hand. A minute after a check and a
publication at the desk, while a visitor was asking, that was 72 MB of 1,461."""


class MemoryKeeper:
    """Hands freed memory back once nothing is going on, and now and then where something always is.

    ``working`` tells whether visitors are being answered or the desk has something done in the background.
    """

    def __init__(self, working: Callable[[], bool]) -> None:
        self._working = working
        self._worked = 0.0
        self._since: float | None = None
        """When the first work began after which nothing was handed back; None if there was none."""

    def look(self) -> None:
        """See whether it is time, and hand memory back if so; to be called every second or so."""
        now = time.monotonic()
        if self._working():
            self._worked = now
            self._since = now if self._since is None else self._since
        if self._since is None:
            return
        quiet = now - self._worked >= QUIET_SECONDS
        if quiet or now - self._since >= LONGEST_SECONDS:
            self._since = None
            give_back()
