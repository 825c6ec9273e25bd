"""Options and exit statuses shared by several commands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

BAD, NOTHING, LEFT_OUT = 2, 3, 4
"""Exit statuses: invalid input or a failed check; no answer or no model; index built without some files."""

Corpus = Annotated[Path | None, typer.Option("--corpus", help="资料文件夹 / folder of documents", show_default=False)]
Index = Annotated[Path | None, typer.Option("--index", help="索引文件夹 / folder of the index", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
Source = Annotated[Path | None, typer.Option("--journal", help="问答记录 / the journal", show_default=False)]
Since = Annotated[
    datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], help="从哪天起 / from this day", show_default=False),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="到哪天为止（含） / to this day, included", show_default=False),
]
