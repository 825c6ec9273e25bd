"""Builds and runs the web application: a FastAPI app that contains the Gradio chat page.

The port opens at once; engine and chat page are loaded in background threads.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from parkqa.corpus.curation.config import curated_of
from parkqa.corpus.curation.contact import map_file
from parkqa.corpus.curation.park import FILE, Park, load_park
from parkqa.corpus.page_pictures import PagePictures
from parkqa.errors import ParkqaError, StoreError
from parkqa.journal.recorder import Recorder, open_recorder
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.web import assets, conversation, render
from parkqa.web.api import docs
from parkqa.web.api import routes as api
from parkqa.web.middleware.proxy import ProxyHeaders, is_trusted
from parkqa.web.middleware.security import SecurityMiddleware
from parkqa.web.pages import ask, contact, leaves, source, staff, typing, widget
from parkqa.web.pages import stand as event
from parkqa.web.paths import CHAT
from parkqa.web.responses import on_http_error, on_invalid
from parkqa.web.serving.banner import banner_lines
from parkqa.web.serving.connections import BACKLOG, Seldom, on_loop_error, raise_file_limit, timed
from parkqa.web.serving.loader import DeferredApp, Loader, Started
from parkqa.web.serving.network import phones
from parkqa.web.serving.question_queue import QuestionQueue
from parkqa.web.serving.reloader import Reloader

if TYPE_CHECKING:
    from parkqa.engine import Engine

GRACE_SECONDS = 3
"""Seconds that a stopping server waits for requests in progress; chosen by hand."""


def create_app(
    settings: Settings,
    load: Callable[[], Engine | Started],
) -> FastAPI:
    """Return the application.

    When it starts, ``load`` and the construction of the chat page run in threads of their own.

    Raises:
        ParkFileError: park.yaml is invalid.
    """
    loader = Loader(load)
    recorder = open_recorder(settings)
    park = _park(settings)
    queue = QuestionQueue(settings.concurrency, settings.queue)

    def page() -> FastAPI:
        from parkqa.web.pages import chat

        return chat.app(park, settings, lambda: _suggested(loader), recorded=recorder is not None)

    deferred = DeferredApp(page)
    links = render.Links(
        settings.root_path,
        settings.public_url,
        lambda: phones(settings),
        lambda name: map_file(settings.corpus, name) is not None,
    )

    app = FastAPI(
        title="parkqa",
        lifespan=_lifespan(loader, Reloader(settings, loader), recorder, queue, deferred),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # A route rather than a mount: Gradio's app already expects paths that start with CHAT.
        routes=[Route(f"{CHAT}{{path:path}}", deferred)],
        exception_handlers={HTTPException: on_http_error, RequestValidationError: on_invalid},
    )
    app.include_router(api.router(loader, queue, recorder))
    app.include_router(docs.router(settings.root_path, settings.public_url))
    pictures = PagePictures(settings.corpus, settings.cache / "pages")
    app.include_router(source.router(loader, settings.root_path, settings.public_url, queue, park, pictures))
    app.include_router(leaves.router(loader, pictures, queue))
    app.include_router(widget.router(settings.root_path, settings.public_url, settings.embed_origins, park.colour))
    app.include_router(conversation.router(loader, links, queue, recorder))
    app.include_router(ask.router(loader, park, links, queue, recorder))
    app.include_router(contact.router(loader, settings.corpus))
    app.include_router(assets.router())
    app.include_router(event.router(loader, links, queue))
    app.include_router(typing.router(loader))
    app.include_router(staff.router(settings.event_pin, lambda: phones(settings)))
    app.include_router(_home(settings.root_path))
    app.mount("/static", StaticFiles(directory=assets.STATIC), name="static")
    _protect(app, settings)
    return app


def _park(settings: Settings) -> Park:
    """Return the park whose name the pages carry: of the corpus, or of the index on a machine without the corpus."""
    if not (settings.corpus / FILE).exists():
        with suppress(StoreError):
            return curated_of(backend(settings).manifest().note).park
    return load_park(settings.corpus)


def _suggested(loader: Loader) -> render.Suggested | None:
    """Return the questions that the page suggests, None before the engine is ready."""
    try:
        engine = loader.engine()
    except ParkqaError:
        return None
    return render.Suggested(engine.suggestions, engine.suggestions_en)


def _lifespan(
    loader: Loader, reloader: Reloader, recorder: Recorder | None, queue: QuestionQueue, deferred: DeferredApp
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Start the background services with the app and stop them with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(on_loop_error)
        loader.start()
        async with AsyncExitStack() as stack:
            if recorder:
                recorder.start()
                stack.callback(recorder.close)
            stack.callback(queue.close)
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

    @routes.get("/favicon.svg")
    @routes.get("/favicon.ico")
    async def favicon() -> Response:
        return FileResponse(assets.STATIC / "favicon.svg", media_type="image/svg+xml")

    return routes


def serve(settings: Settings, load: Callable[[], Engine | Started], *, stand: bool = False) -> None:
    """Serve until the process is told to stop.

    ``settings`` and ``load`` are as for ``create_app``; with ``stand`` the address of the stand's page is printed too.

    Raises:
        ParkqaError: the address cannot be bound, or park.yaml is invalid.
    """
    listener = _listen(settings)
    pin = settings.event_pin or (f"{secrets.randbelow(10_000):04}" if stand else "")
    settings = settings.model_copy(update={"port": listener.getsockname()[1], "event_pin": pin})
    app = create_app(settings, load)
    for line in banner_lines(_address(settings, listener), settings, stand):
        print(line, file=sys.stderr, flush=True)
    _server(app, settings).run(sockets=[listener])


def _server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """Return the server, which a SIGHUP, too, stops cleanly, unless it is to outlive its terminal (nohup)."""
    config = uvicorn.Config(
        app,
        http=timed(raise_file_limit(), is_trusted(settings.trusted_proxies)),
        ws="none",
        backlog=BACKLOG,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
        # ProxyHeaders handles path prefix and proxy headers: uvicorn itself would trust headers from any local client.
        proxy_headers=False,
    )
    logging.getLogger("uvicorn.error").addFilter(Seldom())
    server = uvicorn.Server(config)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: setattr(server, "should_exit", True))
    return server


def _address(settings: Settings, listener: socket.socket) -> str:
    """Return the URL under which a browser on this machine reaches the server."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}{settings.root_path}/"


def _listen(settings: Settings) -> socket.socket:
    """Return a listening socket; called first, so that a port in use is reported immediately."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets with an explicit protocol; without it response bodies are 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        address, reason = f"{settings.host}:{settings.port}", error.strerror or str(error)
        raise ParkqaError(
            f"{address} 不能用（{reason}）：关掉占用它的程序，或设 PARKQA_PORT 换一个端口。",
            f"{address} cannot be used ({reason}): stop what holds it, or set PARKQA_PORT to another port.",
        ) from error
    return listener
