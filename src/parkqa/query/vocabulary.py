"""The vocabulary of a corpus: its segmenter, its spelling lexicon and its glossary, learned from the open index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parkqa.corpus.curation.glossary import Glossary
from parkqa.query.lexicon import Lexicon, lexicon
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.types import Passage

LEARNED = 5_000
"""Largest number of passages that the lexicon is learned from; of a larger corpus, every n-th passage is taken.

Chosen by hand to bound the time and memory that opening an index takes. A larger value makes opening slower; a smaller
one lets spelling correction miss more of the rare names of a large corpus.
"""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a corpus, as query understanding needs them.

    Attributes:
        segmenter: segments text into words.
        lexicon: the words of the corpus by pronunciation, for spelling correction.
        glossary: the synonyms that staff have defined.
        headings: the headings of the documents, folded.
        names: the names of the park, folded.
    """

    segmenter: Segmenter
    lexicon: Lexicon
    glossary: Glossary
    headings: frozenset[str]
    names: tuple[str, ...] = ()


def segmenter(names: Iterable[str], glossary: Glossary) -> Segmenter:
    """Return the segmenter for documents and questions; ``names`` and Chinese glossary terms count as single words."""
    return Segmenter([*map(folded, names), *glossary.words])


def sample(passages: Sequence[Passage]) -> list[tuple[int, Passage]]:
    """Return an evenly spaced sample of at most LEARNED passages with their rows, without those that have an original.

    >>> sample([])
    []
    """
    step = max(1, -(-len(passages) // LEARNED))
    return [(number * step, passage) for number, passage in enumerate(passages[::step]) if passage.original is None]


def learn(passages: Iterable[Passage], glossary: Glossary, names: Iterable[str]) -> Vocabulary:
    """Build the vocabulary from passages, the glossary and the names of the park."""
    names, passages = list(names), list(passages)
    cutter = segmenter(names, glossary)
    texts = [folded(text) for passage in passages for text in (passage.title, *passage.heading, passage.text)]
    spelled = lexicon([*texts, *glossary.words, *map(folded, names)], cutter.cut, cutter.knows)
    headings = frozenset(folded(heading) for passage in passages for heading in passage.heading)
    return Vocabulary(cutter, spelled, glossary, headings, tuple(map(folded, names)))
