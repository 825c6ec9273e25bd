"""Recognises the text of pages that are pictures (OCR), where the extra ``ocr`` is installed.

One process of low priority does it (``recognition_child``), page by page, each within limits of time and memory. What
it found is kept in a folder by the content of the picture: a page is recognised once, however often it is built.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from parkqa.corpus.limits import Limits
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.readers.scans import Picture, Recognition
from parkqa.corpus.replacing import replace_file
from parkqa.corpus.workers import Worker
from parkqa.errors import CorpusError

if TYPE_CHECKING:
    from parkqa.settings import Settings

MEMORY = 4 * 1024**3
"""Most address space of the process, in bytes. Measured: a page takes 1.0 GB of memory and 1.7 GB of address space."""
RULES = 1
"""Version of what is done with the recogniser's own results; another one makes what is kept useless."""
PROGRAM = "parkqa.corpus.recognition_child"

Pages = Callable[[str, int, int], None]
"""Called before a page is recognised, with the path of the document, its page and how many there are."""


@dataclass(frozen=True, slots=True)
class Task:
    """A picture to be recognised, and what that may take."""

    picture: Picture
    limits: Limits


@lru_cache(maxsize=1)
def version() -> str:
    """Return the version of the recogniser and of what is done with its results; "" if the extra is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("rapidocr", "onnxruntime", "cv2")):
        return ""
    return f"rapidocr {importlib.metadata.version('rapidocr')}/{RULES}"


def recogniser(settings: Settings, pages: Pages | None = None) -> Recogniser | None:
    """Return a recogniser as the settings want it; None if it is off or the extra ``ocr`` is not installed."""
    if settings.ocr == "off" or not version():
        return None
    return Recogniser(settings.cache / "ocr", Limits.of(settings), pages)


class Recogniser:
    """Recognises pictures and keeps what it found in a folder; a context manager, which ends its process.

    Thread-safe. A page whose recognition fails or takes longer than a file may (``Limits``) gives None.
    """

    def __init__(self, folder: Path, limits: Limits, pages: Pages | None = None) -> None:
        self._folder = folder
        self._limits = limits
        self._pages = pages
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    def __enter__(self) -> Recogniser:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process; another one is started if there is more to recognise."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def of(self, name: str) -> Callable[[Picture], Recognition | None]:
        """Return what recognises the pages of a document, which is called ``name`` when its progress is told."""
        return lambda picture: self.recognise(picture, name)

    def recognise(self, picture: Picture, name: str = "") -> Recognition | None:
        """Return what a picture says; None if that cannot be found out."""
        path = self._folder / f"{_key(picture)}.json"
        kept = _kept(path)
        if kept is not None:
            return kept
        with self._lock:
            if (kept := _kept(path)) is not None:  # another file holds the same picture
                return kept
            if self._pages is not None:
                self._pages(name, picture.number, picture.total)
            found = self._asked(picture)
            if found is not None:
                _keep(path, found)
        return found

    def _asked(self, picture: Picture) -> Recognition | None:
        try:
            self._worker = self._worker or Worker(PROGRAM)
            found: Recognition | None = self._worker.ask(Task(picture, self._limits), self._limits)
            return found
        except (Unreadable, CorpusError):
            self.end()
            return None


def _key(picture: Picture) -> str:
    """Return the name under which the recognition of a picture is kept: a SHA-256 of it and of the recogniser."""
    digest = hashlib.sha256(f"{version()}\0{picture.width}\0{picture.height}\0".encode())
    digest.update(picture.pixels)
    return digest.hexdigest()


_RECOGNITION = TypeAdapter(Recognition)


def _kept(path: Path) -> Recognition | None:
    """Return what is kept in a file; None if there is none or it is damaged."""
    try:
        return _RECOGNITION.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _keep(path: Path, found: Recognition) -> None:
    """Keep a recognition; where that cannot be written it is done again by the next build."""
    with contextlib.suppress(OSError):
        replace_file(path, lambda aside: aside.write_bytes(_RECOGNITION.dump_json(found)))
