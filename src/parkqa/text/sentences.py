"""Sentence and clause spans; offsets are code points, half-open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from parkqa.types import Span

_CLOSERS = "”’」』）)》】〉\"'"
_SENTENCE = re.compile(
    rf"[。！？!?；;…]+[{_CLOSERS}]*"  # Chinese ends, with what closes after them
    rf"|(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\b(?:Mr|Dr|St|No|vs|Co))\.[{_CLOSERS}]*(?=\s+[^\sa-z]|\s*$)"  # Latin full stop
    r"|\n\s*\n"
)
_CLAUSE = re.compile(rf"(?:[，：:]|,(?!\d)|——+|(?<=[\w”]); )[{_CLOSERS}]*")


def sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the sentences of ``text[start:end]``: ordered, disjoint, trimmed, covering every non-blank character."""
    stop = len(text) if end is None else end
    return _trimmed(text, _cut(_SENTENCE, text, start, stop))


def clauses(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the clauses, as ``sentences`` does; a series joined by 、 stays one, and so does 1,000."""
    return tuple(
        clause
        for first, last in sentences(text, start, end)
        for clause in _trimmed(text, _cut(_CLAUSE, text, first, last))
    )


def _cut(pattern: re.Pattern[str], text: str, start: int, stop: int) -> Iterator[Span]:
    position = start
    for match in pattern.finditer(text, start, stop):
        yield position, match.end()
        position = match.end()
    yield position, stop


def _trimmed(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Trim blanks; punctuation with nothing before it goes to the sentence before."""
    kept: list[Span] = []
    for start, end in spans:
        piece = text[start:end]
        if not piece.strip():
            continue
        first, last = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
        if kept and not re.search(r"\w", piece) and "\n" not in text[kept[-1][1] : first]:
            kept[-1] = (kept[-1][0], last)
        else:
            kept.append((first, last))
    return tuple(kept)
