"""The reranker: a cross-encoder that implements ``parkqa.types.Reranker``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

LONGEST = 160
"""Tokens of a pair (question and text together) that the default reranker reads; it was trained with this limit and
longer pairs are truncated."""
BATCH = 2
"""Pairs in one forward pass at most, which is padded to the longer one and computed on one thread. With two threads and
six pairs, three passes of two take 0.8 times as long as six of one, which read the weights twice as often, or as two of
three, which leave one thread idle at the end (docs/performance.md, "Beside other programs")."""


class PairScorer:
    """Wraps a sentence-transformers ``CrossEncoder`` as a ``Reranker``; may be called from many threads.

    Args:
        model: a cross-encoder with one output; scores are what its activation function makes of the logits, which are
            the logits themselves for models from ``open_reranker``.
        pool: the threads on which pairs are scored side by side (``workers.workers``).
        fingerprint: names the weights; equal fingerprints promise equal scores.
    """

    def __init__(self, model: CrossEncoder, pool: Executor, fingerprint: str) -> None:
        self._model = model.eval()
        self._pool = pool
        self._tokenizing = Lock()  # a tokenizer raises when one thread sets its padding while another uses it
        self.fingerprint = fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the scores of ``texts`` for ``question``: float32, shape (len(texts),), higher is more relevant."""
        if not len(texts):
            return np.zeros(0, dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        with self._tokenizing:
            tokens = self._model.preprocess([(question, texts[i]) for i in order])
        # The longest first, so that the threads end at about the same time.
        passes = [_rows(tokens, start, BATCH) for start in range(0, len(order), BATCH)]
        scores = np.zeros(len(texts), dtype=np.float32)
        scores[order] = np.concatenate(list(self._pool.map(self._pass, passes)))
        return scores

    def _pass(self, features: dict[str, Any]) -> npt.NDArray[np.float32]:
        """Score tokenised pairs as ``CrossEncoder.predict`` does, without its overhead of some milliseconds."""
        import torch

        with torch.inference_mode():
            logits = self._model(features)["scores"].float()
            activated = self._model.activation_fn(logits) if self._model.activation_fn else logits
            found: npt.NDArray[np.float32] = activated.reshape(-1).numpy()
        return found


def _rows(tokens: Mapping[str, Any], start: int, count: int) -> dict[str, Any]:
    """Return ``count`` rows of tokenised pairs from ``start``, without the columns that are padding in all of them."""
    rows = slice(start, start + count)
    used = tokens["attention_mask"][rows].any(dim=0).nonzero()
    columns = slice(int(used[0]), int(used[-1]) + 1)
    return {name: part[rows, columns] if hasattr(part, "shape") else part for name, part in tokens.items()}


def open_reranker(name: str, pool: Executor, fingerprint: str) -> PairScorer:
    """Load a cross-encoder from a local path, or by its name from the hub (needs the network unless cached).

    Args:
        name: path or hub name.
        pool: the threads on which pairs are scored, see ``PairScorer``.
        fingerprint: what to call the weights, see ``PairScorer``.

    Returns:
        The scorer, on the CPU; its scores are the logits.
    """
    from sentence_transformers import CrossEncoder
    from torch import nn

    local = Path(name).exists()
    model: CrossEncoder = CrossEncoder(name, device="cpu", activation_fn=nn.Identity(), local_files_only=local)
    return PairScorer(model, pool, fingerprint)


def new_reranker(base: Path, activation: Any, **config: Any) -> CrossEncoder:
    """Return a cross-encoder with the weights of an encoder and a newly initialised classification head.

    Args:
        base: folder of the encoder, in the format of transformers or sentence-transformers.
        activation: what is applied to the logits, as ``CrossEncoder`` takes it; None for its default.
        **config: values that override the model configuration (dropout rates, for instance).
    """
    from sentence_transformers import CrossEncoder

    model: CrossEncoder = CrossEncoder(
        str(base),
        num_labels=1,
        device="cpu",
        max_length=LONGEST,
        activation_fn=activation,
        local_files_only=True,
        config_kwargs=config or None,
    )
    return model
