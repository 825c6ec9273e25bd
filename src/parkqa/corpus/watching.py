"""Watches the corpus folder and tells when its files have changed and stopped changing.

It polls instead of subscribing to the system's notifications, since polling also works on network drives and in
containers and is the same on every system; 1,000 files take a hundredth of a second.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from parkqa.corpus.folder import listed

REST_SECONDS = 3.0
"""Seconds without a change after which files count as complete. It must exceed the time stamps' resolution, two seconds
on FAT; if it were shorter, a rebuild could read a file that is still being copied, if longer, updates would take longer
to appear."""
SHARE = 20
"""After a look, wait this many times as long as it took, so that polling takes about a twentieth of the time at most,
however large the corpus. Chosen by hand."""

Snapshot = Mapping[str, tuple[int, int]]
"""Path of each file to its size in bytes and its modification time in nanoseconds."""


def snapshot(corpus: Path) -> Snapshot:
    """Return the size (bytes) and modification time (nanoseconds) of each file of a corpus by its path."""
    seen = {}
    for path in listed(corpus):
        with contextlib.suppress(OSError):  # deleted meanwhile, or a broken link
            stat = path.stat()
            seen[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return seen


class Watch:
    """Remembers the files of the last build and tells when a new build is due. To be used by one thread.

    Args:
        corpus: the folder; what is in it now counts as built.
        clock: returns seconds; replaced in tests.
    """

    def __init__(self, corpus: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._corpus = corpus
        self._clock = clock
        self._built: Snapshot | None = snapshot(corpus)
        self._seen = self._built
        self._since = self._next = clock()

    def due(self) -> bool:
        """Look at the files; return whether they differ from those built and have not changed for REST_SECONDS.

        Called too soon after a long look, it returns False without looking.
        """
        started = self._clock()
        if started < self._next:
            return False
        now = snapshot(self._corpus)
        ended = self._clock()
        self._next = ended + SHARE * (ended - started)
        if now != self._seen:
            self._seen, self._since = now, ended
        return self._seen != self._built and ended - self._since >= REST_SECONDS

    def begin(self) -> None:
        """Note that a build starts: what was seen last counts as built, and only later changes are new."""
        self._built = self._seen

    def forget(self) -> None:
        """Ask for another build of the same files, since the last one failed or its index is damaged."""
        self._built = None
