"""The program that makes the picture of a page (see ``page_pictures``).

``python -m parkqa.corpus.page_picture_child`` takes pickled ``PageJob`` objects on its standard input and writes the
bytes of a picture for each, or None where the file is not the one that was read, or the page cannot be drawn.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

from parkqa.corpus import file_checks
from parkqa.corpus.limits import Limits
from parkqa.corpus.page_pictures import MEMORY, SECONDS, PageJob
from parkqa.corpus.program import pipes
from parkqa.corpus.readers import pictures
from parkqa.corpus.readers.draft import needed
from parkqa.types import Leaf

SIDE = 1600
"""Pixels of the longer side: text of 9 points stays legible. Chosen by hand; a page of text takes about 150 kB."""
INK = 40
"""Least difference between dark and light, of 255, where something is written. Chosen by hand."""
HEAD = 1024
"""Bytes at whose beginning a PDF says that it is one, as viewers allow it."""
QUALITY = 70
"""Of WebP, from 0 to 100. Chosen by hand: with less, strokes of small characters run together."""


def main() -> None:
    """Make pictures until the standard input ends."""
    with pipes(MEMORY) as way:
        while True:
            job: PageJob = way.received()
            way.limit_time(Limits(SECONDS))
            try:
                made = draw(job)
            except Exception:  # whatever the libraries raise for a file that they cannot draw
                made = None
            way.send(made)


def draw(job: PageJob) -> bytes | None:
    """Return the picture of a page as WebP, upright and straight; None if the file has changed or shows no text.

    The latter happens where neither the file nor this machine has the fonts.
    """
    raw = file_checks.read_bytes(job.path, job.root)
    if hashlib.sha256(raw).hexdigest() != job.file:
        return None
    image = _page(raw, job.leaf)
    shown = _straight(_reduced(image), job.leaf)
    return _packed(shown) if _is_inked(shown, job.leaf) else None


def _is_inked(image: Any, leaf: Leaf) -> bool:
    """Return whether there is something to be seen where most of the lines stand."""
    scale = image.width / leaf.width
    grey = image.convert("L")
    boxes = [tuple(round(edge * scale) for edge in box) for _, _, *box in zip(*[iter(leaf.lines)] * 6, strict=True)]
    ranges = [grey.crop(box).getextrema() for box in boxes if box[0] < box[2] and box[1] < box[3]]
    return 2 * sum(bool(high - low > INK) for low, high in ranges) >= len(ranges)


def _page(raw: bytes, leaf: Leaf) -> Any:
    """Return a page as its file has it."""
    if leaf.member:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            if package.getinfo(leaf.member).file_size > file_checks.ON_DISK:
                raise ValueError("the picture is too large")
            return pictures.upright(pictures.opened(package.read(leaf.member)))
    if b"%PDF-" not in raw[:HEAD]:
        image = pictures.opened(raw)
        image.seek(leaf.number - 1)
        return pictures.upright(image)
    with needed("pypdfium2").PdfDocument(raw) as document:
        page = document[leaf.number - 1]
        if leaf.confidence is None:  # the places of written text are counted from the edges of the whole sheet
            page.set_cropbox(*page.get_mediabox())
        return page.render(scale=SIDE / max(page.get_size())).to_pil()


def _reduced(image: Any) -> Any:
    """Return a picture of at most SIDE pixels, in colours or grey."""
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    image.thumbnail((SIDE, SIDE), reducing_gap=3.0)
    return image


def _straight(image: Any, leaf: Leaf) -> Any:
    """Return a picture as its lines were read: turned, then straightened around its middle."""
    if leaf.turn:
        image = image.rotate(-leaf.turn, expand=True)
    if not leaf.skew:
        return image
    white = 255 if image.mode == "L" else (255, 255, 255)
    return image.rotate(leaf.skew, needed("PIL.Image").Resampling.BICUBIC, fillcolor=white)


def _packed(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
