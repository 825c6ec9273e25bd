"""Builds the web application: a FastAPI app that contains the Gradio chat page."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from parkqa.corpus.curation.contact import map_file
from parkqa.corpus.page_pictures import PagePictures
from parkqa.desk.comparison import Stopped
from parkqa.desk.desk import Desk
from parkqa.errors import ParkqaError
from parkqa.journal.recorder import Recorder, open_recorder
from parkqa.models.library import postponed
from parkqa.models.memory import without_collections
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.web import assets, conversation, render, turns
from parkqa.web.api import docs
from parkqa.web.api import metrics as numbers
from parkqa.web.api import routes as api
from parkqa.web.desk.app import desk_app
from parkqa.web.middleware.counted import Counted
from parkqa.web.middleware.proxy import ProxyHeaders
from parkqa.web.middleware.security import SecurityMiddleware
from parkqa.web.pages import ask, contact, crawlers, leaves, logo, message, source, staff, typing, widget
from parkqa.web.pages import stand as event
from parkqa.web.pages.gradio_import import UNUSED, without_stub_files
from parkqa.web.paths import CHAT, DESK
from parkqa.web.responses import on_http_error, on_invalid
from parkqa.web.serving.connections import on_loop_error
from parkqa.web.serving.face import Face
from parkqa.web.serving.letterbox import Letterbox
from parkqa.web.serving.loader import DeferredApp, Loader, Started
from parkqa.web.serving.memory_keeper import MemoryKeeper
from parkqa.web.serving.metrics import Meter, Metrics
from parkqa.web.serving.network import phones
from parkqa.web.serving.question_queue import QuestionQueue
from parkqa.web.serving.reloader import Reloader

if TYPE_CHECKING:
    from parkqa.engine import Engine
    from parkqa.indexing.report import BuildReport


def create_app(
    settings: Settings,
    load: Callable[[], Engine | Started],
) -> FastAPI:
    """Return the application.

    When it starts, ``load`` and the construction of the chat page run in threads of their own.

    Raises:
        ParkFileError: park.yaml is invalid.
        ParkqaError: what PARKQA_METRICS needs is missing.
    """
    metrics = Metrics() if settings.metrics else None
    loader = Loader(load, metrics)
    recorder = open_recorder(settings)
    face = Face(settings, lambda: engine.park if (engine := loader.present) else None)
    queue = QuestionQueue(settings.concurrency, settings.queue, metrics)
    box = Letterbox(settings, lambda: face.park)
    parts = _Parts(settings, loader, recorder, queue, box, face)
    desk = Desk(settings, lambda: loader.present, partial(_beside, loader.meter, queue.is_busy), queue.is_busy)
    keeper = MemoryKeeper(lambda: queue.is_busy() or desk.is_working())
    reloader = Reloader(settings, loader, queue.is_busy, keeper)
    deferred = DeferredApp(parts.chat_page)
    app = FastAPI(
        title="parkqa",
        lifespan=_lifespan(loader, reloader, recorder, queue, deferred, desk, box),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # A route rather than a mount: Gradio's app already expects paths that start with CHAT.
        routes=[Route(f"{CHAT}{{path:path}}", deferred)],
        exception_handlers={HTTPException: on_http_error, RequestValidationError: on_invalid},
    )
    for routes in parts.routers():
        app.include_router(routes)
    app.mount("/static", StaticFiles(directory=assets.STATIC), name="static")
    app.mount(DESK, desk_app(desk, settings.root_path), name="desk")
    _protect(app, settings)
    if metrics:
        _measure(app, metrics, settings, loader, queue, api.faults(loader, recorder, box))
    return app


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the routes of the visitors' pages are made of."""

    settings: Settings
    loader: Loader
    recorder: Recorder | None
    queue: QuestionQueue
    box: Letterbox
    face: Face

    def chat_page(self) -> FastAPI:
        """Return Gradio's app, which is imported only now: of all that a start imports, Gradio is the most."""
        with without_collections:
            with without_stub_files(), postponed(*UNUSED):
                from parkqa.web.pages import chat

            suggested = partial(_suggested, self.loader)
            recorded = self.recorder is not None
            return chat.app(lambda: self.face.park, self.settings, suggested, recorded=recorded)

    def routers(self) -> Iterator[APIRouter]:
        """Yield the routes, but for those of Gradio, of the desk and of static files."""
        loader, queue, box, recorder, face = self.loader, self.queue, self.box, self.recorder, self.face
        root, public, indexable = self.settings.root_path, self.settings.public_url, self.settings.indexable
        links, pictures = _links(self.settings), PagePictures(self.settings.corpus, self.settings.cache)
        yield api.router(loader, queue, recorder, box)
        yield docs.router(root, public)
        yield source.router(loader, root, public, queue, face, pictures, indexable)
        yield crawlers.router(loader, root, public, indexable)
        yield widget.router(root, public, self.settings.embed_origins, face)
        yield conversation.router(loader, links, queue, recorder)
        yield ask.router(loader, face, links, queue, box, recorder)
        yield leaves.router(loader, pictures, queue)
        yield message.router(box, links)
        yield logo.router(face)
        yield contact.router(loader, self.settings.corpus)
        yield assets.router()
        yield typing.router(loader)
        yield event.router(loader, links, queue)
        yield staff.router(self.settings.event_pin, lambda: phones(self.settings))
        yield _home(root)


