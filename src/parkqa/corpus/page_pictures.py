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

from parkqa.corpus.kept_files import SHOWN, KeptFiles
from parkqa.corpus.limits import Limits
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.replacing import replace_file
from parkqa.corpus.workers import Worker
from parkqa.errors import CorpusError
from parkqa.types import Document, Leaf

SECONDS = 10
"""Seconds of the processor that a page may take. Chosen by hand: most take less than one."""
MEMORY = 2 * 1024**3
"""Most address space of the process, in bytes."""
KEPT = 200 * 1024**2
"""Bytes of pictures that are kept, about a thousand pages; those not asked for the longest go first. Chosen by hand."""
DRAWN = frozenset((".pdf", ".docx", ".pptx", ".xlsx", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"))
"""Formats that are drawn as they lie in the corpus; of others, what the build kept is drawn. Nothing is converted for
a reader."""
PROGRAM = "parkqa.corpus.page_picture_child"
KIND = "image/webp"
"""The media type of the pictures."""
_VERSION = 1
"""Another one makes the pictures that are kept useless."""


@dataclass(frozen=True, slots=True)
class PageJob:
    """A page of which a picture is wanted: its file below the folder ``root``, the SHA-256 of that, and the page."""

    path: Path
    root: Path
    file: str
    leaf: Leaf


class PagePictures:
    """Makes and keeps the pictures of pages; thread-safe.

    Args:
        corpus: the folder of documents.
        cache: the folder in which the pictures are kept, and what builds keep to be drawn (``kept_files``).
    """

    def __init__(self, corpus: Path, cache: Path) -> None:
        self._corpus = corpus
        self._folder = cache / "pages"
        self._shown = KeptFiles(cache / SHOWN)
        self._lock = threading.Lock()

    def can_show(self, document: Document, leaf: Leaf) -> bool:
        """Return whether there is something to draw a page from; whether it has changed is seen when that is done."""
        return self._place(document, leaf)[0].is_file()

    def picture(self, document: Document, leaf: Leaf, source: Path | None = None) -> bytes | None:
        """Return the picture of a page of a document; None if its file is gone or has changed, or takes too much.

        ``source`` is where the file is, if that is not its place in the corpus.
        """
        kept = self._folder / f"{leaf.drawn_from(document)[:32]}-{leaf.name}-{_VERSION}.webp"
        if (found := _read(kept)) is not None:
            return found
        with self._lock:
            made = _read(kept) or self._made(document, leaf, source)
            if made is not None:
                self._keep(kept, made)
            return made

    def _place(self, document: Document, leaf: Leaf, source: Path | None = None) -> tuple[Path, Path]:
        """Return the file that a page is drawn from, and the folder that it may not lie outside of."""
        path, digest = source or self._corpus / document.path, leaf.drawn_from(document)
        is_drawn = not document.converted and Path(document.path).suffix.lower() in DRAWN
        if digest == document.file and is_drawn and path.is_file():
            return path, source.parent if source else self._corpus
        return self._shown.path(digest), self._shown.folder

    def _made(self, document: Document, leaf: Leaf, source: Path | None) -> bytes | None:
        try:
            worker = Worker(PROGRAM)
        except CorpusError:
            return None
        try:
            job = PageJob(*self._place(document, leaf, source), leaf.drawn_from(document), leaf)
            made: bytes | None = worker.ask(job, Limits(SECONDS))
            return made
        except Unreadable:
            return None
        finally:
            worker.end()

    def _keep(self, path: Path, picture: bytes) -> None:
        """Keep a picture; where that cannot be written it is made again."""
        with contextlib.suppress(OSError):
            replace_file(path, lambda aside: aside.write_bytes(picture))
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
