"""The desk's own folder: what stands where, one writer at a time, and files that are written whole or not at all.

::

    desk/
    ├── accounts.json, secret   who may log in; what signs the session cookies
    ├── state.json              the draft, the versions that are kept, the publications
    ├── audit.jsonl             who did what
    ├── blobs/<sha256>          contents of files: of the draft and of the versions
    ├── incoming/               what is being uploaded, or the remains of it
    ├── backup                  the path of the file that a back-up is being written to
    ├── readings/               how files were read
    ├── pages/, shown/          pictures of their pages, and what those are drawn from
    ├── questions/*.jsonl       question sets that every change is tried on, put there by hand
    ├── restoring/              a back-up that is being put in place, which is carried on after a crash
    ├── sites/                  what is known of the pages of web sites, and what the last fetch brought
    └── candidate/              the corpus with the draft, its index, and what the check found

The documents themselves stay in the corpus folder. This one must lie outside it, or it would be indexed.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from parkqa.errors import ParkqaError
from parkqa.settings import Settings
from parkqa.store.local.versions import sync

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""Modes of the files and folders: password hashes, and documents that are not public yet."""
YOUNG_SECONDS = 3600.0
"""Age below which what nothing names is kept: another request may be about to. Chosen by hand."""
LOCK_SECONDS = 20.0
"""Seconds to wait for another writer, chosen by hand: what holds the lock takes far less, but for a slow disk."""


class Folder:
    """The folder of one desk; made when something is first written, which fails where it lies in the corpus folder."""

    def __init__(self, root: Path, corpus: Path) -> None:
        self.root = root
        self._corpus = corpus
        self.accounts = root / "accounts.json"
        self.secret = root / "secret"
        self.state = root / "state.json"
        self.audit = root / "audit.jsonl"
        self.blobs = root / "blobs"
        self.incoming = root / "incoming"
        self.backup = root / "backup"
        self.readings = root / "readings"
        self.questions = root / "questions"
        self.candidate = root / "candidate"
        self.restoring = root / "restoring"
        self.sites = root / "sites"
        self._lock = FileLock(root / "lock", timeout=LOCK_SECONDS)

    @classmethod
    def of(cls, settings: Settings) -> Folder:
        """Return the folder that the settings name."""
        return cls(settings.desk, settings.corpus)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of writers, which other processes heed too; it is reentrant within a thread.

        Raises:
            ParkqaError: another one has been writing all the time.
        """
        self._made()
        try:
            with self._lock:
                yield
        except Timeout as error:
            raise ParkqaError(
                "另有人正在保存，这次没有保存，请再试一次。",
                "Somebody else is saving just now; nothing was saved, please try again.",
            ) from error

    def fresh(self) -> Path:
        """Make an empty folder for what is only needed for a moment, which the caller removes."""
        self._made()
        with saying_what_failed():
            place = made(self.incoming) / secrets.token_hex(8)
            place.mkdir(PRIVATE_FOLDER)
        return place

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """An empty folder for what is only needed for a moment."""
        place = self.fresh()
        try:
            yield place
        finally:
            removed(place)

    def _made(self) -> None:
        if self.root.resolve().is_relative_to(self._corpus.resolve()):
            raise ParkqaError(
                f"工作台的文件夹 {self.root} 不能放在资料文件夹里，请改 PARKQA_DESK。",
                f"The desk's folder {self.root} must not lie in the corpus folder; change PARKQA_DESK.",
            )
        with saying_what_failed():
            made(self.root)

    def tidy(self) -> None:
        """Remove what uploads have left behind that were broken off; those of the last hour may still be going on."""
        for place in self.incoming.glob("*") if self.incoming.is_dir() else ():
            if place.stat().st_mtime < time.time() - YOUNG_SECONDS:
                removed(place)

    def signing_key(self) -> str:
        """Return what signs the session cookies; made once."""
        with self.locked():
            if not self.secret.exists():
                write(self.secret, secrets.token_hex(32).encode())
            return self.secret.read_text(encoding="ascii")


def made(folder: Path) -> Path:
    """Return a folder, which is made if it does not exist, readable by its owner only."""
    folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder


def removed(folder: Path) -> None:
    """Remove a folder with all in it, as far as that is possible."""
    for path in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    with suppress(OSError):
        folder.rmdir()


def write(path: Path, content: bytes) -> None:
    """Replace a file: whatever happens, it is there as it was or as it is to be. Once this returns it is on the disk.

    Raises:
        ParkqaError: it cannot be written; it is unchanged.
    """
    new = path.with_name(f".{path.name}.new")
    with saying_what_failed():
        made(path.parent)
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            sync(path.parent)
        except OSError:
            new.unlink(missing_ok=True)
            raise


@contextmanager
def saying_what_failed() -> Iterator[None]:
    """Say in one sentence why something could not be written, a full disk above all.

    Raises:
        ParkqaError: instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        raise ParkqaError(
            f"写不进去（{error.strerror}），没有保存；请检查磁盘空间和权限后再试。",
            f"It cannot be written ({error.strerror}), so nothing was saved; check the disk space and the permissions "
            "and try again.",
        ) from error
