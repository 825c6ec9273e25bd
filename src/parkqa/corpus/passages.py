"""What a passage is known by, what stands above it, and which of its parts are searched on their own."""

from __future__ import annotations

import hashlib

from parkqa.corpus.readers.draft import labelled
from parkqa.text.sentences import clauses
from parkqa.types import Document, Passage, Span

LONG_PIECE = 80
"""Code points above which the clauses of a sentence get vectors of their own, beside that of the sentence. Chosen by
looking at the corpus: a smaller value finds more facts inside long sentences, at the price of a larger index and more
misleading fragments."""


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


def above(passage: Passage) -> str:
    """Return what is searched as the headings of a passage: the title of its document, if it counts, and these."""
    return " › ".join(text for text in (passage.title, *passage.heading) if text)


def context(passage: Passage) -> str:
    """Return the text that is embedded for a passage: what stands above it on a line, then its own text."""
    heading = above(passage)
    return f"{heading}\n{passage.text}" if heading else passage.text


def headings(document: Document) -> list[tuple[str, ...]]:
    """Return the headings above each block, outermost first; for a heading, its own text is the last of them."""
    stack: list[tuple[int, str]] = []
    paths = []
    for block in document.blocks:
        if block.kind in ("heading", "break"):
            while stack and stack[-1][0] >= block.level:
                stack.pop()
        if block.kind == "heading":
            stack.append((block.level, labelled(block.label, document.text[block.start : block.end])))
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
