"""Loads the engine and the chat page in background threads while the server already answers requests."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from starlette.types import Receive, Scope, Send

from parkqa.errors import Busy, IndexReplaced, ParkqaError
from parkqa.search.stages import measured
from parkqa.web.responses import without_database
from parkqa.web.serving.metrics import Meter

if TYPE_CHECKING:
    from fastapi import FastAPI

    from parkqa.engine import Engine

_LOG = logging.getLogger("parkqa")
Result = TypeVar("Result")

BUILD, INDEX = "build_error", "index_error"
"""Keys of ``Loader.faults``, shown by ``/readyz``: the index could not be built; a new index could not be loaded."""

NOT_STARTED = ParkqaError(
    "问答没能启动，请稍后再来，或询问园区工作人员。",
    "Questions cannot be answered at present; please come back later, or ask the park's staff.",
)
"""What visitors are told where loading failed by an error that has no sentence of its own; staff find it in the log."""


@dataclass(frozen=True, slots=True)
class Started:
    """A loaded engine.

    Attributes:
        engine: the engine.
        fault: the error of the build if the engine had to fall back on an outdated index.
        built: whether the index was built for it.
    """

    engine: Engine
    fault: ParkqaError | None = None
    built: bool = False


class Loader:
    """Loads the engine in a background thread and provides it; the engine can be replaced while the server runs.

    ``load`` builds or opens the engine. ``faults`` holds the errors that do not stop the server from answering, by
    BUILD or INDEX, for ``/readyz``. ``meter`` is told of builds, and by the routes of answers.
    """

    def __init__(self, load: Callable[[], Engine | Started], meter: Meter | None = None) -> None:
        self.meter = meter or Meter()
        self.faults: dict[str, str] = {}
        self._load = load
        self._done = threading.Event()
        self._engine: Engine | None = None
        self._error: ParkqaError | None = None
        self._reopening = threading.Lock()

    def start(self) -> None:
        """Start loading in a background thread; return immediately."""
        threading.Thread(target=self.load, name="parkqa-load", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether loading has finished, successfully or not."""
        return self._done.is_set()

    @property
    def present(self) -> Engine | None:
        """The current engine; None if none has been loaded."""
        return self._engine

    def take(self, engine: Engine) -> None:
        """Replace the engine; questions in progress are finished with the previous one."""
        self._engine, self._error = engine, None

    def load(self) -> None:
        """Load the engine in the calling thread; errors are logged and later raised by ``engine``."""
        try:
            loaded = self._load()
            started = loaded if isinstance(loaded, Started) else Started(loaded)
            if started.fault:
                self.faults[BUILD] = str(started.fault)
            if started.fault or started.built:
                self.meter.built(done=started.built)
            self.take(started.engine)
        except ParkqaError as error:
            if str(error) != str(self._error):
                _LOG.error("%s", without_database(str(error)))
            self._error = error
        except Exception:
            _LOG.exception("the engine could not be loaded")
            self._error = NOT_STARTED
        finally:
            self._done.set()

    def engine(self, wait: float = 0.0) -> Engine:
        """Return the engine, waiting at most ``wait`` seconds for it.

        Raises:
            Busy: the engine is still loading.
            ParkqaError: the engine could not be loaded; this is the error of the attempt.
        """
        if not self._done.wait(wait):
            raise Busy("正在准备，请稍候几秒再问。", "Still getting ready; please ask again in a few seconds.")
        if self._error is not None:
            # The same instance is raised for every request; without this its traceback would grow each time.
            raise self._error.with_traceback(None)
        assert self._engine is not None
        return self._engine

    def answering(self, work: Callable[[Engine], Result]) -> Result:
        """Return ``work(engine)``; if its index was dropped meanwhile, once more with the newest, opened for that.

        Raises:
            ParkqaError: there is no engine (see ``engine``), or whatever ``work`` raises.
        """
        engine = self.engine()
        with measured() as spent:
            try:
                result = work(engine)
            except IndexReplaced:
                result = work(self._reopened(engine))
        self.meter.spent(spent)
        return result

    def _reopened(self, stale: Engine) -> Engine:
        with self._reopening:
            if self._engine is stale:
                self.take(stale.open(stale.settings, stale.encoder, stale.reranker))
            return self.engine()


class DeferredApp:
    """An ASGI app that is created in a thread while the server already runs; requests to it wait until it is ready.

    Importing Gradio takes seconds. Meanwhile ``/healthz`` already answers and the models are loading.
    """

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make
        self._app: asyncio.Future[FastAPI]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Create the app and keep its lifespan open while the context lasts."""
        self._app = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        # One task enters and exits the app's lifespan, since anyio's cancel scopes must not cross tasks.
        task = asyncio.create_task(self._run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def _run(self, stop: asyncio.Event) -> None:
        try:
            app = await asyncio.to_thread(self._make)
            async with app.router.lifespan_context(app):
                self._app.set_result(app)
                await stop.wait()
        except Exception as error:
            _LOG.exception("the chat page could not be made")
            if not self._app.done():
                self._app.set_exception(error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the app is ready and pass the request on; raise the error if it could not be created."""
        app = await asyncio.shield(self._app)
        await app(scope, receive, send)
