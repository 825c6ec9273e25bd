"""From an unanswered question to an answer: what staff can do about it, tried on a copy before anything is saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parkqa.corpus.curation import edits, faq, glossary
from parkqa.corpus.passages import part
from parkqa.engine import Engine
from parkqa.errors import BadQuestion, ParkFileError
from parkqa.evaluation.question_sets import Case, Change, Outcome, compare, judge
from parkqa.journal.clusters import Cluster, clustered
from parkqa.journal.entries import Entry
from parkqa.journal.masking import MASK
from parkqa.query import request
from parkqa.search.faq_match import NOTHING
from parkqa.search.passage_texts import folded_whole
from parkqa.search.similarity import background_cosine
from parkqa.settings import Settings
from parkqa.text.folding import folded
from parkqa.types import Answer, Encoder, Passage, Reranker, Span

SHOWN = 5
"""Passages that are shown to choose from."""
FORMS = 10
"""Wordings of a group that are written to faq.yaml at most."""

State = Literal["open", "answered", "out"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one of the two files, not saved yet: its ``name``, the text it has and the text it would have."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What an edit does: the ``engine`` with it, what it answers, and the change of the question sets."""

    engine: Engine
    outcomes: tuple[Outcome, ...]
    change: Change


class Trial:
    """A copy of the corpus and the index in a folder, on which edits are tried; vectors are taken over."""

    def __init__(self, settings: Settings, folder: Path, encoder: Encoder, reranker: Reranker | None) -> None:
        self.settings = settings.model_copy(
            update={"corpus": folder / "corpus", "index": folder / "index", "store": None}
        )
        shutil.copytree(settings.corpus, self.settings.corpus)
        if settings.index.is_dir():
            shutil.copytree(settings.index, self.settings.index, ignore=shutil.ignore_patterns("build.lock"))
        self._encoder, self._reranker = encoder, reranker

    def build(self) -> Engine:
        """Build and open the index of the copy as it is now."""
        Engine.build(self.settings, encoder=self._encoder, reranker=self._reranker)
        return Engine.open(self.settings, self._encoder, self._reranker)

    def attempt(self, edit: Edit, cases: Sequence[Case], before: Sequence[Outcome]) -> Tried:
        """Build with an edit and ask the questions again; ``before`` is what came of them without it."""
        self._write(edit.name, edit.after)
        try:
            engine = self.build()
        except BaseException:
            self.undo(edit)
            raise
        outcomes = asked(cases, engine)
        return Tried(engine, outcomes, compare(before, outcomes))

    def undo(self, edit: Edit) -> None:
        """Take an edit back."""
        self._write(edit.name, edit.before)

    def _write(self, name: str, text: str) -> None:
        (self.settings.corpus / name).write_text(text, encoding="utf-8")


def asked(cases: Sequence[Case], engine: Engine) -> tuple[Outcome, ...]:
    """Ask the questions of the sets."""
    return tuple(judge(case, engine.ask(case.question, case.history)) for case in cases)


def unanswered(entries: Sequence[Entry], engine: Engine) -> list[Cluster]:
    """Return the questions that were refused, alike ones together, most asked first."""
    refused = [made for made in entries if made.kind == "refusal"]
    return clustered(refused, engine.encoder, background_cosine(engine.store))


def forms(group: Cluster) -> tuple[str, ...]:
    """Return the wordings of a group as they were understood, without those that something personal was taken from."""
    texts = dict.fromkeys(made.understood.strip() for made in group.entries)
    return tuple(text for text in texts if not MASK.search(text))[:FORMS]


def state(engine: Engine, text: str) -> tuple[State, Answer]:
    """Return what becomes of a question today: answered, out of scope as staff say, or still open."""
    answer = engine.ask(text, literal=True)
    if answer.kind == "answer":
        return "answered", answer
    row = engine.pipeline.faq.row(*engine.understand(request.check(text), literal=True))
    return ("out" if row == NOTHING else "open"), answer


def nearest(engine: Engine, text: str, count: int = SHOWN) -> list[Passage]:
    """Return the passages that come nearest to a question."""
    try:
        ranking = engine.rank(text)
    except BadQuestion:
        return []
    return [hit.passage for hit in ranking.hits[:count]]


def holding(engine: Engine, words: str, count: int = SHOWN) -> list[Passage]:
    """Return the passages that hold all of some words, then those that come nearest to them."""
    sought = folded(words).split()
    held = [
        passage
        for passage in engine.store.passages
        if sought and passage.original is None and all(word in folded_whole(passage) for word in sought)
    ]
    return list(dict.fromkeys([*held, *nearest(engine, words, count)]))[:count]


def stands(engine: Engine, word: str) -> bool:
    """Whether a word is one of the documents or of the glossary: a synonym of any other would lead nowhere."""
    sought = folded(word).strip()
    known = any(sought in folded_whole(passage) for passage in engine.store.passages if passage.original is None)
    return bool(sought) and (known or sought in engine.vocabulary.glossary.meanings)


def synonym(corpus: Path, known: str, word: str) -> Edit:
    """Return the edit that gives ``known``, a word of the documents, another one.

    Raises:
        ParkFileError: glossary.yaml is not as it should be.
    """
    glossary.read_glossary(corpus)
    return _edit(corpus, glossary.FILE, lambda text: edits.with_synonym(text, known.strip(), word.strip()))


def answered(engine: Engine, corpus: Path, questions: Sequence[str], passage: Passage, span: Span) -> Edit:
    """Return the edit that has ``questions`` answered by a span of a passage (offsets of the document).

    Raises:
        ParkFileError: faq.yaml is not as it should be.
    """
    faq.read_faq(corpus)
    quote = part(passage, span).strip()
    start = span[0] + part(passage, span).index(quote)
    places = faq.places(engine.documents[passage.document], quote, engine.store.passages)
    occurrence = [place for place, _ in places].index(start) + 1
    return _edit(corpus, faq.FILE, lambda text: edits.with_answer(text, questions, passage.document, quote, occurrence))


def refused(corpus: Path, questions: Sequence[str]) -> Edit:
    """Return the edit that marks ``questions`` as out of scope.

    Raises:
        ParkFileError: faq.yaml is not as it should be.
    """
    faq.read_faq(corpus)
    return _edit(corpus, faq.FILE, lambda text: edits.with_refusal(text, questions))


def _edit(corpus: Path, name: str, change: Callable[[str], str]) -> Edit:
    before = edits.read(corpus / name)
    try:
        return Edit(name, before, change(before))
    except edits.BadEdit as error:
        raise ParkFileError(
            corpus / name,
            0,
            "里面有写重的项，改不了，请先手工改正。",
            "a key stands twice in an entry, so it cannot be edited; correct it by hand first.",
        ) from error


def save(corpus: Path, edit: Edit) -> None:
    """Write an edit to the corpus itself.

    Raises:
        ParkFileError: the file was changed meanwhile or cannot be written.
    """
    edits.save(corpus / edit.name, edit.before, edit.after)
