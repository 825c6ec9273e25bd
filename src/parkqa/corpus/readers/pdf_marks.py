"""What lies on a page of a PDF and is not its text: watermarks, stamps, slanted and turned letters, pictures.

Lengths are in points, or in ems (multiples of the font size). The constants below were chosen by hand on the PDFs of
the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any, Literal

from parkqa.corpus.readers.pdf_text import GLYPH

Fault = Literal["", "scanned", "drawn", "glyphs", "some glyphs", "picture"]
"""Why text of a page cannot be read: it is a scan; letters drawn as shapes; a font without characters, or without some
of them; a picture."""
Mark = tuple[str, float]
"""The text of a watermark and its font size."""

ASCENT, DESCENT = 0.88, 0.12
"""Ems above and below the baseline that a character takes; what fonts say of it is often wrong."""
SLANT = 0.05
"""Tangent of the angle from which text is slanted: about 3 degrees, more than a page scanned askew has."""
OVERSIZED = 1.3
"""Text of this many times the body's size that is printed over the body's is a watermark."""
BESIDE = 0.1
"""Ems around a character in which the middle of no other one can be, unless one is printed over the other."""
STAMP = 40
"""Most characters, on a page that is a picture, of what a scanning program stamps on it."""
EDGE = 0.1
"""Share of the page's height, at the top and at the bottom, in which a scanned page has no text of its own."""
SHAPES = 8
"""Least number of drawn curves on a page without text that are taken for letters."""
FILLED = 0.5
"""Share of the page from which pictures make it a scan, if it has no text but a stamp."""
LARGE = 0.2
"""Share of the page from which pictures without text over them are named."""
LEGEND = 30
"""Characters over a picture from which it is a background or a scan with its text recognised."""
_CELL = 12.0
"""Height in points of the strips in which characters are looked up."""
_SCANNER = re.compile(r"扫描|CamScanner|Scanned|Scanner|夸克|创建", re.IGNORECASE)
_PRIVATE = re.compile(r"[\ue000-\uefff\uf100-\uf8ff]|\(cid:")
"""Characters that say nothing: of private use (but for those of symbol fonts, which are bullets), or without a code."""


def settled(chars: Iterable[Any]) -> list[Any]:
    """Return the characters with ``top`` and ``bottom`` counted from their baseline, not from the font's metrics."""
    return [{**char, **_height(char)} for char in chars]


def _height(char: Any) -> dict[str, float]:
    baseline = char["bottom"] + char["y0"] - char["matrix"][5]
    return {"top": baseline - ASCENT * char["size"], "bottom": baseline + DESCENT * char["size"]}


def turned(chars: Sequence[Any]) -> int:
    """Return by how many degrees the page must be turned clockwise for most of its text to be upright, 0 to 270."""
    inked = [char for char in chars if char["text"].strip()]
    ways = Counter(_way(char) for char in inked)
    way = ways.most_common(1)[0][0] if ways else 0
    return 0 if way == 180 and not _backwards(inked) else way


def _backwards(chars: Sequence[Any]) -> bool:
    """Return whether text runs from right to left; a font of negative size stands upright on its turned matrix."""
    steps = [
        bool(after["x0"] < char["x0"]) for char, after in pairwise(chars) if abs(after["bottom"] - char["bottom"]) < 1
    ]
    return 2 * steps.count(True) > len(steps)


def _way(char: Any) -> int:
    """Return the turn that a character needs; slanted ones count as upright."""
    along, up = char["matrix"][0], char["matrix"][1]
    if abs(along) > SLANT * abs(up):
        return 180 if along < 0 and char["matrix"][3] < 0 else 0
    return 90 if up > 0 else 270


def parted(chars: Sequence[Any]) -> tuple[list[Any], tuple[Mark, ...]]:
    """Return the characters of the text, and the marks: slanted or turned text, and text printed over the body's."""
    slanted = _slanted(chars)
    level = [char for char in chars if id(char) not in slanted]
    over = _overprinted(level)
    marks = [char for char in chars if id(char) in slanted or _run(char) in over]
    text = [char for char in level if _run(char) not in over] if over else level
    return text, tuple(_named(marks))


def _slanted(chars: Sequence[Any]) -> set[int]:
    """Return the ``id`` of slanted and turned characters, and of one between two of them, as at the top of a stamp."""
    found = {id(char) for char in chars if abs(char["matrix"][1]) > SLANT * abs(char["matrix"][0])}
    between = (
        char
        for before, char, after in zip(chars, chars[1:], chars[2:], strict=False)
        if id(before) in found and id(after) in found and _kind(before) == _kind(char) == _kind(after)
    )
    return found | set(map(id, between))


