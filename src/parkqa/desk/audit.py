"""The audit trail: who did what, when and from where. The desk appends lines and shows them; nothing edits them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from parkqa.desk.folder import PRIVATE_FILE, made, saying_what_failed

SHOWN = 200
"""Lines that are shown, the latest; chosen by hand."""
FORM = "%Y-%m-%dT%H:%M:%SZ"
"""How a time is written."""
_TAIL = 256 * 1024
"""Bytes from the end of the file in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One line: when (UTC, ISO 8601), who, from which address, what (a word such as ``publish``), and to what."""

    at: str
    who: str
    source: str
    what: str
    to: str = ""


def now() -> str:
    """Return the time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).strftime(FORM)


def add(path: Path, deed: Deed) -> None:
    """Add a line; once this returns it is on the disk.

    Raises:
        ParkqaError: it cannot be written.
    """
    line = json.dumps(asdict(deed), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    with saying_what_failed():
        made(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
        with os.fdopen(handle, "ab+") as file:
            if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
                line = b"\n" + line  # a line that a crash has cut off must not swallow this one
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def latest(path: Path, count: int = SHOWN) -> list[Deed]:
    """Return the latest lines, newest first; a line that was cut off is passed over."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    found = (_read(line) for line in reversed(lines))
    return [deed for deed in found if deed is not None][:count]


def check(file: Path) -> None:
    """Check a trail that comes from elsewhere; a line that a crash has cut off is passed over.

    Raises:
        ValueError: a time in it is none.
    """
    with file.open("rb") as lines:
        for deed in map(_read, lines):
            if deed is not None:
                datetime.strptime(deed.at, FORM)


def _read(line: bytes) -> Deed | None:
    try:
        return Deed(**json.loads(line))
    except (ValueError, TypeError):
        return None
