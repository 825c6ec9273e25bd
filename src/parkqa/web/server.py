"""Runs the web application: the port opens at once, and engine and chat page are loaded in background threads."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from parkqa.errors import ParkqaError
from parkqa.settings import Settings
from parkqa.web.app import create_app
from parkqa.web.middleware.proxy import is_trusted
from parkqa.web.serving.banner import banner_lines
from parkqa.web.serving.connections import BACKLOG, Seldom, raise_file_limit, timed
from parkqa.web.serving.loader import Started

if TYPE_CHECKING:
    from parkqa.engine import Engine

GRACE_SECONDS = 3
"""Seconds that a stopping server waits for requests in progress; chosen by hand."""


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
