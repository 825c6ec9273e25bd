"""Carries the messages: over standard input and output, or over HTTP on this machine behind a token."""

from __future__ import annotations

import hmac
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from starlette.types import ASGIApp, Receive, Scope, Send

from parkqa.engine import Engine
from parkqa.errors import ParkqaError, SettingsError
from parkqa.journal.recorder import open_recorder
from parkqa.mcp.server import create_server
from parkqa.settings import Settings
from parkqa.web.middleware.security import BODY_LIMIT
from parkqa.web.responses import refusal
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.reloader import Reloader

HOST, PATH = "127.0.0.1", "/mcp"
"""Where HTTP is served: this machine only; who wants more puts a proxy with TLS before it."""
SHORTEST = 32
"""Minimum length of a token: that many hexadecimal digits are 128 bits, which nobody guesses."""
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
"""The characters of a bearer token (RFC 6750, section 2.1)."""
_NO_TOKEN = ParkqaError(
    "要带上令牌：Authorization: Bearer 令牌文件里的那一行。",
    "A token is needed: Authorization: Bearer, then the line in the token's file.",
)


def read_token(path: Path) -> str:
    """Return the token in a file.

    Raises:
        SettingsError: the file cannot be read, or what it holds is no token or too short for one.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"令牌文件 {path} 读不了。", f"The token's file {path} cannot be read.") from error
    if len(token) < SHORTEST or not _TOKEN.fullmatch(token):
        raise SettingsError(
            f"令牌文件 {path} 里应是一行至少 {SHORTEST} 个字母、数字，例如 openssl rand -hex 32 写出的。",
            f"{path} should hold one line of at least {SHORTEST} letters and digits, as openssl rand -hex 32 writes.",
        )
    return token


class BearerToken:
    """ASGI middleware that answers 401 to any HTTP request without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what has the token, and the events of starting and stopping."""
        if scope["type"] == "lifespan" or self._admits(scope):
            await self._app(scope, receive, send)
        else:
            await refusal(_NO_TOKEN, 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)


def http_app(server: Server[object], token: str) -> ASGIApp:
    """Return the app at PATH (streamable HTTP), which keeps no session and answers to this machine's names only."""
    app = server.streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, max_request_body_size=BODY_LIMIT, host=HOST
    )
    return BearerToken(app, token)


def run_stdio(settings: Settings, load: Callable[[], Engine]) -> None:
    """Serve on standard input and output until the input ends; nothing else is written to the output."""

    async def serve(server: Server[object]) -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    with _running(settings, load) as server:
        anyio.run(serve, server)


def run_http(
    settings: Settings, load: Callable[[], Engine], port: int, token: str, started: Callable[[str], None]
) -> None:
    """Serve over HTTP on this machine until the process is told to stop; ``started`` is given the address.

    Raises:
        ParkqaError: the port cannot be used.
    """
    listener = _listen(port)
    with _running(settings, load) as server:
        config = uvicorn.Config(http_app(server, token), ws="none", log_level="warning", proxy_headers=False)
        started(f"http://{HOST}:{listener.getsockname()[1]}{PATH}")
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _running(settings: Settings, load: Callable[[], Engine]) -> Iterator[Server[object]]:
    """Load the engine in the background, keep it at the newest index, and record what is asked, meanwhile."""
    loader = Loader(load)
    # The corpus is somebody else's to build: here only a new index is taken over.
    reloader = Reloader(settings.model_copy(update={"watch": False}), loader)
    recorder = open_recorder(settings)
    loader.start()
    reloader.start()
    if recorder:
        recorder.start()
    try:
        yield create_server(loader, settings.concurrency, recorder)
    finally:
        reloader.stop()
        if recorder:
            recorder.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ParkqaError(
            f"{HOST}:{port} 不能用（{reason}）：关掉占用它的程序，或用 --port 换一个端口。",
            f"{HOST}:{port} cannot be used ({reason}): stop what holds it, or choose another port with --port.",
        ) from error
