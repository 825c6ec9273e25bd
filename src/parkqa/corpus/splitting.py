"""Splits a document into passages, the units of search and quotation, along its structure.

Splitting is deterministic: the same document always gives the same passages with the same ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from parkqa.corpus.grouping import ARTICLE, Group, Line, flat, grouped, is_question, lines
from parkqa.corpus.passages import headings, identity
from parkqa.corpus.readers.draft import CELLS, END, leads_in, short
from parkqa.text.sentences import chunks, clauses, sentences
from parkqa.types import Block, Document, Page, Passage, PassageKind, Span

LONG = 300
"""Code points above which a paragraph is split. Chosen by looking at the corpus: longer passages blur what their vector
stands for and make long quotes, shorter ones separate sentences that explain each other."""
LONG_SENTENCE = 500
"""Code points above which even a sentence is split, at its clauses. Chosen by hand against texts without full stops: in
the corpus that ships with parkqa the longest Chinese sentence has 247, and three English ones exceed it. A larger value
allows longer quotes, a smaller one marks fragments of sentences as answers."""
ITEMS, LONG_LIST = 500, 10_000
"""Items and code points above which a list becomes several passages. Chosen by hand, far above the lists that people
write: without them, a file of short lines would be one passage of any size."""
LONG_ITEM = 40
"""Code points above which a list item is taken for a statement of its own instead of a member of an enumeration. Chosen
by looking at the corpus; a smaller value breaks more lists into single passages, see ``_self_contained``."""
LONG_LEAD = 60
"""Code points above which a line that opens a long group can be quoted itself, and only its end is a heading. Chosen by
hand: a larger value hides what is said in the line, a smaller one quotes lines that say nothing alone."""

_DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年|^(?:19|20)\d\d[-./]")
_SENTENCE_END = re.compile(r"[。！？!?；;][”’」』）)\"']*$")


def split(document: Document) -> tuple[Passage, ...]:
    """Return the passages of a document in order, without overlaps.

    - A paragraph of at most LONG code points is one passage; a longer one is split at sentence ends into parts of
      similar length.
    - A question is the innermost heading of its answer, which is one passage if it has at most LONG code points.
    - A lead-in and its list, a label and its value, a step and an article of a rule with what belongs to them are one
      passage of at most LONG code points, or else passages with this first line as their innermost heading.
    - A list of up to ITEMS items is one passage; but if most are dated, sentences or long, each item is one.
    - A row of a table and a caption are one passage each; a row longer than LONG is split at sentence ends into parts
      that have its first cell as their innermost heading.
    - The automatic number of the block with which a passage begins is its innermost heading, except in lists.
    - Where no sentence or clause ends, text is cut after LONG code points.
    - A document of nothing but headings gives a passage for each heading.

    >>> from parkqa.types import Block, Document
    >>> blocks = (Block("heading", 1, 0, 2), Block("paragraph", 0, 3, 12))
    >>> document = Document("a.md", "园区", "园区\\n成立于2003年。", "", blocks)
    >>> [(passage.heading, passage.text) for passage in split(document)]
    [(('园区',), '成立于2003年。')]
    """
    passages = [passage for blocks, path in _sections(document) for passage in _section(document, blocks, path)]
    passages = _without_contents(document, passages)
    if not passages:
        titles = [block for block in document.blocks if block.kind == "heading"]
        passages = [_passage(document, "paragraph", (), [(b.start, b.end)], b.page) for b in titles]
    return tuple(passages)


def _without_contents(document: Document, passages: Sequence[Passage]) -> list[Passage]:
    """Return passages without a table of contents that lists questions: these are headings of their answers.

    One that has a heading which is told nowhere else is kept.
    """
    asked = {heading for passage in passages for heading in passage.heading if is_question(heading)}
    listed = [all(line.strip() in asked for line in p.text.split("\n")) for p in passages]
    told = {document.text[block.start : block.end] for block in document.blocks if block.kind == "heading"}
    told |= {text for p, contents in zip(passages, listed, strict=True) if not contents for text in p.heading}
    pairs = zip(passages, listed, strict=True)
    return [p for p, contents in pairs if not contents or not told.issuperset(p.heading)]


def _sections(document: Document) -> Iterator[tuple[list[Block], tuple[str, ...]]]:
    """Yield the blocks between two headings or breaks, with the headings above them."""
    paths = zip(document.blocks, headings(document), strict=True)
    for apart, group in groupby(paths, key=lambda pair: pair[0].kind in ("heading", "break")):
        pairs = list(group)
        if not apart:
            yield [block for block, _ in pairs], pairs[0][1]


def _section(document: Document, blocks: Sequence[Block], path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of the blocks below one heading; the answer to a heading that asks is one, if it is short."""
    groups = grouped(lines(document, blocks))
    if path and is_question(path[-1]):
        yield from _answer(document, groups, path)
    else:
        yield from _groups(document, groups, path)


