"""The corpus folder: which files are in it, and whether anything in it has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


def listed(root: Path) -> Iterator[Path]:
    """Yield the files below ``root`` in the order of their POSIX paths, but hidden ones and what Office keeps beside.

    ``~$名单.docx`` says who has 名单.docx open.
    """
    found = [Path(folder, name) for folder, _, names in _folders(root) for name in names if not name.startswith("~$")]
    yield from sorted(found, key=lambda path: name_of(path, root))


def linked_folders(root: Path) -> list[str]:
    """Return the names of the folders below ``root`` that are links: what they lead to is not read."""
    return [name_of(Path(folder, name), root) for folder, linked, _ in _folders(root) for name in linked]


def _folders(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each folder with what of it is a link to a folder, and its files; nothing that is hidden."""
    for folder, folders, names in os.walk(root):
        shown = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in shown if Path(folder, name).is_symlink()]
        folders[:] = [name for name in shown if name not in linked]
        yield folder, linked, [name for name in names if not name.startswith(".")]


def name_of(path: Path, root: Path) -> str:
    """Return what a file of the corpus is known by: its POSIX path below ``root``."""
    return path.relative_to(root).as_posix()


def fingerprint(corpus: Path) -> str:
    """Return a SHA-256 over the names and bytes of the files of the corpus folder: equal, and nothing has changed."""
    digest = hashlib.sha256()
    for path in listed(corpus):
        digest.update(path.relative_to(corpus).as_posix().encode("utf-8", "surrogateescape"))
        digest.update(_contents(path))
    return digest.hexdigest()


def _contents(path: Path) -> bytes:
    """The SHA-256 of a file's bytes, read piece by piece; of one that cannot be read, nothing."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
