"""Which blocks of a PDF are headings, and of what level: by their size, weight and number.

The constants below were chosen by hand on the PDFs of the tests; no measurement stands behind them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from parkqa.corpus.readers.decimals import DECIMALS, depths
from parkqa.corpus.readers.draft import END, joined, short, style
from parkqa.corpus.readers.figures import MARK, is_count
from parkqa.corpus.readers.pdf_paragraphs import Placed, fills, is_item
from parkqa.corpus.readers.tables import remarks
from parkqa.text.characters import NUMERAL

LARGER = 1.08
"""A line is a heading if its font is more than this many times as large as the body's; 1.08 is one point above 12. A
larger value misses headings, a smaller one takes small differences of fonts for headings."""
LEVELS = 4
"""Levels of headings by size; further, smaller sizes share the last."""
DEEPEST = 5
"""The deepest level; those of tables' titles are below."""
LONGEST = 60
"""Longest heading, in code points; half of it for headings that are bold but not larger than the body."""
LINES = 3
"""Most lines of a heading; more are running text in a large font."""

Block = Sequence[Placed]
"""The lines of a paragraph; none where a table stands."""
_RED_HEAD = re.compile(r".+文件")
_PAPER_NUMBER = re.compile(r".{2,20}[〔\[（(]20\d\d[〕\]）)]\s*第?\d+号.*")
"""What stands above an official paper: 某某市人民政府文件, and below it 某政发〔2026〕12号. It is not its title."""
_CHAPTER = re.compile(rf"第(?:[{NUMERAL}]+|\d+)([编章节篇]|部分)(?![、，和或及至的])")


def levels(blocks: Sequence[Block], tables: Mapping[float, int] | None = None) -> list[int]:
    """Return the level of each block that is a heading (1 is the largest), 0 for the others.

    The larger the font, the higher the level. Below the levels of the larger fonts stand headings in the body's size,
    told by weight or number; of these, the sort that comes first in the document is the highest. ``tables`` counts the
    sizes of tables; they are the body where all that stands beside them is short lines.
    """
    sizes_of, bolds = Counter[float](), Counter[bool]()
    for line in (placed.line for block in blocks for placed in block):
        sizes_of[line.size] += len(line.text)
        bolds[line.bold] += len(line.text)
    body = sizes_of.most_common(1)[0][0] if sizes_of else 0.0
    bold = bolds[True] > bolds[False]
    texts = [joined(placed.line.text for placed in block) for block in blocks]
    if tables and all(short(text) for text in texts if text):
        body = min(body, max(tables, key=lambda size: tables[size]))
    large = [
        _is_large(block, text, body)
        and not (remarks(text) and blocks[place + 1 : place + 2] == [[]])
        and not _is_red_head(texts, place)
        for place, (block, text) in enumerate(zip(blocks, texts, strict=True))
    ]
    sizes = sorted(
        {block[0].line.size for block, is_large in zip(blocks, large, strict=True) if is_large}, reverse=True
    )
    sorts = _sorts(blocks, texts, large, bold=bold)
    order = list(dict.fromkeys(sort for sort in sorts if sort))
    above = min(len(sizes), LEVELS)
    return [
        min(sizes.index(block[0].line.size), LEVELS - 1) + 1
        if is_large
        else min(above + order.index(sort) + 1, DEEPEST)
        if sort
        else 0
        for block, is_large, sort in zip(blocks, large, sorts, strict=True)
    ]


def _is_red_head(texts: Sequence[str], place: int) -> bool:
    """Return whether a block is the name of the office above an official paper, or the number of the paper."""
    named, numbered = (pattern.fullmatch for pattern in (_RED_HEAD, _PAPER_NUMBER))
    after = texts[place + 1] if place + 1 < len(texts) else ""
    return bool(named(texts[place]) and numbered(after)) or bool(numbered(texts[place]))


def _is_large(block: Block, text: str, body: float) -> bool:
    """Return whether a block in a large font is a heading and not running text."""
    if not block or block[0].line.size <= body * LARGER or len(block) > LINES or len(text) > LONGEST:
        return False
    return not (text.endswith(("。", "；", "，", ";")) or "。" in text or MARK.fullmatch(text) or is_count(text))


def _sorts(blocks: Sequence[Block], texts: Sequence[str], large: Sequence[bool], *, bold: bool) -> list[str]:
    """Return for each block in the body's size what sort of heading it is; "" for those that are none."""
    decimals = depths(texts)
    sorts: list[str] = []
    for place, (block, text) in enumerate(zip(blocks, texts, strict=True)):
        if not block or large[place]:
            sorts.append("")
        elif not bold and _is_loud(block, text):
            sorts.append(_number(text) or _decimal(decimals[place]) or "bold")
        elif decimals[place] and len(block) == 1 and _stands_alone(block, text):
            sorts.append(_decimal(decimals[place]))
        else:
            number = _number(text) if len(block) == 1 and _stands_alone(block, text) else ""
            listed = number in ("一、", "（一）") and _listed(number, place, texts, sorts)
            sorts.append("" if listed else number)
    return sorts


def _is_loud(block: Block, text: str) -> bool:
    """Return whether a block is a bold line that says nothing by itself."""
    numbered = is_item(block[0].line) and style(text) != "（一）"
    return (
        all(placed.line.bold for placed in block)
        and len(text) <= LONGEST // 2
        and not END.search(text)
        and not numbered
        and not is_count(text)
    )


def _stands_alone(block: Block, text: str) -> bool:
    """Return whether a line is short and ends before the edge of its column, and so is not part of a sentence."""
    line = block[0].line
    return short(text) and not text.endswith(("，", "、", "；")) and not fills(line, line) and not line.cell


def _number(text: str) -> str:
    """Return how a heading is numbered: 章, 一、, （一）; "" for other numbers and none."""
    if found := _CHAPTER.match(text):
        return found[1]
    return numbered if (numbered := style(text)) in ("一、", "（一）") else ""


def _decimal(depth: int) -> str:
    """Return the sort of a heading with a decimal number of so many parts; "" without one."""
    return DECIMALS[depth - 1] if depth else ""


def _listed(number: str, place: int, texts: Sequence[str], sorts: Sequence[str]) -> bool:
    """Return whether a numbered line is an item of a list: the next or the one before is numbered like it.

    ``sorts`` are those of the lines before it.
    """
    after = place + 1 < len(texts) and (not texts[place + 1] or style(texts[place + 1]) == number)
    last = place + 1 == len(texts)
    before = place > 0 and style(texts[place - 1]) == number and not sorts[place - 1]
    return (after and bool(texts[place + 1])) or last or before
