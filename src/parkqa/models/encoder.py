"""The encoder: a sentence-transformers model that implements ``parkqa.types.Encoder``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from parkqa.models.batching import Batcher
from parkqa.types import Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32
"""Passages in one forward pass while an index is built. Chosen by hand; larger batches take more memory and padding."""
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
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        embedded = self._pool.map(lambda batch: self._embedded([texts[i] for i in batch], self._passage), batches)
        done = 0
        for batch, found in zip(batches, embedded, strict=True):
            vectors[batch] = found
            done += len(batch)
            if progress:
                progress(done, len(order))
        return vectors

    def _asked(self, texts: list[str]) -> Sequence[Vectors]:
        """Embed one batch of questions: one vector of shape (dimension,) each."""
        return list(self._embedded(texts, self._query)) if texts else []

    def _embedded(self, texts: list[str], prompt: str | None) -> Vectors:
        """Embed as ``SentenceTransformer.encode`` does, without its overhead of some milliseconds a call."""
        import torch

        with self._tokenizing:
            features = self._model.preprocess(texts, prompt=self._model.prompts[prompt] if prompt else None)
        with torch.inference_mode():
            vectors = self._model(features)["sentence_embedding"][:, : self.dimension]
            found: Vectors = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
        return found


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
