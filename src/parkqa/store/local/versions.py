"""What an index folder holds and how it is proved: versions, and the pointer to the current one.

::

    index/
    ├── current                 one line as sha256sum writes it, of the manifest; swapped last (a file: Windows must do)
    ├── aside/                  a build at work, or what a killed one left
    ├── build.lock, build.json  the lock of a build, and who last held it
    └── versions/<version>/     renamed here whole; named by the first digits of its manifest's SHA-256
        ├── manifest.json       lists the SHA-256 of every other file
        └── …

``current`` vouches for the manifest and the manifest for the rest, so that one altered byte anywhere is found and
named. Nothing in a version tells time or place: it can be copied, and the same build gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from parkqa.errors import IndexDamaged, IndexMissing, StoreError
from parkqa.store.manifest import REBUILD, Manifest, digest

MANIFEST = "manifest.json"
POINTER = "current"
VERSIONS = "versions"

_LINE = re.compile(rf"([0-9a-f]{{64}})  {VERSIONS}/([0-9a-f]{{16,64}})/{re.escape(MANIFEST)}\n")
T = TypeVar("T")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of the current version, its own checksum checked; the files themselves are not looked at.

    Raises:
        IndexMissing: nothing has been built.
        IndexDamaged: the pointer or the manifest is missing or altered.
        IndexMismatch: another format version.
    """
    return steadily(directory, lambda folder, manifest: manifest)


def steadily(directory: Path, read: Callable[[Path, Manifest], T]) -> T:
    """Return ``read(folder, manifest)`` of the current version; raises as ``read_manifest`` and what ``read`` raises.

    Where something is found missing and a build has moved the pointer meanwhile, what the pointer names now is read:
    two builds in a row may have removed the version that was being read.
    """
    while True:
        line = _line(directory)
        try:
            folder, manifest = _current(directory, line)
            return read(folder, manifest)
        except IndexDamaged:
            if line == _line(directory):
                raise


def current_version(directory: Path) -> str:
    """Return the SHA-256 of the manifest that the pointer names; nothing else is read, so it may be asked every second.

    Raises:
        IndexMissing: nothing has been built.
        IndexDamaged: the pointer cannot be read, or is none.
    """
    found = _LINE.fullmatch(_line(directory))
    if found is None:
        raise _damaged(POINTER)
    return found[1]


def faults(folder: Path, manifest: Manifest) -> Iterator[IndexDamaged]:
    """Read every file of a version; yield an error for each that is missing or altered."""
    for name, expected in manifest.files.items():
        try:
            if file_digest(folder / name) != expected:
                yield _damaged(name)
        except OSError as error:
            yield _damaged(name, error)


def prove(folder: Path, manifest: Manifest) -> None:
    """Read every file of a version.

    Raises:
        IndexDamaged: for the first that is missing or altered.
    """
    for fault in faults(folder, manifest):
        raise fault


def verify(directory: Path) -> list[StoreError]:
    """Return all that is wrong with the current version, nothing when it can be served."""
    try:
        return steadily(directory, lambda folder, manifest: [*faults(folder, manifest)])
    except StoreError as error:
        return [error]


def point(directory: Path, version: str, manifest: bytes) -> None:
    """Make ``version`` the current one: the pointer is written aside and swapped.

    Raises:
        OSError: it cannot be written; the pointer that was there stays.
    """
    aside = directory / f".{POINTER}.new"
    aside.write_bytes(f"{digest(manifest)}  {VERSIONS}/{version}/{MANIFEST}\n".encode("ascii"))
    sync(aside)
    aside.replace(directory / POINTER)
    sync(directory)


def sync(path: Path) -> None:
    """Have a file or folder reach the disk; a folder cannot be synced on Windows, where renames are journalled."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _line(directory: Path) -> str:
    try:
        return (directory / POINTER).read_bytes().decode("latin-1")
    except FileNotFoundError as error:
        raise IndexMissing(
            f"{directory} 里还没有索引，请先运行 parkqa build。",
            f"There is no index in {directory} yet; run parkqa build.",
        ) from error
    except OSError as error:
        raise _damaged(POINTER, error) from error


def _current(directory: Path, line: str) -> tuple[Path, Manifest]:
    """The folder and manifest of the version that the pointer's ``line`` names."""
    found = _LINE.fullmatch(line)
    if found is None or not found[1].startswith(found[2]):
        raise _damaged(POINTER)
    folder = directory / VERSIONS / found[2]
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise _damaged(MANIFEST, error) from error
    if digest(raw) != found[1]:
        # A version is named by its manifest: whichever of the two disagrees with that name was altered.
        raise _damaged(POINTER if digest(raw).startswith(found[2]) else MANIFEST)
    return folder, _manifest(raw)


def _manifest(raw: bytes) -> Manifest:
    try:
        return Manifest.from_json(raw)
    except ValueError as error:  # Its checksum is right: it was written like this.
        raise _damaged(MANIFEST) from error


def _damaged(name: str, error: OSError | None = None) -> IndexDamaged:
    if error is None:
        zh, en = "被改动了", "was altered"
    elif isinstance(error, FileNotFoundError):
        zh, en = "不见了", "is missing"
    else:
        zh, en = f"读不了（{error.strerror}）", f"cannot be read ({error.strerror})"
    return IndexDamaged(name, f"索引文件 {name} {zh}，{REBUILD[0]}", f"The index file {name} {en}. {REBUILD[1]}")
