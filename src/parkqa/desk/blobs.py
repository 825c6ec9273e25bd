"""Contents of files, kept under their SHA-256: those of the draft, and the versions that can be brought back."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from parkqa.desk.folder import PRIVATE_FILE, YOUNG_SECONDS, made, saying_what_failed, write
from parkqa.store.local.versions import file_digest, sync


class Blobs:
    """The contents in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha: str) -> Path:
        """Return the file that holds a content."""
        return self._folder / sha

    def put(self, content: bytes) -> str:
        """Keep a content; return its SHA-256.

        Raises:
            ParkqaError: it cannot be written.
        """
        sha = hashlib.sha256(content).hexdigest()
        if not self.path(sha).exists():
            write(self.path(sha), content)
        return sha

    def take(self, file: Path) -> str:
        """Keep the content of a file of this folder's disk, which is moved here; return its SHA-256."""
        with saying_what_failed():
            sha = file_digest(file)
            file.chmod(PRIVATE_FILE)
            sync(file)
            file.replace(made(self._folder) / sha)
            sync(self._folder)
        return sha

    def copy(self, file: Path) -> str:
        """Keep a copy of the content of a file; return its SHA-256.

        Raises:
            ParkqaError: it cannot be read or written.
        """
        with saying_what_failed():
            new = made(self._folder) / f".{os.getpid()}-{time.monotonic_ns()}.new"
            shutil.copyfile(file, new)
        return self.take(new)

    def sweep(self, used: Collection[str]) -> None:
        """Remove what is neither used nor young."""
        before = time.time() - YOUNG_SECONDS
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.name not in used and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