def _measure(
    app: FastAPI,
    metrics: Metrics,
    settings: Settings,
    loader: Loader,
    queue: QuestionQueue,
    faults: Callable[[], Mapping[str, str]],
) -> None:
    """Have ``metrics`` see all that happens, and add the route on which it is read."""
    metrics.measure(lambda: queue.line, lambda: loader.present is not None, faults, lambda: backend(settings).built())
    app.include_router(numbers.router(metrics, numbers.read_token(settings.metrics_token_file)))
    app.add_middleware(Counted, heard=metrics.responded)


def _links(settings: Settings) -> turns.Links:
    return turns.Links(
        settings.root_path,
        settings.public_url,
        lambda: phones(settings),
        lambda name: map_file(settings.corpus, name) is not None,
    )


def _suggested(loader: Loader) -> render.Suggested | None:
    """Return the questions that the page suggests, None before the engine is ready."""
    try:
        engine = loader.engine()
    except ParkqaError:
        return None
    return render.Suggested(engine.suggestions, engine.suggestions_en)


def _beside(
    meter: Meter, busy: Callable[[], bool], settings: Settings, engine: Engine, stop: threading.Event
) -> BuildReport:
    """Build an index for the desk in another process, with the models of this one; visitors go first."""
    from parkqa.web.serving import background_build

    try:
        report = background_build.rebuild(settings, engine.encoder, stop, engine.reranker, busy)
    except background_build.Stopped as error:
        raise Stopped from error
    except ParkqaError:
        meter.built(done=False)
        raise
    meter.built(done=True)
    return report


def _lifespan(
    loader: Loader,
    reloader: Reloader,
    recorder: Recorder | None,
    queue: QuestionQueue,
    deferred: DeferredApp,
    desk: Desk,
    box: Letterbox,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Start the background services with the app and stop them with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(on_loop_error)
        await asyncio.to_thread(desk.recover)
        loader.start()
        async with AsyncExitStack() as stack:
            stack.callback(desk.stop)
            if recorder:
                recorder.start()
                stack.callback(recorder.close)
            stack.callback(queue.close)
            await stack.enter_async_context(box.running())
            reloader.start()
            stack.callback(reloader.stop)
            await stack.enter_async_context(deferred.running())
            yield

    return lifespan


def _protect(app: FastAPI, settings: Settings) -> None:
    """Add the middleware; the one added last sees a request first."""
    app.add_middleware(
        SecurityMiddleware,
        embed_origins=settings.embed_origins,
        rate=settings.rate,
        public=settings.public_url,
        hosts=settings.hosts,
    )
    app.add_middleware(
        ProxyHeaders, trusted=settings.trusted_proxies, root=settings.root_path, public=settings.public_url
    )


def _home(root: str) -> APIRouter:
    routes = APIRouter()

    @routes.get("/")
    @routes.get(CHAT.rstrip("/"))
    async def home(request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{root}{CHAT}{query}")

    @routes.get(DESK)
    async def desk() -> Response:
        return RedirectResponse(f"{root}{DESK}/")

    @routes.get("/favicon.svg")
    @routes.get("/favicon.ico")
    async def favicon() -> Response:
        return FileResponse(assets.STATIC / "favicon.svg", media_type="image/svg+xml")

    return routes
