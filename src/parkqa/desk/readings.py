"""How the files are read, kept by their content, so that a list of many documents needs no reading."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from parkqa import __version__
from parkqa.corpus.documents import PACKED, READERS, read_file
from parkqa.corpus.limits import FileReading, Job, Limits, is_small, more_than_used
from parkqa.corpus.processes import Readers
from parkqa.desk.files import File
from parkqa.desk.folder import Folder, saying_what_failed, write
from parkqa.errors import DocumentError

Particulars = Mapping[str, str]
_FORMAT = 1
"""Version of what is kept."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gives. ``error`` is why it is left out, in Chinese and English; ``notes`` are remarks in both.

    ``pages`` is None for a format without pages; ``sha256`` is that of the text.
    """

    title: str = ""
    date: str | None = None
    valid_until: str | None = None
    pages: int | None = None
    passages: int = 0
    sha256: str = ""
    staff_only: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    error: tuple[str, str] | None = None


_READING = TypeAdapter(Reading)


def is_read(name: str) -> bool:
    """Return whether files of that name are documents."""
    return Path(name).suffix.lower() in READERS.keys() | PACKED.keys()


class Readings:
    """Reads files as a build does, in its child processes and within its limits."""

    def __init__(self, folder: Folder, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._known: dict[Path, Reading] = {}

    def kept(self, file: File, particulars: Particulars) -> Reading | None:
        """Return how a file is read if that is known."""
        place = self._place(file, particulars)
        if place not in self._known:
            try:
                self._known[place] = _READING.validate_json(place.read_bytes())
            except (OSError, ValidationError):
                return None
        return self._known[place]

    def text(self, file: File, particulars: Particulars) -> str:
        """Return the text that was read of a file, "" if it is not known."""
        try:
            return self._place(file, particulars).with_suffix(".txt").read_text(encoding="utf-8")
        except OSError:
            return ""

    def read(self, files: Iterable[tuple[File, Particulars]]) -> Iterator[tuple[str, Reading]]:
        """Read files and keep what they give; yield name and reading of each.

        Raises:
            CorpusError: no process can be started to read them.
            ParkqaError: what they give cannot be kept.
        """
        for file, particulars, outcome in self._read(files):
            place = self._place(file, particulars)
            if isinstance(outcome, DocumentError):
                reading = _failed(outcome)
            else:
                reading = _made(outcome)
                write(place.with_suffix(".txt"), outcome.document.text.encode())
            write(place, json.dumps(asdict(reading), ensure_ascii=False).encode())
            yield file.name, reading

    def whole(self, file: File, particulars: Particulars) -> FileReading:
        """Read one file; return the document with its blocks and passages.

        Raises:
            DocumentError: it cannot be read.
        """
        outcome = next(outcome for _, _, outcome in self._read([(file, particulars)]))
        if isinstance(outcome, DocumentError):
            raise outcome
        return outcome

    def _read(
        self, files: Iterable[tuple[File, Particulars]]
    ) -> Iterator[tuple[File, Particulars, FileReading | DocumentError]]:
        with Readers() as readers:
            for file, particulars in files:
                with self._as_named(file) as (path, root):
                    job = Job(path, root, particulars, self._limits)
                    try:
                        small = is_small(path)
                        outcome: Future[FileReading] | None = None if small else readers.submit(job, file.name)
                        yield file, particulars, outcome.result() if outcome else read_file(job)
                    except DocumentError as error:
                        yield file, particulars, error

    @contextmanager
    def _as_named(self, file: File) -> Iterator[tuple[Path, Path]]:
        """Give a file and the corpus folder that it is in, also where its content lies among the blobs."""
        if file.path.name == Path(file.name).name:
            yield file.path, file.path.parents[len(Path(file.name).parts) - 1]
            return
        with self._folder.aside() as root:
            path = root / file.name
            with saying_what_failed():
                path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(file.path, path)
                except OSError:  # a file system without links
                    shutil.copyfile(file.path, path)
            yield path, root

    def _place(self, file: File, particulars: Particulars) -> Path:
        key = (_FORMAT, __version__, file.name, file.sha, sorted(particulars.items()), asdict(self._limits))
        return self._folder.readings / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]}.json"


def _failed(error: DocumentError) -> Reading:
    return Reading(error=(error.reason_zh, error.reason_en))


def _made(found: FileReading) -> Reading:
    document = found.document
    pages = {block.page for block in document.blocks if block.page is not None}
    notes = [(note.zh, note.en) for note in found.notes if note.warns]
    if len(found.passages) < found.total:
        more = more_than_used(document.path, found.total, len(found.passages))
        notes.append((more.reason_zh, more.reason_en))
    return Reading(
        document.title,
        document.date,
        document.valid_until,
        len(pages) or None,
        len(found.passages),
        document.sha256,
        found.staff_only,
        tuple(notes),
    )
