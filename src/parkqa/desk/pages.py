"""The pages of a document as they look, each with the text that was read of it; of files in the draft too.

All of it is kept in the desk's own folder, not with the pictures for visitors: it may be for staff only.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from parkqa.corpus.conversion import found
from parkqa.corpus.kept_files import SHOWN, KeptFiles
from parkqa.corpus.old_formats import OFFICE
from parkqa.corpus.page_pictures import PagePictures
from parkqa.desk.files import File
from parkqa.desk.folder import Folder, write
from parkqa.desk.readings import Particulars, Readings
from parkqa.errors import DocumentError, ParkqaError
from parkqa.settings import Settings
from parkqa.types import Block, Document, Leaf

_DOCUMENT = TypeAdapter(Document)


@dataclass(frozen=True, slots=True)
class Part:
    """What was read of a block on one page: the whole block, or where it goes over to the next page its share."""

    block: Block
    text: str


class Pages:
    """Shows how the pages of documents look."""

    def __init__(self, folder: Folder, settings: Settings, readings: Readings) -> None:
        self._settings = settings
        self._readings = readings
        self._shown = KeptFiles(folder.root / SHOWN)
        self._pictures = PagePictures(settings.corpus, folder.root)

    def are_likely(self, document: Document) -> bool:
        """Return whether a document, read without LibreOffice, has pages that can be shown or may have them with it."""
        suffix = Path(document.path).suffix.lower()
        office = found(self._settings)
        return bool(document.leaves) or (office is not None and office.draws(OFFICE.get(suffix, suffix)))

    def document(self, file: File, particulars: Particulars) -> Document:
        """Return a document with its pages; it is read where that was not kept.

        Raises:
            DocumentError: it cannot be read, or has no page that can be shown.
        """
        place = self._readings.place(file, particulars).with_suffix(".pages.json")
        with suppress(OSError, ValidationError):
            kept = _DOCUMENT.validate_json(place.read_bytes())
            if not kept.drawn or self._shown.path(kept.drawn).is_file():
                return kept
        reading = self._readings.whole(file, particulars, self._shown)
        if not reading.document.leaves:
            raise _without(file.name, [(note.zh, note.en) for note in reading.notes])
        with suppress(ParkqaError):  # what cannot be kept is read again
            write(place, json.dumps(asdict(reading.document)).encode())
        return reading.document

    def picture(self, file: File, document: Document, leaf: Leaf) -> bytes | None:
        """Return the picture of a page (``page_pictures.KIND``); None if it cannot be drawn."""
        is_elsewhere = file.change is not None and document.path == file.name
        return self._pictures.picture(document, leaf, file.path if is_elsewhere else None)

    def tidy(self, now: float) -> None:
        """Delete what has not been needed for long before ``now``, in seconds since 1970."""
        self._shown.forget_unused(now)


def parts_of(document: Document, leaf: Leaf) -> Iterator[Part]:
    """Yield what was read of a page, in the order of the text.

    >>> blocks = (Block("heading", 1, 0, 2), Block("paragraph", 0, 3, 9))
    >>> first = Leaf(1, 595, 842, lines=(0, 2, 90, 700, 114, 712, 3, 3, 90, 720, 126, 732))
    >>> second = Leaf(2, 595, 842, lines=(6, 3, 90, 100, 126, 112))
    >>> document = Document("a.pdf", "园区", "食堂\\n十一点开饭。", "", blocks, leaves=(first, second))
    >>> [part.text for part in parts_of(document, second)]
    ['开饭。']
    """
    lines = sorted((start, start + length, other.name) for other in document.leaves for start, length in _lines(other))
    for block in document.blocks:
        within = [line for line in lines if line[0] < block.end and block.start < line[1]]
        here = [line for line in within if line[2] == leaf.name]
        if here:
            start, end = max(here[0][0], block.start), min(here[-1][1], block.end)
            yield Part(block, document.text[start:end])
        elif not within and block.kind != "break" and _name_before(lines, block.start) == leaf.name:
            yield Part(block, document.text[block.start : block.end])


def _lines(leaf: Leaf) -> Iterator[tuple[int, int]]:
    """Yield first offset and length of each line."""
    yield from zip(leaf.lines[::6], leaf.lines[1::6], strict=True)


def _name_before(lines: list[tuple[int, int, str]], start: int) -> str:
    """Return the page of the last line that begins before an offset, of the first line if none does.

    A short line that stands in several places has none of its own: see ``corpus.page_lines``.
    """
    return lines[max(0, bisect_left(lines, (start,)) - 1)][2] if lines else ""


def _without(name: str, notes: Sequence[tuple[str, str]]) -> DocumentError:
    """Return the error for a document without pages that can be shown, with what was noted when it was read."""
    return DocumentError(
        name,
        "".join(["没有能看样子的页。", *(zh for zh, _ in notes)]),
        " ".join(["it has no page that can be shown.", *(en for _, en in notes)]),
    )
