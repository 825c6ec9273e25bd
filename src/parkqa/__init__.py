"""parkqa answers questions about an industrial park by quoting its documents word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkqa.errors import ParkqaError
from parkqa.types import Answer, Quote

if TYPE_CHECKING:
    from parkqa.engine import Engine

__version__ = "0.1.0"
__all__ = ["Answer", "Engine", "ParkqaError", "Quote", "__version__"]


def __getattr__(name: str) -> Any:
    # The engine pulls in FAISS and the models' libraries: `import parkqa` and `parkqa --help` stay quick without it.
    if name == "Engine":
        from parkqa.engine import Engine

        return Engine
    raise AttributeError(f"module 'parkqa' has no attribute {name!r}")
