"""What a change does to the answers: every question that matters, asked of the live index and of the candidate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Event
from typing import Literal

from parkqa.desk.questions import VISITORS, Asked
from parkqa.engine import Engine
from parkqa.errors import BadQuestion
from parkqa.models.remembering import Memory
from parkqa.models.yielding import let_visitors_first
from parkqa.types import Answer

KEPT = 4 * VISITORS
"""Answers that are remembered: those of the builds before and after this change and the next; chosen by hand."""

Kind = Literal["lost", "won", "other", "same"]
"""Answered before and now not; now answered; another passage first; the same."""
KINDS: tuple[Kind, ...] = ("lost", "won", "other", "same")


@dataclass(frozen=True, slots=True)
class Shown:
    """What comes first in an answer: the quoted text and where it stands."""

    text: str
    document: str
    heading: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A question and what comes first before and after a change; None: it is refused."""

    kind: Kind
    asked: Asked
    before: Shown | None
    after: Shown | None


class Stopped(Exception):
    """The comparison was broken off."""


class Answers:
    """What comes first in the answers of some builds, each question asked once a day: nothing else can change them."""

    def __init__(self) -> None:
        self._known: Memory[tuple[str, date, str, tuple[str, ...]], Shown | None] = Memory(KEPT)

    def first(self, engine: Engine, asked: Asked) -> Shown | None:
        """Return what comes first, None if the question is refused.

        Raises:
            BadQuestion: it cannot be asked.
            StoreError: the index cannot be read.
        """
        key = (engine.version, date.today(), asked.text, asked.history)
        return self._known.of([key], lambda _: [_first(engine.ask(asked.text, asked.history))])[0]


def differences(
    live: Engine,
    candidate: Engine,
    asked: Sequence[Asked],
    stop: Event,
    *,
    answers: Answers | None = None,
    busy: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda done: None,
) -> Iterator[Difference]:
    """Ask every question of both; yield what differs and what does not, in the order of the questions.

    ``answers`` are those that are known already; ``busy`` tells whether visitors are being answered, who go first;
    ``progress`` is told how many have been asked. A question that cannot be asked is passed over.

    Raises:
        Stopped: ``stop`` was set.
        StoreError: an index cannot be read.
    """
    answers = answers or Answers()
    for done, each in enumerate(asked, 1):
        shown = []
        try:
            for engine in (live, candidate):
                started = time.perf_counter()
                shown.append(answers.first(engine, each))
                let_visitors_first(busy, stop, time.perf_counter() - started)
                if stop.is_set():
                    raise Stopped
        except BadQuestion:
            continue
        yield Difference(_kind(*shown), each, *shown)
        progress(done)


def _first(answer: Answer) -> Shown | None:
    quotes = answer.quotes if answer.kind == "answer" else ()
    return Shown(quotes[0].text, quotes[0].document, quotes[0].heading) if quotes else None


def _kind(before: Shown | None, after: Shown | None) -> Kind:
    if before and not after:
        return "lost"
    if after and not before:
        return "won"
    # The same words in a document of another name are the same answer.
    return "other" if before and after and before.text != after.text else "same"
