"""A document becomes the passages that are found and quoted, cut by its structure; same document, same passages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from parkqa.text.sentences import clauses, sentences
from parkqa.types import Block, Document, Page, Passage, PassageKind, Span

LONG = 300
"""Code points above which a paragraph is split."""
LONG_SENTENCE = 500
"""Code points above which even a sentence is split, at its clauses."""
LONG_PIECE = 80
"""Code points above which the clauses of a sentence are embedded too, each by itself."""
LONG_ITEM = 40
"""Code points above which an item of a list speaks for itself."""

_DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年|^(?:19|20)\d\d[-./]")
_SENTENCE_END = re.compile(r"[。！？!?；;][”’」』）)\"']*$")


def split(document: Document) -> tuple[Passage, ...]:
    """Return the passages of a document in their order.

    A list under its heading is one, and so is each dated or sentence-like item, each row of a table, each caption, and
    each paragraph of at most LONG code points; longer ones are split at sentence ends into even parts. A document of
    headings only gives these.
    """
    passages = [passage for run, path in _runs(document) for passage in _passages(document, run, path)]
    if not passages:
        headings = [block for block in document.blocks if block.kind == "heading"]
        passages = [_passage(document, "paragraph", (), [(b.start, b.end)], b.page) for b in headings]
    return tuple(passages)


def identity(document: Document, start: int, end: int) -> str:
    """Return the id of a slice of a document: 16 hexadecimal digits, the same in every build."""
    key = f"{document.path}\0{start}\0{end}\0{document.text[start:end]}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(key).hexdigest()[:16]


def part(passage: Passage, span: Span) -> str:
    """Return the text of a span (offsets of the document) of a passage."""
    return passage.text[span[0] - passage.start : span[1] - passage.start]


def heading_path(passage: Passage) -> str:
    """Return the headings a passage stands under, outermost first, joined by " › "."""
    return " › ".join(passage.heading)


def context(passage: Passage) -> str:
    """Return what is embedded for a passage: its heading path and its text."""
    return f"{heading_path(passage)}\n{passage.text}" if passage.heading else passage.text


def headings(document: Document) -> list[tuple[str, ...]]:
    """Return for each block the headings that it stands under, outermost first; a heading's own text is its last."""
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
    """Return what is embedded by itself: each sentence with its number, then the clauses of the long ones."""
    numbered = list(enumerate(passage.spans))
    for number, (start, end) in enumerate(passage.spans):
        if end - start > LONG_PIECE and passage.kind != "list":
            cut = clauses(passage.text, start - passage.start, end - passage.start)
            numbered += [(number, (passage.start + a, passage.start + b)) for a, b in cut if len(cut) > 1]
    return tuple(numbered)


def _runs(document: Document) -> Iterator[tuple[list[Block], tuple[str, ...]]]:
    """Runs of blocks of one kind under one heading path; ``columns`` heads stand with their rows."""
    paths = zip(document.blocks, headings(document), strict=True)
    for kind, group in groupby(paths, key=lambda pair: pair[0].kind):
        pairs = list(group)
        if kind not in ("heading", "break"):
            yield [block for block, _ in pairs], pairs[0][1]


def _passages(document: Document, run: Sequence[Block], path: tuple[str, ...]) -> Iterator[Passage]:
    kind = run[0].kind
    if kind == "item" and not _speak_for_themselves(document, run):
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


def _speak_for_themselves(document: Document, items: Sequence[Block]) -> bool:
    """Whether most items of a list are dated, sentences or long: each is then quoted by itself."""
    texts = [document.text[item.start : item.end] for item in items]
    telling = sum(bool(_DATED.match(t) or _SENTENCE_END.search(t) or len(t) > LONG_ITEM) for t in texts)
    return telling * 2 > len(items)


def _paragraph(document: Document, kind: PassageKind, path: tuple[str, ...], block: Block) -> Iterator[Passage]:
    spans = [
        part for sentence in sentences(document.text, block.start, block.end) for part in _bearable(document, sentence)
    ]
    for group in _even(spans):
        yield _passage(document, kind, path, group, block.page)


def _bearable(document: Document, sentence: Span) -> Sequence[Span]:
    start, end = sentence
    return [sentence] if end - start <= LONG_SENTENCE else clauses(document.text, start, end)


def _even(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Group sentences into the fewest parts of at most LONG code points, as even as their ends allow."""
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
    """Close a part where its end comes nearest to a multiple of ``target``."""
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
