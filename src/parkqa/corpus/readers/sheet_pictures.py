"""The pictures of a workbook: those that lie on its sheets, and those that are in cells or in other places."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parkqa.corpus.readers import pictures
from parkqa.corpus.readers.draft import Note, Piece
from parkqa.corpus.readers.scans import Picture, Recognise
from parkqa.types import Leaf

PIXELS = 60_000
"""Least pixels of a picture that is recognised, 300 by 200; smaller ones are mostly logos and signs. Chosen by hand."""
_MEDIA = "xl/media/"
_PICTURE = ("幅图片", "picture")


@dataclass(frozen=True, slots=True)
class _Held:
    """A picture of a workbook: the sheet that it lies on, None if it is none, its name in the package, its bytes."""

    sheet: str | None
    member: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of the pictures of a workbook: their text by sheet, how they look, and what staff should know.

    Those of ``None`` lie on no sheet that is known.
    """

    texts: Mapping[str | None, Sequence[Piece]]
    leaves: Sequence[Leaf]
    notes: Sequence[Note]


def read(raw: bytes, book: Any, shown: Sequence[Any], recognise: Recognise | None) -> Read:
    """Read the pictures of a workbook, and name those that cannot be read.

    Args:
        raw: the bytes of the .xlsx.
        book: the workbook, as openpyxl has it.
        shown: its visible sheets; pictures of others are left out.
        recognise: recognises pictures; by default that is not done.
    """
    every = dict(enumerate(_every(raw, book, shown), 1))
    made = (
        (number, picture) for number, held in every.items() if recognise and (picture := _picture(number, held, every))
    )
    found = dict(pictures.recognised(made, recognise))
    texts, leaves = pictures.in_place(found, {number: held.member for number, held in every.items()})
    by_sheet: dict[str | None, list[Piece]] = {}
    for number, pieces in texts.items():
        by_sheet.setdefault(every[number].sheet, []).extend(pieces)
    unread = [held for number, held in every.items() if number not in found]
    return Read(by_sheet, leaves, [*_named(unread, shown), *pictures.notes(found, _PICTURE)])


def _every(raw: bytes, book: Any, shown: Sequence[Any]) -> Iterator[_Held]:
    """Yield the pictures of a workbook but those of hidden sheets, sheet by sheet, and then those of no sheet.

    openpyxl tells neither where a picture lies in the package nor of those in cells, so they are told by their bytes.
    """
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        media = {name: package.read(name) for name in package.namelist() if name.startswith(_MEDIA)}
    names = {content: name for name, content in media.items()}
    placed = set()
    for sheet in book.worksheets:
        for image in sheet._images:
            content = _content(image)
            placed.add(content)
            if sheet in shown:
                yield _Held(sheet.title, names.get(content, ""), content)
    yield from (_Held(None, name, content) for name, content in media.items() if content not in placed)


def _content(image: Any) -> bytes:
    """Return the bytes of a picture as they are in the package."""
    image.ref.seek(0)
    content: bytes = image.ref.read()
    return content


def _picture(number: int, held: _Held, every: Mapping[int, _Held]) -> Picture | None:
    """Return a picture that is to be recognised; None if it is small or cannot be read."""
    made = pictures.embedded(held.raw, number, len(every))
    return made if made is not None and made.width * made.height >= PIXELS else None


def _named(unread: Sequence[_Held], shown: Sequence[Any]) -> Iterator[Note]:
    """Yield the notes on pictures whose text was not read, a note a sheet."""
    for title in (*(sheet.title for sheet in shown), None):
        if count := sum(held.sheet == title for held in unread):
            zh = f"工作表 {title} 有" if title is not None else "单元格里或别处有"
            en = f"sheet {title}" if title is not None else "in cells or elsewhere"
            yield Note(
                f"{zh} {count} 张图片，图片里如有文字没有读；需要的话请装扩展 ocr，或先做文字识别（OCR）。",
                f"{en}: {count} pictures; text that they show was not read (install the extra ocr, or run OCR on it).",
            )
