"""Imports Gradio without what it does for editors, and what its tables, plots and MCP server need.

Whenever Gradio is imported, it parses the source of each of its 81 component classes and keeps a stub file (``.pyi``)
beside it up to date: half of the import's time, and an attempt to write into the installation.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

UNUSED = ("mcp", "pandas")
"""What Gradio imports and a chat page has no use for (``models.library.postponed``).

They take .2 s and 35 MB, with mcp .7 s and 86 MB.
"""


@contextmanager
def without_stub_files() -> Iterator[None]:
    """Context manager in which Gradio is imported quickly.

    Its class factory asks ``inspect`` for the file of a class, and goes without a stub where there is none. Only for
    Gradio's own classes there is none meanwhile: other threads import other libraries.
    """
    file_of = inspect.getfile

    def hidden(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError("no stub file is wanted")
        return file_of(thing)

    inspect.getfile = hidden  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = file_of
