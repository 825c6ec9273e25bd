"""What the office looks at: the documents as the draft has them, each read as a build reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

from parkqa.corpus.limits import FileReading
from parkqa.desk import documents
from parkqa.desk.background import Background
from parkqa.desk.documents import Row
from parkqa.desk.files import File
from parkqa.desk.pages import Pages
from parkqa.desk.readings import Readings
from parkqa.desk.shelf import Shelf
from parkqa.desk.state import Version
from parkqa.errors import ParkqaError
from parkqa.types import Document


class Library:
    """The documents, their readings and versions; nothing is changed by looking at them.

    ``live`` returns the documents that visitors are quoted. ``work`` reads what has not been read yet.
    """

    def __init__(
        self, shelf: Shelf, readings: Readings, pages: Pages, live: Callable[[], Mapping[str, Document]]
    ) -> None:
        self._shelf = shelf
        self._readings = readings
        self._pages = pages
        self._live = live
        self._reading = threading.Lock()
        self.work = Background("parkqa-read")

    def rows(self) -> list[Row]:
        """Return the list of documents."""
        return documents.rows(self._shelf, self._readings, self._live(), date.today())

    def holding(self, rows: list[Row], words: str) -> list[Row]:
        """Return those that hold some words, all of them if none are given."""
        return documents.holding(self._shelf, self._readings, rows, words) if words.strip() else rows

    def row(self, name: str) -> Row:
        """Return one document.

        Raises:
            ParkqaError: there is none.
        """
        found = next((row for row in self.rows() if row.file.name == name), None)
        if found is None:
            raise ParkqaError(f"没有 {name} 这份资料。", f"There is no document {name}.")
        return found

    def begin_reading(self, who: str) -> None:
        """Begin to read the files that have not been read yet, unless that is going on; return immediately."""
        with suppress(ParkqaError):
            self.work.start(who, lambda: self.read_pending(self.work.tell))

    def read_pending(self, tell: Callable[[str], None] = lambda name: None) -> None:
        """Read the files that have not been read yet, after those that somebody is reading already.

        ``tell`` is given the name of each that has been read.
        """
        with self._reading:
            for name, _ in self._readings.read(documents.pending(self._shelf, self._readings)):
                tell(name)

    def reading(self, file: File) -> FileReading:
        """Read a document; return it with its blocks and passages.

        Raises:
            DocumentError: it cannot be read.
        """
        return self._readings.whole(file, self._shelf.particulars().get(file.name, {}))

    def paged(self, file: File) -> Document:
        """See ``Pages.document``."""
        return self._pages.document(file, self._shelf.particulars().get(file.name, {}))

    def versions(self, name: str) -> tuple[Version, ...]:
        """Return the earlier versions of a document that are kept, newest first."""
        return self._shelf.state().versions.get(name, ())

    def retired(self) -> list[str]:
        """Return the documents that are gone and of which a version is kept."""
        there, state = self._shelf.files(), self._shelf.state()
        return sorted(name for name in state.versions if name not in there.present and name not in there.gone)
