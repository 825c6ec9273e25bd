"""The words of a corpus: how to cut them, how they sound, what else they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parkqa.corpus.curation.glossary import Glossary
from parkqa.query import spelling
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.types import Passage


@dataclass(frozen=True, slots=True)
class Lore:
    """What is known of this corpus's words: how to cut them, how they sound, what else they are called."""

    segmenter: Segmenter
    lexicon: spelling.Lexicon
    glossary: Glossary
    headings: frozenset[str]


def learn(passages: Sequence[Passage], glossary: Glossary, names: Iterable[str]) -> Lore:
    """Collect the lore of a corpus; ``names`` are the park's own, which are one word each."""
    names = [folded(name) for name in names]
    segmenter = Segmenter([*names, *glossary.words])
    texts = [folded(text) for passage in passages for text in (*passage.heading, passage.text)]
    lexicon = spelling.lexicon([*texts, *glossary.words, *names], segmenter.cut, segmenter.knows)
    headings = frozenset(folded(heading) for passage in passages for heading in passage.heading)
    return Lore(segmenter, lexicon, glossary, headings)
