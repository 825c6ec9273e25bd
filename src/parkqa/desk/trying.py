"""Questions tried while they are written: whether they are answered now, and by which passage."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from parkqa.engine import Engine
from parkqa.errors import BadQuestion
from parkqa.journal import review
from parkqa.types import Quote

MOST = 30
"""Most questions that are tried at a time; chosen by hand."""
KEPT = 500
"""Most results that are kept; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A question as the live index answers it; ``state`` is that of ``review.state``, or why it cannot be asked."""

    question: str
    state: review.State | Literal["wrong"]
    quote: Quote | None = None
    error: tuple[str, str] | None = None


class Trials:
    """Tries questions one after the other, and each only once: while one line is typed the others stay as they are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = ""
        self._kept: dict[str, Tried] = {}

    def tried(self, engine: Engine, questions: Sequence[str]) -> list[Tried]:
        """Return how the engine answers some questions, as ``parkqa review`` sees it; empty lines are passed over."""
        wanted = [*dict.fromkeys(question.strip() for question in questions if question.strip())][:MOST]
        with self._lock:
            if self._version != engine.version or len(self._kept) > KEPT:
                self._version, self._kept = engine.version, {}
            for question in wanted:
                if question not in self._kept:
                    self._kept[question] = _tried(engine, question)
            return [self._kept[question] for question in wanted]


def _tried(engine: Engine, question: str) -> Tried:
    try:
        state, answer = review.state(engine, question)
    except BadQuestion as error:
        return Tried(question, "wrong", error=(error.zh, error.en))
    return Tried(question, state, answer.quotes[0] if answer.quotes else None)
