"""What the visitor meant, as query understanding found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Name:
    """A named thing in a question: a place, a park, a company, a building.

    Attributes:
        text: the name as it stands in the folded question, or as it was typed in English; for display.
        variants: the folded texts any of which is the name in a passage; of an English name, its first own word.
        strict: whether only passages that are about the thing can answer (parks, companies, buildings). Of another
            name it is enough that the documents have it somewhere.
    """

    text: str
    variants: tuple[str, ...]
    strict: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question after query understanding.

    Attributes:
        question: the question as it was typed.
        understood: the question with misspellings corrected and, if it is a follow-up, completed; for display.
        search: ``understood`` folded and without polite phrases; this is the text that is embedded.
        language: language of the question.
        concepts: the content words of ``search``, each with its synonyms from the glossary, the typed word first.
        tokens: all words of ``concepts``, segmented for the lexical search.
        years: the four-digit years that the question names.
        asks: name of the expected answer type (``question_words.ANSWER_TYPES``), "" if it is unknown.
        repairs: the spelling corrections, as pairs (typed, corrected).
        names: what the question names, except the park itself.
    """

    question: str
    understood: str
    search: str
    language: Language
    concepts: tuple[tuple[str, ...], ...] = ()
    tokens: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    asks: str = ""
    repairs: tuple[tuple[str, str], ...] = ()
    names: tuple[Name, ...] = ()
