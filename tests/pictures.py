"""Small pictures in many formats."""

from __future__ import annotations

import io

from PIL import Image


def picture(kind: str, size: tuple[int, int] = (60, 20), frames: int = 1) -> bytes:
    """A picture in a format of Pillow; several ``frames`` make it move."""
    buffer = io.BytesIO()
    first, *others = (Image.new("RGB", size, (200, 40 * number, 0)) for number in range(frames))
    more = {"save_all": True, "append_images": others} if others else {}
    first.save(buffer, kind, **more)
    return buffer.getvalue()
