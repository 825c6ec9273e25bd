"""Puts files in place in one step: whoever reads one finds it whole, as it was or as it is to be."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there; its folder is made where there is none.

    It is not forced onto the disk: what a power cut takes is made again. See ``desk.folder.write`` for what is not.

    Args:
        path: the place.
        write: writes the file at the path that it is given.

    Raises:
        OSError: it cannot be written. Whatever breaks it off, what was there is unchanged, and nothing stays behind.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(aside)
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
