"""One module a file format: the text or the bytes of a file in, a ``Draft`` of its plain text and structure out."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parkqa.types import Block, BlockKind, Page

SHORT = 30
WORD = re.compile(r"[A-Za-z'-]+\s*")
END = re.compile(r"[。！？!?；;.…:：][”’」』）)\"']*$")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufeff\ud800-\udfff]")
"""Characters that are no text."""
DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年")
BULLET = re.compile(r"^[•·●▪■◆◇○◦➢➤✓✔∙‣\uf000-\uf0ff][ \t\u3000]*")
"""A mark before an item that is no word of it; the private ones are those of Word's symbol fonts."""
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—\U00020000-\U0003ffff]"
_BROKEN = re.compile(rf"(?<={_WIDE})[ \t]*\n[ \t]*|[ \t]*\n[ \t]*(?={_WIDE})|(?<=[A-Za-z]-)\n(?=[a-z])")


class Unreadable(ValueError):
    """A file, or what it holds, cannot be read; ``zh`` and ``en`` say why and what to do, one sentence each."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def needed(module: str) -> Any:
    """Import what the extra ``documents`` brings.

    Raises:
        Unreadable: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Unreadable(
            '读这种文件要先装扩展 documents，请运行 pip install "parkqa[documents]"。',
            'files of this kind need the extra documents; run pip install "parkqa[documents]".',
        ) from error


def joined(lines: Iterable[str]) -> str:
    """Join the lines of a paragraph as they were before it was wrapped: with a blank, beside Chinese with none."""
    return _BROKEN.sub("", "\n".join(lines)).replace("\n", " ")


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
    """What a reader makes of a file; ``meta`` is the front matter, empty where the format has none.

    ``scanned`` are the pages that hold pictures and no text that could be read.
    """

    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, object] = field(default_factory=dict)
    scanned: tuple[int, ...] = ()


def assemble(pieces: Iterable[Piece], meta: Mapping[str, object] | None = None) -> Draft:
    """Join pieces with one line end between them, and give each its place."""
    texts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for piece in pieces:
        if text := CONTROL.sub("", piece.text):
            start = position + bool(texts)
            position = start + len(text)
            texts.append(text)
            blocks.append(Block(piece.kind, piece.level, start, position, piece.page, piece.columns))
        elif piece.kind == "break":
            blocks.append(Block("break", piece.level, position, position))
    return Draft("\n".join(texts), tuple(blocks), meta or {})
