"""Documents for staff only: they reach no index, so that nothing that is made from one can show them to a visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parkqa.corpus.curation.park import STAFF_ONLY
from parkqa.corpus.limits import FileReading
from parkqa.errors import DocumentError


def is_staff_only(name: str, meta: Mapping[str, object]) -> bool:
    """Return whether a document, with its properties of front matter and park.yaml, is for staff only.

    Raises:
        DocumentError: that cannot be told. The file is then left out, for it must not slip through.
    """
    value = meta.get(STAFF_ONLY)
    said = str("false" if value is None else value).strip().lower()
    if said not in ("true", "false"):
        raise DocumentError(
            name,
            f"{STAFF_ONLY} 应写成 true 或 false，请改正。",
            f"{STAFF_ONLY} must be true or false; please correct it.",
        )
    return said == "true"


def for_visitors(
    readings: Sequence[FileReading], particulars: Mapping[str, Mapping[str, str]]
) -> tuple[list[FileReading], list[DocumentError]]:
    """Return what visitors may see, and what staff should be told of the rest.

    Translations of a document for staff only are so too, even where that document could not be read, and what is in a
    mail or an archive that is marked; ``particulars`` are the properties from park.yaml. A document with the same text
    that is not marked is shown, and staff are told.
    """
    marked = {name for name, values in particulars.items() if values.get(STAFF_ONLY) == "true"}
    marked |= {each.document.path for each in readings if each.staff_only}
    hidden = [e for e in readings if marked & {*_within(e.document.path), e.document.translation_of}]
    names = {each.document.path for each in hidden}
    shown = [each for each in readings if each.document.path not in names]
    texts = {each.document.sha256 for each in hidden}
    notes = [
        DocumentError(each.document.path, "只供内部，访客查不到。", "for staff only; not for visitors.")
        for each in hidden
    ]
    notes += [_same_text(each.document.path) for each in shown if each.document.sha256 in texts]
    return shown, notes


def _within(path: str) -> list[str]:
    """Return a path and those of what it lies in: a mail or an archive that is marked hides what is in it."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _same_text(name: str) -> DocumentError:
    return DocumentError(
        name,
        "与一份只供内部的资料文字相同，却没有标明，访客查得到。",
        "its text is that of a document for staff only, and it is not marked; visitors find it.",
    )
