"""Suggested questions: which of them have an answer is found out at the build and kept in the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from parkqa.types import Reranker, Store, Vectors

NOTE = "suggested"
"""Where in ``Store.note`` it is kept."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question known to have an answer: the passage that answers (its row) and the question's vector."""

    question: str
    row: int
    vector: Vectors


def judge(reader: Reranker | None) -> str:
    """Name what decides whether a question has an answer: the reader and the fitted numbers."""
    numbers = resources.files("parkqa").joinpath("data", "calibration.json").read_bytes()
    return hashlib.sha256(numbers + (reader.fingerprint if reader else "").encode()).hexdigest()[:16]


def kept(rows: Mapping[str, int | None], reader: Reranker | None) -> str:
    """Return the JSON to keep of ``rows``: by question the row that answers, None where none does."""
    return json.dumps({"judge": judge(reader), "rows": dict(rows)}, ensure_ascii=False, sort_keys=True)


def known(store: Store, reader: Reranker | None) -> Mapping[str, int | None]:
    """Return what was kept; nothing where none was, or another reader or other numbers decided."""
    note = json.loads(store.note.get(NOTE, "{}"))
    rows: Mapping[str, int | None] = note["rows"] if note.get("judge") == judge(reader) else {}
    return rows
