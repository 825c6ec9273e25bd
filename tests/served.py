"""An app on a port of its own, served by a thread of the test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn


@contextmanager
def served(app: Any, patience: int = 10, **settings: Any) -> Iterator[str]:
    """Serve an ASGI app; give its address.

    Args:
        app: the app.
        patience: how many seconds it may take to end.
        settings: more for ``uvicorn.Config``.
    """
    # Whoever comes before the server is up waits instead of being refused.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, **({"log_level": "warning", "timeout_graceful_shutdown": 1} | settings))
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(patience)
