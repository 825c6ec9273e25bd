"""The words of a corpus: how to cut them, how they sound, what else they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parkqa.corpus.curation.glossary import Glossary
from parkqa.query import spelling
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.types import Passage

LEARNED = 5_000
"""Passages whose words are learned for repairing slips, in about a second; of more, every second, third, … is taken."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of a corpus's words.

    ``segmenter`` cuts them, ``lexicon`` knows how they sound, ``glossary`` what else they are called; ``headings`` are
    those of the documents, folded.
    """

    segmenter: Segmenter
    lexicon: spelling.Lexicon
    glossary: Glossary
    headings: frozenset[str]


def segmenter(names: Iterable[str], glossary: Glossary) -> Segmenter:
    """Return what cuts the documents and the questions of a park alike: its ``names`` are one word each."""
    return Segmenter([*map(folded, names), *glossary.words])


def sample(passages: Sequence[Passage]) -> list[tuple[int, Passage]]:
    """Return the passages, with their rows, of which words are learned: at most LEARNED, none of them a translation."""
    step = max(1, -(-len(passages) // LEARNED))
    return [(number * step, passage) for number, passage in enumerate(passages[::step]) if passage.original is None]


def learn(passages: Iterable[Passage], glossary: Glossary, names: Iterable[str]) -> Vocabulary:
    """Learn the words of passages, and those that staff have written."""
    names, passages = list(names), list(passages)
    cutter = segmenter(names, glossary)
    texts = [folded(text) for passage in passages for text in (*passage.heading, passage.text)]
    lexicon = spelling.lexicon([*texts, *glossary.words, *map(folded, names)], cutter.cut, cutter.knows)
    headings = frozenset(folded(heading) for passage in passages for heading in passage.heading)
    return Vocabulary(cutter, lexicon, glossary, headings)
