"""Serves as ``parkqa serve`` does, with the stub encoder; heeds the settings of its environment (PARKQA_WATCH)."""

from __future__ import annotations

from parkqa.cli.commands import serve_from_settings
from parkqa.web.serving import background_build
from stubs import StubEncoder

if __name__ == "__main__":
    background_build.load_encoder = lambda _: StubEncoder()
    background_build.load_reranker = lambda _: None
    serve_from_settings()
