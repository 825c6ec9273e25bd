"""The questions that matter: what is suggested, what staff answered, their question sets, what visitors asked most."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parkqa.corpus.curation.config import Curated
from parkqa.errors import JournalError, ParkqaError
from parkqa.evaluation.question_sets import read_cases
from parkqa.journal.entries import read
from parkqa.journal.masking import MASK
from parkqa.query.talk import talk
from parkqa.text.folding import folded

_LOG = logging.getLogger("parkqa")
VISITORS = 500
"""Questions of visitors that are tried, the most asked ones."""

Origin = Literal["suggested", "faq", "set", "visitor"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the earlier ones of its conversation, where it comes from, and how often visitors asked it."""

    text: str
    origin: Origin
    history: tuple[str, ...] = ()
    times: int = 0


def questions(curated: Curated, sets: Path, journal: Path | None) -> list[Asked]:
    """Return the questions, each once: suggestions, faq.yaml, question sets, visitors' (most asked first).

    ``sets`` is a folder of question sets; one that cannot be read is logged and passed over, as is the ``journal``.
    """
    asked = Counter(_visitors(journal))
    found = [
        *(Asked(text, "suggested") for text in (*curated.park.suggestions, *curated.park.suggestions_en)),
        *(Asked(text, "faq") for entry in curated.faq for text in entry.questions),
        *_of_sets(sets),
        *(Asked(text, "visitor") for text, _ in asked.most_common(VISITORS)),
    ]
    times = Counter({folded(text): 0 for text in asked})
    for text, count in asked.items():
        times[folded(text)] += count
    once = {(folded(each.text), each.history): each for each in reversed(found)}
    return [
        Asked(each.text, each.origin, each.history, times[folded(each.text)])
        for each in found
        if once.get((folded(each.text), each.history)) is each
    ]


def _visitors(journal: Path | None) -> Iterator[str]:
    """Yield what visitors asked, as understood; what was masked cannot be asked again."""
    if journal is None or not journal.is_file():
        return
    try:
        entries = read(journal)
    except JournalError as error:
        _LOG.warning("%s", error)
        return
    for entry in entries:
        text = entry.understood.strip()
        if entry.kind in ("answer", "refusal") and text and not MASK.search(text) and not talk(folded(text)):
            yield text


def _of_sets(folder: Path) -> Iterator[Asked]:
    for path in sorted(folder.glob("*.jsonl")):
        try:
            yield from (Asked(case.question, "set", tuple(case.history)) for case in read_cases(path))
        except ParkqaError as error:
            _LOG.warning("%s", error)


def distinct(asked: Sequence[Asked]) -> dict[Origin, int]:
    """Return how many questions there are of each origin."""
    return dict(Counter(each.origin for each in asked))
