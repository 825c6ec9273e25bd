"""Splits text into sentences and clauses.

Spans are half-open ranges of code points: ``text[start:end]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from parkqa.types import Span

_CLOSERS = "”’」』）)》】〉\"'"
_SENTENCE = re.compile(
    rf"[。！？!?；;…]+[{_CLOSERS}]*"  # Chinese and ! ? marks, with closing quotes and brackets
    rf"|(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\b(?:Mr|Dr|St|No|vs|Co))\.[{_CLOSERS}]*(?=\s+[^\sa-z]|\s*$)"  # full stop
    r"|\n\s*\n"
)
"""The end of a sentence. A full stop must be followed by a blank or the end, and not by a lower-case letter; after a
capital letter, a capital with one small letter (Dr, Co, but also "It.") or one of the listed words it is taken for that
of an abbreviation."""
_CLAUSE = re.compile(rf"(?:[，：:]|,(?!\d)|——+|(?<=[\w”]); )[{_CLOSERS}]*")


def sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the sentences of ``text[start:end]`` as spans of ``text``.

    The spans are in order, do not overlap, have no blanks at either end, and together cover every non-blank character.
    ``end`` defaults to the end of the text.

    >>> sentences("园区成立于2003年。规划60平方公里！")
    ((0, 11), (11, 20))
    """
    stop = len(text) if end is None else end
    return _trimmed(text, _cut(_SENTENCE, text, start, stop))


def clauses(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the clauses of ``text[start:end]`` as spans of ``text``, with the guarantees of ``sentences``.

    A sentence ends a clause, and so do commas, colons and a double dash; a series joined by 、 and a
    number such as 1,000 are not split.

    >>> clauses("交通便利，距机场50公里。")
    ((0, 5), (5, 13))
    """
    return tuple(
        clause
        for first, last in sentences(text, start, end)
        for clause in _trimmed(text, _cut(_CLAUSE, text, first, last))
    )


def chunks(text: str, start: int, end: int, length: int) -> tuple[Span, ...]:
    """Return ``text[start:end]`` cut to at most ``length`` code points, for text in which no sentence or clause ends.

    It is cut at the last blank of a piece if one stands in its last quarter. The spans have no blanks at either end;
    blank ones are dropped.

    >>> chunks("aaaa bb ccc", 0, 11, 8)
    ((0, 7), (8, 11))
    """
    found = []
    while start < end:
        stop = min(start + length, end)
        blank = text.rfind(" ", stop - length // 4, stop) if stop < end else -1
        stop = blank + 1 if blank > start else stop
        piece = text[start:stop]
        if piece.strip():
            found.append((start + len(piece) - len(piece.lstrip()), stop - len(piece) + len(piece.rstrip())))
        start = stop
    return tuple(found)


def _cut(pattern: re.Pattern[str], text: str, start: int, stop: int) -> Iterator[Span]:
    """Yield the spans of ``text[start:stop]`` that end with a match, and what follows the last match."""
    position = start
    for match in pattern.finditer(text, start, stop):
        yield position, match.end()
        position = match.end()
    yield position, stop


def _trimmed(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Strip blanks, drop blank spans, and append a span without word characters to the one before in its paragraph."""
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
