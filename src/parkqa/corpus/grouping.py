"""Which blocks of a document belong together, although the file does not say so: a question and its answer, say.

Only the wording of the lines is looked at, so that it works for every format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from typing import Literal

from parkqa.corpus.readers.draft import END, KEY, follows, informs, labelled, leads_in, short, style
from parkqa.text.characters import NUMERAL
from parkqa.text.sentences import sentences
from parkqa.types import Block, Document

Role = Literal["title", "article", "question", "lead", "step", "label"]
"""What opens a group: 一、适用范围; 第五条; 园区有班车吗？; 提交下列材料：, 表2 电价; （1）提交申请（两天）; 押金."""

LABEL = 10
"""Longest label in code points. Chosen by hand: a larger value takes short statements for labels."""
LABELS = 20
"""Most labels that are taken together. Chosen by hand so that they make one passage."""
QUESTION, NUMBERED_QUESTION = 30, 100
"""Longest line that is taken for the question of the lines below it, without and with a number or 问. Chosen by hand:
a larger value takes questions within an article for headings."""
BETWEEN = 6
"""Most lines between two lines of an enumeration. Chosen by hand: a larger value joins enumerations that follow each
other, a smaller one breaks those whose items are explained at length."""
REACH = 500
"""Most lines that one line opens. Chosen by hand: a larger value makes large files without headings slow to cut."""
DEPTH = 8
"""Most groups within each other; deeper lines open nothing. Chosen by hand, twice as deep as documents are; without it
hundreds of lead-ins below each other would take quadratic time."""

_CHAPTER = re.compile(rf"第(?:[{NUMERAL}]+|\d+)[编章节]")
ARTICLE = re.compile(rf"第(?:[{NUMERAL}]+|\d+)条(?:之[{NUMERAL}])?")
"""The number of an article of a rule: 第五条."""
_TABLE = re.compile(rf"(?:附?表|Table)\s*[{NUMERAL}\d]+(?:[-—.]\d+)?(?!\w*[是为有])")
"""The number of a table: 表2-1."""
_ENCLOSURES = re.compile(r"附件\s*[：:]\s*(?=\S)")
_ASKED = re.compile(r"(?:问|提问|Q|Question)\s*\d*\s*[:：.、]")
_ANSWER = r"(?:答|答复|回答|A|Answer)\s*\d*\s*[:：]"
_ANSWERED = re.compile(_ANSWER)
_INNER_LINE = re.compile(rf"(?<=[？?])\s*(?={_ANSWER})|(?<=[？?：:])[ \t]*\n|\n(?={_ANSWER}|(?:问|Q)\s*\d*\s*[:：])")
"""Where a new line begins within a block: after a question or a lead-in, and before an answer."""
_FIRST_ASKED = re.compile(r"[^。！!；;？?\n]{2,60}[？?](?=\s*\w)")
"""A question at the beginning of a block with its answer behind it."""
_WORDS = re.compile(r"(?![一二三四五六七八九十百千两])[^\W\d]+")
"""Words without a number; one at the beginning makes a value: 两个月租金."""
_BARE = re.compile(r"(?=.*\d)[\d\s()（）:：.,/%@+~—–-]+|[\w.+-]+@[\w.-]+|(?:https?://|www\.)\S+", re.ASCII)
"""A value without words: a telephone number, a time, an address of e-mail or of a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A block that is neither a heading nor a break, with its text and the way in which it is numbered (or "").

    The text begins with the automatic number of the block, if it has one.
    """

    block: Block
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Group:
    """A line and what it opens; without ``role`` it opens nothing and ``members`` is empty."""

    line: Line
    role: Role | None = None
    members: tuple[Group, ...] = ()


def lines(document: Document, blocks: Sequence[Block]) -> list[Line]:
    """Return the lines of some blocks; a block that holds a question and its answer makes two."""
    return [_line(part, labelled(part.label, text)) for block in blocks for part, text in _cut(document, block)]


def _line(block: Block, text: str) -> Line:
    """Return a block as a line; a short numbered paragraph is an item of a list."""
    line = Line(block, text, style(text))
    listed = line.style and block.kind == "paragraph" and short(text) and not _is_title(line)
    return replace(line, block=replace(block, kind="item", level=1)) if listed else line


def grouped(found: Sequence[Line], depth: int = DEPTH) -> list[Group]:
    """Return the groups that the lines below one heading form, in order; they may hold groups, to ``depth`` levels."""
    if not depth:
        return [Group(line) for line in found]
    groups = []
    place = 0
    while place < len(found):
        role, count = _opened(found, place)
        after = place + 1 + count
        groups.append(Group(found[place], role, tuple(grouped(found[place + 1 : after], depth - 1))))
        place = after
    return groups


def flat(groups: Sequence[Group]) -> Iterator[Line]:
    """Yield the lines of groups in order."""
    for group in groups:
        yield group.line
        yield from flat(group.members)


def is_question(text: str) -> bool:
    """Return whether a heading or a line asks something.

    >>> is_question("4. 园区提供班车吗？"), is_question("问：怎样预约"), is_question("班车时刻")
    (True, True, False)
    """
    return bool(_ASKED.match(text)) or text.rstrip("”』」）) ").endswith(("？", "?"))


def _cut(document: Document, block: Block) -> Iterator[tuple[Block, str]]:
    """Yield the lines of a block, each as a block of its own."""
    text = document.text[block.start : block.end]
    cuts = [0, *(m.end() for m in _INNER_LINE.finditer(text)), len(text)]
    asked = _FIRST_ASKED.match(text)
    if asked and len(cuts) == 2 and (style(text) or _ASKED.match(text) or block.kind == "item"):
        cuts[1:1] = [] if is_question(text[asked.end() :]) else [asked.end()]
    whole = block.kind not in ("paragraph", "item")
    for start, end in [(0, len(text))] if whole else pairwise(cuts):
        if part := text[start:end].strip():
            first = block.start + start + text[start:end].index(part)
            yield replace(block, start=first, end=first + len(part), label="" if start else block.label), part


def _opened(found: Sequence[Line], place: int) -> tuple[Role | None, int]:
    """Return what a line opens, and how many of the lines after it belong to it."""
    line, rest = found[place], found[place + 1 : place + 1 + REACH]
    if not _is_text(line) or not rest:
        return None, 0
    listed = place > 0 and bool(line.style) and found[place - 1].style == line.style
    counts: dict[Role, int] = {
        "title": _below(rest, _is_title) if _is_title(line) else 0,
        "article": _below(rest, _is_article) if _is_article(line) else 0,
        "question": 0 if place and _both_asked(found[place - 1], line) else _answer(line, rest),
        "lead": _led(line, rest) if _leads(line) or _encloses(line, rest[0]) or _names(line, rest[0]) else 0,
        "step": 0 if listed else _steps(line, rest),
        "label": _labelled(line, rest, place == 0 or not short(found[place - 1].text)),
    }
    return next(((role, count) for role, count in counts.items() if count), (None, 0))


def _is_text(line: Line) -> bool:
    return line.block.kind in ("paragraph", "item")


def _leads(line: Line) -> bool:
    """Return whether a line is a lead-in."""
    return _is_text(line) and leads_in(line.text)


def _names(line: Line, after: Line) -> bool:
    """Return whether a line is the title of the table below it: 表2 电价（元/千瓦时）."""
    titled = _may_title(line) or (short(line.text) and bool(_TABLE.match(line.text)))
    return after.block.kind in ("row", "columns") and titled and not _is_bare(line)


def _encloses(line: Line, after: Line) -> bool:
    """Return whether a line names the first of several enclosures, and the next line the second: 附件：1. 申请表."""
    return follows(after.text, _ENCLOSURES.sub("", line.text)) if _ENCLOSURES.match(line.text) else False


def _below(rest: Sequence[Line], ends: Callable[[Line], bool]) -> int:
    """Return the number of lines before the next title, or before the next line for which ``ends`` holds."""
    return sum(1 for _ in takewhile(lambda line: not _is_title(line) and not ends(line), rest))


def _is_title(line: Line) -> bool:
    """Return whether a line is the title of a chapter or a section: 第一章 总则, 一、适用范围."""
    numbered = line.style == "一、" or bool(_CHAPTER.match(line.text))
    return numbered and _is_text(line) and short(line.text)


def _is_article(line: Line) -> bool:
    return bool(ARTICLE.match(line.text))


def _asks(line: Line) -> bool:
    """Return whether a line can be the question of the lines below it."""
    if not _is_text(line) or not is_question(line.text):
        return False
    if line.style or _ASKED.match(line.text):
        return len(line.text) <= NUMBERED_QUESTION
    return len(line.text) <= QUESTION and all(is_question(line.text[a:b]) for a, b in sentences(line.text))


def _both_asked(before: Line, line: Line) -> bool:
    """Return whether two lines are items of a list of questions, such as a table of contents."""
    return before.block.kind == line.block.kind == "item" and _asks(before) and _asks(line)


def _answer(line: Line, rest: Sequence[Line]) -> int:
    """Return how many lines after a question answer it; 0 if the line is not a question or has no answer.

    A question that is neither numbered nor marked as one has no lead-in in its answer but as its first line.
    """
    answered = bool(_ANSWERED.match(rest[0].text)) and not _ANSWERED.match(line.text)
    if not answered and (not _asks(line) or _asks(rest[0])):
        return 0
    plain = not answered and not line.style and not _ASKED.match(line.text)
    count = _below(rest, lambda each: _asks(each) or (plain and each is not rest[0] and _leads(each)))
    for place in range(1, count):
        if _ANSWERED.match(rest[place].text):  # the line before it is a question without a question mark
            return max(1, place - 1)
    return count


def _led(line: Line, rest: Sequence[Line]) -> int:
    """Return how many lines after a lead-in belong to it."""
    first = rest[0]
    if _apart(first) or first.block.kind == "caption" or (first.style and first.style == line.style):
        return 0
    if first.block.kind in ("row", "columns"):
        return sum(1 for _ in takewhile(lambda each: each.block.kind in ("row", "columns"), rest))
    if first.style:
        return _enumerated(line, rest)
    return _led_twice(line, rest) if _leads(first) else _unnumbered(rest)


def _apart(line: Line) -> bool:
    """Return whether a line opens something that a lead-in, a label or a step cannot hold."""
    return _is_title(line) or _is_article(line) or _asks(line)


def _led_twice(line: Line, rest: Sequence[Line]) -> int:
    """Return how many lines belong to a lead-in with another one below it; none if they stand side by side."""
    inner = _led(rest[0], rest[1:]) if len(rest) > 1 and not _leads(rest[1]) else 0
    return 1 + inner if len(line.text) >= len(rest[0].text) and inner else 0


def _enumerated(lead: Line, rest: Sequence[Line]) -> int:
    """Return how many lines belong to an enumeration below a lead-in, which may be a line of another one itself.

    Between two of its lines, and after the last, may stand up to BETWEEN lines that explain the one before.
    """
    last, count, gap = rest[0], 1, 0
    for place, line in enumerate(rest[1:], 1):
        if _apart(line) or not _is_text(line) or line.style == lead.style != "" or place - count > BETWEEN:
            break
        if follows(line.text, last.text):
            last, gap, count = line, place - count, place + 1
        elif line.style and line.style != last.style and place == count:
            count = place + 1
    after = _below(rest[count : count + gap], lambda line: _apart(line) or _leads(line) or bool(line.style))
    return count + after


def _unnumbered(rest: Sequence[Line]) -> int:
    """Return how many lines without numbers belong to a lead-in: a list, short lines, parts of a sentence, or one."""
    count = 1
    for before, line in pairwise(rest):
        own = KEY.match(line.text) or (_is_label(line) and not _is_label(rest[0]))
        alike = not own and (
            line.block.kind == before.block.kind == "item" or (short(before.text) and short(line.text))
        )
        goes_on = before.text.endswith(("；", ";", "：", ":"))
        if line.style or _apart(line) or not _is_text(line) or not (alike or goes_on):
            break
        count += 1
    return count


def _steps(line: Line, rest: Sequence[Line]) -> int:
    """Return how many lines belong to a numbered short line, such as a step of a procedure."""
    if not line.style or line.style == "•" or not short(line.text) or rest[0].style:
        return 0
    return _below(rest, lambda each: each.style == line.style or _apart(each) or not _is_text(each))


def _labelled(line: Line, rest: Sequence[Line], first: bool) -> int:
    """Return how many lines belong to a label; the first of several labels holds the others.

    ``first`` says that no short line precedes it: then any short line above a paragraph is a label.
    """
    if not _is_label(line):
        if _may_title(line) and _is_bare(rest[0]) and not _is_bare(line):  # 服务热线（总机） above its number
            return 1
        return _valued(rest) if first and _may_title(line) and not short(rest[0].text) else 0
    more = sum(1 for _ in takewhile(_is_label, rest[:LABELS]))
    below = _valued(rest[more:])
    if more > 1 and below:
        return more - 1
    return more + below


def _is_bare(line: Line) -> bool:
    """Return whether a line is a mere value, such as a telephone number, which is nothing without its label."""
    return _is_text(line) and not line.style and short(line.text) and bool(_BARE.fullmatch(line.text))


def _may_title(line: Line) -> bool:
    """Return whether a short line can be the title of what stands below it."""
    worded = re.search(r"\w", line.text) and line.text[-1] not in "，,、"
    return line.block.kind == "paragraph" and short(line.text) and bool(worded) and not informs(line.text)


def _valued(rest: Sequence[Line]) -> int:
    """Return how many lines are the value of a label: a list, a lead-in and its list, short lines, or paragraphs."""
    if not rest or _apart(rest[0]) or not _is_text(rest[0]):
        return 0
    if _is_bare(rest[0]):
        return sum(1 for _ in takewhile(_is_bare, rest))
    if rest[0].block.kind == "item":
        return _below(rest, lambda each: _apart(each) or each.block.kind != "item")
    if _leads(rest[0]):
        return 1 + (_led(rest[0], rest[1:]) if rest[1:] else 0)
    return _below(rest, lambda each: not _is_alike(each, rest[0]))


def _is_alike(line: Line, first: Line) -> bool:
    """Return whether a paragraph goes on with the value that ``first`` begins: both are short, or both are not."""
    own = _apart(line) or _is_label(line) or _leads(line)
    return not own and line.block.kind == "paragraph" and short(line.text) == short(first.text)


def _is_label(line: Line) -> bool:
    """Return whether a line is a few words that say nothing by themselves."""
    plain = not line.style and line.block.kind == "paragraph" and len(line.text) <= LABEL
    return plain and not END.search(line.text) and bool(_WORDS.fullmatch(line.text))
