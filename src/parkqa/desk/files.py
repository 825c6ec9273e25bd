"""The files as they will be once the draft is published: those of the corpus folder, changed by the draft."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parkqa.corpus.folder import listed, name_of
from parkqa.desk.blobs import Blobs
from parkqa.desk.state import Change, State
from parkqa.store.local.versions import file_digest


@dataclass(frozen=True, slots=True)
class File:
    """A file.

    Attributes:
        name: its path below the corpus folder.
        path: where its content is now: in the corpus folder, or among the blobs.
        sha: SHA-256 of its content, "" if it cannot be read.
        size: its size in bytes.
        change: what the draft does to it; None if nothing.
        conflict: whether the file in the corpus folder has been changed by other means since the draft changed it.
    """

    name: str
    path: Path
    sha: str
    size: int
    change: Change | None = None
    conflict: bool = False


class Hashes:
    """The SHA-256 of files; one is only read again when its size or time has changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def of(self, path: Path) -> tuple[str, int]:
        """Return the SHA-256 and the size of a file; ``("", 0)`` if it cannot be read."""
        try:
            stat = path.stat()
            stamp = (stat.st_size, stat.st_mtime_ns)
            if self._known.get(path, ((), ""))[0] != stamp:
                self._known[path] = (stamp, file_digest(path))
            return self._known[path][1], stat.st_size
        except OSError:
            return "", 0


@dataclass(frozen=True, slots=True)
class Files:
    """All files. ``present`` are those that will be there, by name; ``gone`` those that the draft takes away.

    ``live`` has the SHA-256 of each file that is in the corpus folder now.
    """

    present: Mapping[str, File]
    gone: Mapping[str, File]
    live: Mapping[str, str]

    @property
    def conflicts(self) -> list[str]:
        """The names of the files that were changed by other means since the draft changed them."""
        return [file.name for file in (*self.present.values(), *self.gone.values()) if file.conflict]

    @property
    def fingerprint(self) -> str:
        """What ``corpus.folder.fingerprint`` will be once the draft is published."""
        digest = hashlib.sha256()
        for name in sorted(self.present):
            digest.update(name.encode("utf-8", "surrogateescape"))
            digest.update(bytes.fromhex(self.present[name].sha))
        return digest.hexdigest()


def files(corpus: Path, state: State, blobs: Blobs, hashes: Hashes) -> Files:
    """Look at the corpus folder and lay the draft over it."""
    present: dict[str, File] = {}
    for path in listed(corpus):
        sha, size = hashes.of(path)
        present[name_of(path, corpus)] = File(name_of(path, corpus), path, sha, size)
    live = {name: file.sha for name, file in present.items()}
    gone: dict[str, File] = {}
    for name, change in state.draft.items():
        there = present.pop(name, None)
        conflict = (there.sha if there else None) != change.base
        path = blobs.path(change.new or change.base or "")
        if change.new is None:
            old = there or File(name, path, change.base or "", 0)
            gone[name] = File(name, old.path, old.sha, old.size, change, conflict)
        else:
            size = path.stat().st_size if path.exists() else 0
            present[name] = File(name, path, change.new, size, change, conflict)
    return Files(dict(sorted(present.items())), gone, live)
