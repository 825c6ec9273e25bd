"""Has many files read: archives are unpacked, old formats converted, and each file is read within its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from parkqa.corpus import file_checks
from parkqa.corpus.aside import folder_aside
from parkqa.corpus.containers import CONTAINERS, Unpacked, unpack
from parkqa.corpus.conversion import Office
from parkqa.corpus.folder import check_name
from parkqa.corpus.limits import FileReading, Job, Limits, is_small
from parkqa.corpus.old_formats import OFFICE, real_suffix
from parkqa.corpus.other_formats import holds_documents, refusal
from parkqa.corpus.processes import Helpers, Readers
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.rendering import with_pages
from parkqa.corpus.word97 import with_last_paragraph
from parkqa.errors import DocumentError

Outcome = FileReading | DocumentError


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was found: where it is, and the folder that it may not lie outside of."""

    path: Path
    root: Path


@dataclass(frozen=True, slots=True)
class FilesReading:
    """What was read of many files.

    Attributes:
        outcomes: what each file gave, or why it was left out, in the order of the names.
        skipped: the names of files in formats that are not read.
        names: the names of all files, with those in archives and mails.
    """

    outcomes: tuple[Outcome, ...]
    skipped: tuple[str, ...]
    names: frozenset[str]


def read_files(
    found: Mapping[str, Found],
    particulars: Mapping[str, Mapping[str, str]],
    limits: Limits,
    helpers: Helpers,
    read: Callable[[Job], FileReading],
    kinds: frozenset[str],
) -> FilesReading:
    """Read files, and those that are in them.

    Args:
        found: the files by name.
        particulars: the entries of park.yaml by name.
        limits: what one file may take.
        helpers: LibreOffice and the recogniser of pictures, where they are.
        read: reads a file in this process, as the child processes do: ``documents.read_file``, which lies above.
        kinds: the suffixes of files that are read.

    Raises:
        CorpusError: no process can be started to read the files.
    """
    with (
        folder_aside("unpacked") as aside,
        Readers(helpers) as readers,
    ):
        job = partial(_job, particulars=particulars, limits=limits)
        every, failed = _with_members(found, job, readers, aside, kinds)
        jobs = {name: job(name, place) for name, place in sorted(every.items()) if place.path.suffix.lower() in kinds}
        outcomes = [*_outcomes(jobs, readers, read)]
    others = [name for name in every if name not in jobs]
    refused = [refusal(name) for name in others if holds_documents(name)]
    skipped = [name for name in others if not holds_documents(name)]
    return FilesReading((*outcomes, *failed, *refused), tuple(sorted(skipped)), frozenset(every))


def _job(name: str, place: Found, particulars: Mapping[str, Mapping[str, str]], limits: Limits) -> Job:
    return Job(place.path, place.root, particulars.get(name, {}), limits, name)


def _with_members(
    found: Mapping[str, Found], job: Callable[[str, Found], Job], readers: Readers, aside: Path, wanted: frozenset[str]
) -> tuple[dict[str, Found], list[DocumentError]]:
    """Return the files with those that are in containers, without containers that are no document; and what failed."""
    every, failed = dict(found), []
    boxes = [name for name, place in found.items() if place.path.suffix.lower() in CONTAINERS & wanted]
    folders = {name: aside / str(number) for number, name in enumerate(boxes)}
    waiting = {}
    for name, folder in folders.items():
        folder.mkdir()
        task = partial(unpack, folder=folder, wanted=wanted)
        waiting[name] = readers.start(partial(readers.ask, job(name, found[name]), name, task))
    for name, future in waiting.items():
        try:
            unpacked: Unpacked = future.result()
        except DocumentError as error:
            failed.append(error)
            del every[name]
            continue
        if not unpacked.has_text:
            del every[name]
        for member, path in unpacked.files:
            every[f"{name}/{member}"] = Found(path or Path(member), folders[name])
        failed += [DocumentError(f"{name}/{member}", zh, en) for member, zh, en in unpacked.failed]
    return every, failed


def _outcomes(jobs: Mapping[str, Job], readers: Readers, read: Callable[[Job], FileReading]) -> Iterator[Outcome]:
    """Yield what each file gives, in order; small plain files are read here, the others in child processes."""
    names: dict[str, str] = {}
    elsewhere = {
        name: readers.start(partial(_read, job, readers)) for name, job in jobs.items() if not is_small(job.path)
    }
    for name, job in jobs.items():
        try:
            check_name(name, names)
            yield elsewhere[name].result() if name in elsewhere else read(job)
        except DocumentError as error:
            yield error


def _read(job: Job, readers: Readers) -> FileReading:
    """Read a file, by way of LibreOffice where it is in an old format, with the pages that can be shown."""
    if job.path.suffix.lower() in OFFICE:
        job = _converted(job, readers, readers.helpers.office)
    return with_pages(readers.ask(job, job.name), job, readers)


def _converted(job: Job, readers: Readers, office: Office | None) -> Job:
    """Have a file in an old format converted, unless it holds text; without LibreOffice only that can be read."""
    try:
        held: Held = readers.ask(job, job.name, what_it_holds)
    except DocumentError:
        if office is None:
            raise refusal(job.name) from None
        raise
    if held.raw is None:
        return job
    if office is None:
        raise refusal(job.name)
    try:
        made = office.convert(held.raw, held.suffix, job.path.suffix.lower(), job.limits.seconds)
    except Unreadable as error:
        raise DocumentError(job.name, error.zh, error.en) from error
    return replace(job, converted=made)


@dataclass(frozen=True, slots=True)
class Held:
    """What a file in an old format holds: the suffix that fits it, and the bytes to convert; None where it is text."""

    suffix: str
    raw: bytes | None


def what_it_holds(job: Job) -> Held:
    """Return what a file in an old format holds; a task for the child processes, for it may come from anybody.

    Raises:
        Unreadable: as ``old_formats.real_suffix``.
    """
    raw = file_checks.read_bytes(job.path, job.root)
    suffix = real_suffix(raw, job.path.suffix.lower())
    if suffix not in OFFICE and suffix != ".xml":
        return Held(suffix, None)
    return Held(suffix, with_last_paragraph(raw) if suffix == ".doc" else raw)
