"""Models that remember their latest results, for work that gives them the same texts again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from parkqa.types import Encoder, Progress, Reading, Reranker, SpanReranker, Vectors

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Memory(Generic[Key, Result]):
    """The latest results by key, at most ``most``. Thread-safe: at worst two threads work out the same.

    >>> lengths = Memory(most=2)
    >>> lengths.of(["park", "of"], lambda places: [len(["park", "of"][i]) for i in places])
    [4, 2]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Result] = OrderedDict()
        self._lock = Lock()

    def of(self, keys: Sequence[Key], work: Callable[[list[int]], Sequence[Result]]) -> list[Result]:
        """Return the results for some keys; ``work`` is given the places of those that are not known, if any."""
        with self._lock:
            found = {place: self._kept[key] for place, key in enumerate(keys) if key in self._kept}
        missing = [place for place in range(len(keys)) if place not in found]
        if missing:
            found.update(zip(missing, work(missing), strict=True))
        with self._lock:
            for place, key in enumerate(keys):
                self._kept[key] = found[place]
                self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return [found[place] for place in range(len(keys))]


class RememberingEncoder:
    """An ``Encoder`` that embeds a question once. Vectors of passages are not kept: an index holds them."""

    def __init__(self, encoder: Encoder, most: int) -> None:
        self._encoder = encoder
        self._known: Memory[str, Vectors] = Memory(most)
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions; returns float32 unit vectors, shape (len(texts), dimension)."""
        rows = self._known.of(texts, lambda places: list(self._encoder.encode_queries([texts[i] for i in places])))
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed passages as the encoder does."""
        return self._encoder.encode_passages(texts, progress)


class RememberingReranker:
    """A ``Reranker`` that scores a pair once.

    Where a pair is padded to the length of another, its score differs by some 1e-6 from that of the pair alone; the
    one that came first stays.
    """

    def __init__(self, reranker: Reranker, most: int) -> None:
        self._scorer = reranker
        self._scores: Memory[tuple[str, str], np.float32] = Memory(most)
        self.fingerprint = reranker.fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the scores of ``texts`` for ``question``: float32, shape (len(texts),), higher is more relevant."""
        keys = [(question, text) for text in texts]
        scores = self._scores.of(keys, lambda places: list(self._scorer.score(question, [texts[i] for i in places])))
        return np.array(scores, dtype=np.float32)


class RememberingReader:
    """A ``SpanReranker`` that reads a pair once; see ``RememberingReranker``."""

    def __init__(self, reader: SpanReranker, most: int) -> None:
        self._reader = reader
        self._readings: Memory[tuple[str, str], Reading] = Memory(most)
        self.fingerprint = reader.fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the scores of ``texts`` for ``question``: float32, shape (len(texts),), higher is more relevant."""
        return np.array([reading.score for reading in self.read(question, texts)], dtype=np.float32)

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what was read in each text."""
        keys = [(question, text) for text in texts]
        return self._readings.of(keys, lambda places: self._reader.read(question, [texts[i] for i in places]))


def remembering(reranker: Reranker | None, most: int) -> Reranker | None:
    """Return a reranker that scores the latest ``most`` pairs once; a reader stays one, None stays None."""
    if isinstance(reranker, SpanReranker):
        return RememberingReader(reranker, most)
    return RememberingReranker(reranker, most) if reranker else None
