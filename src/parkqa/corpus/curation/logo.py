"""The park's logo: a picture beside the documents that park.yaml names, checked before it is shown to anybody."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from parkqa.corpus.curation.contact import map_file
from parkqa.corpus.readers.draft import Unreadable, needed

STEM = "park-logo"
"""What the desk calls the file, before its suffix."""
LARGEST = 256 * 1024
"""Most bytes; chosen by hand: each visitor's browser fetches it before the page is complete."""
SIDE = 2048
"""Most pixels of a side; chosen by hand: a small file can unpack to a picture that takes gigabytes to show."""
KINDS: Mapping[str, tuple[str, str]] = {
    "PNG": (".png", "image/png"),
    "JPEG": (".jpg", "image/jpeg"),
    "WEBP": (".webp", "image/webp"),
}
"""The formats by their names in Pillow, with suffix and media type. SVG is none of them: it can hold scripts."""
_NONE = Unreadable(
    f"标志应是 PNG、JPEG 或 WebP 图片，不超过 {LARGEST // 1024} kB，每边不超过 {SIDE} 像素，请另存一份再试。",
    f"A logo must be a PNG, JPEG or WebP picture of at most {LARGEST // 1024} kB and {SIDE} pixels a side; save it "
    "anew and try again.",
)

_ABSENT = Unreadable(
    "资料文件夹里没有这张图片，请放进去，或去掉 park.yaml 里的 logo。",
    "The corpus folder has no such picture; put it there, or take logo out of park.yaml.",
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that can be shown as it is: its bytes, suffix and media type."""

    content: bytes
    suffix: str
    media: str

    @property
    def version(self) -> str:
        """What its address ends with, so that browsers may keep it: the beginning of its SHA-256."""
        return self.sha256[:16]

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@lru_cache(2)
def logo_of(content: bytes) -> Logo:
    """Check the bytes of a picture by decoding all of it; what it is called does not count.

    Raises:
        Unreadable: it is none that can be shown.
    """
    pillow = needed("PIL.Image")
    if len(content) > LARGEST:
        raise _NONE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pillow.DecompressionBombWarning)
            image = pillow.open(io.BytesIO(content), formats=tuple(KINDS))
            if max(image.size) > SIDE or getattr(image, "n_frames", 1) > 1:
                raise _NONE
            image.load()
    except Unreadable:
        raise
    except Exception as error:  # whatever Pillow raises for a damaged file, or one that is no picture
        raise _NONE from error
    return Logo(content, *KINDS[image.format])


def read_logo(corpus: Path, name: str) -> Logo:
    """Read the picture that ``logo`` of park.yaml names, a path below the corpus folder.

    Raises:
        Unreadable: there is none, or it cannot be shown.
    """
    picture = map_file(corpus, name)
    try:
        if picture is None and not (corpus / name).exists():
            raise _ABSENT
        if picture is None or picture.stat().st_size > LARGEST:
            raise _NONE
        return logo_of(picture.read_bytes())
    except OSError as error:
        raise _NONE from error
