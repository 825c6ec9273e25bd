"""The commands that read the journal: ``parkqa journal export | merge`` and ``parkqa report``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from parkqa.cli.options import Index, Since, Source, Until
from parkqa.cli.output import open_output
from parkqa.errors import JournalError
from parkqa.settings import NO_RERANKER, Settings, load_settings

if TYPE_CHECKING:
    from parkqa.journal.entries import Entry

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
    from parkqa.journal import table

    entries = entries_of(load_settings(journal=source), since, until)
    with open_output(output, bom=as_csv) as out:
        (table.write if as_csv else _write_lines)(entries, out)


@journal_app.command()
def merge(
    sources: Annotated[list[Path], typer.Argument(help="各台电脑的记录 / the journals", show_default=False)],
    output: Annotated[Path, typer.Option("-o", help="合并成的文件 / the file to make")],
) -> None:
    """合并几台电脑的记录，不丢不重。 / Merge journals; nothing is lost or doubled."""
    from parkqa.journal.merging import merge as run

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
    from parkqa.journal.messages import read
    from parkqa.journal.report import page

    # The report asks no questions, so it needs no reranker.
    settings = load_settings(journal=source, index=index, reranker=NO_RERANKER)
    entries = entries_of(settings, since, until)
    left = read(settings.messages_file, *_between(since, until))
    html = page(entries, Engine.open(settings), left)
    with open_output(output, bom=False) as out:
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
    return read(settings.journal, *_between(since, until))


def _between(since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Return when the days begin and when they end, in this machine's time zone."""
    return since and since.astimezone(), until and (until + timedelta(days=1)).astimezone()


def _write_lines(entries: Sequence[Entry], out: TextIO) -> None:
    for entry in entries:
        out.write(json.dumps(entry.to_dict(), ensure_ascii=False) + "\n")
