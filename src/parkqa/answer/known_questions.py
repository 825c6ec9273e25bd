"""The questions that are known to have an answer, for completing what a visitor types and for browsing by heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from parkqa.answer.suggestions import Suggestion, Suggestions
from parkqa.corpus.passages import headings
from parkqa.text.characters import language
from parkqa.types import Language, Passage, Store

MOST = 500
"""Largest number of questions of faq.yaml that are offered; chosen by hand."""


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question with an answer; ``group`` is the outermost heading above it that is not the title, or the title."""

    question: str
    language: Language
    group: str


def known_questions(store: Store, suggested: Suggestions) -> tuple[KnownQuestion, ...]:
    """Return the suggested questions, then those that staff answer in faq.yaml, each once.

    What visitors asked is not among them: what one person typed would be shown to all others.
    """
    found: dict[str, KnownQuestion] = {}
    for each in (*_suggested(store, suggested), *_curated(store)):
        found.setdefault(each.question, each)
    return tuple(found.values())


def _suggested(store: Store, suggested: Suggestions) -> Iterator[KnownQuestion]:
    sides: tuple[tuple[Language, tuple[Suggestion, ...]], ...] = (("zh", suggested.zh), ("en", suggested.en))
    for tongue, side in sides:
        for each in side:
            row = store.translations.get(each.row, each.row) if tongue == "en" else each.row
            yield KnownQuestion(each.question, tongue, _group(store, store.passages[row]))


def _curated(store: Store) -> Iterator[KnownQuestion]:
    """The entries of faq.yaml, which are the last rows of an index, in their order."""
    rows = range(len(store.passages) - 1, -1, -1)
    forms = takewhile(lambda passage: passage.kind == "question", (store.passages[row] for row in rows))
    for passage in reversed(tuple(islice(forms, MOST))):
        question = passage.heading[0]
        yield KnownQuestion(question, language(question), _group(store, passage))


def _group(store: Store, passage: Passage) -> str:
    document = store.documents[passage.document]
    blocks = zip(document.blocks, headings(document), strict=True)
    above = next((path for block, path in blocks if block.end > passage.start), ())
    return next((heading for heading in above if heading != document.title), document.title)
