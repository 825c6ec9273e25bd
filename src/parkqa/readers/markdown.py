"""Markdown: front matter and markup are taken off, the words stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from markdown_it import MarkdownIt

from parkqa.readers import Draft, Piece, assemble
from parkqa.types import BlockKind

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Tags are no markup here: what a document says between < and > is shown as text, never run.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_DEPTH = {"bullet_list_open": 1, "ordered_list_open": 1, "bullet_list_close": -1, "ordered_list_close": -1}


class FrontMatterError(ValueError):
    """The front matter is no YAML mapping; ``line`` is 1-based in the file."""

    def __init__(self, line: int) -> None:
        super().__init__(f"front matter, line {line}")
        self.line = line


def read(source: str) -> Draft:
    """Read Markdown (CommonMark with tables) with optional YAML front matter.

    Raises:
        FrontMatterError: the front matter is not a mapping.
    """
    meta: dict[str, object] = {}
    if front := _FRONT.match(source):
        meta = _meta(front[1])
        source = source[front.end() :]
    return assemble(_captions(_pieces(_MARKDOWN.parse(source))), meta)


def _meta(front: str) -> dict[str, object]:
    try:
        meta = yaml.safe_load(front) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise FrontMatterError(mark.line + 2 if mark else 1) from error
    if not isinstance(meta, dict):
        raise FrontMatterError(2)
    return {str(key): value for key, value in meta.items()}


def _pieces(tokens: Sequence[Any]) -> Iterator[Piece]:
    depth, heading = 0, 0
    for place, token in enumerate(tokens):
        depth += _DEPTH.get(token.type, 0)
        if token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "hr":
            yield Piece("break", level=1)
        elif token.type == "table_open":
            yield from _table(tokens, place)
        elif token.type in ("fence", "code_block"):
            yield Piece("paragraph", token.content.strip("\n"))
        elif token.type == "inline" and tokens[place - 1].type not in ("th_open", "td_open"):
            kind: BlockKind = "heading" if heading else "item" if depth else "paragraph"
            yield Piece(kind, _plain(token.children), heading or depth)
            heading = 0


def _table(tokens: Sequence[Any], place: int) -> Iterator[Piece]:
    columns: tuple[str, ...] = ()
    cells: list[str] = []
    while tokens[place].type != "table_close":
        token = tokens[place]
        if token.type == "inline":
            cells.append(_plain(token.children).replace("\n", " "))
        elif token.type == "tr_close":
            line, done = " | ".join(cells).strip(), tuple(cells)
            cells = []
            if columns:
                yield Piece("row", line, columns=columns)
            else:
                columns = done
                yield Piece("columns", line, columns=columns)
        place += 1


def _plain(children: Sequence[Any] | None) -> str:
    """The words of a line: emphasis, links and images leave their text."""
    words = []
    for child in children or ():
        if child.type in ("softbreak", "hardbreak"):
            words.append("\n")
        else:
            words.append(_plain(child.children) if child.type == "image" else child.content)
    return "".join(words).strip()


def _captions(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """A list before any heading or paragraph is what stood beside the pictures at a page's head."""
    head = True
    for piece in pieces:
        head = head and piece.kind == "item"
        yield Piece("caption", piece.text) if head else piece
