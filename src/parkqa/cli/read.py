"""``parkqa read``: how a file is read, before it is trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from parkqa.cli.options import BAD, AsJson
from parkqa.cli.stopping import stopping
from parkqa.corpus.other_formats import refusal, why_skipped
from parkqa.errors import DocumentError, legible
from parkqa.settings import load_settings

if TYPE_CHECKING:
    from parkqa.corpus.limits import FileReading
    from parkqa.types import Block, Document, Page, Passage

_SIGNS = {"paragraph": "¶", "item": "•", "columns": "▤", "row": "▦", "caption": "▣"}
"""What stands before a block: a paragraph, a list item, the heads and a row of a table, a caption."""


def read(
    file: Annotated[Path, typer.Argument(help="一份文件 / one file", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """看看一份文件读成什么样。 / Show how a file is read."""
    from parkqa.corpus.conversion import found
    from parkqa.corpus.documents import read_alone
    from parkqa.corpus.limits import FileReading, Limits
    from parkqa.corpus.recognition import recogniser

    settings = load_settings()
    ocr = recogniser(settings)
    with stopping():
        reading = read_alone(file, Limits.of(settings), found(settings), ocr)
    readings = [each for each in reading.outcomes if isinstance(each, FileReading)]
    errors = [each for each in reading.outcomes if isinstance(each, DocumentError)]
    if reading.skipped == (file.name,):
        errors.append(refusal(file.name))
    if as_json:
        print(json.dumps(_shown(file.name, readings, errors, reading.skipped), ensure_ascii=False, indent=2))
    else:
        for each in readings:
            _print(each)
        if errors and not readings:
            raise errors[0]
        _print_others(errors, reading.skipped)
    if not readings:
        raise typer.Exit(BAD)


def _shown(
    name: str, readings: Sequence[FileReading], errors: Sequence[DocumentError], skipped: Sequence[str]
) -> dict[str, Any]:
    """Return what ``--json`` prints: the document that a file becomes, or those that an archive or a mail holds."""
    if len(readings) == 1 and readings[0].document.path == name and not (errors or skipped):
        return _object(readings[0])
    if len(errors) == 1 and not readings:
        return {"document": errors[0].path, "error": str(errors[0])}
    return {
        "document": name,
        "documents": [_object(each) for each in readings],
        "errors": [{"document": error.path, "error": str(error)} for error in errors],
        "skipped": list(skipped),
    }


def _object(reading: FileReading) -> dict[str, Any]:
    """Return a document as JSON; offsets are code points of ``text``."""
    document = reading.document
    blocks = [asdict(block) | {"text": document.text[block.start : block.end]} for block in document.blocks]
    shown = [
        {
            "text": passage.text,
            "heading": list(passage.heading),
            "kind": passage.kind,
            "page": passage.page,
            "start": passage.start,
            "end": passage.end,
            "spans": [list(span) for span in passage.spans],
            "recognized": _is_recognized(document, passage),
        }
        for passage in _passages(reading)
    ]
    return {
        "document": document.path,
        "title": document.title,
        "date": document.date,
        "sha256": document.sha256,
        "text": document.text,
        "blocks": [block for block in blocks if block["kind"] != "break"],
        "converted": document.converted,
        "recognized": [
            {"page": leaf.number, "confidence": leaf.confidence}
            for leaf in document.leaves
            if leaf.confidence is not None
        ],
        "notes": [asdict(note) for note in reading.notes],
        "passages": shown,
    }


def _print(reading: FileReading) -> None:
    from parkqa.corpus.passages import heading_path

    document, passages, notes = reading.document, _passages(reading), reading.notes
    out = Console(highlight=False, soft_wrap=True)
    out.print(document.title, style="bold", markup=False)
    count = f"{len(document.text)} 字，{len(passages)} 段 / {len(document.text)} characters, {len(passages)} passages"
    out.print(f"{document.path}：{count}", style="dim", markup=False)
    if document.converted:
        out.print("经 LibreOffice 转换后读取 / converted by LibreOffice", style="dim", markup=False)
    _head(out, "读到的内容 / what was read")
    for line in _outline(document):
        out.print(line, markup=False)
    recognised = [leaf for leaf in document.leaves if leaf.confidence is not None]
    if recognised:
        _head(out, "由图片识别的页和把握 / pages recognised from pictures, and confidence")
        out.print("，".join(f"{leaf.number}：{leaf.confidence:.2f}" for leaf in recognised), markup=False)
    _head(out, "没有收入的和要留意的 / left out, and to note")
    for note in notes:
        out.print(f"{'!' if note.warns else '-'} {note.zh} / {note.en}", markup=False)
    if not notes:
        out.print("没有 / nothing", style="dim")
    _head(out, "引用时的段落 / passages as they are quoted")
    for number, passage in enumerate(passages, 1):
        place = "" if passage.page is None else f"（{passage.page}）"
        place += "（识别 / recognised）" if _is_recognized(document, passage) else ""
        out.print(f"{number}. {heading_path(passage)}{place}", style="dim", markup=False)
        out.print(passage.text, markup=False)


def _passages(reading: FileReading) -> Sequence[Passage]:
    """Return the passages of a document; those of a translation are cut here: in an index they follow the original."""
    from parkqa.corpus.splitting import split

    return reading.passages or split(reading.document)


def _print_others(errors: Sequence[DocumentError], skipped: Sequence[str]) -> None:
    """Print the files in an archive or a mail that are no documents."""
    out = Console(highlight=False, soft_wrap=True)
    if errors or skipped:
        _head(out, "没有收的文件 / files left out")
    for error in errors:
        out.print(f"! {error}", markup=False)
    for name in skipped:
        out.print(f"- {legible(name)}{why_skipped(name)}", markup=False)


def _is_recognized(document: Document, passage: Passage) -> bool:
    return any(start < passage.end and passage.start < end for start, end in document.recognized)


def _head(out: Console, text: str) -> None:
    out.print(f"\n── {text}", style="bold", markup=False)


def _outline(document: Document) -> list[str]:
    """Return a line for each block, indented by the headings above it, and one for each new page."""
    lines: list[str] = []
    depth, page = 0, document.blocks[0].page if document.blocks else None
    for block in document.blocks:
        if block.kind == "break":
            depth = min(depth, block.level - 1)
            continue
        lines += [f"[{block.page}]"] if _turns(page, block) or (not lines and block.page is not None) else []
        page = block.page
        depth = block.level if block.kind == "heading" else depth
        lines.append(_line(document, block, depth))
    return lines


def _turns(page: Page, block: Block) -> bool:
    return block.page is not None and block.page != page


def _line(document: Document, block: Block, depth: int) -> str:
    """Return a block as a line: a heading with its level, anything else with a sign; its number is in brackets."""
    text = document.text[block.start : block.end].replace("\n", " ⏎ ")
    label = f"[{block.label}] " if block.label else ""
    if block.kind == "heading":
        return f"{'  ' * (block.level - 1)}{'#' * block.level} {label}{text}"
    inner = block.level - 1 if block.kind == "item" else 0
    return f"{'  ' * (depth + inner)}{_SIGNS[block.kind]} {label}{text}"
