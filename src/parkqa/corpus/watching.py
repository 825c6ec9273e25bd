"""Whether the files of a corpus have changed and have come to rest.

They are looked at again and again rather than reported by the system: that also works on network drives, in containers
and on every system alike, and for 1,000 files takes a hundredth of a second.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from parkqa.corpus.folder import listed

REST_SECONDS = 3.0
"""A file that is being copied changes more often than this; file systems tell times to within two seconds."""
SHARE = 20
"""Looking takes one part of so many of the time at most, however large the corpus."""

Snapshot = Mapping[str, tuple[int, int]]


def snapshot(corpus: Path) -> Snapshot:
    """Return size in bytes and time of change in nanoseconds of each file of a corpus, by its path."""
    seen = {}
    for path in listed(corpus):
        with contextlib.suppress(OSError):  # taken away meanwhile, or a link to nothing
            stat = path.stat()
            seen[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return seen


class Watch:
    """Remembers which files were built and says when others have come to rest. For one thread."""

    def __init__(self, corpus: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._corpus = corpus
        self._clock = clock
        self._built: Snapshot | None = snapshot(corpus)
        self._seen = self._built
        self._since = self._next = clock()

    def due(self) -> bool:
        """Look; return whether the files are others than those built, and have not changed for REST_SECONDS."""
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
        """What was seen last is being built now: changes from here on are new."""
        self._built = self._seen

    def forget(self) -> None:
        """What was built does not count: it is due again."""
        self._built = None
