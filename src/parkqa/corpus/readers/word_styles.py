"""How a Word paragraph looks: its style with what that is based on, and what the paragraph itself sets."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from parkqa.corpus.readers.word_text import W, on, words

T = TypeVar("T")

TITLES = ("title", "标题")
"""The names of the style of a document's title."""


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style; what it does not set is taken from the styles it is based on.

    ``level`` is that of a heading (or 0), ``listed`` the depth in a list (or 0), ``number`` the automatic list (or
    None) and ``depth`` the depth in that, from 0; ``size`` is in half points (0 if it is not set).
    """

    name: str = ""
    level: int = 0
    listed: int = 0
    number: str | None = None
    depth: int = 0
    bold: bool = False
    centred: bool = False
    font: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph is set: font and size (in half points) of most of it, whether all is bold, whether centred."""

    font: str
    size: int
    bold: bool
    centred: bool


class Styles:
    """The styles of a document."""

    def __init__(self, root: Any) -> None:
        self.elements = {style.get(f"{W}styleId"): style for style in root.iter(f"{W}style")}
        self._default = next((key for key, style in self.elements.items() if _is_default(style)), None)
        self._size = int(value(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"), "sz") or 0)
        self.of = lru_cache(maxsize=None)(self._of)

    def paragraph(self, paragraph: Any) -> Style:
        """Return the style of a paragraph."""
        return self.of(value(paragraph, "pStyle") or self._default)

    def _of(self, key: str | None) -> Style:
        found = Style()
        seen: set[str | None] = set()
        while key in self.elements and key not in seen:
            seen.add(key)
            own = _own(self.elements[key])
            found = Style(*(getattr(found, name) or getattr(own, name) for name in Style.__dataclass_fields__))
            key = value(self.elements[key], "basedOn")
        return found

    def look(self, paragraph: Any, style: Style) -> Look:
        """Return how a paragraph looks."""
        fonts: Counter[str] = Counter()
        sizes: Counter[int] = Counter()
        bold = True
        for run in paragraph.iter(f"{W}r"):
            if length := len("".join(words(run)).strip()):
                sets = run.find(f"{W}rPr")
                fonts[font(sets) or style.font] += length
                sizes[int(value(sets, "sz") or 0) or style.size or self._size] += length
                switch = None if sets is None else sets.find(f"{W}b")
                bold = bold and (style.bold if switch is None else on(switch))
        aligned = value(paragraph, "jc")
        centred = style.centred if aligned is None else aligned == "center"
        return Look(most(fonts, ""), most(sizes, 0), bold and bool(fonts), centred)


def most(count: Counter[T], otherwise: T) -> T:
    """Return what is counted most often, ``otherwise`` if nothing is."""
    return count.most_common(1)[0][0] if count else otherwise


def _own(style: Any) -> Style:
    """Return what a style sets itself."""
    called = value(style, "name") or ""
    listed = style.find(f".//{W}numPr") is not None or called.lower().startswith("list ")
    sets = style.find(f"{W}rPr")
    depth = int(value(style, "ilvl") or 0)
    return Style(
        name=called,
        level=_heading(called, value(style, "outlineLvl")),
        listed=depth + int(called[-1] if called[-1:].isdigit() else 1) if listed else 0,
        number=value(style, "numId"),
        depth=depth,
        bold=on(style.find(f"{W}rPr/{W}b")),
        centred=value(style, "jc") == "center",
        font=font(sets),
        size=int(value(sets, "sz") or 0),
    )


def font(sets: Any) -> str:
    """Return the font of Chinese characters that a run's or a style's properties name; "" if they name none."""
    fonts = None if sets is None else sets.find(f"{W}rFonts")
    return "" if fonts is None else fonts.get(f"{W}eastAsia") or fonts.get(f"{W}ascii") or ""


def value(element: Any, name: str) -> str | None:
    """Return the value of a property of a paragraph, run, style, row or cell; None if it is not set."""
    if element is None:
        return None
    for path in (f"{W}{name}", f"{W}pPr/{W}{name}", f"{W}pPr/{W}numPr/{W}{name}", f"{W}tcPr/{W}{name}"):
        if (found := element.find(path)) is not None:
            return str(found.get(f"{W}val"))
    found = element.find(f"{W}trPr/{W}{name}")
    return None if found is None else str(found.get(f"{W}val"))


def _is_default(style: Any) -> bool:
    """Return whether a style is the default of paragraphs."""
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on")


def _heading(name: str, outline: str | None) -> int:
    """Return the heading level of a style by its name or its outline level (0 to 8; 9 is body text), else 0."""
    if name.lower() in TITLES:
        return 1
    if match := re.fullmatch(r"(?:heading|标题) ?(\d)", name, re.IGNORECASE):
        return int(match[1])
    return int(outline) + 1 if outline is not None and int(outline) < 9 else 0
