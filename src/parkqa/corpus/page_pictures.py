"""Pictures of pages as readers are shown them, made when asked for from the file in the corpus, and kept in a folder.

A file may be crafted, so a process of its own opens it (``page_picture_child``), within limits of time and memory, one
at a time. A picture is made only while the file is the one that the index was built from.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from parkqa.corpus.limits import Limits
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.workers import Worker
from parkqa.errors import CorpusError
from parkqa.types import Document, Leaf

SECONDS = 10
"""Seconds of the processor that a page may take. Chosen by hand: most take less than one."""
MEMORY = 2 * 1024**3
"""Most address space of the process, in bytes."""
KEPT = 200 * 1024**2
"""Bytes of pictures that are kept, about a thousand pages; those not asked for the longest go first. Chosen by hand."""
SHOWN = frozenset((".pdf", ".docx", ".pptx", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"))
"""Formats that are drawn as they lie in the corpus; none is converted for a reader."""
PROGRAM = "parkqa.corpus.page_picture_child"
KIND = "image/webp"
"""The media type of the pictures."""
_VERSION = 1
"""Another one makes the pictures that are kept useless."""


@dataclass(frozen=True, slots=True)
class PageJob:
    """A page of which a picture is wanted: its file below the corpus folder, the SHA-256 of that, and the page."""

    path: Path
    root: Path
    file: str
    leaf: Leaf


class PagePictures:
    """Makes and keeps the pictures of pages; ``corpus`` is the folder of documents, ``folder`` where they are kept.

    Thread-safe.
    """

    def __init__(self, corpus: Path, folder: Path) -> None:
        self._corpus = corpus
        self._folder = folder
        self._lock = threading.Lock()

    def can_show(self, document: Document) -> bool:
        """Return whether there is something to make pictures from; whether it has changed is seen when one is made."""
        path = self._path(document)
        return bool(document.leaves) and path.suffix.lower() in SHOWN and path.is_file()

    def picture(self, document: Document, leaf: Leaf) -> bytes | None:
        """Return the picture of a page of a document; None if its file is gone or has changed, or takes too much."""
        kept = self._folder / f"{document.file[:32]}-{leaf.number}-{_VERSION}.webp"
        if (found := _read(kept)) is not None:
            return found
        with self._lock:
            made = _read(kept) or self._made(document, leaf)
            if made is not None:
                self._keep(kept, made)
            return made

    def _path(self, document: Document) -> Path:
        return self._corpus / document.path

    def _made(self, document: Document, leaf: Leaf) -> bytes | None:
        try:
            worker = Worker(PROGRAM)
        except CorpusError:
            return None
        try:
            job = PageJob(self._path(document), self._corpus, document.file, leaf)
            made: bytes | None = worker.ask(job, Limits(SECONDS))
            return made
        except Unreadable:
            return None
        finally:
            worker.end()

    def _keep(self, path: Path, picture: bytes) -> None:
        """Keep a picture; where that cannot be written it is made again."""
        part = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(picture)
            part.replace(path)
            self._tidy_up()

    def _tidy_up(self) -> None:
        """Delete the pictures that were not asked for the longest, until no more than KEPT bytes are left."""
        pictures = sorted(((path.stat(), path) for path in self._folder.iterdir()), key=lambda each: each[0].st_mtime)
        size = sum(stat.st_size for stat, _ in pictures)
        for stat, path in pictures:
            if size <= KEPT:
                return
            path.unlink(missing_ok=True)
            size -= stat.st_size


def _read(path: Path) -> bytes | None:
    """Return the bytes of a file and note that it was asked for; None if there is none."""
    try:
        found = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    return found or None
