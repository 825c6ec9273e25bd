"""The lines of a PDF joined into paragraphs, items and headings, by where they begin and end.

A line that fills its column and ends in the middle of a sentence goes on in the next one, however that is indented. A
line that ends a sentence goes on only where the next one begins like the paragraph's own lines. Distances are in ems
(multiples of the font size). The constants were chosen by hand on the PDFs of the tests; no measurement stands behind
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from parkqa.corpus.readers.decimals import decimal
from parkqa.corpus.readers.draft import BULLET, END, KEY, short
from parkqa.corpus.readers.pdf_lines import Line
from parkqa.text.characters import NUMERAL

SAME_SIZE = 0.6
"""Largest difference between the font sizes of a paragraph's lines, in points."""
ROOM = 2.0
"""A line that ends further before the edge of its column is the last one of its paragraph. A larger value joins short
lines such as those of an address, a smaller one tears paragraphs whose lines are set unevenly."""
INDENT = 0.8
"""Least indent that is meant; a smaller value takes opening brackets and quotation marks for indents."""
FAR = 1.0
"""How much further than ``pitch`` a line may be below one that ends in mid-sentence, as around a picture."""
SET_OFF = 3.0
"""Least indent of a date that stands by itself."""

ITEM = re.compile(
    rf"(?:[（(](?:\d{{1,2}}|[{NUMERAL}]{{1,3}})[）)]|\d{{1,2}}(?:[、．)）]|[.](?!\d)|[.](?=\d{{4}}年))|[a-z][)）]|[①-⑳]|[★▲※])"
    r"(?!\s*[，。；！？])"
)
"""The number or the mark of a list item; not a note's mark at the end of a sentence: ②。"""
_CLAUSE = re.compile(
    r"\d{1,2}(?:\.\d{1,2}){1,3}[.、 ]?\s*(?=[^\W\d]|[“《（(])(?![万亿元%％‰米平吨公千个小年月日天倍mkM㎡])"
)
"""The number of a clause: 5.1; not a decimal with its unit."""
_CHAPTER = re.compile(rf"第(?:[{NUMERAL}]+|\d+)(?:[编章节条篇]|部分)|附[件则录表]\s*[{NUMERAL}\d]*(?:[:：\s]|$)")
_TITLE = re.compile(rf"[{NUMERAL}]{{1,3}}、(?![{NUMERAL}])")
_ASKED = re.compile(r"(?:问|答|Q|A)\s*\d{0,2}\s*[：:]")
"""The mark of a question or an answer."""
_WORD = re.compile(r"(?:[A-Za-z0-9./:@-]+|.)[，。、；：！？”’）》】」]*")
"""What is not broken at the end of a line: a Latin word or a Chinese character, with the punctuation behind it."""
_DATE = re.compile(rf"[\d{NUMERAL}〇○]{{4}}年[\d{NUMERAL}]{{1,3}}月(?:[\d{NUMERAL}]{{1,3}}日)?")
"""A date that stands by itself."""
_TAIL = re.compile(r"[。，、；：！？）》」』”’]")
"""What no line begins with but where the one before goes on."""
_REFERS = re.compile(
    rf"第(?:[{NUMERAL}]+|\d+)[编章节条款项](?:第|之|所|规定|的|、|和|或|及|至|中|，|款|项)|[（(][{NUMERAL}]+[）)](?:项|款|目|的|、)"
)
"""A reference to an article, such as the wrapped 违反本办法 第三条规定的."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and the number of its page."""

    line: Line
    page: int