def _kind(char: Any) -> tuple[str, Any]:
    """Return the font and the colour of a character; what is taken for its size depends on how it is turned."""
    return char["fontname"], char.get("non_stroking_color")


def _named(marks: Sequence[Any]) -> Iterable[Mark]:
    """Yield the texts of marks, each with its size, in the order in which they were printed."""
    for (size, _), run in groupby(marks, key=lambda char: (round(char["size"], 1), char["fontname"])):
        if text := "".join(char["text"] for char in run).replace(" ", ""):
            yield text, size


def _run(char: Any) -> tuple[float, int, Any]:
    """Return what the characters of a line of one kind have in common: size, baseline, colour."""
    return round(char["size"], 1), round(char["bottom"]), char.get("non_stroking_color")


def _overprinted(chars: Sequence[Any]) -> set[tuple[float, int, Any]]:
    """Return the runs of larger or differently coloured text that lie over characters of the body."""
    kinds = Counter((round(char["size"], 1), char.get("non_stroking_color")) for char in chars)
    if len(kinds) < 2:
        return set()
    size, colour = kinds.most_common(1)[0][0]
    body: dict[int, list[tuple[float, float]]] = defaultdict(list)
    suspects = []
    for char in chars:
        if not char["text"].strip():
            continue
        if char["size"] > size * OVERSIZED or char.get("non_stroking_color") != colour:
            suspects.append(char)
        else:
            middle = (char["top"] + char["bottom"]) / 2
            body[int(middle / _CELL)].append(((char["x0"] + char["x1"]) / 2, middle))
    return {_run(char) for char in suspects if _covers(char, body)}


def _covers(char: Any, body: dict[int, list[tuple[float, float]]]) -> bool:
    """Return whether the middle of a character of the body lies within another character, or close to its edge."""
    more = BESIDE * char["size"]
    left, top, right, bottom = char["x0"] - more, char["top"] - more, char["x1"] + more, char["bottom"] + more
    rows = range(int(top / _CELL), int(bottom / _CELL) + 1)
    return any(bool(left < x < right and top < y < bottom) for row in rows for x, y in body.get(row, ()))


def fault(page: Any, chars: Sequence[Any]) -> Fault:
    """Return why text of a page cannot be read; ``chars`` are those of its text, ``settled``."""
    inked = [char for char in chars if char["text"].strip()]
    if sum(bool(_PRIVATE.match(char["text"])) for char in inked) * 2 > len(inked):
        return "glyphs"
    if page.images and (not inked or (is_pictured(page) and _stamped(page, inked))):
        return "scanned"
    if not inked or _stamped(page, inked):
        return "drawn" if len(page.curves) >= SHAPES else ""
    if any(map(_lost, inked, inked[1:])):
        return "some glyphs"
    bare = sum(_area(page, image) for image in page.images if _bare(image, inked))
    return "picture" if bare >= LARGE * float(page.width) * float(page.height) else ""


def _lost(before: Any, char: Any) -> bool:
    """Return whether the character of a glyph is not known, and it stands behind another one and so is no bullet."""
    near = -char["size"] < char["x0"] - before["x1"] < char["size"]
    return bool(GLYPH.match(char["text"])) and near and abs(char["bottom"] - before["bottom"]) < 1


def is_pictured(page: Any) -> bool:
    """Return whether pictures fill a page, as they do that of a scan."""
    area = sum(_area(page, image) for image in page.images)
    return area >= FILLED * float(page.width) * float(page.height)


def _stamped(page: Any, inked: Sequence[Any]) -> bool:
    """Return whether characters are no text of a page: a page number at its edge, or a scanning program's stamp."""
    if len(inked) > STAMP:
        return False
    height = float(page.height)
    at_edge = all(not EDGE * height < (char["top"] + char["bottom"]) / 2 < (1 - EDGE) * height for char in inked)
    return at_edge or bool(_SCANNER.search("".join(char["text"] for char in inked)))


def _area(page: Any, image: Any) -> float:
    """Return the area of a picture within the page."""
    width = min(image["x1"], page.width) - max(image["x0"], 0)
    height = min(image["bottom"], page.height) - max(image["top"], 0)
    return float(max(width, 0) * max(height, 0))


def _bare(image: Any, inked: Sequence[Any]) -> bool:
    """Return whether a picture has hardly any text over it."""
    over = sum(
        image["x0"] < (char["x0"] + char["x1"]) / 2 < image["x1"]
        and image["top"] < (char["top"] + char["bottom"]) / 2 < image["bottom"]
        for char in inked
    )
    return bool(over < LEGEND)
