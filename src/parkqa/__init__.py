"""parkqa answers questions about an industrial park by quoting its documents word for word.

``Engine`` builds, opens and queries an index; an ``Answer`` holds ``Quote`` objects; every error is a ``ParkqaError``.

>>> from parkqa import Engine
>>> from parkqa.settings import load_settings
>>> engine = Engine.open(load_settings())  # doctest: +SKIP
>>> engine.ask("园区什么时候成立的？").quotes[0].text  # doctest: +SKIP
'2003年8月29日,江阴经济开发区靖江园区正式成立。'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkqa.errors import ParkqaError
from parkqa.types import Answer, Quote

if TYPE_CHECKING:
    from parkqa.engine import Engine

__version__ = "0.2.0"
__all__ = ["Answer", "Engine", "ParkqaError", "Quote", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `import parkqa` and `parkqa --help` stay fast.
    if name == "Engine":
        from parkqa.engine import Engine

        return Engine
    raise AttributeError(f"module 'parkqa' has no attribute {name!r}")