def joined_lines(lines: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Yield the lines of each paragraph, item or heading."""
    block: list[Placed] = []
    for placed in lines:
        if block and not _continues(block, placed):
            yield block
            block = []
        block.append(placed)
    if block:
        yield block


def is_item(line: Line) -> bool:
    """Return whether a line begins an item of a list."""
    return line.marked or bool(BULLET.match(line.text) or ITEM.match(line.text))


def fills(last: Line, after: Line) -> bool:
    """Return whether a line goes up to the edge of its column, so that the first word of the next one had no room."""
    word = _WORD.match(after.text)
    width = (after.x1 - after.x0) * len(word[0]) / len(after.text) if word else after.size
    return last.right - last.x1 <= max(ROOM * last.size, width + last.size)


def _opens(block: Sequence[Placed], line: Line) -> bool:
    """Return whether a line begins something of its own by its number, and does not only happen to begin with one."""
    if line.marked or BULLET.match(line.text) or _dates(line) or _is_section(block[-1].line, line):
        return True
    if not any(pattern.match(line.text) for pattern in (ITEM, _CLAUSE, _CHAPTER, _TITLE, _ASKED)):
        return False
    return not (_REFERS.match(line.text) or _wrapped(block, line))


def _is_section(last: Line, line: Line) -> bool:
    """Return whether a line is a heading such as 2 总则 and not a number in a sentence that the last line began."""
    alone = short(line.text) and not fills(line, line)
    return alone and len(decimal(line.text)) == 1 and bool(END.search(last.text))


def _dates(line: Line) -> bool:
    """Return whether a line is the date under a paper, which stands on the right, or in the middle of its cover."""
    return bool(_DATE.fullmatch(line.text)) and _x(line) > SET_OFF * line.size


def _wrapped(block: Sequence[Placed], line: Line) -> bool:
    """Return whether a line begins where the paragraph's lines go on, and its first one does not, in mid-sentence."""
    first, last = block[0].line, block[-1].line
    if len(block) < 2 or END.search(last.text) or not fills(last, line):
        return False
    return abs(_x(line) - _x(last)) < INDENT * line.size / 2 < INDENT * line.size <= abs(_x(first) - _x(last))


def _continues(block: Sequence[Placed], placed: Placed) -> bool:
    """Return whether a line belongs to the block that ends above it."""
    last, line = block[-1].line, placed.line
    if line.cell or last.cell or abs(line.size - last.size) > SAME_SIZE or _opens(block, line) or _dates(last):
        return False
    down = line.top - last.bottom
    below = placed.page == block[-1].page and line.left == last.left and down > -last.size
    if _TAIL.match(line.text) and below and down < last.pitch:
        return True
    if not fills(last, line):
        return below and _of_one_heading(block, line, down)
    if END.search(last.text):
        return down < last.pitch and _aligned(block, line) if below else _overleaf(block, line)
    return not below or down < last.pitch + FAR * last.size


def _of_one_heading(block: Sequence[Placed], line: Line, down: float) -> bool:
    """Return whether two short lines close to each other are centred, as those of a long title are."""
    last = block[-1].line
    middle = (last.left + last.right) / 2
    centred = all(
        each.x0 - each.left > 2 * each.size and abs((each.x0 + each.x1) / 2 - middle) < each.size
        for each in (last, line)
    )
    return (
        centred
        and down < last.size
        and line.bold == last.bold
        and not END.search(last.text)
        and not KEY.match(line.text)
    )


def _overleaf(block: Sequence[Placed], line: Line) -> bool:
    """Return whether a paragraph goes on at the top of a page or column although a sentence ends at the one before."""
    first, last = block[0].line, block[-1].line
    indented = len(block) > 1 and _x(first) > _x(last) + INDENT * line.size
    return indented and last.right - last.x1 < last.size and abs(_x(line) - _x(last)) < INDENT * line.size


def _aligned(block: Sequence[Placed], line: Line) -> bool:
    """Return whether a line begins where the lines of the block go on, and not where another paragraph begins."""
    first, last = block[0].line, block[-1].line
    em = INDENT * line.size
    if len(block) > 1:
        return abs(_x(line) - _x(last)) < em
    if _x(line) > _x(first) + em:  # text that hangs beside its number
        return is_item(first) or bool(_CLAUSE.match(first.text))
    indented = _x(first) > em
    return _x(line) < _x(first) - em or (not indented and _x(line) < em) or (is_item(first) and not indented)


def _x(line: Line) -> float:
    """Return how far from the left edge of its column a line begins."""
    return line.x0 - line.left
