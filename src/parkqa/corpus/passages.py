"""Splits a document into passages, the units of search and quotation, along its structure.

Splitting is deterministic: the same document always gives the same passages with the same ids.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from parkqa.text.sentences import clauses, sentences
from parkqa.types import Block, Document, Page, Passage, PassageKind, Span

LONG = 300
"""Code points above which a paragraph is split. Chosen by looking at the corpus: longer passages blur what their vector
stands for and make long quotes, shorter ones separate sentences that explain each other."""
LONG_SENTENCE = 500
"""Code points above which even a sentence is split, at its clauses. Chosen by hand against texts without full stops: in
the corpus that ships with parkqa the longest Chinese sentence has 247, and three English ones exceed it. A larger value
allows longer quotes, a smaller one marks fragments of sentences as answers."""
LONG_PIECE = 80
"""Code points above which the clauses of a sentence get vectors of their own, beside that of the sentence. Chosen by
looking at the corpus: a smaller value finds more facts inside long sentences, at the price of a larger index and more
misleading fragments."""
LONG_ITEM = 40
"""Code points above which a list item is taken for a statement of its own instead of a member of an enumeration. Chosen
by looking at the corpus; a smaller value breaks more lists into single passages, see ``_self_contained``."""

_DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年|^(?:19|20)\d\d[-./]")
_SENTENCE_END = re.compile(r"[。！？!?；;][”’」』）)\"']*$")


def split(document: Document) -> tuple[Passage, ...]:
    """Return the passages of a document in order, without overlaps.

    - A paragraph of at most LONG code points is one passage; a longer one is split at sentence ends into parts of
      similar length.
    - A list is one passage; but if most of its items are dated, sentences or long, each item is one.
    - A row of a table and a caption are one passage each.
    - A document of nothing but headings gives a passage for each heading.

    >>> from parkqa.types import Block, Document
    >>> blocks = (Block("heading", 1, 0, 2), Block("paragraph", 0, 3, 12))
    >>> document = Document("a.md", "园区", "园区\\n成立于2003年。", "", blocks)
    >>> [(passage.heading, passage.text) for passage in split(document)]
    [(('园区',), '成立于2003年。')]
    """
    passages = [passage for run, path in _runs(document) for passage in _passages(document, run, path)]
    if not passages:
        headings = [block for block in document.blocks if block.kind == "heading"]
        passages = [_passage(document, "paragraph", (), [(b.start, b.end)], b.page) for b in headings]
    return tuple(passages)


def identity(document: Document, start: int, end: int) -> str:
    """Return the id of ``document.text[start:end]``: 16 hexadecimal digits, the same in every build.

    It is a prefix of the SHA-256 of path, offsets and text, so an edited passage gets another id.
    """
    key = f"{document.path}\0{start}\0{end}\0{document.text[start:end]}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(key).hexdigest()[:16]


def part(passage: Passage, span: Span) -> str:
    """Return the text of a span of a passage; the span is given in offsets of the document."""
    return passage.text[span[0] - passage.start : span[1] - passage.start]


def heading_path(passage: Passage) -> str:
    """Return the headings above a passage, outermost first, joined by " › "; "" if there are none."""
    return " › ".join(passage.heading)


def context(passage: Passage) -> str:
    """Return the text that is embedded for a passage: its heading path on a line, then its own text."""
    return f"{heading_path(passage)}\n{passage.text}" if passage.heading else passage.text


def headings(document: Document) -> list[tuple[str, ...]]:
    """Return the headings above each block, outermost first; for a heading, its own text is the last of them."""
    stack: list[tuple[int, str]] = []
    paths = []
    for block in document.blocks:
        if block.kind in ("heading", "break"):
            while stack and stack[-1][0] >= block.level:
                stack.pop()
        if block.kind == "heading":
            stack.append((block.level, document.text[block.start : block.end]))
        paths.append(tuple(text for _, text in stack))
    return paths


def pieces(passage: Passage) -> tuple[tuple[int, Span], ...]:
    """Return the parts of a passage that get vectors of their own, as (number of the sentence from 0, span).

    First come all sentences, then the clauses of those above LONG_PIECE; the items of a list are not split. Spans are
    offsets of the document.
    """
    numbered = list(enumerate(passage.spans))
    for number, (start, end) in enumerate(passage.spans):
        if end - start > LONG_PIECE and passage.kind != "list":
            cut = clauses(passage.text, start - passage.start, end - passage.start)
            numbered += [(number, (passage.start + a, passage.start + b)) for a, b in cut if len(cut) > 1]
    return tuple(numbered)


def _runs(document: Document) -> Iterator[tuple[list[Block], tuple[str, ...]]]:
    """Yield each run of adjacent blocks of one kind, with the headings above its first block."""
    paths = zip(document.blocks, headings(document), strict=True)
    for kind, group in groupby(paths, key=lambda pair: pair[0].kind):
        pairs = list(group)
        if kind not in ("heading", "break"):
            yield [block for block, _ in pairs], pairs[0][1]


def _passages(document: Document, run: Sequence[Block], path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield the passages of one run; a row has the heads of its columns as its innermost heading."""
    kind = run[0].kind
    if kind == "item" and not _self_contained(document, run):
        yield _passage(document, "list", path, [(b.start, b.end) for b in run], run[0].page)
    elif kind == "item":
        for block in run:
            yield from _paragraph(document, "entry", path, block)
    elif kind in ("row", "columns"):
        for block in run:
            heads = path if kind == "columns" or not block.columns else (*path, " | ".join(block.columns))
            yield _passage(document, "row", heads, [(block.start, block.end)], block.page)
    else:
        for block in run:
            yield from _paragraph(document, "caption" if kind == "caption" else "paragraph", path, block)


def _self_contained(document: Document, items: Sequence[Block]) -> bool:
    """Return whether most items of a list can be quoted one by one: they are dated, sentences or long."""
    texts = [document.text[item.start : item.end] for item in items]
    count = sum(bool(_DATED.match(t) or _SENTENCE_END.search(t) or len(t) > LONG_ITEM) for t in texts)
    return count * 2 > len(items)


def _paragraph(document: Document, kind: PassageKind, path: tuple[str, ...], block: Block) -> Iterator[Passage]:
    spans = [
        part for sentence in sentences(document.text, block.start, block.end) for part in _limited(document, sentence)
    ]
    for group in _even(spans):
        yield _passage(document, kind, path, group, block.page)


def _limited(document: Document, sentence: Span) -> Sequence[Span]:
    """Return a sentence as one span, or as its clauses if it is longer than LONG_SENTENCE."""
    start, end = sentence
    return [sentence] if end - start <= LONG_SENTENCE else clauses(document.text, start, end)


def _even(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Group adjacent sentences into as few parts of at most LONG code points as possible, of similar length.

    A single sentence may be longer.
    """
    if not spans:
        return
    parts = -(-(spans[-1][1] - spans[0][0]) // LONG)
    while True:
        groups = _greedy(spans, (spans[-1][1] - spans[0][0]) / parts)
        if len(groups) == len(spans) or all(g[-1][1] - g[0][0] <= LONG or len(g) == 1 for g in groups):
            yield from groups
            return
        parts += 1


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
        heading=path,
        spans=tuple(spans),
        page=page,
    )
