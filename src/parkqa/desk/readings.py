"""How the files are read, kept by their content, so that a list of many documents needs no reading."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from parkqa import __version__
from parkqa.corpus.conversion import found
from parkqa.corpus.documents import read_file
from parkqa.corpus.formats import KINDS, PICTURES, kinds
from parkqa.corpus.kept_files import KeptFiles
from parkqa.corpus.limits import FileReading, Limits, more_than_used
from parkqa.corpus.other_formats import refusal
from parkqa.corpus.processes import Helpers
from parkqa.corpus.reading import Found, Outcome, read_files
from parkqa.corpus.recognition import recogniser, version
from parkqa.desk.files import File
from parkqa.desk.folder import Folder, saying_what_failed, write
from parkqa.errors import DocumentError
from parkqa.settings import Settings

Particulars = Mapping[str, str]
_FORMAT = 2
"""Version of what is kept."""
TOGETHER = 8
"""Files that are read before what they give is kept. Chosen by hand: each lot starts the processes that read anew."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gives. ``error`` is why it is left out, in Chinese and English; ``notes`` are remarks in both.

    ``pages`` is None for a format without pages; ``sha256`` is that of the text. Of an archive or a mail, ``passages``
    are those of all that is in it.
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
    return Path(name).suffix.lower() in KINDS | PICTURES


class Readings:
    """Reads files as a build does, in its child processes and within its limits."""

    def __init__(self, folder: Folder, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._limits = Limits.of(settings)
        self._known: dict[Path, Reading] = {}

    def kept(self, file: File, particulars: Particulars) -> Reading | None:
        """Return how a file is read if that is known."""
        place = self.place(file, particulars)
        if place not in self._known:
            try:
                self._known[place] = _READING.validate_json(place.read_bytes())
            except (OSError, ValidationError):
                return None
        return self._known[place]

    def text(self, file: File, particulars: Particulars) -> str:
        """Return the text that was read of a file, "" if it is not known."""
        try:
            return self.place(file, particulars).with_suffix(".txt").read_text(encoding="utf-8")
        except OSError:
            return ""

    def read(self, files: Iterable[tuple[File, Particulars]]) -> Iterator[tuple[str, Reading]]:
        """Read files and keep what they give; yield name and reading of each.

        Raises:
            CorpusError: no process can be started to read them.
            ParkqaError: what they give cannot be kept.
        """
        for file, particulars, outcomes in self._read(files):
            yield file.name, self._keep(file, particulars, outcomes)

    def whole(self, file: File, particulars: Particulars, shown: KeptFiles | None = None) -> FileReading:
        """Read one file; return the document with its blocks and passages, of an archive the first that is in it.

        What it gives is kept. With ``shown`` it has the pages too that can be shown, and what they are drawn from is
        kept there.

        Raises:
            DocumentError: it cannot be read.
            ParkqaError: what it gives cannot be kept.
        """
        outcomes = next(outcomes for _, _, outcomes in self._read([(file, particulars)], shown))
        if self.kept(file, particulars) is None:
            self._keep(file, particulars, outcomes)
        for outcome in outcomes:
            if isinstance(outcome, FileReading):
                return outcome
        raise next((error for error in outcomes if isinstance(error, DocumentError)), refusal(file.name))

    def _keep(self, file: File, particulars: Particulars, outcomes: Sequence[Outcome]) -> Reading:
        place = self.place(file, particulars)
        readings = [outcome for outcome in outcomes if isinstance(outcome, FileReading)]
        if readings:
            write(place.with_suffix(".txt"), "\n".join(each.document.text for each in readings).encode())
        reading = _made(file.name, outcomes)
        write(place, json.dumps(asdict(reading), ensure_ascii=False).encode())
        return reading

    def _read(
        self, files: Iterable[tuple[File, Particulars]], shown: KeptFiles | None = None
    ) -> Iterator[tuple[File, Particulars, Sequence[Outcome]]]:
        """Yield what each file gives: one document or error, or those of all that is in it."""
        waiting = iter(files)
        while lot := [*islice(waiting, TOGETHER)]:
            with ExitStack() as stack:
                places = {file.name: Found(*stack.enter_context(self._as_named(file))) for file, _ in lot}
                given = {file.name: particulars for file, particulars in lot}
                ocr = recogniser(self._settings)
                helpers = Helpers(found(self._settings), ocr, shown, for_staff=True)
                read = read_files(places, given, self._limits, helpers, read_file, kinds(ocr is not None))
            for file, particulars in lot:
                yield file, particulars, [each for each in read.outcomes if _is_of(file.name, each)]

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

    def place(self, file: File, particulars: Particulars) -> Path:
        """Return where it is kept how a file is read; the name changes with all that the reading depends on."""
        helpers = (self._settings.office, bool(found(self._settings)), version() if self._settings.ocr != "off" else "")
        given = sorted(particulars.items())
        key = (_FORMAT, __version__, file.name, file.sha, given, asdict(self._limits), helpers)
        return self._folder.readings / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]}.json"


def _is_of(name: str, outcome: Outcome) -> bool:
    path = outcome.path if isinstance(outcome, DocumentError) else outcome.document.path
    return path == name or path.startswith(f"{name}/")


def _made(name: str, outcomes: Sequence[Outcome]) -> Reading:
    readings = [outcome for outcome in outcomes if isinstance(outcome, FileReading)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, DocumentError)]
    if not readings:
        error = errors[0] if errors else refusal(name)
        return Reading(error=(error.reason_zh, error.reason_en))
    first = readings[0].document
    texts = "".join(reading.document.sha256 for reading in readings)
    return Reading(
        title=first.title if first.path == name else Path(name).name,
        date=first.date,
        valid_until=first.valid_until,
        pages=sum(len({block.page for block in each.document.blocks} - {None}) for each in readings) or None,
        passages=sum(len(each.passages) for each in readings),
        sha256=first.sha256 if len(readings) == 1 else hashlib.sha256(texts.encode()).hexdigest(),
        staff_only=any(each.staff_only for each in readings),
        notes=(*(note for each in readings for note in _notes(each)), *map(_named, errors)),
    )


def _notes(reading: FileReading) -> Iterator[tuple[str, str]]:
    yield from ((note.zh, note.en) for note in reading.notes if note.warns)
    if len(reading.passages) < reading.total:
        more = more_than_used(reading.document.path, reading.total, len(reading.passages))
        yield more.reason_zh, more.reason_en


def _named(error: DocumentError) -> tuple[str, str]:
    """What is wrong with a file in an archive or a mail, with its name."""
    return f"{error.path}：{error.reason_zh}", f"{error.path}: {error.reason_en}"
