"""The questions that visitors got no answer to, or no good one, and what staff do about them.

The edits are those of ``parkqa review``; here they go into the draft, so that the check before publishing shows what
they do to all questions.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from parkqa.desk.shelf import Shelf
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.journal import review
from parkqa.journal.clusters import Cluster
from parkqa.journal.entries import Entry, read
from parkqa.journal.review import Edit
from parkqa.types import Passage

GROUPS = 200
"""Groups that are listed, the most asked first; chosen by hand."""
LONGEST_FORM = 500
"""Longest wording that staff may add, in characters: that of a question."""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that mean the same and were refused.

    ``forms`` are the wordings that can be written to faq.yaml; none where all of them hold something personal.
    """

    id: str
    question: str
    asked: int
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What the journal tells: the groups, most asked first, and the answers that visitors called 没用, latest first."""

    groups: tuple[Group, ...] = ()
    disliked: tuple[Entry, ...] = ()


class Questions:
    """Reads the journal, anew only when it or the index has changed: grouping embeds every question."""

    def __init__(self, journal: Path | None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._known: tuple[object, Unanswered] = (None, Unanswered())

    def look(self, engine: Engine) -> Unanswered:
        """Return what the journal tells; nothing without a journal.

        Raises:
            JournalError: it cannot be read.
        """
        if self._journal is None or not self._journal.is_file():
            return Unanswered()
        with self._lock:
            stamp = (*stamps(self._journal), engine.version)
            if self._known[0] != stamp:
                self._known = (stamp, _grouped(read(self._journal), engine))
            return self._known[1]

    def group(self, engine: Engine, id_: str) -> Group:
        """Return a group.

        Raises:
            ParkqaError: there is none of that id (any more).
        """
        found = next((group for group in self.look(engine).groups if group.id == id_), None)
        if found is None:
            raise ParkqaError("没有这组问题，也许已经答得上了。", "There is no such group; it may be answered by now.")
        return found


def stamps(journal: Path) -> tuple[int, ...]:
    """Return what changes when something is written to the journal, its log included."""
    files = (journal, journal.with_name(f"{journal.name}-wal"))
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in files)


def _grouped(entries: Sequence[Entry], engine: Engine) -> Unanswered:
    groups = tuple(_group(cluster) for cluster in review.unanswered(entries, engine)[:GROUPS])
    disliked = sorted((entry for entry in entries if entry.liked is False), key=lambda entry: entry.at, reverse=True)
    return Unanswered(groups, tuple(disliked[:GROUPS]))


def _group(cluster: Cluster) -> Group:
    name = hashlib.sha256(cluster.question.encode("utf-8", "replace")).hexdigest()[:16]
    return Group(name, cluster.question, cluster.asked, review.forms(cluster))


def passage(engine: Engine, id_: str) -> Passage:
    """Return a passage that can be quoted.

    Raises:
        ParkqaError: the documents that visitors see do not have it (any more).
    """
    found = next((each for each in engine.store.passages if each.id == id_ and each.original is None), None)
    if found is None:
        raise ParkqaError("资料里没有这一段了，请再找一次。", "That passage is gone; search again.")
    return found


def answer(shelf: Shelf, engine: Engine, forms: Sequence[str], chosen: tuple[Passage, int, int], who: str) -> None:
    """Have sentences of a passage answer some questions: ``chosen`` is the passage, its first and its last sentence.

    Raises:
        ParkqaError: there are no such sentences, or faq.yaml cannot be edited or was changed meanwhile.
    """
    found, first, last = chosen
    if not 0 <= first <= last < len(found.spans):
        raise ParkqaError("没有这几句，请再选一次。", "There are no such sentences; choose again.")
    span = (found.spans[first][0], found.spans[last][1])
    _apply(shelf, who, lambda corpus: review.answered(engine, corpus, _usable(forms), found, span))


def synonym(shelf: Shelf, engine: Engine, word: str, known: str, who: str) -> None:
    """Make what visitors say a synonym of a word of the documents.

    Raises:
        ParkqaError: the documents do not have the word, or glossary.yaml cannot be edited or was changed meanwhile.
    """
    word, known = word.strip(), known.strip()
    if not word or len(word) > LONGEST_FORM or not word.isprintable():
        raise ParkqaError("请写访客的说法。", "Write down what visitors say.")
    if not review.stands(engine, known):
        raise ParkqaError(
            f"资料和词表里都没有“{known}”，写了也不起作用。",
            f"“{known}” is in no document and not in the glossary, so it would have no effect.",
        )
    _apply(shelf, who, lambda corpus: review.synonym(corpus, known, word))


def refuse(shelf: Shelf, forms: Sequence[str], who: str) -> None:
    """Mark questions as out of scope.

    Raises:
        ParkqaError: faq.yaml cannot be edited or was changed meanwhile.
    """
    _apply(shelf, who, lambda corpus: review.refused(corpus, _usable(forms)))


def _usable(forms: Sequence[str]) -> list[str]:
    kept = list(dict.fromkeys(form.strip() for form in forms if form.strip()))
    if not kept or any(len(form) > LONGEST_FORM for form in kept):
        raise ParkqaError("请至少留一种问法，每种最多 500 个字。", "Keep a wording, of at most 500 characters each.")
    return kept


def _apply(shelf: Shelf, who: str, edit: Callable[[Path], Edit]) -> None:
    there = shelf.files()
    with shelf.curated(there) as corpus:
        made = edit(corpus)
    if made.before == made.after:
        raise ParkqaError("已经是这样了，没有可改的。", "It is so already; there is nothing to change.")
    seen = there.present[made.name].sha if made.name in there.present else ""
    shelf.change(who, {made.name: shelf.put_text(made.name, made.after, there)}, {made.name: seen})
