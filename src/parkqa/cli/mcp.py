"""``parkqa mcp``: other programs ask over the Model Context Protocol."""

from __future__ import annotations

import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from parkqa.cli.options import Index
from parkqa.errors import ParkqaError
from parkqa.settings import load_settings


def mcp(
    index: Index = None,
    http: Annotated[bool, typer.Option("--http", help="用 HTTP，只在本机 / over HTTP, on this machine only")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="HTTP 的端口 / port of HTTP")] = 7861,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="HTTP 的令牌在哪个文件 / file of the token of HTTP", show_default=False),
    ] = None,
) -> None:
    """让别的程序（MCP 客户端）来问、读原文、列资料。 / Let other programs (MCP clients) ask, read and list."""
    if http and token_file is None:
        raise ParkqaError(
            "--http 要有令牌：用 --token-file 给出放令牌的文件，没有就不开。",
            "--http needs a token: name its file with --token-file; it does not start without one.",
        )
    if find_spec("mcp") is None:
        raise ParkqaError(
            "MCP 需要附加包 mcp，请先运行 pip install -c constraints.txt -e '.[mcp]'。",
            "MCP needs the extra mcp: run pip install -c constraints.txt -e '.[mcp]'.",
        )
    from parkqa.engine import Engine
    from parkqa.mcp.serving import read_token, run_http, run_stdio

    settings = load_settings(index=index)
    load = partial(Engine.open, settings)
    if token_file is None or not http:
        run_stdio(settings, load)
    else:
        run_http(settings, load, port, read_token(token_file), _say)


def _say(address: str) -> None:
    print(f"MCP：{address}", file=sys.stderr, flush=True)
