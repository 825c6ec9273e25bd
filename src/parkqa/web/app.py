"""Puts the web face together: FastAPI outside, the Gradio page mounted in it, the engine loaded beside."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

# Gradio calls two hosts of its makers unless it is told not to before it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.park import load_park
from parkqa.settings import Settings
from parkqa.web import api, chat
from parkqa.web.guard import Guard
from parkqa.web.ready import Loader

GRACE_SECONDS = 3
"""How long open pages may keep a server that was told to stop."""


def create_app(settings: Settings, load: Callable[[], Engine]) -> FastAPI:
    """Return the app; ``load`` runs in a thread of its own once the app has started."""
    loader = Loader(load)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loader.start()
        yield

    app = FastAPI(title="parkqa", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(api.router(loader, settings.root_path))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    park = load_park(settings.corpus)
    page = chat.blocks(loader, park, settings.root_path)
    gr.mount_gradio_app(app, page, path="/chat", **chat.page_options(settings.root_path, park.colour))
    app.add_middleware(Guard, embed_origins=settings.embed_origins)
    return app


def serve(settings: Settings, load: Callable[[], Engine]) -> None:
    """Serve until told to stop.

    Raises:
        ParkqaError: the port cannot be had.
    """
    listener = _listen(settings)
    host, port = listener.getsockname()[:2]
    app = create_app(settings, load)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - shown, not bound
    print(f"园区问答：http://{shown}:{port}{settings.root_path}/  （按 Ctrl+C 停止 / Ctrl+C stops）", file=sys.stderr)
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS, root_path=settings.root_path
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    """Bind before anything slow is done: a port that is taken is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise ParkqaError(
            f"{settings.host}:{settings.port} 不能用（{error.strerror}）：关掉占用它的程序，或设 PARKQA_PORT 换一个端口。",
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}): stop what holds it, "
            "or set PARKQA_PORT to another port.",
        ) from error
    return listener
