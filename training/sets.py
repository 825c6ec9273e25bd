"""Sets in SQuAD's format, to train on: sentences and questions, the last tenth of the paragraphs kept out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from parkqa.evaluation.squad import Squad, read_squad
from parkqa.settings import Settings
from parkqa.text.folding import folded
from parkqa.text.sentences import sentences

KEPT_OUT = 0.1
"""Share of a set's paragraphs, the last, that nothing is trained on."""


@dataclass(frozen=True)
class Sentence:
    """A folded sentence of a paragraph with what may stand before it."""

    paragraph: tuple[str, str]
    text: str
    before: str
    title: str


@dataclass(frozen=True)
class Item:
    """A question with the answers that were accepted; ``held`` when its paragraph is kept out of training."""

    question: str
    answers: tuple[str, ...]
    paragraph: tuple[str, str]
    held: bool


@dataclass(frozen=True)
class Sets:
    """The sentences and the questions of all sets."""

    sentences: list[Sentence]
    items: list[Item]

    @cached_property
    def _by_paragraph(self) -> dict[tuple[str, str], list[Sentence]]:
        grouped: dict[tuple[str, str], list[Sentence]] = {}
        for sentence in self.sentences:
            grouped.setdefault(sentence.paragraph, []).append(sentence)
        return grouped

    def around(self, one: Item | Sentence) -> list[Sentence]:
        """Return the sentences of a question's, or of a sentence's, paragraph."""
        return self._by_paragraph[one.paragraph]

    def right(self, item: Item) -> Sentence | None:
        """Return the sentence that answers; of several, the one most like the question."""
        holding = [sentence for sentence in self.around(item) if answers(item, sentence)]
        return max(holding, key=lambda sentence: overlap(item.question, sentence.text), default=None)

    def near(self, rows: Sequence[int], item: Item) -> list[Sentence]:
        """Return the sentences of these rows that do not answer."""
        return [self.sentences[row] for row in rows if not answers(item, self.sentences[row])]


def answers(item: Item, sentence: Sentence) -> bool:
    """Whether an accepted answer stands in the sentence."""
    return any(answer in sentence.text for answer in item.answers)


def overlap(question: str, sentence: str) -> int:
    """Return how many pairs of neighbouring characters of the question stand in the sentence."""
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    return sum(pair in sentence for pair in pairs)


def read_sets(paths: Sequence[Path], cross: Sequence[Path] | None) -> Sets:
    """Read the sets; the questions of ``cross`` are asked in both languages, the English ones twice."""
    found: list[Sentence] = []
    items: list[Item] = []
    for path in paths:
        squad = read_squad(path)
        found += _sentences(path.stem, squad)
        items += _items(path.stem, squad, squad)
    if cross:
        chinese, english = map(read_squad, cross)
        found += _sentences("xquad", chinese)
        items += _items("xquad", chinese, chinese)
        items += 2 * _items("xquad", chinese, english)
    return Sets(found, items)


def _sentences(name: str, squad: Squad) -> list[Sentence]:
    found = []
    for paragraph in squad.paragraphs:
        cut = [folded(paragraph.text[start:end]).strip() for start, end in sentences(paragraph.text)]
        title = folded(paragraph.title.replace("_", " "))
        found += [
            Sentence((name, paragraph.file), here, cut[place - 1] if place else "", title)
            for place, here in enumerate(cut)
            if here
        ]
    return found


def _items(name: str, answered: Squad, asked: Squad) -> list[Item]:
    answers = {question.id: tuple(map(folded, question.answers)) for question in answered.questions}
    out = {p.file for p in answered.paragraphs[int(len(answered.paragraphs) * (1 - KEPT_OUT)) :]}
    return [Item(folded(q.question), answers[q.id], (name, q.file), q.file in out) for q in asked.questions]


def nearest(sets: Sets, settings: Settings, kept: Path, count: int = 24) -> np.ndarray:
    """Return for each question the rows of the nearest sentences by the encoder, shape (len(items), count).

    They are kept in the file ``kept``, for the next run.
    """
    if kept.exists():
        return np.asarray(np.load(kept))
    # Not by load_encoder: its passes run on threads of their own, which autocast does not reach.
    model = SentenceTransformer(settings.embedder, device="cpu", local_files_only=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        held, asked = (
            model.encode([prompt + text for text in texts], batch_size=64, normalize_embeddings=True)
            for prompt, texts in (
                ("passage: ", [sentence.text for sentence in sets.sentences]),
                ("query: ", [item.question for item in sets.items]),
            )
        )
    print("sentences and questions embedded", flush=True)
    rows = [np.argsort(-(held @ vector))[:count] for vector in asked]
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, np.array(rows))
    return np.array(rows)
