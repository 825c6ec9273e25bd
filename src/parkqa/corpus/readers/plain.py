"""Plain text (.txt): headings, lists and captions are recognised by the form of the lines.

Files are either copied from a web page, with short lines as headings and list items, or written as an article.
Structure is looked for only where a file has both short lines and prose; otherwise every line is a paragraph, wrapped
lines are joined, and three or more dated lines are the items of a chronicle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import takewhile

from parkqa.corpus.readers.draft import DATED, END, KEY, Draft, follows, informs, leads_in, short, style
from parkqa.text.characters import NUMERAL
from parkqa.types import Block, BlockKind, Span

NARROW, RAGGED, TALL = 16, 2, 200
"""Least width, in characters, at which prose is wrapped, by how much its lines may differ in length, and how many are
looked at together, which bounds the work. Chosen by hand."""
_COMMA = re.compile(r"[，、；]|, ")
_DAY = re.compile(rf"[\d{NUMERAL}〇○]{{4}}年[\d{NUMERAL}]{{1,3}}月[\d{NUMERAL}]{{1,3}}日")
"""A date that stands by itself."""
CAPTIONS = 3
"""This many short lines or more before the first prose, if none gives a value, are captions; fewer are titles. Chosen
by looking at the corpus, whose pages begin with a row of pictures."""

_SECTION = re.compile(
    r"^.{0,6}(?:产业|荣誉|大事记|历程|简介|概况|介绍|优势|政策|服务|配套|环境|机构|愿景|目标|规划|动态|活动|交通|区位|资质|成果|团队"
    r"|问题|须知|流程|条件|对象|范围|依据|方式|时间|地点|联系我们|关于我们|新闻|公告|通知)$"
)
"""Section titles of Chinese web pages, by their last word. Collected from the corpus and from what such sites commonly
have; a title that is missing here is still found by its position."""


def read(source: str) -> Draft:
    """Read plain text; ``Draft.text`` is ``source`` unchanged.

    >>> draft = read("主导产业\\n园区以船舶制造为主。\\n")
    >>> [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks]
    [('heading', '主导产业'), ('paragraph', '园区以船舶制造为主。')]
    """
    spans = _lines(source)
    lines, apart = [source[start:end] for start, end in spans], _apart(source, spans)
    flowing = _flowing(lines, apart)
    kinds = _kinds(lines, apart, flowing)
    return Draft(source, tuple(_blocks(source, spans, kinds, {spans[place] for place in flowing})))


def _lines(source: str) -> list[Span]:
    """Return the spans of the lines that are not blank, without blanks at either end."""
    return [
        (m.start() + len(m[0]) - len(m[0].lstrip()), m.end() - len(m[0]) + len(m[0].rstrip()))
        for m in re.finditer(r"[^\n]+", source)
        if m[0].strip()
    ]


def _apart(source: str, lines: Sequence[Span]) -> list[bool]:
    """Return for each line whether a blank line precedes it."""
    ends = [0, *(end for _, end in lines)]
    return [source.count("\n", end, start) > 1 for end, (start, _) in zip(ends, lines, strict=False)]


def _flowing(lines: Sequence[str], apart: Sequence[bool]) -> set[int]:
    """Return which lines are of prose that was wrapped at a width so narrow that its lines look short.

    All lines of such a paragraph but the last are equally long, to RAGGED characters, and none of them ends a sentence.
    """
    found: set[int] = set()
    first = 0
    for place, line in enumerate(lines):
        if END.search(line):
            run = range(max(first, place - TALL), place + 1)
            width = max(len(lines[n]) for n in run)
            while len(run) > 1 and any(width - len(lines[n]) > RAGGED for n in run[:-1]):
                run = run[1:]
                width = max(len(lines[n]) for n in run)
            text = "".join(lines[n] for n in run)
            if len(run) > 1 and width >= NARROW and len(line) <= width and _COMMA.search(text):
                found |= {*run}
            first = place + 1
        elif place + 1 < len(lines) and (apart[place + 1] or style(lines[place + 1])):
            first = place + 1
    return found


def _kinds(lines: Sequence[str], apart: Sequence[bool], flowing: Set[int] = frozenset()) -> list[BlockKind]:
    """Return the kind of block that each line belongs to; those in ``flowing`` are prose, however short."""
    brief = [short(line) and place not in flowing for place, line in enumerate(lines)]
    dated = [bool(DATED.match(line)) for line in lines]
    numbered: set[str] = set()
    if all(brief) or not any(brief):
        chronicle = sum(dated) > 2
        return ["item" if chronicle and d else "paragraph" for d in dated]
    first_prose = brief.index(False)
    opening: BlockKind = "paragraph" if any(map(informs, lines[:first_prose])) else "caption"
    kinds: list[BlockKind] = []
    for place in range(len(lines)):
        if not brief[place]:
            kinds.append("item" if dated[place] and _beside(dated, place) else "paragraph")
        elif place < first_prose and first_prose >= CAPTIONS:
            kinds.append(opening)
        elif _signs(lines, place):
            kinds.append("paragraph")
        else:
            kinds.append("heading" if _is_heading(lines, brief, apart, kinds, numbered) else "item")
        if kinds[-1] == "heading":
            numbered.add(style(lines[place]))
    return kinds


def _beside(dated: Sequence[bool], place: int) -> bool:
    """Return whether the line before or after is dated."""
    return any(dated[max(0, place - 1) : place]) or any(dated[place + 1 : place + 2])


def _is_heading(
    lines: Sequence[str],
    brief: Sequence[bool],
    apart: Sequence[bool],
    kinds: Sequence[BlockKind],
    numbered: Set[str],
) -> bool:
    """Return whether a short line is a heading.

    ``kinds`` are those of the lines before it, ``numbered`` the ways in which the headings among these are numbered.
    """
    place = len(kinds)
    if (
        place + 1 == len(lines)
        or _signs(lines, place)
        or informs(lines[place])
        or _explains(lines, kinds)
        or _led_in(lines, kinds)
    ):
        return False
    if style(lines[place]) and style(lines[place]) in numbered:  # 二、 below the heading 一、 and its items
        return True
    if not brief[place + 1]:
        return bool(DATED.match(lines[place + 1])) or not _ends_list(lines, brief, apart, kinds)
    opens = not kinds or kinds[-1] in ("paragraph", "caption")
    return opens or bool(_SECTION.match(lines[place]) and not _SECTION.match(lines[place + 1]))


def _signs(lines: Sequence[str], place: int) -> bool:
    """Return whether a line is the signature under a paper, with the date as the last line below it."""
    return 0 < place == len(lines) - 2 and bool(_DAY.fullmatch(lines[-1]))


def _led_in(lines: Sequence[str], kinds: Sequence[BlockKind]) -> bool:
    """Return whether the next line is one of the numbered lines that a line ending in a colon leads in to."""
    place = len(kinds)
    if not kinds or not style(lines[place]):
        return False
    before = lines[place - 1]
    return leads_in(before) or (kinds[-1] == "item" and follows(lines[place], before))


def _explains(lines: Sequence[str], kinds: Sequence[BlockKind]) -> bool:
    """Return whether the next line stands below a single numbered line, such as a step, and not below a list."""
    place = len(kinds)
    if not kinds or kinds[-1] != "item" or not style(lines[place - 1]) or style(lines[place]):
        return False
    return place < 2 or not follows(lines[place - 1], lines[place - 2])


def _ends_list(lines: Sequence[str], brief: Sequence[bool], apart: Sequence[bool], kinds: Sequence[BlockKind]) -> bool:
    """Return whether a short line before prose is the last item of the list above, and not the heading of the prose.

    Where blank lines set it off from only one of the two, it belongs to the other; where the spacing is even, it is an
    item if it is at most two characters longer than the longest one. A section title is a heading in either case.
    """
    first = place = len(kinds)
    while first and kinds[first - 1] == "item" and brief[first - 1]:
        first -= 1
    items = lines[first:place]
    if not items or (_SECTION.match(lines[place]) and not _SECTION.match(items[-1])):
        return False
    if not apart[place - 1] == apart[place] == apart[place + 1]:
        return not apart[place]
    return len(lines[place]) <= max(map(len, items)) + 2


def _blocks(source: str, lines: Sequence[Span], kinds: Sequence[BlockKind], flowing: Set[Span]) -> list[Block]:
    """Return the blocks, with wrapped lines joined and a break after each list that prose follows."""
    blocks: list[Block] = []
    last = (0, 0)  # the line before
    for (start, end), kind in zip(lines, kinds, strict=True):
        before = blocks[-1] if blocks else None
        above, last = last, (start, end)
        if kind == "paragraph" and before is not None:
            if (
                before.kind == "paragraph"
                and (above in flowing or _long(source, before, above))
                and _goes_on(source, above, last)
            ):
                blocks[-1] = Block("paragraph", 0, before.start, end)
                continue
            if before.kind == "item" and not _numbered(source, blocks):
                blocks.append(Block("break", 1, before.end, before.end))
        level = {"heading": 2, "item": 1}.get(kind, 0)
        blocks.append(Block(kind, level, start, end))
    return blocks


def _numbered(source: str, blocks: Sequence[Block]) -> bool:
    """Return whether the list at the end of ``blocks`` has a line that says something, such as a step."""
    items = takewhile(lambda block: block.kind == "item", reversed(blocks))
    return any(informs(source[block.start : block.end]) for block in items)


def _long(source: str, before: Block, last: Span) -> bool:
    """Return whether the paragraph before, of which ``last`` is the last line, is long enough to have been wrapped.

    One of several lines was found long when the second came.
    """
    return before.start < last[0] or not short(source[last[0] : last[1]])


def _goes_on(source: str, last: Span, line: Span) -> bool:
    """Return whether a line, without a number or label of its own, continues the paragraph that ends in ``last``."""
    text, after = source[last[0] : last[1]], source[line[0] : line[1]]
    apart = source[last[1] : line[0]].count("\n") > 1 or style(after) or KEY.match(after)
    return not apart and not END.search(text)
