"""Word files and slides as pages: LibreOffice lays them out when the index is built, and the lines are found there.

What the pictures of pages are drawn from is kept (``kept_files``) where it does not lie in the corpus as it is.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from parkqa.corpus.conversion import Office
from parkqa.corpus.folder import name_of
from parkqa.corpus.kept_files import KeptFiles
from parkqa.corpus.limits import FileReading, Job
from parkqa.corpus.page_lines import Written, lines_of
from parkqa.corpus.readers.draft import Note, Unreadable
from parkqa.errors import DocumentError
from parkqa.types import Document, Leaf

if TYPE_CHECKING:
    from parkqa.corpus.processes import Readers

_CHANGES = re.compile(rb"<w:(?:del|moveFrom)[ >]")
"""What was deleted and is kept in the file until somebody accepts that; LibreOffice would draw it."""
_CHANGED = Note(
    "有没有接受的修订（删去的字还在文件里），不给看页面的样子；接受修订后保存就有。",
    "it has tracked changes, and what was deleted is still in it, so its pages are not shown; accept them and save it.",
)


def with_pages(reading: FileReading, job: Job, readers: Readers) -> FileReading:
    """Return what was read of a file with the pages of which pictures can be shown.

    Without such pages, a file is as good as before: what goes wrong is only noted.

    Args:
        reading: what was read.
        job: the file as it was read; ``converted`` is what LibreOffice made of it.
        readers: the processes that read files, and their helpers.
    """
    shown, office = readers.helpers.shown, readers.helpers.office
    if shown is None or (reading.staff_only and not readers.helpers.for_staff):
        return reading
    source = job.converted or job.path
    document, notes = reading.document, reading.notes
    if office is not None and office.draws(source.suffix.lower()):
        try:
            document, more = _laid_out(document, replace(job, converted=source), readers, office, shown)
        except (DocumentError, Unreadable) as error:
            more = (_failed(error),)
        notes += more
    if any(leaf.drawn_from(document) == document.file for leaf in document.leaves) and _is_elsewhere(job):
        shown.keep(source)
    return replace(reading, document=document, notes=notes)


def _laid_out(
    document: Document, job: Job, readers: Readers, office: Office, shown: KeptFiles
) -> tuple[Document, tuple[Note, ...]]:
    """Return a document with the pages that LibreOffice makes of it.

    Raises:
        DocumentError: the file, or what was made of it, cannot be read.
        Unreadable: LibreOffice cannot read it.
    """
    assert job.converted is not None
    raw: bytes | None = readers.ask(job, job.name, to_be_drawn)
    if raw is None:
        return document, (_CHANGED,)
    made = office.pages(raw, job.converted.suffix.lower(), job.limits.seconds)
    written = [Written(block.start, block.end, block.label, row=block.kind == "row") for block in document.blocks]
    task = partial(pages_of, text=document.text, written=tuple(written))
    leaves: tuple[Leaf, ...] = readers.ask(replace(job, converted=made), job.name, task)
    digest = shown.keep(made) if leaves else ""
    return (replace(document, leaves=(*document.leaves, *leaves), drawn=digest) if digest else document), ()


def _failed(error: DocumentError | Unreadable) -> Note:
    zh, en = (error.reason_zh, error.reason_en) if isinstance(error, DocumentError) else (error.zh, error.en)
    return Note(f"页面的样子没有做成，文字照常：{zh}", f"its pages cannot be shown, its text can: {en}")


def _is_elsewhere(job: Job) -> bool:
    """Return whether what was read is not the file in the corpus."""
    return job.converted is not None or name_of(job.path, job.root) != job.name


def to_be_drawn(job: Job) -> bytes | None:
    """Return the bytes of a file to be laid out, None if it holds what was deleted; a task for the processes."""
    assert job.converted is not None
    with zipfile.ZipFile(job.converted) as package:
        parts = [name for name in package.namelist() if re.fullmatch(r"word/[^/]+\.xml", name)]
        if any(_CHANGES.search(package.read(name)) for name in parts):
            return None
    return job.converted.read_bytes()


def pages_of(job: Job, text: str, written: tuple[Written, ...]) -> tuple[Leaf, ...]:
    """Return the pages of a PDF on which lines of a document were found; a task for the processes."""
    assert job.converted is not None
    return tuple(lines_of(job.converted.read_bytes(), text, written))
