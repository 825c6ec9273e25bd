"""A sentence-transformers model as parkqa's ``Encoder``."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from parkqa.models.batching import Batcher
from parkqa.types import Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32
QUESTIONS = 16
"""Questions of several threads that are embedded together at most."""
_QUERY_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("passage", "document")


def use_threads(threads: int) -> None:
    """Let torch use ``threads`` cores, 0: all that this process may use."""
    import torch

    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(threads or available)


class SentenceEncoder:
    """Wraps a ``SentenceTransformer``; its prompts named query and passage (or document) are used where it has them.

    Questions of many threads are embedded together.
    """

    def __init__(self, model: SentenceTransformer, fingerprint: str | None = None) -> None:
        self._model = model.eval()
        self._known = fingerprint
        self._together: Batcher[str, Vectors] = Batcher(self._asked, QUESTIONS)
        self._query = next((name for name in _QUERY_PROMPTS if model.prompts.get(name)), None)
        self._passage = next((name for name in _PASSAGE_PROMPTS if model.prompts.get(name)), None)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the weights, the tokenizer and the prompts."""
        return self._known or fingerprint(self._model)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions."""
        return np.array(self._together(texts), dtype=np.float32).reshape(len(texts), self.dimension)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed passages, longest first so that a batch holds texts of like length."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._embedded([texts[i] for i in batch], self._passage)
            if progress:
                progress(start + len(batch), len(order))
        return vectors

    def _asked(self, texts: list[str]) -> Sequence[Vectors]:
        return list(self._embedded(texts, self._query)) if texts else []

    def _embedded(self, texts: list[str], prompt: str | None) -> Vectors:
        """What ``SentenceTransformer.encode`` does, without the milliseconds it takes to get ready."""
        import torch

        with torch.inference_mode():
            features = self._model.preprocess(texts, prompt=self._model.prompts[prompt] if prompt else None)
            vectors = self._model(features)["sentence_embedding"][:, : self.dimension]
            found: Vectors = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
        return found


def fingerprint(model: SentenceTransformer) -> str:
    """Return a SHA-256 over weights, tokenizer and prompts of a model; equal ones give equal vectors."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.detach().contiguous().view(-1).float().numpy().tobytes())
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    digest.update(backend.to_str().encode() if backend else repr(type(model.tokenizer)).encode())
    digest.update(repr(sorted(model.prompts.items())).encode())
    return digest.hexdigest()
