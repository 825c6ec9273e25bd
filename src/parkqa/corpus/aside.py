"""Folders for what is made and thrown away while files are read: what archives hold, and LibreOffice's work."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

DAYS = 3
"""Age from which such a folder is taken to be left by a program that was killed. Chosen by hand: no build takes so
long."""


@contextlib.contextmanager
def folder_aside(purpose: str) -> Iterator[Path]:
    """Yield an empty folder that is deleted in the end; those that killed programs have left are deleted before.

    Args:
        purpose: a part of its name.

    Raises:
        OSError: it cannot be made.
    """
    prefix = f"parkqa-{purpose}-"
    _delete_abandoned(prefix, time.time() - DAYS * 86_400)
    with TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _delete_abandoned(prefix: str, before: float) -> None:
    """Delete the folders of this name that were last changed before a time, in seconds since 1970."""
    for folder in Path(gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)  # not those of other users, and no link
