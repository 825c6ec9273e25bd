"""Headings of Word documents without styles: by number, font, size and place, as GB/T 9704 has them.

In official papers a title is centred in a large font (小标宋), 一、 stands in 黑体, （一） in 楷体 and the text in
仿宋, none of them bold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from parkqa.corpus.readers.decimals import DECIMALS, depths
from parkqa.corpus.readers.draft import Piece, joined, labelled, short, style
from parkqa.corpus.readers.word_styles import Look, most
from parkqa.text.characters import NUMERAL

LARGER = 1.08
"""A line in a font larger than the body's by this factor may be a heading, as in PDF."""
STYLED = 2
"""Headings by style from which a document is taken to use styles for all of them. Chosen by hand: one is often only the
title."""
DEEPEST = 5
"""The deepest level; those of tables' titles are below."""
_CHAPTERS = ("编", "篇", "章", "节")
_LISTS = ("一、", "（一）", "1、", "（1）")
_CHAPTER = re.compile(rf"第(?:[{NUMERAL}]+|\d+)([编篇章节])(?![、，和或及至的])")
_LOUD = re.compile(r"黑|hei|小标宋|标宋", re.IGNORECASE)
"""Fonts of headings."""


def headed(found: Sequence[Piece], looks: Mapping[int, Look]) -> list[Piece]:
    """Return pieces with the paragraphs that look like headings as headings.

    Args:
        found: the pieces of a document.
        looks: how its paragraphs look, by the ``id`` of their pieces.
    """
    styled = [piece for piece in found if piece.kind == "heading" and id(piece) in looks]
    if len(styled) >= STYLED:
        return list(found)
    sorts = _sorts(found, looks)
    titled = any(sort == "title" for sort in sorts) or any(piece.level == 1 for piece in styled)
    levels = _levels(sorts, titled=titled)
    made = [
        replace(piece, kind="heading", level=levels[sort], text=piece.text.replace("\n", " ")) if sort else piece
        for piece, sort in zip(found, sorts, strict=True)
    ]
    return list(_one_title(made, sorts))


def _levels(sorts: Sequence[str], *, titled: bool) -> dict[str, int]:
    """Return the level of each sort of heading: the title 1, then 第一章, then 一、, （一）, 1. and （1）.

    Decimal numbers (1, 1.1) stand below those of these that come before them.
    """
    chapters = [sort for sort in _CHAPTERS if sort in sorts]
    top = 1 if chapters and not titled else 2
    below = top + len(chapters)
    levels = {"title": 1, "plain": 2}
    levels |= {sort: top + place for place, sort in enumerate(chapters)}
    decimals = sorted({sort for sort in sorts if sort in DECIMALS}, key=len)
    before = sorts[: next((place for place, sort in enumerate(sorts) if sort in DECIMALS), 0)]
    first = below + len({sort for sort in before if sort in _LISTS})
    levels |= {sort: min(first + place, DEEPEST) for place, sort in enumerate(decimals)}
    return levels | {sort: min(below + place, DEEPEST) for place, sort in enumerate(_LISTS)}


def _one_title(found: Sequence[Piece], sorts: Sequence[str]) -> Iterator[Piece]:
    """Yield pieces with the lines of a title as one heading."""
    title: list[Piece] = []
    for piece, sort in zip(found, sorts, strict=True):
        if sort == "title":
            title.append(piece)
            continue
        if title:
            yield replace(title[0], text=joined(part.text for part in title))
            title = []
        yield piece
    if title:
        yield replace(title[0], text=joined(part.text for part in title))


def _sorts(found: Sequence[Piece], looks: Mapping[int, Look]) -> list[str]:
    """Return what sort of heading each piece is: title, plain, the way it is numbered; "" for those that are none."""
    body = _body(found, looks)
    shown = [labelled(piece.label, piece.text) for piece in found]
    decimals = depths(shown)
    sorts: list[str] = []
    opened = False
    for place, piece in enumerate(found):
        look = looks.get(id(piece))
        sort = "" if look is None or piece.kind != "paragraph" else _sort(shown[place], look, body, opened=opened)
        if look is not None and decimals[place] and piece.kind in ("paragraph", "item"):
            sort = DECIMALS[decimals[place] - 1]
        tabled = place == 0 and found[1:2] and found[1].kind in ("columns", "row", "heading")
        if not sort and look is not None and look.centred and tabled and short(piece.text):
            sort = "title"  # of a form, which is all that there is
        alike = look is not None and (not _differs(look, body) or piece.text.endswith("。"))
        if sort in _LISTS[:2] and alike and _listed(sort, place, shown, sorts):
            sort = ""
        opened = opened or (not sort and len(piece.text) > 0 and not short(piece.text))
        sorts.append(sort)
    return _with_last_title(sorts)


def _with_last_title(sorts: list[str]) -> list[str]:
    """Return the sorts with only the last title: above it may stand the name of the office (红头) and the number."""
    last = max((place for place, sort in enumerate(sorts) if sort == "title"), default=-1)
    while last > 0 and sorts[last - 1] == "title":
        last -= 1
    return ["" if sort == "title" and place < last else sort for place, sort in enumerate(sorts)]


def _body(found: Sequence[Piece], looks: Mapping[int, Look]) -> Look:
    """Return how most of the text looks."""
    fonts, sizes, bolds = Counter[str](), Counter[int](), Counter[bool]()
    for piece in found:
        if look := looks.get(id(piece)):
            fonts[look.font] += len(piece.text)
            sizes[look.size] += len(piece.text)
            bolds[look.bold] += len(piece.text)
    return Look(most(fonts, ""), most(sizes, 0), most(bolds, False), centred=False)


def _sort(text: str, look: Look, body: Look, *, opened: bool) -> str:
    """Return what sort of heading a paragraph is; ``opened`` says that running text has come before it."""
    number = _number(text)
    large = bool(body.size) and look.size > body.size * LARGER
    if not opened and not number and look.centred and (large or _is_loud(look, body)) and not text.endswith("。"):
        return "title"
    if not short(_without_stop(text) if number in _LISTS[:2] and look.font != body.font else text):
        return ""
    if number in ("1、", "（1）"):
        return number if _is_loud(look, body) else ""
    if number:
        return number
    return "plain" if _is_loud(look, body) or (large and look.centred) else ""


def _without_stop(text: str) -> str:
    """Return a line without the full stop that official papers set behind a heading of one sentence: （一）抓项目。"""
    return text[:-1] if text.endswith("。") and text.count("。") == 1 else text


def _is_loud(look: Look, body: Look) -> bool:
    """Return whether a paragraph is bold or in a font of headings, and the text is not."""
    return (look.bold and not body.bold) or (bool(_LOUD.search(look.font)) and look.font != body.font)


def _differs(look: Look, body: Look) -> bool:
    """Return whether a paragraph looks in any way unlike the text."""
    return look.centred or look.font != body.font or look.size > body.size or (look.bold and not body.bold)


def _number(text: str) -> str:
    """Return the way in which a heading is numbered; "" if it is not."""
    if found := _CHAPTER.match(text):
        return found[1]
    return numbered if (numbered := style(text)) in _LISTS else ""


def _listed(number: str, place: int, shown: Sequence[str], sorts: Sequence[str]) -> bool:
    """Return whether a numbered line is an item of a list: its neighbour is numbered alike, or nothing is below it.

    ``sorts`` are those of the lines before it.
    """
    after = shown[place + 1 : place + 2]
    before = place > 0 and style(shown[place - 1]) == number and not sorts[place - 1]
    return not after or style(after[0]) == number or before
