"""The files that commands write out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from parkqa.errors import JournalError


@contextmanager
def open_output(path: Path | None, *, bom: bool) -> Iterator[TextIO]:
    """Open ``path`` for writing, or yield stdout; Excel reads a CSV as UTF-8 only if it starts with a BOM.

    What visitors wrote is in it: a file is readable by its owner only, as the journal is.
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
