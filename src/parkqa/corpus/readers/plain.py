"""Plain text, as copied from a web page or written as an article: headings, lists and captions told by their form.

Only where short lines and prose (or dated lines) stand together is there structure to tell; an article, one paragraph a
line or wrapped, stays paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parkqa.corpus.readers.draft import DATED, END, Draft, short
from parkqa.types import Block, BlockKind, Span

CAPTIONS = 3
"""Short lines before the first prose that are captions; fewer are a title."""

_SECTION = re.compile(
    r"^.{0,6}(?:产业|荣誉|大事记|历程|简介|概况|介绍|优势|政策|服务|配套|环境|机构|愿景|目标|规划|动态|活动|交通|区位|资质|成果|团队"
    r"|问题|须知|流程|条件|对象|范围|依据|方式|时间|地点|联系我们|关于我们|新闻|公告|通知)$"
)
"""What the titles of sections of Chinese web pages end with."""


def read(source: str) -> Draft:
    """Read plain text; the text itself is not touched."""
    lines = _lines(source)
    kinds = _kinds([source[start:end] for start, end in lines], _apart(source, lines))
    return Draft(source, tuple(_blocks(source, lines, kinds)))


def _lines(source: str) -> list[Span]:
    return [
        (m.start() + len(m[0]) - len(m[0].lstrip()), m.end() - len(m[0]) + len(m[0].rstrip()))
        for m in re.finditer(r"[^\n]+", source)
        if m[0].strip()
    ]


def _apart(source: str, lines: Sequence[Span]) -> list[bool]:
    """Whether a blank line stands before each line."""
    ends = [0, *(end for _, end in lines)]
    return [source.count("\n", end, start) > 1 for end, (start, _) in zip(ends, lines, strict=False)]


def _kinds(lines: Sequence[str], apart: Sequence[bool]) -> list[BlockKind]:
    brief = [short(line) for line in lines]
    dated = [bool(DATED.match(line)) for line in lines]
    if all(brief) or not any(brief):
        return ["item" if many and d else "paragraph" for d in dated for many in (sum(dated) > 2,)]
    first_prose = brief.index(False)
    kinds: list[BlockKind] = []
    for place in range(len(lines)):
        if not brief[place]:
            kinds.append("item" if dated[place] and _beside(dated, place) else "paragraph")
        elif place < first_prose and first_prose >= CAPTIONS:
            kinds.append("caption")
        else:
            kinds.append("heading" if _is_heading(lines, brief, apart, kinds) else "item")
    return kinds


def _beside(dated: Sequence[bool], place: int) -> bool:
    return any(dated[max(0, place - 1) : place]) or any(dated[place + 1 : place + 2])


def _is_heading(lines: Sequence[str], brief: Sequence[bool], apart: Sequence[bool], kinds: Sequence[BlockKind]) -> bool:
    """Whether a short line, the one after ``kinds``, heads what follows: prose or dated lines, or a list."""
    place = len(kinds)
    if place + 1 == len(lines):
        return False
    if not brief[place + 1]:
        return bool(DATED.match(lines[place + 1])) or not _ends_list(lines, brief, apart, kinds)
    opens = not kinds or kinds[-1] in ("paragraph", "caption")
    return opens or bool(_SECTION.match(lines[place]) and not _SECTION.match(lines[place + 1]))


def _ends_list(lines: Sequence[str], brief: Sequence[bool], apart: Sequence[bool], kinds: Sequence[BlockKind]) -> bool:
    """Whether a short line before prose is the last item of the list before it: set as its items are, of their form."""
    first = place = len(kinds)
    while first and kinds[first - 1] == "item" and brief[first - 1]:
        first -= 1
    items = lines[first:place]
    if not items or (_SECTION.match(lines[place]) and not _SECTION.match(items[-1])):
        return False
    if not apart[place - 1] == apart[place] == apart[place + 1]:
        return not apart[place]
    return len(lines[place]) <= max(map(len, items)) + 2


def _blocks(source: str, lines: Sequence[Span], kinds: Sequence[BlockKind]) -> list[Block]:
    blocks: list[Block] = []
    for (start, end), kind in zip(lines, kinds, strict=True):
        before = blocks[-1] if blocks else None
        if kind == "paragraph" and before is not None:
            if before.kind == "paragraph" and _wrapped(source, before, start):
                blocks[-1] = Block("paragraph", 0, before.start, end)
                continue
            if before.kind == "item":
                blocks.append(Block("break", 1, before.end, before.end))
        level = {"heading": 2, "item": 1}.get(kind, 0)
        blocks.append(Block(kind, level, start, end))
    return blocks


def _wrapped(source: str, before: Block, start: int) -> bool:
    """Whether a line goes on where the line before broke off: one line end between them and no sentence end."""
    return source[before.end : start].count("\n") == 1 and not END.search(source[before.start : before.end])
