"""A test kit for replacements of parkqa's parts: checks of a ``Store``, an ``Encoder`` or a ``Reranker``, and stubs.

Each check takes an implementation, calls it in the ways that parkqa does, and raises ``AssertionError`` with one
sentence that names the first promise of the interface (``parkqa.types``) that is broken. No test framework is needed,
and no model: ``StubEncoder`` and ``StubReranker`` stand in for the models where another part is under test. Nothing in
parkqa imports this package.

>>> check_encoder(StubEncoder())
>>> check_reranker(StubReranker())
"""

from __future__ import annotations

from parkqa.testing.models import check_encoder, check_reranker
from parkqa.testing.stores import OpenStore, check_store
from parkqa.testing.stubs import StubEncoder, StubReranker

__all__ = ["OpenStore", "StubEncoder", "StubReranker", "check_encoder", "check_reranker", "check_store"]
