"""The formats of documents: the reader of each file suffix, and a file's bytes made into a draft by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from parkqa.corpus import file_checks
from parkqa.corpus.containers import CONTAINERS
from parkqa.corpus.decoding import decoded, normalised
from parkqa.corpus.old_formats import OFFICE, real_suffix
from parkqa.corpus.readers import grids, html, mail, markdown, pdf, pictures, plain, sheets, slides, word
from parkqa.corpus.readers.draft import Draft, Unreadable
from parkqa.corpus.readers.scans import Recognise


class _Paged(Protocol):
    """A reader that also takes what recognises the pages that are pictures."""

    def __call__(self, raw: bytes, recognise: Recognise | None = None) -> Draft: ...


READERS: Mapping[str, Callable[[str], Draft]] = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": plain.read,
    ".html": html.read,
    ".htm": html.read,
    ".csv": grids.read_csv,
    ".tsv": grids.read_csv,
}
"""The readers of text formats by file suffix; they take the decoded text."""

MAILS: Mapping[str, Callable[[bytes], Draft]] = {".eml": mail.read, ".mht": mail.read_page, ".mhtml": mail.read_page}
"""The readers of mails and saved pages by file suffix; they take the bytes, of which any are a mail."""

PACKED: Mapping[str, _Paged] = {".docx": word.read, ".pdf": pdf.read, ".pptx": slides.read, ".xlsx": sheets.read}
"""The readers of binary formats by file suffix; they take the bytes, and what recognises pictures."""

PICTURED: Mapping[str, _Paged] = {
    **PACKED,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"), pictures.read),
}
"""The readers of what may hold pages that are pictures; they also take what recognises these."""

PICTURES = PICTURED.keys() - PACKED.keys()
"""Formats of pictures: they are documents where text can be recognised, and else skipped."""

KINDS = frozenset((*READERS, *MAILS, *PACKED, *OFFICE, *CONTAINERS))
"""The suffixes of all files that may be read: by a reader, through LibreOffice, or unpacked."""


def kinds(ocr: bool) -> frozenset[str]:
    """Return the suffixes of the files that are read, with or without pictures."""
    return KINDS | PICTURES if ocr else KINDS


def is_picture(name: str) -> bool:
    """Return whether the path of a file names a picture."""
    return Path(name).suffix.lower() in PICTURES


def draft_of(raw: bytes, suffix: str, recognise: Recognise | None) -> Draft:
    """Check the bytes of a file and hand them to the reader of its format.

    Raises:
        Unreadable: the file is of another format, damaged, encrypted or too large.
    """
    suffix = real_suffix(raw, suffix) if suffix in OFFICE else suffix
    if suffix in MAILS:
        return _mail(raw, suffix)
    if suffix in READERS:
        file_checks.check_text(raw, suffix)
        try:
            return READERS[suffix](normalised(decoded(raw)))
        except Unreadable as error:
            if picture := file_checks.not_text(raw, suffix):
                raise picture from error
            raise
        except RecursionError as error:  # HTML nested a thousand levels deep
            raise file_checks.damaged() from error
    (file_checks.check_picture if suffix in PICTURES else file_checks.check)(raw, suffix)
    try:
        return PICTURED[suffix](raw, recognise)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # the libraries' errors for a damaged file have no common base class
        if file_checks.out_of_memory(error):
            raise MemoryError from error
        raise file_checks.failure(error) from error


def _mail(raw: bytes, suffix: str) -> Draft:
    """Read a mail or a saved page; raises as ``draft_of``."""
    try:
        return MAILS[suffix](raw)
    except RecursionError as error:  # parts within parts
        raise file_checks.damaged() from error
