"""Parts that stand in for the real ones in quick tests."""

from __future__ import annotations

from parkqa.testing import StubEncoder, StubReranker

__all__ = ["StubEncoder", "StubReranker"]
