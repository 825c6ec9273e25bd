"""Serves as ``parkqa serve`` does, with the stub encoder; heeds the settings of its environment (PARKQA_WATCH)."""

from __future__ import annotations

from parkqa import rebuilding
from parkqa.cli import serve_from_settings
from stubs import StubEncoder

if __name__ == "__main__":
    rebuilding.load_encoder = lambda _: StubEncoder()
    rebuilding.load_reranker = lambda _: None
    serve_from_settings()
