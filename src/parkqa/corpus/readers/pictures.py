"""Pictures to be recognised: image files (.png .jpg .tif .bmp), pages of a PDF, pictures in other files."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from parkqa.corpus.readers.draft import Draft, Note, Piece, Unreadable, assemble, needed, unread
from parkqa.corpus.readers.pdf_blocks import blocks
from parkqa.corpus.readers.scans import DOUBTFUL, Picture, Recognise, Recognition, leaf, pages
from parkqa.types import Leaf

SIDE = 2000
"""Pixels of the longer side of a picture that is recognised: 170 dpi for A4, what the recogniser itself reduces larger
ones to. Measured: 1600 takes a third less time and loses small print, 2400 finds no more."""
PIXELS = 120_000_000
"""Most pixels of a picture, those of A3 at 800 dpi. Chosen by hand: opened, one takes up to 4 bytes."""
_RECOGNISED = (
    "是扫描的图片，文字由识别程序读出，可能有错字",
    "scanned; its text was recognised and may hold wrong characters",
)
_DOUBTFUL = (
    "识别的把握不大，错字可能多，请对照原件核对",
    "recognised with little confidence, so that there may be many wrong characters; compare it with the original",
)
_NOTHING = (
    "没有认出文字；确有文字的话，请换一份清楚的扫描件",
    "no text was recognised; if there is any, scan it anew and clearer",
)
_FAILED = (
    "的文字识别没有做完（出错或太久），没有收",
    "its recognition failed or took too long, so it was left out",
)
_TOO_LARGE = Unreadable(
    f"图片超过 {PIXELS // 1_000_000} 百万像素，没有读，请缩小后再放进来。",
    f"the picture has more than {PIXELS // 1_000_000} million pixels and was not read; make it smaller.",
)


def read(raw: bytes, recognise: Recognise | None = None) -> Draft:
    """Read the bytes of an image file by recognising its text; a .tif may have several pages.

    Raises:
        Unreadable: the picture is too large.
        Exception: what Pillow raises for a damaged file, or one that is no picture.
    """
    found = dict(recognised(((picture.number, picture) for picture in _frames(raw)), recognise))
    shown = {number: page for number, page in found.items() if page is not None and page.shows_text}
    laid = pages(shown.items())
    leaves = [leaf(page, number) for number, page in shown.items()]
    return assemble(blocks(list(laid.values()), recognized=laid), notes=notes(found), leaves=leaves)


def recognised(
    pictures: Iterable[tuple[int, Picture]], recognise: Recognise | None
) -> Iterator[tuple[int, Recognition | None]]:
    """Yield what was recognised of each picture, by its number; None where that failed."""
    if recognise is not None:
        yield from ((number, recognise(picture)) for number, picture in pictures)


def in_place(
    found: Mapping[int, Recognition | None], members: Mapping[int, str]
) -> tuple[dict[int, list[Piece]], list[Leaf]]:
    """Return the text of pictures in a file as pieces, by their numbers, and how they look.

    ``members`` are the names of the pictures in the package.
    """
    shown = {number: page for number, page in found.items() if page is not None and page.shows_text}
    laid = pages(shown.items())
    texts = {number: list(blocks([page], recognized=[number])) for number, page in laid.items()}
    return texts, [leaf(page, number, members[number]) for number, page in shown.items()]


def notes(found: Mapping[int, Recognition | None], of: tuple[str, str] = ("页", "page")) -> list[Note]:
    """Return what staff should know of recognised pages: those read well, those with doubts, and those without text."""
    read = {number: page for number, page in found.items() if page is not None and page.shows_text}
    doubtful = [number for number, page in read.items() if page.confidence < DOUBTFUL]
    nothing = [number for number, page in found.items() if page is not None and number not in read]
    failed = [number for number, page in found.items() if page is None]
    return [
        *unread(read, *_RECOGNISED, of=of, warns=False),
        *unread((f"{number}（{read[number].confidence:.2f}）" for number in doubtful), *_DOUBTFUL, of=of),
        *unread(nothing, *_NOTHING, of=of),
        *unread(failed, *_FAILED, of=of),
    ]


def _frames(raw: bytes) -> Iterator[Picture]:
    """Yield the pages of an image file."""
    image = opened(raw)
    total = getattr(image, "n_frames", 1)
    for number in range(total):
        image.seek(number)
        yield of_image(image, number + 1, total)


def opened(raw: bytes) -> Any:
    """Open a picture with Pillow, without decoding it.

    Raises:
        Unreadable: it has more than PIXELS.
        Exception: what Pillow raises for what is no picture.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow's own, lower limit, and of odd but readable files
        image = needed("PIL.Image").open(io.BytesIO(raw))
    if image.width * image.height > PIXELS:
        raise _TOO_LARGE
    return image


def upright(image: Any) -> Any:
    """Return a picture as programs show it: turned as its file says, on white."""
    image = needed("PIL.ImageOps").exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = needed("PIL.Image").new("RGBA", rgba.size, "white")
        image = needed("PIL.Image").alpha_composite(white, rgba)
    if image.mode.startswith("I"):  # 16 bits, which convert() would cut off at 255
        image = image.point(lambda value: value / 256)
    return image


def of_image(image: Any, number: int = 1, total: int = 1) -> Picture:
    """Return a picture of Pillow's, in grey and at most SIDE pixels large."""
    grey = upright(image).convert("L")
    scale = SIDE / max(grey.size)
    if scale < 1:
        grey = grey.resize((max(round(grey.width * scale), 1), max(round(grey.height * scale), 1)), reducing_gap=3.0)
    return Picture(grey.width, grey.height, grey.tobytes(), number, total)


def embedded(raw: bytes, number: int, total: int) -> Picture | None:
    """Return a picture that a file holds; None if it is in a format that is not read, damaged or too large."""
    try:
        return of_image(opened(raw), number, total)
    except MemoryError:
        raise
    except Exception:  # Pillow's errors have no common base class
        return None


def of_pdf(raw: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, Picture]]:
    """Yield pages of a PDF, given by their numbers from 1, as they are shown."""
    with needed("pypdfium2").PdfDocument(raw) as document:
        for number in numbers:
            page = document[number - 1]
            image = page.render(scale=SIDE / max(page.get_size()), grayscale=True).to_pil()
            yield number, of_image(image, number, len(document))
