"""The engine, loaded beside the server: pages come up at once, questions wait for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from parkqa.engine import Engine
from parkqa.errors import Busy, ParkqaError

_LOG = logging.getLogger("parkqa")
WAIT_SECONDS = 60.0
"""How long a question waits for the engine before it is told to come back."""


class Loader:
    """Loads one engine in a thread of its own."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._load = load
        self._done = threading.Event()
        self._engine: Engine | None = None
        self._error: ParkqaError | None = None

    def start(self) -> None:
        """Begin to load; returns at once."""
        threading.Thread(target=self._run, name="parkqa-load", daemon=True).start()

    def _run(self) -> None:
        try:
            self._engine = self._load()
        except ParkqaError as error:
            _LOG.error("%s", error)
            self._error = error
        except Exception:
            _LOG.exception("the engine could not be loaded")
            self._error = ParkqaError("问答没能启动，请查看日志。", "The engine could not be started; see the log.")
        finally:
            self._done.set()

    def engine(self, wait: float = 0.0) -> Engine:
        """Return the engine, waiting at most ``wait`` seconds.

        Raises:
            Busy: it is still loading.
            ParkqaError: it could not be loaded; says why.
        """
        if not self._done.wait(wait):
            raise Busy("正在准备，请稍候几秒再问。", "Still getting ready; please ask again in a few seconds.")
        if self._error is not None:
            raise self._error
        assert self._engine is not None
        return self._engine
