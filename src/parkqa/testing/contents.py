"""The content that a store is checked with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from parkqa.corpus.passages import pieces
from parkqa.store.content import Content, Row
from parkqa.text.sentences import sentences
from parkqa.types import Block, BlockKind, Document, Page, Passage, PassageKind

BUILDINGS = range(10, 34)
MARK = "标记"
"""A word of two of the passages on buildings: three times in the first, once in the second; both are equally long."""


def sample_content(note: Mapping[str, str]) -> Content:
    """Return a content with all that there can be: translations, a table, long sentences, a question of faq.yaml."""
    guide = _document(
        "服务/指南.md",
        ("企业指南", "靖江园区成立于2003年。园区位于长江北岸。", "招商热线见首页。"),
        date="2024-05",
        valid_until="2026-12-31",
        also_in=("服务/指南.docx",),
    )
    english = _document(
        "guide_en.md",
        ("Guide", "The park was founded in 2003. It lies on the north bank.", "See the front page for the hotline."),
        translation_of="服务/指南.md",
    )
    prices = _document("价格.xlsx", ("项目\t标准", "厂房\t15元", "写字楼\t25元"), kind="row", page="Sheet1")
    long = "园区拥有11.1公里长江岸线，" + "建有万吨级码头，" * 15 + "是长江下游重要的船舶制造基地。"
    buildings = _document("楼宇.pdf", ("楼宇", *(f"{n}号楼有厂房{n * 7}平方米。" for n in BUILDINGS), long), page=3)
    rows = [*_rows(guide), *_rows(prices), *_rows(buildings)]
    marked = [place for place, row in enumerate(rows) if re.match("(10|11)号楼", row.passage.text)]
    for place, more in zip(marked, ((MARK,) * 3, (MARK, "甲", "乙")), strict=True):
        rows[place] = _row(rows[place].passage, more)
    originals = [row.passage.id for row in rows if row.passage.document == guide.path]
    rows += _rows(english, originals)
    owner = rows[0].passage
    asked = _slice(guide, "question", *owner.spans[0], ("园区什么时候成立？",), original=owner.id)
    return Content((guide, english, prices, buildings), [*rows, _row(asked)], note)


def _document(
    path: str, lines: Sequence[str], kind: BlockKind = "paragraph", page: Page = None, **more: Any
) -> Document:
    """Return a document of lines, of which the first is its heading, or in a table the header row."""
    text = "\n".join(lines)
    columns = tuple(lines[0].split("\t")) if kind == "row" else ()
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    first = Block("columns" if columns else "heading", 0 if columns else 1, 0, len(lines[0]), page, columns)
    others = [Block(kind, 0, at, at + len(line), page, columns) for at, line in zip(starts, lines, strict=True)]
    digest = sha256(text.encode()).hexdigest()
    return Document(path, lines[0].replace("\t", " "), text, digest, (first, *others[1:]), **more)


def _rows(document: Document, originals: Sequence[str | None] | None = None) -> list[Row]:
    """Return a row for each line of a document but its first."""
    blocks = document.blocks[1:]
    return [
        _row(_slice(document, _kind(block), block.start, block.end, (document.title,), block.page, original))
        for block, original in zip(blocks, originals or [None] * len(blocks), strict=True)
    ]


def _kind(block: Block) -> PassageKind:
    return "row" if block.kind == "row" else "paragraph"


def _slice(
    document: Document,
    kind: PassageKind,
    start: int,
    end: int,
    heading: tuple[str, ...],
    page: Page = None,
    original: str | None = None,
) -> Passage:
    text, spans = document.text[start:end], sentences(document.text, start, end)
    name = sha256(f"{document.path} {kind} {start}".encode()).hexdigest()[:16]
    return Passage(name, document.path, start, end, text, kind, heading, spans, page, original)


def _row(passage: Passage, more: tuple[str, ...] = ()) -> Row:
    head = " ".join(passage.heading)
    texts = (passage.text[start - passage.start : end - passage.start] for _, (start, end) in pieces(passage))
    words = re.findall(r"[a-z]+|\d+|[\u4e00-\u9fff]", passage.text.lower())
    return Row(passage, f"{head}\n{passage.text}", tuple(f"{head}\n{text}" for text in texts), (*words, *more))
