"""Plain text, as copied from a web page or written as an article: headings, lists and captions told by their form.

A line is *short* when it has no sentence end and at most SHORT code points. Only where short lines and prose (or
dated lines) stand together is there structure to tell; an article, one paragraph a line or wrapped, stays paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parkqa.readers import Draft
from parkqa.types import Block, BlockKind, Span

SHORT = 30
CAPTIONS = 3
"""Short lines before the first prose that are captions; fewer are a title."""

_END = re.compile(r"[。！？!?；;.…:：][”’」』）)\"']*$")
_DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年")
_SECTION = re.compile(
    r"^.{0,6}(?:产业|荣誉|大事记|历程|简介|概况|介绍|优势|政策|服务|配套|环境|机构|愿景|目标|规划|动态|活动|交通|区位|资质|成果|团队"
    r"|问题|须知|流程|条件|对象|范围|依据|方式|时间|地点|联系我们|关于我们|新闻|公告|通知)$"
)
"""What the titles of sections of Chinese web pages end with."""


def read(source: str) -> Draft:
    """Read plain text; the text itself is not touched."""
    lines = _lines(source)
    kinds = _kinds([source[start:end] for start, end in lines])
    return Draft(source, tuple(_blocks(source, lines, kinds)))


def _lines(source: str) -> list[Span]:
    return [
        (m.start() + len(m[0]) - len(m[0].lstrip()), m.end() - len(m[0]) + len(m[0].rstrip()))
        for m in re.finditer(r"[^\n]+", source)
        if m[0].strip()
    ]


def _short(line: str) -> bool:
    return len(line) <= SHORT and not _END.search(line) and not _DATED.match(line)


def _kinds(lines: Sequence[str]) -> list[BlockKind]:
    short = [_short(line) for line in lines]
    dated = [bool(_DATED.match(line)) for line in lines]
    if all(short) or not any(short):
        return ["item" if many and d else "paragraph" for d in dated for many in (sum(dated) > 2,)]
    first_prose = short.index(False)
    kinds: list[BlockKind] = []
    for place, line in enumerate(lines):
        if not short[place]:
            kinds.append("item" if dated[place] and _beside(dated, place) else "paragraph")
        elif place < first_prose and first_prose >= CAPTIONS:
            kinds.append("caption")
        else:
            kinds.append("heading" if _is_heading(lines, short, kinds, place, line) else "item")
    return kinds


def _beside(dated: Sequence[bool], place: int) -> bool:
    return any(dated[max(0, place - 1) : place]) or any(dated[place + 1 : place + 2])


def _is_heading(lines: Sequence[str], short: Sequence[bool], kinds: Sequence[BlockKind], place: int, line: str) -> bool:
    """Whether a short line heads what follows: prose or dated lines, or a list of short ones."""
    if place + 1 == len(lines):
        return False
    if not short[place + 1]:
        return True
    opens = not kinds or kinds[-1] in ("paragraph", "caption")
    return opens or bool(_SECTION.match(line) and not _SECTION.match(lines[place + 1]))


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
    return source[before.end : start].count("\n") == 1 and not _END.search(source[before.start : before.end])
