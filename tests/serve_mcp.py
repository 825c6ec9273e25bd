"""Runs the command line with the stub encoder in place of the models: ``serve_mcp.py mcp --index FOLDER …``."""

from __future__ import annotations

from parkqa import engine
from parkqa.cli import commands
from stubs import StubEncoder

if __name__ == "__main__":
    engine.load_encoder = lambda _: StubEncoder()
    engine.load_reranker = lambda _: None
    commands.main()
