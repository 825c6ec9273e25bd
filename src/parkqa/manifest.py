"""What an index folder holds and how it is proved: versions, the pointer to the current one, the manifest.

::

    index/
    ├── current                 "<version> <SHA-256 of its manifest>", swapped last (a file, not a link: Windows must do)
    ├── build.lock              held while a build is at work
    └── versions/<version>/     written aside, renamed whole; manifest.json lists the SHA-256 of every other file
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from parkqa.errors import IndexDamaged, IndexMismatch, IndexMissing, StoreError

FORMAT = 1
"""Of the files below a version; another number is not read."""
MANIFEST = "manifest.json"
POINTER = "current"
VERSIONS = "versions"
_CURE = ("请运行 parkqa build 重建。", "Run parkqa build to rebuild it.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files`` maps names to SHA-256; ``documents`` paths to theirs; ``note`` is what the builder wanted kept."""

    format: int
    parkqa: str
    encoder: str
    dimension: int
    documents: Mapping[str, str]
    passages: int
    sentences: int
    note: Mapping[str, str]
    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON, the same bytes for the same manifest."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8")


def digest(raw: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(raw).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of the current version, its own checksum checked; the files themselves are not looked at.

    Raises:
        IndexMissing: nothing has been built.
        IndexDamaged: the pointer or the manifest is altered.
        IndexMismatch: another format version.
    """
    return read_current(directory)[1]


def read_current(directory: Path) -> tuple[Path, Manifest]:
    """Return the folder of the current version and its manifest; raises as ``read_manifest``."""
    try:
        pointer = (directory / POINTER).read_text(encoding="ascii").split()
    except FileNotFoundError as error:
        raise IndexMissing(
            f"{directory} 里还没有索引，请先运行 parkqa build。", f"There is no index in {directory} yet; run parkqa build."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(POINTER) from error
    if len(pointer) != 2 or not pointer[0].isalnum():
        raise damaged(POINTER)
    folder = directory / VERSIONS / pointer[0]
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise damaged(MANIFEST) from error
    if digest(raw) != pointer[1]:
        raise damaged(MANIFEST)
    return folder, _manifest(raw)


def _manifest(raw: bytes) -> Manifest:
    values = json.loads(raw)
    if values.get("format") != FORMAT:
        raise IndexMismatch(
            f"索引的格式版本是 {values.get('format')}，这里用的是 {FORMAT}，{_CURE[0]}",
            f"The index is of format {values.get('format')} and this is format {FORMAT}. {_CURE[1]}",
        )
    return Manifest(**values)


def damaged(name: str) -> IndexDamaged:
    """Return the error for a file of the index that is missing or altered."""
    return IndexDamaged(
        name, f"索引文件 {name} 缺失或被改动，{_CURE[0]}", f"The index file {name} is missing or altered. {_CURE[1]}"
    )


def faults(folder: Path, manifest: Manifest) -> list[StoreError]:
    """Return an error for every file of a version that is missing or altered."""
    wrong = []
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file() or file_digest(path) != expected:
            wrong.append(damaged(name))
    return wrong


def verify(directory: Path) -> list[StoreError]:
    """Return all that is wrong with the current version, nothing when it can be served."""
    try:
        folder, manifest = read_current(directory)
    except StoreError as error:
        return [error]
    return faults(folder, manifest)


def sync(path: Path) -> None:
    """Have a file or folder reach the disk; a folder cannot be synced on Windows, where renames are journalled."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def point(directory: Path, version: str, manifest: bytes) -> None:
    """Make ``version`` the current one: the pointer is written aside and swapped."""
    aside = directory / f".{POINTER}.{os.getpid()}"
    aside.write_text(f"{version} {digest(manifest)}\n", encoding="ascii")
    sync(aside)
    os.replace(aside, directory / POINTER)
    sync(directory)
