"""The commands for visitors' messages: ``parkqa messages export | merge | delete``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from parkqa.cli.output import open_output
from parkqa.settings import load_settings

Box = Annotated[Path | None, typer.Option("--messages", help="留言文件 / the file of messages", show_default=False)]

messages_app = typer.Typer(help="访客的留言：导出、合并、删除 / visitors' messages", no_args_is_help=True)


@messages_app.command()
def export(
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV 表格 / a table")] = False,
    source: Box = None,
    output: Annotated[Path | None, typer.Option("-o", help="写到文件 / write to a file", show_default=False)] = None,
) -> None:
    """导出留言：逐行 JSON，或表格。 / Write the messages out: JSON lines, or a table."""
    from parkqa.journal.messages import read, write_table

    found = read(_file(source))
    with open_output(output, bom=as_csv) as out:
        if as_csv:
            write_table(found, out)
        else:
            out.writelines(json.dumps(message.to_dict(), ensure_ascii=False) + "\n" for message in found)


@messages_app.command()
def merge(
    sources: Annotated[list[Path], typer.Argument(help="各台电脑的留言文件 / the files", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", help="并进哪个文件，默认是这里的 / the file to add to", show_default=False)
    ] = None,
) -> None:
    """把几台电脑的留言并进来，删过的不会回来。 / Add the messages of other computers; none deleted comes back."""
    from parkqa.journal.messages_merging import merge as run

    target = _file(output)
    there, new = run(sources, target)
    print(f"{target}：共 {there} 条，新并入 {new} 条。 / {there} messages; {new} new.")


@messages_app.command()
def delete(
    number: Annotated[str, typer.Argument(help="编号 / its number", show_default=False)],
    source: Box = None,
) -> None:
    """删除一条留言。 / Delete a message."""
    from parkqa.journal.messages import delete as run

    gone = run(_file(source), number, datetime.now(UTC))
    print(f"{gone.number} 已删除；以前做的备份里还有。 / {gone.number} is deleted; earlier back-ups still hold it.")


def _file(named: Path | None) -> Path:
    return named or load_settings().messages_file
