"""An index of any number of passages: real sentences in new company, vectors in clusters around real ones.

To cut and embed a hundred thousand real passages would take an hour. Here each sentence of the sets is cut once, some
of them are embedded, and the vector of a passage or sentence lies near one of these: never time a search over uniformly
random vectors, which no text gives. Words and lengths are as in the sets.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from parkqa import Engine
from parkqa.corpus.curation.config import Curated
from parkqa.corpus.curation.glossary import glossary
from parkqa.corpus.curation.park import Park
from parkqa.corpus.passages import identity, part, pieces
from parkqa.evaluation.squad import read_squad
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.query import request
from parkqa.settings import Settings
from parkqa.store.content import Content, Row
from parkqa.store.local.index import open_index
from parkqa.store.local.writer import build_index
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.text.sentences import sentences
from parkqa.types import Document, Encoder, Passage, Progress, Reranker, Vectors

CENTRES = 500
NOISE = 0.6
"""Length of what is added to a centre, which has length 1."""
TOGETHER = 1000
"""Passages in a document."""


@dataclass(frozen=True)
class Material:
    """Real sentences and questions; models and words are made once."""

    settings: Settings
    sentences: tuple[str, ...]
    questions: tuple[str, ...]

    @cached_property
    def encoder(self) -> Encoder:
        return load_encoder(self.settings)

    @cached_property
    def reranker(self) -> Reranker | None:
        return load_reranker(self.settings)

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of each sentence, as they are indexed."""
        segmenter = Segmenter()
        return {text: tuple(segmenter.tokens(folded(text))) for text in self.sentences}


def read(paths: Sequence[Path], settings: Settings) -> Material:
    """Read the sentences and questions of SQuAD-format files."""
    squads = [read_squad(path) for path in paths]
    texts = [paragraph.text for squad in squads for paragraph in squad.paragraphs]
    found = dict.fromkeys(text[a:b] for text in texts for a, b in sentences(text) if b - a <= 200)
    asked = tuple(q.question for squad in squads for q in squad.questions if len(q.question) <= request.LONGEST)
    return Material(settings, tuple(line for line in found if "\n" not in line), asked)


class Clustered:
    """Gives made-up texts vectors near those of real sentences; questions go to the real encoder."""

    def __init__(self, material: Material) -> None:
        self._real = material.encoder
        self._rng = np.random.default_rng(5)
        chosen = random.Random(5).sample(material.sentences, min(CENTRES, len(material.sentences)))
        self._centres = self._real.encode_passages([folded(text) for text in chosen])
        self.fingerprint, self.dimension = self._real.fingerprint, self._real.dimension
        self.encode_queries = self._real.encode_queries

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return vectors around the centres."""
        near = self._centres[self._rng.integers(len(self._centres), size=len(texts))]
        return near + self._rng.standard_normal(near.shape, dtype=np.float32) * np.float32(NOISE / self.dimension**0.5)


def engine(material: Material, count: int, folder: Path) -> Engine:
    """Return an engine over ``count`` passages; the index is built below ``folder`` unless it is there."""
    index = folder / str(count)
    if not index.exists():
        build_index(index, Content(*_corpus(material, count)), Clustered(material))
    curated = Curated(Park(name="园区"), glossary({}))
    return Engine.over(material.settings, open_index(index), material.encoder, material.reranker, curated)


def _corpus(material: Material, count: int) -> tuple[list[Document], list[Row]]:
    rng = random.Random(count)
    documents, rows = [], []
    for first in range(0, count, TOGETHER):
        path, start, texts = f"{first:07d}.txt", 0, []
        for _ in range(min(TOGETHER, count - first)):
            chosen = rng.sample(material.sentences, rng.randint(1, 4))
            passage = _passage(path, start, chosen)
            spans = tuple(folded(part(passage, span)) for _, span in pieces(passage))
            words = tuple(word for sentence in chosen for word in material.words[sentence])
            rows.append(Row(passage, folded(passage.text), spans, words))
            texts.append(passage.text)
            start += len(passage.text) + 1
        text = "\n".join(texts)
        documents.append(Document(path, path, text, hashlib.sha256(text.encode()).hexdigest(), ()))
    return documents, rows


def _passage(path: str, start: int, texts: Sequence[str]) -> Passage:
    ends = (start + np.cumsum([len(text) for text in texts])).tolist()
    whole = "".join(texts)
    name = identity(Document(path, "", " " * start + whole, "", ()), start, ends[-1])
    spans = tuple(zip([start, *ends[:-1]], ends, strict=True))
    return Passage(name, path, start, ends[-1], whole, "paragraph", (), spans)
