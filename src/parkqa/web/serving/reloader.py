"""Keeps a running server current: takes a new index over between two questions, has it built where it is to watch."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from parkqa.corpus.watching import Watch
from parkqa.errors import ParkqaError, StoreError
from parkqa.settings import Settings
from parkqa.web.serving.loader import BUILD, INDEX, Loader

if TYPE_CHECKING:
    from parkqa.engine import Engine

_LOG = logging.getLogger("parkqa")
POLL_SECONDS = 1.0
FIRST_WAIT, LONGEST_WAIT = 4.0, 60.0
"""Seconds until what failed is tried again: twice as long each time."""
_SWITCH_SECONDS = 0.0002
"""How long the thread that opens an index keeps the interpreter from those that answer."""


class _Patience:
    """When something that has failed is to be tried again."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT
        self._until = 0.0

    def over(self) -> bool:
        return time.monotonic() >= self._until

    def failed(self) -> None:
        self._until = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, LONGEST_WAIT)

    def anew(self) -> None:
        self._wait, self._until = FIRST_WAIT, 0.0


class Reloader:
    """Looks after the engine of one ``loader`` in a thread of its own; what goes wrong stands in ``loader.faults``."""

    def __init__(self, settings: Settings, loader: Loader) -> None:
        self._loader = loader
        self._watch = Watch(settings.corpus) if settings.watch else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parkqa-reload", daemon=True)
        self._patience = {BUILD: _Patience(), INDEX: _Patience()}
        self._coming = _Patience()
        self._coming.failed()
        self._tried = ""

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, a build under way too."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                self._look()
            except Exception:
                _LOG.exception("the index could not be renewed")

    def _look(self) -> None:
        if not self._loader.ended:
            return
        engine = self._loader.present
        if engine is None:
            self._begin_again()
            return
        if self._watch:
            self._rebuild(engine, self._watch)
        self._take_over(engine)

    def _begin_again(self) -> None:
        """The server came up without an engine: as soon as that is mended it answers."""
        if self._coming.over():
            self._coming.failed()
            self._loader.load()

    def _rebuild(self, engine: Engine, watch: Watch) -> None:
        if BUILD in self._loader.faults and self._patience[BUILD].over():
            watch.forget()
        if not watch.due():
            return
        from parkqa.web.serving.background_build import Stopped, rebuild

        watch.begin()
        try:
            report = rebuild(engine.settings, engine.encoder, self._stop, engine.reranker)
        except Stopped:
            return
        except ParkqaError as error:
            self._failed(BUILD, error)
            return
        _LOG.log(logging.WARNING if report.failed else logging.INFO, "%s", report.summary())
        self._mended(BUILD)

    def _take_over(self, engine: Engine) -> None:
        from parkqa.store.backend import backend

        try:
            version = backend(engine.settings).version()
            if version != engine.version and (version != self._tried or self._patience[INDEX].over()):
                self._tried = version
                engine = self._opened(engine)
                self._loader.take(engine)
                _LOG.warning("新的索引开始回答 / a new index answers: %s", version[:16])
                if not self._watch:  # whoever built it has mended what this server could not
                    self._mended(BUILD)
        except ParkqaError as error:
            if self._patience[INDEX].over() and self._watch and isinstance(error, StoreError):
                self._watch.forget()  # building anew is the cure
            self._failed(INDEX, error)
            return
        if version == engine.version:
            self._mended(INDEX)

    def _opened(self, engine: Engine) -> Engine:
        """The new index with the models that are loaded; questions go on being answered from the old one."""
        from parkqa.engine import Engine

        with _yielding():
            return Engine.open(engine.settings, engine.encoder, engine.reranker)

    def _failed(self, what: str, error: ParkqaError) -> None:
        """Say it once in the log, as long as it lasts on /readyz."""
        if self._loader.faults.get(what) != str(error):
            _LOG.error("%s", error)
        self._loader.faults[what] = str(error)
        if self._patience[what].over():
            self._patience[what].failed()

    def _mended(self, what: str) -> None:
        if self._loader.faults.pop(what, None):
            _LOG.warning("%s is mended", what)
        self._patience[what].anew()


@contextmanager
def _yielding() -> Iterator[None]:
    """Let other threads in more often: one answer takes and gives the interpreter hundreds of times."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
