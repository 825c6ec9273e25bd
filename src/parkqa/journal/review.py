"""The review of unanswered questions: edits to glossary.yaml and faq.yaml, tried on a copy before they are saved.

The edits are: add a synonym (``synonym``), set an answer (``answered``), mark as out of scope (``refused``).
"""

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
"""Number of passages offered to choose from; chosen by hand."""
FORMS = 10
"""Maximum number of wordings of a cluster that are written to faq.yaml; chosen by hand."""

State = Literal["open", "answered", "out"]
"""State of a question: without an answer, answered, or marked as out of scope."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An unsaved change of the corpus file ``name``: its full text before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tried:
    """The effect of an edit.

    ``engine`` answers with the edit, ``outcomes`` are its results on the question sets, and ``change`` compares them
    with the results before the edit.
    """

    engine: Engine
    outcomes: tuple[Outcome, ...]
    change: Change


class Trial:
    """A copy of the corpus and the index in ``folder``, on which edits are tried; existing embeddings are reused."""

    def __init__(self, settings: Settings, folder: Path, encoder: Encoder, reranker: Reranker | None) -> None:
        self.settings = settings.model_copy(
            update={"corpus": folder / "corpus", "index": folder / "index", "store": None}
        )
        shutil.copytree(settings.corpus, self.settings.corpus)
        if settings.index.is_dir():
            shutil.copytree(settings.index, self.settings.index, ignore=shutil.ignore_patterns("build.lock"))
        self._encoder, self._reranker = encoder, reranker

    def build(self) -> Engine:
        """Build the index of the copy and return an engine on it.

        Raises:
            ParkqaError: as ``Engine.build`` and ``Engine.open``.
        """
        Engine.build(self.settings, encoder=self._encoder, reranker=self._reranker)
        return Engine.open(self.settings, self._encoder, self._reranker)

    def attempt(self, edit: Edit, cases: Sequence[Case], before: Sequence[Outcome]) -> Tried:
        """Apply an edit to the copy, rebuild, and ask the questions of ``cases`` again.

        ``before`` holds their outcomes without the edit. If the build fails, the edit is undone.

        Raises:
            ParkqaError: the index cannot be built with the edit.
        """
        self._write(edit.name, edit.after)
        try:
            engine = self.build()
        except BaseException:
            self.undo(edit)
            raise
        outcomes = asked(cases, engine)
        return Tried(engine, outcomes, compare(before, outcomes))

    def undo(self, edit: Edit) -> None:
        """Restore the file of the copy to its text before the edit; takes effect with the next build."""
        self._write(edit.name, edit.before)

    def _write(self, name: str, text: str) -> None:
        (self.settings.corpus / name).write_text(text, encoding="utf-8")


def asked(cases: Sequence[Case], engine: Engine) -> tuple[Outcome, ...]:
    """Ask every question of the sets and return the outcomes in the same order."""
    return tuple(judge(case, engine.ask(case.question, case.history)) for case in cases)


def unanswered(entries: Sequence[Entry], engine: Engine) -> list[Cluster]:
    """Return the refused questions in clusters, most asked first."""
    refusals = [entry for entry in entries if entry.kind == "refusal"]
    return clustered(refusals, engine.encoder, background_cosine(engine.store))


def forms(group: Cluster) -> tuple[str, ...]:
    """Return the wordings of a cluster as understood, at most ``FORMS``, without those that contain a mask."""
    texts = dict.fromkeys(entry.understood.strip() for entry in group.entries)
    return tuple(text for text in texts if not MASK.search(text))[:FORMS]


def state(engine: Engine, text: str) -> tuple[State, Answer]:
    """Ask a question literally; return its state and the answer.

    Raises:
        BadQuestion: the question cannot be asked.
    """
    answer = engine.ask(text, literal=True)
    if answer.kind == "answer":
        return "answered", answer
    row = engine.pipeline.faq.row(*engine.understand(request.check(text), literal=True))
    return ("out" if row == NOTHING else "open"), answer


def nearest(engine: Engine, text: str, count: int = SHOWN) -> list[Passage]:
    """Return the ``count`` best-ranked passages for a question; none if it cannot be asked."""
    try:
        ranking = engine.rank(text)
    except BadQuestion:
        return []
    return [hit.passage for hit in ranking.hits[:count]]


def holding(engine: Engine, words: str, count: int = SHOWN) -> list[Passage]:
    """Return up to ``count`` passages: those that contain all of ``words``, then the best-ranked ones for them."""
    sought = folded(words).split()
    held = [
        passage
        for passage in engine.store.passages
        if sought and passage.original is None and all(word in folded_whole(passage) for word in sought)
    ]
    return list(dict.fromkeys([*held, *nearest(engine, words, count)]))[:count]


def stands(engine: Engine, word: str) -> bool:
    """Return whether a word occurs in a document or the glossary; a synonym of any other word would have no effect."""
    sought = folded(word).strip()
    in_corpus = any(sought in folded_whole(passage) for passage in engine.store.passages if passage.original is None)
    return bool(sought) and (in_corpus or sought in engine.vocabulary.glossary.meanings)


def synonym(corpus: Path, known: str, word: str) -> Edit:
    """Return the edit of glossary.yaml that makes ``word`` a synonym of ``known``, a word of the documents.

    Raises:
        ParkFileError: glossary.yaml is invalid or cannot be edited.
    """
    glossary.read_glossary(corpus)
    return _edit(corpus, glossary.FILE, lambda text: edits.with_synonym(text, known.strip(), word.strip()))


def answered(engine: Engine, corpus: Path, questions: Sequence[str], passage: Passage, span: Span) -> Edit:
    """Return the edit of faq.yaml that answers ``questions`` with ``span`` of ``passage``.

    ``span`` is in code points of the document.

    Raises:
        ParkFileError: faq.yaml is invalid or cannot be edited.
    """
    faq.read_faq(corpus)
    quote = part(passage, span).strip()
    start = span[0] + part(passage, span).index(quote)
    places = faq.places(engine.documents[passage.document], quote, engine.store.passages)
    occurrence = [place for place, _ in places].index(start) + 1
    return _edit(corpus, faq.FILE, lambda text: edits.with_answer(text, questions, passage.document, quote, occurrence))


def refused(corpus: Path, questions: Sequence[str]) -> Edit:
    """Return the edit of faq.yaml that marks ``questions`` as out of scope.

    Raises:
        ParkFileError: faq.yaml is invalid or cannot be edited.
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
    """Write an edit to the real corpus.

    Raises:
        ParkFileError: the file has changed since the edit was made, or it cannot be written.
    """
    edits.save(corpus / edit.name, edit.before, edit.after)
