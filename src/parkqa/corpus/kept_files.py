"""Files that pictures of pages are drawn from and that do not lie in the corpus as they are, kept by their content.

They are what LibreOffice made, and the files in archives and mails. A build keeps what its documents need, and what no
build has needed for a long time is deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from pathlib import Path

SHOWN = "shown"
"""The folder of such files in the cache."""
DAYS = 180
"""Days after which a file is deleted that no build has kept. Chosen by hand, as for what LibreOffice made."""


class KeptFiles:
    """A folder of files that are named by their SHA-256; it may be shared by several processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where the file with this SHA-256 is, if it is kept."""
        return self.folder / digest

    def keep(self, source: Path) -> str:
        """Keep a file and return its SHA-256; "" where it cannot be read, or the folder cannot be written."""
        aside = self.folder / f".{os.getpid()}.{threading.get_ident()}"
        try:
            digest = _digest(source)
            if not self.path(digest).is_file():
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copyfile(source, aside)
                digest = _digest(aside)  # of what is kept, should the file have changed meanwhile
                aside.replace(self.path(digest))
            os.utime(self.path(digest))
        except OSError:
            return ""
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
        return digest

    def forget_unused(self, now: float) -> None:
        """Delete what no build kept for DAYS before ``now``, in seconds since 1970."""
        for kept in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                if now - kept.stat().st_mtime > DAYS * 86_400:
                    kept.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
