"""The encoder: a sentence-transformers model that implements ``parkqa.types.Encoder``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from parkqa.models.batching import Batcher
from parkqa.types import Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TOKENS = 512
"""Tokens in one forward pass at most while an index is built, what is padded among them. 256 and 1,024 take as long; by
32 texts of about the same number of characters, 1.8 tokens were computed for each that a park's texts have, and now 1.1
(docs/performance.md, "Indexing")."""
_COUNTED = 256
"""Texts that are tokenised at a time to count their tokens. Chosen by hand, so that little memory is taken."""
QUESTIONS = 16
"""Questions of all threads in one batch at most. Chosen by hand: with more, each caller waits longer for the batch to
end. docs/performance.md ("Many at once") has the throughput with this value."""
_QUERY_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("passage", "document")


class SentenceEncoder:
    """Wraps a ``SentenceTransformer`` as an ``Encoder``; questions from many threads are batched.

    Of the model's prompts, "query" is put before questions, and "passage" or else "document" before passages; a model
    without these gets the texts as they are. Vectors are scaled to unit length (L2), so dot products are cosines.

    Args:
        model: the model, on the CPU.
        pool: the threads on which batches of passages are embedded side by side (``workers.workers``).
        fingerprint: names the weights; None to compute it from them (seconds) when it is first asked for.
    """

    def __init__(self, model: SentenceTransformer, pool: Executor, fingerprint: str | None = None) -> None:
        self._model = model.eval()
        self._pool = pool
        self._tokenizing = Lock()  # a tokenizer raises when one thread sets its padding while another uses it
        self._known = fingerprint
        self._together: Batcher[str, Vectors] = Batcher(self._asked, QUESTIONS)
        self._query = next((name for name in _QUERY_PROMPTS if model.prompts.get(name)), None)
        self._passage = next((name for name in _PASSAGE_PROMPTS if model.prompts.get(name)), None)

    @property
    def dimension(self) -> int:
        """The number of components of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint given, or else that of the function ``fingerprint``."""
        return self._known or fingerprint(self._model)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions; returns float32 unit vectors, shape (len(texts), dimension)."""
        return np.array(self._together(texts), dtype=np.float32).reshape(len(texts), self.dimension)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed passages, in batches of similar length so that little is padded.

        Args:
            texts: the passages, in any order.
            progress: called with (done, total) texts after each batch.

        Returns:
            Float32 unit vectors in the order of ``texts``, shape (len(texts), dimension).
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        batches = batched(self._lengths(texts))
        embedded = self._pool.map(lambda batch: self._embedded([texts[i] for i in batch], self._passage), batches)
        done = 0
        for batch, found in zip(batches, embedded, strict=True):
            vectors[batch] = found
            done += len(batch)
            if progress:
                progress(done, len(texts))
        return vectors

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each passage, its prompt among them."""
        parts = (list(texts[start : start + _COUNTED]) for start in range(0, len(texts), _COUNTED))
        masks = (self._tokenized(part, self._passage)["attention_mask"] for part in parts)
        return [length for mask in masks for length in mask.sum(dim=1).tolist()]

    def _tokenized(self, texts: list[str], prompt: str | None) -> dict[str, Any]:
        with self._tokenizing:
            return self._model.preprocess(texts, prompt=self._model.prompts[prompt] if prompt else None)

    def _asked(self, texts: list[str]) -> Sequence[Vectors]:
        """Embed one batch of questions: one vector of shape (dimension,) each."""
        return list(self._embedded(texts, self._query)) if texts else []

    def _embedded(self, texts: list[str], prompt: str | None) -> Vectors:
        """Embed as ``SentenceTransformer.encode`` does, without its overhead of some milliseconds a call."""
        import torch

        features = self._tokenized(texts, prompt)
        with torch.inference_mode():
            vectors = self._model(features)["sentence_embedding"][:, : self.dimension]
            found: Vectors = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
        return found


def batched(lengths: Sequence[int], most: int = TOKENS) -> list[list[int]]:
    """Return the places of texts in batches, the longest first, equal ones in order.

    Args:
        lengths: the number of tokens of each text.
        most: tokens of a batch at most, each text counted as its longest; one text may exceed it.

    >>> batched([3, 9, 4, 3], most=8)
    [[1], [2, 0], [3]]
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: (-lengths[place], place)):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= most:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def fingerprint(model: SentenceTransformer) -> str:
    """Return a SHA-256 over the weights, the tokenizer and the prompts of a model, as 64 hexadecimal digits.

    Models with equal fingerprints give equal vectors, so an index built with one can be searched with the other.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.detach().contiguous().view(-1).float().numpy().tobytes())
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    digest.update(backend.to_str().encode() if backend else repr(type(model.tokenizer)).encode())
    digest.update(repr(sorted(model.prompts.items())).encode())
    return digest.hexdigest()
