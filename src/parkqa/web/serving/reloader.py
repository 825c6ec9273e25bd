"""Keeps the index of a running server up to date, in a background thread.

A new index is loaded as soon as there is one; with ``settings.watch`` it is also rebuilt when the corpus changes.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from parkqa.corpus.watching import Watch
from parkqa.errors import ParkqaError, StoreError
from parkqa.models.memory import give_back
from parkqa.settings import Settings
from parkqa.web.responses import without_database
from parkqa.web.serving.loader import BUILD, INDEX, Loader
from parkqa.web.serving.memory_keeper import MemoryKeeper

if TYPE_CHECKING:
    from parkqa.engine import Engine

_LOG = logging.getLogger("parkqa")
POLL_SECONDS = 1.0
"""Seconds between checks for a new index or a changed corpus; chosen by hand."""
FIRST_WAIT, LONGEST_WAIT = 4.0, 60.0
"""First and longest delay in seconds before a failed step is retried; it doubles each time. Chosen by hand."""
_SWITCH_SECONDS = 0.0002
"""Interpreter switch interval in seconds while an index is opened; chosen by hand (Python's default: 0.005)."""


class _Backoff:
    """Exponential backoff for the retries of one step."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT
        self._until = 0.0

    def expired(self) -> bool:
        return time.monotonic() >= self._until

    def failed(self) -> None:
        self._until = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, LONGEST_WAIT)

    def reset(self) -> None:
        self._wait, self._until = FIRST_WAIT, 0.0


class Reloader:
    """Watches the index, and the corpus if so configured, for one ``loader``; errors are kept in ``loader.faults``.

    ``busy`` tells whether visitors are being answered at present, who go first where an index is built.
    ``keeper`` hands memory back; it looks whenever the index is looked at.
    """

    def __init__(
        self,
        settings: Settings,
        loader: Loader,
        busy: Callable[[], bool] = lambda: False,
        keeper: MemoryKeeper | None = None,
    ) -> None:
        self._busy = busy
        self._keeper = keeper or MemoryKeeper(busy)
        self._loader = loader
        self._watch = Watch(settings.corpus) if settings.watch else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parkqa-reload", daemon=True)
        self._backoff = {BUILD: _Backoff(), INDEX: _Backoff()}
        self._load_backoff = _Backoff()
        self._load_backoff.failed()
        self._attempted = ""

    def start(self) -> None:
        """Start the thread; return immediately."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, and a build in progress with it; wait at most 5 seconds."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                self._poll()
            except Exception:
                _LOG.exception("the index could not be renewed")
            self._keeper.look()

    def _poll(self) -> None:
        if not self._loader.ended:
            return
        engine = self._loader.present
        if engine is None:
            self._retry_load()
            return
        if self._watch:
            self._rebuild(engine, self._watch)
        self._take_over(engine)

    def _retry_load(self) -> None:
        """Retry loading after the server has started without an engine."""
        if self._load_backoff.expired():
            self._load_backoff.failed()
            self._loader.load()

    def _rebuild(self, engine: Engine, watch: Watch) -> None:
        if BUILD in self._loader.faults and self._backoff[BUILD].expired():
            watch.forget()
        if not watch.due():
            return
        from parkqa.web.serving.background_build import Stopped, rebuild

        watch.begin()
        try:
            report = rebuild(engine.settings, engine.encoder, self._stop, engine.reranker, self._busy)
        except Stopped:
            return
        except ParkqaError as error:
            self._loader.meter.built(done=False)
            self._failed(BUILD, error)
            return
        self._loader.meter.built(done=True)
        _LOG.log(logging.WARNING if report.failed else logging.INFO, "%s", report.summary())
        self._resolved(BUILD)

    def _take_over(self, engine: Engine) -> None:
        from parkqa.store.backend import backend

        try:
            version = backend(engine.settings).version()
            if version != engine.version and (version != self._attempted or self._backoff[INDEX].expired()):
                self._attempted = version
                engine = self._open(engine)
                self._loader.take(engine)
                give_back()
                _LOG.warning("新的索引开始回答 / a new index answers: %s", version[:16])
                if not self._watch:  # built by another process, so this server's failed build no longer matters
                    self._resolved(BUILD)
        except ParkqaError as error:
            if self._backoff[INDEX].expired() and self._watch and isinstance(error, StoreError):
                self._watch.forget()  # a rebuild repairs a damaged index
            self._failed(INDEX, error)
            return
        if version == engine.version:
            self._resolved(INDEX)

    def _open(self, engine: Engine) -> Engine:
        """Open the new index with the models already loaded; the old engine keeps answering meanwhile."""
        from parkqa.engine import Engine

        with _short_switch_interval():
            return Engine.open(engine.settings, engine.encoder, engine.reranker)

    def _failed(self, step: str, error: ParkqaError) -> None:
        """Log a new error once and report it on /readyz until it is resolved."""
        if self._loader.faults.get(step) != str(error):
            _LOG.error("%s", without_database(str(error)))
        self._loader.faults[step] = str(error)
        if self._backoff[step].expired():
            self._backoff[step].failed()

    def _resolved(self, step: str) -> None:
        if self._loader.faults.pop(step, None):
            _LOG.warning("%s is mended", step)
        self._backoff[step].reset()


@contextmanager
def _short_switch_interval() -> Iterator[None]:
    """Shorten the switch interval: an answer needs the GIL hundreds of times and may wait one interval each time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
