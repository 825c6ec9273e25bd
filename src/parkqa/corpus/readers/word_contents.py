"""Tables of contents that were typed into a Word document, which are no text of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from parkqa.corpus.readers.draft import Piece, style

_ENTRY = re.compile(r".{1,60}?(?:\t|[.．…·‥_—]{2,}[.．…·‥\s]*|\s{4,})\d{1,4}", re.DOTALL)
"""An entry that was typed: its text, a tab or dots, and the number of a page."""
_PAGE, _DOTS = re.compile(r"\d{1,4}$"), re.compile(r"[.．…·‥_—]{2,}")
_CHAPTER = re.compile(r"第.{1,4}[编篇章节]|附[件录]|\d{1,2}(?:\.\d{1,2})*\s")
_HEAD_OF_CONTENTS = re.compile(r"目\s*[录次]|contents", re.IGNORECASE)
ENTRIES = 3
"""Least number of such lines that are a table of contents without saying so. Chosen by hand: a smaller one takes lines
with a tab and a figure for one."""


def without_contents(found: Sequence[Piece]) -> list[Piece]:
    """Drop a table of contents that was typed: several entries in a row, or any after 目录, with that line."""
    kept: list[Piece] = []
    for entry, run in groupby(found, key=lambda piece: piece.kind != "row" and bool(_ENTRY.fullmatch(piece.text))):
        lines = list(run)
        titled = bool(kept) and bool(_HEAD_OF_CONTENTS.fullmatch(kept[-1].text))
        if not entry or not (titled or (len(lines) >= ENTRIES and _are_contents(lines))):
            kept += lines
        elif titled:
            kept.pop()
    return kept


def _are_contents(lines: Sequence[Piece]) -> bool:
    """Return whether entries without 目录 above them are contents, and no list of telephones or prices.

    They have dots, or most are numbered and their pages go up.
    """
    pages = [int(_PAGE.findall(piece.text)[-1]) for piece in lines]
    numbered = sum(bool(piece.label or style(piece.text) or _CHAPTER.match(piece.text)) for piece in lines)
    dotted = sum(bool(_DOTS.search(piece.text)) for piece in lines)
    return 2 * dotted > len(lines) or (2 * numbered > len(lines) and pages == sorted(pages))
