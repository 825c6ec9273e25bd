"""The commands that read the journal: ``parkqa journal export | merge`` and ``parkqa report``."""

from __future__ import annotations

import csv
import json
import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from parkqa.cli.options import Index, Since, Source, Until
from parkqa.errors import JournalError
from parkqa.settings import NO_RERANKER, Settings, load_settings

if TYPE_CHECKING:
    from parkqa.journal.entries import Entry

_FORMULA = ("=", "+", "-", "@", "\u2212")
"""What a formula begins with; the last is the minus sign."""

journal_app = typer.Typer(help="问答记录：导出、合并 / the journal: export, merge", no_args_is_help=True)


@journal_app.command()
def export(
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV 表格 / a table")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="逐行 JSON（默认） / JSON lines (default)")] = False,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    output: Annotated[Path | None, typer.Option("-o", help="写到文件 / write to a file", show_default=False)] = None,
) -> None:
    """导出问答记录。 / Write the journal out."""
    if as_csv and as_jsonl:
        raise typer.BadParameter("--csv 和 --jsonl 只选一个。 / Choose one of --csv and --jsonl.")
    entries = entries_of(load_settings(journal=source), since, until)
    with _open_output(output, bom=as_csv) as out:
        (_write_csv if as_csv else _write_lines)(entries, out)


@journal_app.command()
def merge(
    sources: Annotated[list[Path], typer.Argument(help="各台电脑的记录 / the journals", show_default=False)],
    output: Annotated[Path, typer.Option("-o", help="合并成的文件 / the file to make")],
) -> None:
    """合并几台电脑的记录，不丢不重。 / Merge journals; nothing is lost or doubled."""
    from parkqa.journal.entries import merge as run

    kept, doubled = run(sources, output)
    print(f"{output}：{kept} 条，重复的 {doubled} 条只留一份。 / {kept} entries; {doubled} doubles kept once.")


def report(
    since: Since = None,
    until: Until = None,
    source: Source = None,
    index: Index = None,
    output: Annotated[Path, typer.Option("-o", help="写到文件 / the file to make")] = Path("report.html"),
) -> None:
    """写一份问答报告（可打印的网页）。 / Write a report on what was asked, a page that prints."""
    from parkqa.engine import Engine
    from parkqa.journal.report import page

    # The report asks no questions, so it needs no reranker.
    settings = load_settings(journal=source, index=index, reranker=NO_RERANKER)
    entries = entries_of(settings, since, until)
    html = page(entries, Engine.open(settings))
    with _open_output(output, bom=False) as out:
        out.write(html)
    print(f"{output}：{len(entries)} 个问题。 / {len(entries)} questions.")


def entries_of(settings: Settings, since: datetime | None, until: datetime | None) -> list[Entry]:
    """Return the journal entries of the days ``since`` to ``until``, both included, in this machine's time zone.

    Without ``since`` or ``until`` that end is open.

    Raises:
        JournalError: journaling is off, or the journal is missing or cannot be read.
    """
    from parkqa.journal.entries import read

    if settings.journal is None:
        raise JournalError(
            "没有开问答记录（PARKQA_JOURNAL 为 none）：用 --journal 指明一份。",
            "No journal is kept (PARKQA_JOURNAL is none): name one with --journal.",
        )
    return read(settings.journal, since and since.astimezone(), until and (until + timedelta(days=1)).astimezone())


@contextmanager
def _open_output(path: Path | None, *, bom: bool) -> Iterator[TextIO]:
    """Open ``path`` for writing, or yield stdout; Excel reads a CSV as UTF-8 only if it starts with a BOM.

    Visitors' questions are in it: a file is readable by its owner only, as the journal is.
    """
    if path is None:
        yield sys.stdout
        return
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
            if path.is_file():  # one that was there before
                path.chmod(0o600)
            yield file
    except OSError as error:
        raise JournalError(f"{path} 写不了（{error}）。", f"{path} cannot be written ({error}).") from error


def _write_lines(entries: Sequence[Entry], out: TextIO) -> None:
    for entry in entries:
        out.write(json.dumps(entry.to_dict(), ensure_ascii=False) + "\n")


def _write_csv(entries: Sequence[Entry], out: TextIO) -> None:
    from parkqa.journal.entries import COLUMNS

    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for entry in entries:
        table.writerow([_cell(value) for value in entry.to_dict().values()])


def _cell(value: object) -> object:
    """Return a value as a CSV cell: visitors wrote it, and spreadsheets evaluate text that starts with =, +, - or @.

    They do so behind blanks and signs that cannot be seen, and in full width too. Control characters are left out.

    >>> _cell("\\u200b＝1+1"), _cell("A=1\\x00"), _cell(-1)
    ("'\\u200b＝1+1", 'A=1', -1)
    """
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple) else value
    if not isinstance(text, str):
        return text
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    first = next((c for c in unicodedata.normalize("NFKC", shown) if not _is_blank(c)), "")
    return f"'{shown}" if first in _FORMULA or shown[:1] in ("\t", "\n") else shown


def _is_blank(character: str) -> bool:
    """Whether a character cannot be seen: blanks, line breaks, and signs of format or none."""
    return character.isspace() or unicodedata.category(character) in ("Cf", "Zs", "Zl", "Zp", "Mn", "Cn")
