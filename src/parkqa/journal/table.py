"""The journal as a table (CSV), which no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from parkqa.journal.entries import COLUMNS, Entry

_FORMULA = ("=", "+", "-", "@", "\u2212")
"""What a formula begins with; the last is the minus sign."""


def write(entries: Sequence[Entry], out: TextIO) -> None:
    """Write the entries as CSV, under a line that names the columns."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for entry in entries:
        table.writerow([cell(value) for value in entry.to_dict().values()])


def cell(value: object) -> object:
    """Return a value as a CSV cell: visitors wrote it, and spreadsheets evaluate text that starts with =, +, - or @.

    They do so behind blanks and signs that cannot be seen, and in full width too. Control characters are left out.

    >>> cell("\\u200b＝1+1"), cell("A=1\\x00"), cell(-1)
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
