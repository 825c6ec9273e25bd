"""Reads the files of the corpus folder into ``Document`` objects.

A file that cannot be read never stops the others: it is reported with a reason and a remedy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from parkqa.corpus import file_checks
from parkqa.corpus.conversion import Office
from parkqa.corpus.curation.park import is_day
from parkqa.corpus.folder import linked_folders, listed, name_of
from parkqa.corpus.formats import MAILS, PACKED, PICTURES, READERS, draft_of, is_picture, kinds
from parkqa.corpus.kept_files import KeptFiles
from parkqa.corpus.limits import FileReading, Job, Limits, bounded, more_than_used
from parkqa.corpus.other_formats import refusal
from parkqa.corpus.processes import Helpers
from parkqa.corpus.readers import markdown
from parkqa.corpus.readers.draft import Draft, Note, Unreadable
from parkqa.corpus.readers.scans import Recognise
from parkqa.corpus.reading import FilesReading, Found, read_files
from parkqa.corpus.recognition import Recogniser
from parkqa.corpus.splitting import split
from parkqa.corpus.staff_only import for_visitors, is_staff_only
from parkqa.errors import CorpusError, DocumentError
from parkqa.types import Document, Passage

OWN = frozenset({"park.yaml", "glossary.yaml", "faq.yaml", "sites.yaml"})
"""Files in the corpus folder that configure parkqa and are not documents."""

_PAPER = re.compile(r".{0,40}关于.+的(?:通知|通告|公告|意见|决定|批复|函|报告|请示)")
"""The title of an official paper."""
_META = ("title", "date", "year", "valid_until", "translation_of", "url")
"""The keys of front matter that are used; others are ignored."""


_FETCHED = "sites/"
"""Where ``parkqa fetch`` puts pages; only what it wrote says truly where a page is on the web."""

Particulars = Mapping[str, Mapping[str, str]]
"""The entries under ``documents`` in park.yaml: path of a document to its ``park.PARTICULARS``."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The result of reading a corpus folder.

    ``documents`` are in the order of their paths. ``skipped`` are the paths of files in formats that are not read.
    ``failed`` has an error for each file that could not be read; ``notes`` are warnings (scanned pages, entries of
    park.yaml without a file, more passages than are used) about which staff should be told, though no file was left
    out. ``passages`` are those of each document by its path; a translation has none, since they follow its original.
    """

    documents: tuple[Document, ...]
    skipped: tuple[str, ...]
    failed: tuple[DocumentError, ...]
    notes: tuple[DocumentError, ...] = ()
    passages: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)


def read_corpus(
    root: Path,
    particulars: Particulars | None = None,
    limits: Limits | None = None,
    office: Office | None = None,
    recogniser: Recogniser | None = None,
    left: Container[str] = (),
    shown: KeptFiles | None = None,
) -> Corpus:
    """Read every supported file below a folder, within the limits of time and memory.

    The files in archives and mails become documents, too. Of files with the same text only the first becomes a
    document; it names the others in ``also_in``.

    Args:
        root: the corpus folder.
        particulars: properties of single documents from park.yaml; they override the front matter of the file.
        limits: what one file may take; by default as ``Limits`` has them.
        office: LibreOffice, which old formats are read through; without it they have failed.
        recogniser: recognises the text of pages that are pictures, and of pictures; by default that is not done.
        left: paths of pictures that are not to be read.
        shown: keeps what pictures of pages are drawn from; by default Word files and slides have no pages to show.

    Returns:
        The documents, and what was skipped or failed and why. Files in document formats that are not read have failed.

    Raises:
        CorpusError: ``root`` is not a folder, or no process can be started to read the files.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "about.md").write_text("# 园区\\n\\n成立于2003年。", encoding="utf-8")
    ...     corpus = read_corpus(Path(folder), {"about.md": {"date": "2024-05-01"}})
    >>> [(document.path, document.title, document.date) for document in corpus.documents]
    [('about.md', '园区', '2024-05-01')]
    """
    if not root.is_dir():
        raise CorpusError(
            f"没有资料文件夹 {root}，请建好它或设 PARKQA_CORPUS。",
            f"There is no corpus folder {root}; make it or set PARKQA_CORPUS.",
        )
    particulars = particulars or {}
    every = {name_of(path, root): Found(path, root) for path in listed(root) if path.name not in OWN}
    found = {name: place for name, place in every.items() if name not in left}
    helpers = Helpers(office, recogniser, shown)
    read = read_files(found, particulars, limits or Limits(), helpers, read_file, kinds(recogniser is not None))
    skipped = tuple(sorted({*read.skipped, *(every.keys() - found.keys())}))
    return _gathered(read, particulars, [_is_link(name) for name in linked_folders(root)], skipped)


def _gathered(
    read: FilesReading, particulars: Particulars, links: list[DocumentError], skipped: tuple[str, ...]
) -> Corpus:
    """Return the corpus of files that were read: each text once, without what is for staff only, and what was said."""
    outcomes = [each for each in read.outcomes if isinstance(each, FileReading)]
    errors = [each for each in read.outcomes if isinstance(each, DocumentError)]
    readings, kept_back = for_visitors(outcomes, particulars)
    documents = _once([reading.document for reading in readings])
    kept = {document.path for document in documents}
    notes = [_no_such(name) for name in particulars if name not in read.names]
    notes += [note for reading in outcomes for note in _remarks(reading)]
    notes += [*(error for error in errors if is_picture(error.path)), *kept_back]
    return Corpus(
        documents,
        skipped,
        failed=(*links, *(error for error in errors if not is_picture(error.path))),
        notes=tuple(notes),
        passages={each.document.path: each.passages for each in readings if each.document.path in kept},
    )


def _remarks(reading: FileReading) -> Iterator[DocumentError]:
    """Yield what staff should be told about a file that was read."""
    name, used = reading.document.path, len(reading.passages)
    yield from (DocumentError(name, note.zh, note.en) for note in reading.notes if note.warns)
    if used < reading.total:
        yield more_than_used(name, reading.total, used)


def _is_link(name: str) -> DocumentError:
    return DocumentError(
        name,
        "是指到别处的文件夹的链接，里面的文件没有读，请把文件夹本身放进来。",
        "it is a link to a folder, and what is in there was not read; put the folder itself there.",
    )


def _no_such(name: str) -> DocumentError:
    return DocumentError(
        name,
        "park.yaml 的 documents 写了它，但资料文件夹里没有，请核对文件名。",
        "park.yaml names it under documents, and it is not in the corpus folder; check the name.",
    )


def _once(documents: list[Document]) -> tuple[Document, ...]:
    """Keep the first of all documents with the same text, and name the others in its ``also_in``."""
    first: dict[tuple[str, str | None], Document] = {}
    for document in documents:
        key = (document.sha256, document.translation_of)
        kept = first.get(key)
        first[key] = replace(kept, also_in=(*kept.also_in, document.path)) if kept else document
    return tuple(first.values())


def read_alone(
    path: Path, limits: Limits, office: Office | None = None, recogniser: Recogniser | None = None
) -> FilesReading:
    """Read one file, and those in it, as ``read_corpus`` does; raises CorpusError as that."""
    found = {path.name: Found(path, path.parent)}
    wanted = kinds(recogniser is not None)
    return read_files(found, {}, limits, Helpers(office, recogniser), read_file, wanted)


def read_document(path: Path, root: Path) -> Document:
    """Read one file, see ``read_with_notes``."""
    return read_with_notes(path, root)[0]


def read_with_notes(path: Path, root: Path, recognise: Recognise | None = None) -> tuple[Document, tuple[Note, ...]]:
    """Read one file; return the document, and what was left out or cannot be read.

    Args:
        path: the file, below ``root``.
        root: the corpus folder.
        recognise: recognises pages that are pictures; by default that is not done.

    Raises:
        DocumentError: it is in a format that is not read, lies outside ``root`` (by a link), cannot be read or decoded,
            has no text, or its front matter is wrong.
    """
    if path.suffix.lower() not in (*READERS, *MAILS, *PACKED, *(PICTURES if recognise else ())):
        raise refusal(name_of(path, root))
    document, notes, _ = _read(Job(path, root, {}, Limits()), recognise)
    return document, notes


def read_file(job: Job, recognise: Recognise | None = None) -> FileReading:
    """Read one file in this process and cut it into passages; ``recognise`` is as for ``read_with_notes``.

    Raises:
        DocumentError: as ``read_document``.
    """
    document, notes, staff_only = _read(job, recognise)
    if document.translation_of is not None:
        return FileReading(document, (), notes, staff_only=staff_only)
    passages = split(document)
    used = bounded(passages, job.limits.passages)
    return FileReading(document, used, notes, len(passages), staff_only)


def _read(job: Job, recognise: Recognise | None) -> tuple[Document, tuple[Note, ...], bool]:
    """Read a file in a supported format, with its properties from park.yaml; tell also whether it is for staff only.

    See ``read_with_notes``.
    """
    name, path = job.document, job.converted or job.path
    try:
        raw = file_checks.read_bytes(path, path.parent if job.converted else job.root)
        draft = draft_of(raw, path.suffix.lower(), recognise)
    except Unreadable as error:
        raise DocumentError(name, error.zh, error.en) from error
    except markdown.FrontMatterError as error:
        raise DocumentError(
            name,
            f"第 {error.line} 行的文件头（---）写错了，应一行一项，如 title: 标题 或 date: 2024-05-01。",
            f"its front matter is wrong at line {error.line}; write one `title: …` or `date: 2024-05-01` a line.",
        ) from error
    if not draft.text.strip() and draft.notes:
        raise DocumentError(name, "".join(n.zh for n in draft.notes), " ".join(n.en for n in draft.notes))
    if not draft.text.strip():
        raise DocumentError(
            name, "文件是空的，没有文字，请补上内容或删掉它。", "the file is empty, without text; fill it or delete it."
        )
    draft = replace(draft, meta={**draft.meta, **job.particulars})
    document = replace(_document(name, draft), converted=job.converted is not None)
    if draft.leaves:
        document = replace(document, leaves=draft.leaves, file=hashlib.sha256(raw).hexdigest())
    return replace(document, recognized=draft.recognized), draft.notes, is_staff_only(name, draft.meta)


def _document(name: str, draft: Draft) -> Document:
    """Make the document of a draft.

    Raises:
        DocumentError: a value in its front matter cannot be used.
    """
    meta = {key: _scalar(name, key, value) for key, value in draft.meta.items() if key in _META and value is not None}
    if not is_day(meta.get("valid_until", "2026-12-31")):
        raise DocumentError(
            name,
            "valid_until 应写成 2026-12-31 这样的一天，请改正。",
            "its valid_until must be a day such as 2026-12-31; please correct it.",
        )
    return Document(
        path=name,
        title=meta.get("title") or _title(name, draft),
        text=draft.text,
        sha256=hashlib.sha256(draft.text.encode("utf-8")).hexdigest(),
        blocks=draft.blocks,
        date=meta.get("date") or meta.get("year"),
        valid_until=meta.get("valid_until"),
        translation_of=meta.get("translation_of"),
        url=_address(name, meta.get("url", "")),
    )


def _address(name: str, url: str) -> str | None:
    """Return where a page that was fetched is on the web; None for any other file, whatever it says."""
    return url if name.startswith(_FETCHED) and url.startswith(("http://", "https://")) else None


def _title(name: str, draft: Draft) -> str:
    """Return the first level-1 heading, or the file's name without suffix if there is none.

    In binary formats several level-1 headings are chapters, and none of them is the title of the document, but that of
    an official paper (关于…的通知), below which stands what it issues.
    """
    headings = [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "heading" and b.level == 1]
    chapters = len(headings) > 1 and Path(name).suffix.lower() in PACKED.keys() | PICTURES
    chapters = chapters and not _PAPER.fullmatch(headings[0])
    return headings[0] if headings and not chapters else Path(name).stem


def _scalar(name: str, key: str, value: object) -> str:
    """Return a value of front matter as text; raise DocumentError if it is a list, a mapping or a boolean."""
    if isinstance(value, str | int | float | date) and not isinstance(value, bool):
        return str(value).strip()
    raise DocumentError(
        name,
        f"文件头的 {key} 应是一行文字，请改正。",
        f"{key} in its front matter must be one line of text; please correct it.",
    )
