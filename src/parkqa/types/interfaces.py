"""The interfaces of the parts that can be replaced: ``Encoder``, ``Reranker`` and ``Store``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from parkqa.types.documents import Document, Passage
from parkqa.types.results import Match, Vectors

FaissKind = Literal["auto", "flat", "hnsw", "ivf"]
Progress = Callable[[int, int], None]
"""A progress callback; it is called with the number of items done and the total number of items."""


class Encoder(Protocol):
    """An embedding model. Vectors are float32, of length 1, in an array of shape (len(texts), dimension)."""

    @property
    def fingerprint(self) -> str:
        """Identifies the weights: encoders with equal fingerprints return equal vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return the vectors of texts to be searched; ``progress`` counts texts."""
        ...


class Reranker(Protocol):
    """A cross-encoder: scores pairs of a question and a text."""

    @property
    def fingerprint(self) -> str:
        """Identifies the weights: rerankers with equal fingerprints return equal scores."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one score per text, shape (len(texts),); the higher, the better the text answers the question."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a reranker read in a text: how well it answers, and where in it the answer may stand.

    Attributes:
        score: the score of the text, as ``Reranker.score`` returns it.
        offsets: the code points of the text that each of its tokens stands for, shape (tokens, 2), in order.
        ends: for each token the log-odds, up to constants, that the answer starts with it and that it ends with it;
            shape (tokens, 2).
    """

    score: float
    offsets: npt.NDArray[np.intp]
    ends: Vectors


@runtime_checkable
class SpanReranker(Reranker, Protocol):
    """A reranker that also finds the answer within a text."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what was read in each text; the scores are those of ``score``."""
        ...


class Store(Protocol):
    """An open, read-only index. Rows number the passages from 0. All methods are thread-safe."""

    @property
    def note(self) -> Mapping[str, str]:
        """The strings that the build stored with the index, by key."""
        ...

    @property
    def version(self) -> str:
        """Identifies the content of the index; a build that changed anything has a different version."""
        ...

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by path."""
        ...

    @property
    def passages(self) -> Sequence[Passage]:
        """The passages by row."""
        ...

    @property
    def translations(self) -> Mapping[int, int]:
        """Maps the row of each translated passage to the row of its translation."""
        ...

    @property
    def originals(self) -> Mapping[int, int]:
        """Maps the row of each translation to the row of the passage that it translates."""
        ...

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return the union of a dense and a lexical search, ordered by row.

        Args:
            vector: embedding of the question, shape (dimension,), length 1.
            tokens: words for the lexical search.
            k: number of results of each search: the ``k`` passages with the highest cosine similarity, and at most
                ``k`` passages that contain any of the tokens, those with the highest BM25 scores.
            translated: also return the translation or the original of each result, even if neither search found it.

        Raises:
            StoreError: the index cannot be read.
        """
        ...

    def vectors(self, count: int) -> Vectors:
        """Return the vectors of the first ``count`` passages, shape (count, dimension)."""
        ...

    def frequencies(self, tokens: Sequence[str]) -> Mapping[str, int]:
        """Return the document frequency of each token: the number of passages that contain it."""
        ...
