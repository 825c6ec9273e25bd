"""What is made beside the running server: pages come up at once, questions wait for the engine."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from parkqa.errors import Busy, ParkqaError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from parkqa.engine import Engine

_LOG = logging.getLogger("parkqa")


BUILD, INDEX = "build_error", "index_error"
"""Under what ``/readyz`` says why the index could not be built, and why a new one could not be taken over."""


@dataclass(frozen=True, slots=True)
class Started:
    """An engine to answer from, and why its index is not the newest, where it could not be built."""

    engine: Engine
    fault: ParkqaError | None = None


class Loader:
    """Loads the engine in a thread of its own, and hands it out; another may take its place between two questions.

    ``faults`` holds what the operator should know of while questions are answered all the same, for ``/readyz``.
    """

    def __init__(self, load: Callable[[], Engine | Started]) -> None:
        self.faults: dict[str, str] = {}
        self._load = load
        self._done = threading.Event()
        self._engine: Engine | None = None
        self._error: ParkqaError | None = None

    def start(self) -> None:
        """Begin to load; returns at once."""
        threading.Thread(target=self.load, name="parkqa-load", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the engine is there, or could not be loaded."""
        return self._done.is_set()

    @property
    def present(self) -> Engine | None:
        """The engine that answers at present."""
        return self._engine

    def take(self, engine: Engine) -> None:
        """Have ``engine`` answer from the next question on; those under way end with the one that they began with."""
        self._engine, self._error = engine, None

    def load(self) -> None:
        """Load, and return when the engine is there or could not be loaded; raises nothing."""
        try:
            loaded = self._load()
            engine, fault = (loaded.engine, loaded.fault) if isinstance(loaded, Started) else (loaded, None)
            if fault:
                self.faults[BUILD] = str(fault)
            self.take(engine)
        except ParkqaError as error:
            if str(error) != str(self._error):
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
            # Raised again and again, it would gather the traceback of every request.
            raise self._error.with_traceback(None)
        assert self._engine is not None
        return self._engine


class Later:
    """An ASGI app that is made in a thread while the server already runs; requests to it wait until it is there.

    Gradio takes seconds to import: so ``/healthz`` answers before, and the model loads meanwhile.
    """

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make
        self._app: asyncio.Future[FastAPI]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make the app and keep its lifespan open for as long as the context lasts."""
        self._app = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        # One task enters and leaves the app's lifespan: cancel scopes in it must not cross tasks.
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
        """Pass the request on as soon as there is somebody to take it."""
        app = await asyncio.shield(self._app)
        await app(scope, receive, send)
