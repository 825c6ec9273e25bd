"""The layout of an index folder, and the verification of its integrity.

::

    index/
    ├── current                 pointer to the current version: a line of sha256sum with its manifest's checksum
    ├── aside/                  a build in progress, or the remains of one that was killed
    ├── build.lock, build.json  the lock of a build, and who last held it
    └── versions/<version>/     named by the first digits of the SHA-256 of its manifest
        ├── manifest.json       contains the SHA-256 of every other file
        └── …

``current`` holds the checksum of the manifest, and the manifest those of all other files, so that every altered byte is
detected and the file named. A build is renamed into ``versions`` as a whole, and the pointer is replaced last; it is a
file rather than a symbolic link for the sake of Windows. A version contains neither times nor absolute paths: it can be
copied, and equal builds are equal byte for byte.
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
    """Return the SHA-256 of a file in hexadecimal.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of the current version and verify its checksum; the other files are not verified.

    Raises:
        IndexMissing: no index has been built.
        IndexDamaged: the pointer or the manifest is missing or was altered.
        IndexMismatch: the index has a different format version.
    """
    return steadily(directory, lambda folder, manifest: manifest)


def steadily(directory: Path, read: Callable[[Path, Manifest], T]) -> T:
    """Return ``read(folder, manifest)`` for the current version, consistently even during builds.

    If a file is missing and the pointer has changed meanwhile, the new version is read instead: two builds in quick
    succession remove the version that was being read.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: as ``read_manifest``; and whatever ``read`` raises.
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
    """Return the SHA-256 of the current manifest from the pointer; no other file is read, so polling it is cheap.

    Raises:
        IndexMissing: no index has been built.
        IndexDamaged: the pointer cannot be read or is malformed.
    """
    found = _LINE.fullmatch(_line(directory))
    if found is None:
        raise _damaged(POINTER)
    return found[1]


def built(directory: Path) -> float:
    """Return when the current version was made current, as POSIX time in seconds.

    Raises:
        IndexMissing: no index has been built.
        IndexDamaged: the pointer cannot be read or is malformed.
    """
    current_version(directory)
    try:
        return (directory / POINTER).stat().st_mtime
    except OSError as error:
        raise _damaged(POINTER) from error


def faults(folder: Path, manifest: Manifest) -> Iterator[IndexDamaged]:
    """Verify every file of a version; yield an error for each file that is missing or was altered."""
    for name, expected in manifest.files.items():
        try:
            if file_digest(folder / name) != expected:
                yield _damaged(name)
        except OSError as error:
            yield _damaged(name, error)


def prove(folder: Path, manifest: Manifest) -> None:
    """Verify every file of a version.

    Raises:
        IndexDamaged: for the first file that is missing or was altered.
    """
    for fault in faults(folder, manifest):
        raise fault


def verify(directory: Path) -> list[StoreError]:
    """Verify the current version; return all problems found, an empty list if there are none."""
    try:
        return steadily(directory, lambda folder, manifest: [*faults(folder, manifest)])
    except StoreError as error:
        return [error]


def point(directory: Path, version: str, manifest: bytes) -> None:
    """Make ``version`` the current one by replacing the pointer atomically.

    Args:
        directory: the index folder.
        version: name of the version's folder.
        manifest: content of its manifest file.

    Raises:
        OSError: the pointer cannot be written; the previous one is unaffected.
    """
    aside = directory / f".{POINTER}.new"
    aside.write_bytes(f"{digest(manifest)}  {VERSIONS}/{version}/{MANIFEST}\n".encode("ascii"))
    sync(aside)
    aside.replace(directory / POINTER)
    sync(directory)


def sync(path: Path) -> None:
    """Flush a file or folder to the disk (fsync).

    Folders are skipped on Windows, which cannot sync them and journals renames.
    """
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
        # The folder is named after the manifest's checksum, so the file that disagrees with the name was altered.
        raise _damaged(POINTER if digest(raw).startswith(found[2]) else MANIFEST)
    return folder, _manifest(raw)


def _manifest(raw: bytes) -> Manifest:
    try:
        return Manifest.from_json(raw)
    except ValueError as error:  # The checksum matched, so the file was malformed when it was written.
        raise _damaged(MANIFEST) from error


def _damaged(name: str, error: OSError | None = None) -> IndexDamaged:
    if error is None:
        zh, en = "被改动了", "was altered"
    elif isinstance(error, FileNotFoundError):
        zh, en = "不见了", "is missing"
    else:
        zh, en = f"读不了（{error.strerror}）", f"cannot be read ({error.strerror})"
    return IndexDamaged(name, f"索引文件 {name} {zh}，{REBUILD[0]}", f"The index file {name} {en}. {REBUILD[1]}")
