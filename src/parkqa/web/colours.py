"""A park's colour on the pages: what is written on it, and the shades of it in which links are readable."""

from __future__ import annotations

from collections.abc import Callable, Sequence

WHITE_UNTIL = 0.183
"""Luminance up to which white on a colour has more contrast than #111 has."""
DEEP, PALE = 0.15, 0.3
"""Luminance that links have at most on light and at least on dark grounds: 4.5:1 (WCAG AA) on all of ``parkqa.css``."""
_STEP = 0.1

RGB = Sequence[float]


def style(colour: str) -> str:
    """Return the CSS that gives the pages a colour, "#rgb" or "#rrggbb".

    >>> style("#ffd400")
    ':root{--pq-accent:#ffd400}:root{--pq-on-accent:#111;--pq-deep:#796500;--pq-pale:#ffd400}'
    """
    rgb = _parts(colour)
    on = "#fff" if luminance(rgb) <= WHITE_UNTIL else "#111"
    deep = _shade(rgb, lambda light: light > DEEP, 0)
    pale = _shade(rgb, lambda light: light < PALE, 255)
    return f":root{{--pq-accent:{colour}}}:root{{--pq-on-accent:{on};--pq-deep:{deep};--pq-pale:{pale}}}"


def luminance(rgb: RGB) -> float:
    """Return the relative luminance (WCAG, with a gamma of 2.2) of a colour with parts from 0 to 255."""
    red, green, blue = (float((part / 255) ** 2.2) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> RGB:
    digits = colour.removeprefix("#")
    whole = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    return tuple(bytes.fromhex(whole))


def _shade(rgb: RGB, wrong: Callable[[float], bool], toward: int) -> str:
    """The colour, moved step by step toward black or white while its luminance is wrong."""
    while wrong(luminance(rgb)):
        rgb = [part + (toward - part) * _STEP for part in rgb]
    return "#" + bytes(int(part) for part in rgb).hex()
