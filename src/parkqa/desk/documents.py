"""The list of documents: each with what is known of it, and in what state it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from parkqa.corpus.documents import OWN
from parkqa.desk.files import File, Files
from parkqa.desk.readings import Reading, Readings, is_read
from parkqa.desk.shelf import Shelf
from parkqa.text.folding import folded
from parkqa.types import Document

Condition = Literal[
    "used",
    "changed",
    "new",
    "gone",
    "left_out",
    "staff",
    "double",
    "pending",
    "not_read",
    "noted",
    "expired",
    "conflict",
]
"""In use as it is; changed since the live build; not in it yet; retired, but still in it; left out; for staff only; the
same text as another; not read yet; no document; in use with notes; past its last day; changed by other means too."""
SNIPPET = 60
"""Characters on either side of what was found."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; ``reading`` is None where the file is still to be read or is no document.

    ``found`` is the passage in which what was searched for stands: before it, itself, after it.
    """

    file: File
    reading: Reading | None
    conditions: tuple[Condition, ...]
    found: tuple[str, str, str] | None = None


def rows(
    shelf: Shelf, readings: Readings, live: Mapping[str, Document], today: date, there: Files | None = None
) -> list[Row]:
    """Return a row for each file, in the order of their names; ``live`` are the documents that visitors are quoted."""
    there = there or shelf.files()
    park = shelf.park(there)
    doubles = {name for document in live.values() for name in document.also_in}
    made = []
    for file in sorted((*there.present.values(), *there.gone.values()), key=lambda file: file.name):
        if file.name in OWN or file.name in park.pictures:
            continue
        reading = readings.kept(file, park.documents.get(file.name, {})) if is_read(file.name) else None
        document = live.get(file.name)
        made.append(Row(file, reading, _conditions(file, reading, document, file.name in doubles, today)))
    return made


def pending(shelf: Shelf, readings: Readings) -> list[tuple[File, Mapping[str, str]]]:
    """Return the files that are still to be read, with their particulars."""
    there = shelf.files()
    park = shelf.park(there)
    others = {*OWN, *park.pictures}
    jobs = [(file, park.documents.get(file.name, {})) for file in there.present.values() if is_read(file.name)]
    return [(file, given) for file, given in jobs if file.name not in others and readings.kept(file, given) is None]


def holding(shelf: Shelf, readings: Readings, listed: list[Row], words: str) -> list[Row]:
    """Return the rows whose name, title or text has all of some words, documents for staff only too."""
    sought = folded(words).split()
    particulars = shelf.particulars()
    found = []
    for row in listed:
        text = readings.text(row.file, particulars.get(row.file.name, {}))
        whole = folded(f"{row.file.name} {row.reading.title if row.reading else ''} {text}")
        if all(word in whole for word in sought):
            found.append(replace(row, found=_snippet(text, sought)))
    return found


def _snippet(text: str, sought: list[str]) -> tuple[str, str, str] | None:
    """Return where the first word stands in a text; it is looked for unfolded, since folding moves places."""
    lowered = text.lower()
    at = next((lowered.find(word) for word in sought if word in lowered), -1) if len(lowered) == len(text) else -1
    if at < 0:
        return None
    end = at + len(next(word for word in sought if word in lowered))
    return text[max(0, at - SNIPPET) : at], text[at:end], text[end : end + SNIPPET]


def _conditions(
    file: File, reading: Reading | None, document: Document | None, double: bool, today: date
) -> tuple[Condition, ...]:
    more: list[Condition] = ["conflict"] if file.conflict else []
    if file.change is not None and file.change.new is None:
        return ("gone", *more)
    if reading is None:
        return ("pending" if is_read(file.name) else "not_read", *more)
    if reading.notes:
        more.append("noted")
    if reading.valid_until and reading.valid_until < today.isoformat():
        more.append("expired")
    return (_main(reading, document, double), *more)


def _main(reading: Reading, document: Document | None, double: bool) -> Condition:
    if reading.error:
        return "left_out"
    if reading.staff_only:
        return "staff" if document is None else "changed"
    if document is None:
        return "double" if double else "new"
    same = (document.sha256, document.title, document.date, document.valid_until)
    return "used" if same == (reading.sha256, reading.title, reading.date, reading.valid_until) else "changed"
