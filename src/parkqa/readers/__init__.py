"""One module a file format: the text of a file in, a ``Draft`` of its plain text and structure out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from parkqa.types import Block, BlockKind, Page

SHORT = 30
WORD = re.compile(r"[A-Za-z'-]+\s*")
END = re.compile(r"[。！？!?；;.…:：][”’」』）)\"']*$")
DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年")


def short(line: str) -> bool:
    """Whether a line has at most SHORT characters (a Latin word counts two), no sentence end, no date before it."""
    length = len(WORD.sub("  ", line))
    return length <= SHORT and not END.search(line) and not DATED.match(line)


@dataclass(frozen=True, slots=True)
class Piece:
    """A block before it has its place: what ``Block`` says, with its text."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    page: Page = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader makes of a file; ``meta`` is the front matter, empty where the format has none."""

    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, object] = field(default_factory=dict)


def assemble(pieces: Iterable[Piece], meta: Mapping[str, object] | None = None) -> Draft:
    """Join pieces with one line end between them, and give each its place."""
    texts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for piece in pieces:
        if piece.text:
            start = position + bool(texts)
            position = start + len(piece.text)
            texts.append(piece.text)
            blocks.append(Block(piece.kind, piece.level, start, position, piece.page, piece.columns))
        elif piece.kind == "break":
            blocks.append(Block("break", piece.level, position, position))
    return Draft("\n".join(texts), tuple(blocks), meta or {})