def _groups(document: Document, groups: Sequence[Group], path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of groups; adjacent lines of one kind that open nothing are taken together."""
    for kind, run in groupby(groups, key=lambda group: "" if group.members else group.line.block.kind):
        if kind:
            yield from _passages(document, [group.line.block for group in run], path)
        else:
            for group in run:
                yield from _group(document, group, path)


def _group(document: Document, group: Group, path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of a line and what it opens: one if that is short, or else parts with the line as heading."""
    below = (*path, group.line.text)
    if group.role == "question":
        yield from _answer(document, group.members, below)
    elif group.role != "title" and _is_one(group):
        yield _joined(document, list(flat([group])), _numbered(path, group.line.block))
    elif _is_heading(group):
        yield from _groups(document, group.members, below)
    else:
        yield from _begun(document, group, path)


def _is_heading(group: Group) -> bool:
    """Return whether the line that opens a long group is its heading, and not something to be quoted."""
    text = group.line.text
    return group.role not in ("article", "lead") or (len(text) <= LONG_LEAD and (short(text) or leads_in(text)))


def _begun(document: Document, group: Group, path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of a long group whose first line says much: it is quoted, with the next one if both are short.

    The number of the article, or the last sentence of the line, is the heading of all that follows.
    """
    block = group.line.block
    number = ARTICLE.match(group.line.text)
    last = sentences(document.text, block.start, block.end)[-1]
    below = (*path, number[0] if number else document.text[last[0] : last[1]])
    first = list(flat([replace(group, members=group.members[:1])]))
    if _fits(first):
        yield _joined(document, first, _numbered(path, block))
        yield from _groups(document, group.members[1:], below)
    else:
        yield from _paragraph(document, "paragraph", path, block)
        yield from _groups(document, group.members, below)


def _answer(document: Document, groups: Sequence[Group], path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of an answer; its question is the last heading of ``path``."""
    found = list(flat(groups))
    if _fits(found):
        yield _joined(document, found, path)
    else:
        yield from _groups(document, groups, path)


def _is_one(group: Group) -> bool:
    """Return whether a line and what it opens make one passage; a label only with lines that are as short."""
    found = list(flat([group]))
    return _fits(found) and (group.role != "label" or all(short(line.text) for line in found))


def _fits(found: Sequence[Line]) -> bool:
    """Return whether lines can be joined: they are text, and short enough together."""
    text = all(line.block.kind in ("paragraph", "item") for line in found)
    return text and found[-1].block.end - found[0].block.start <= LONG


def _joined(document: Document, found: Sequence[Line], path: tuple[str, ...]) -> Passage:
    """Return lines as one passage: a list if most of them are items that say nothing alone, or else a paragraph."""
    blocks = [line.block for line in found]
    items = [line.block for line in found if line.style or line.block.kind == "item"]
    if len(items) > 1 and len(items) * 2 > len(found) and not _self_contained(document, items):
        return _passage(document, "list", path, [(b.start, b.end) for b in blocks], blocks[0].page)
    spans = [span for b in blocks for span in sentences(document.text, b.start, b.end)]
    return _passage(document, "paragraph", path, spans, blocks[0].page)


def _passages(document: Document, run: Sequence[Block], path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of one run; a row has the heads of its columns as its innermost heading."""
    kind = run[0].kind
    if kind == "item" and not _self_contained(document, run):
        yield from _list(document, run, path)
    elif kind == "item":
        for block in run:
            yield from _paragraph(document, "entry", path, block)
    elif kind in ("row", "columns"):
        for block in run:
            heads = path if kind == "columns" or not block.columns else (*path, CELLS.join(block.columns[:LONG]))
            yield from _row(document, heads, block)
    else:
        for block in run:
            yield from _paragraph(document, "caption" if kind == "caption" else "paragraph", path, block)


def _list(document: Document, items: Sequence[Block], path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield a list as one passage, or as several if it is very long."""
    spans: list[Span] = []
    page = items[0].page
    for item in items:
        found = _limited(document, (item.start, item.end))
        for span in found or [(item.start, item.end)]:
            if spans and (len(spans) == ITEMS or span[1] - spans[0][0] > LONG_LIST):
                yield _passage(document, "list", path, spans, page)
                spans, page = [], item.page
            spans.append(span)
    yield _passage(document, "list", path, spans, page)


def _row(document: Document, path: tuple[str, ...], block: Block) -> Iterator[Passage]:
    """Yield the passages of a row: one, or if it is long, parts with its first cell as their innermost heading."""
    spans = [(block.start, block.end)]
    if block.end - block.start <= LONG:
        yield _passage(document, "row", path, spans, block.page)
        return
    first = document.text[block.start : block.end].partition(CELLS)[0]
    below = (*path, first) if short(first) else path
    for group in _even(_sentences(document, block)):
        yield _passage(document, "row", below, group, block.page)


def _numbered(path: tuple[str, ...], block: Block) -> tuple[str, ...]:
    """Return headings with the automatic number of a block as the innermost one, if it has one."""
    return (*path, block.label) if block.label and path[-1:] != (block.label,) else path


def _self_contained(document: Document, items: Sequence[Block]) -> bool:
    """Return whether most items of a list can be quoted one by one: they are dated, sentences or long."""
    texts = [document.text[item.start : item.end] for item in items]
    count = sum(bool(_DATED.match(t) or _SENTENCE_END.search(t) or len(t) > LONG_ITEM) for t in texts)
    return count * 2 > len(items)


def _paragraph(document: Document, kind: PassageKind, path: tuple[str, ...], block: Block) -> Iterator[Passage]:
    groups = list(_even(_sentences(document, block)))
    number = ARTICLE.match(document.text, block.start, block.end)
    below = (*path, number[0]) if number and len(groups) > 1 else _numbered(path, block)
    for group in groups:
        yield _passage(document, kind, below, group, block.page)


def _sentences(document: Document, block: Block) -> list[Span]:
    """Return the sentences of a block, those longer than LONG_SENTENCE as their clauses."""
    found = sentences(document.text, block.start, block.end)
    return [part for sentence in found for part in _limited(document, sentence)]


def _limited(document: Document, sentence: Span) -> Sequence[Span]:
    """Return a sentence as one span, or as its clauses if it is longer than LONG_SENTENCE.

    What is longer than LONG and neither ends as a sentence nor has several clauses is cut at that length.
    """
    start, end = sentence
    if end - start <= LONG:
        return [sentence]
    parts = clauses(document.text, start, end)
    if end - start <= LONG_SENTENCE and (len(parts) > 1 or END.search(document.text[start:end])):
        return [sentence]
    return [cut for first, last in parts for cut in chunks(document.text, first, last, LONG)]


def _even(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Group adjacent sentences into few parts of at most LONG code points, of similar length.

    A single sentence may be longer. They are as few as possible, or a sixteenth more where they are many: trying one
    number after the other would take quadratic time.
    """
    if not spans:
        return
    parts = -(-(spans[-1][1] - spans[0][0]) // LONG)
    while True:
        groups = _greedy(spans, (spans[-1][1] - spans[0][0]) / parts)
        if len(groups) == len(spans) or all(g[-1][1] - g[0][0] <= LONG or len(g) == 1 for g in groups):
            yield from groups
            return
        parts += 1 + parts // 16


def _greedy(spans: Sequence[Span], target: float) -> list[list[Span]]:
    """Group sentences so that each part ends as near to a multiple of ``target`` code points as sentence ends allow."""
    groups: list[list[Span]] = [[]]
    for span in spans:
        limit = spans[0][0] + target * len(groups)
        if groups[-1] and (span[0] + span[1]) / 2 > limit:
            groups.append([])
        groups[-1].append(span)
    return groups


def _passage(
    document: Document, kind: PassageKind, path: tuple[str, ...], spans: Sequence[Span], page: Page
) -> Passage:
    start, end = spans[0][0], spans[-1][1]
    return Passage(
        id=identity(document, start, end),
        document=document.path,
        start=start,
        end=end,
        text=document.text[start:end],
        kind=kind,
        heading=tuple(text if len(text) <= LONG else f"{text[:LONG]}…" for text in path),
        spans=tuple(spans),
        page=page,
    )
