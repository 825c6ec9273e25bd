"""What a change does to the answers: every question that matters, asked of the live index and of the candidate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal

from parkqa.desk.questions import Asked
from parkqa.engine import Engine
from parkqa.errors import BadQuestion
from parkqa.types import Answer

REST = 1.0
"""How long to rest after each question, as a multiple of the time that it took, so that visitors are not kept waiting.
Chosen by hand: half of the time is left to them."""

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


def differences(
    live: Engine,
    candidate: Engine,
    asked: Sequence[Asked],
    stop: Event,
    rest: float = REST,
    progress: Callable[[int], None] = lambda done: None,
) -> Iterator[Difference]:
    """Ask every question twice; yield what differs and what does not, in the order of the questions.

    ``progress`` is told how many have been asked. A question that cannot be asked is passed over.

    Raises:
        Stopped: ``stop`` was set.
        StoreError: an index cannot be read.
    """
    for done, each in enumerate(asked, 1):
        started = time.perf_counter()
        try:
            before, after = (_first(engine.ask(each.text, each.history)) for engine in (live, candidate))
        except BadQuestion:
            continue
        yield Difference(_kind(before, after), each, before, after)
        progress(done)
        if stop.wait(rest * (time.perf_counter() - started)):
            raise Stopped


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
