"""The reranker: a cross-encoder that implements ``parkqa.types.Reranker``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from parkqa.models.batching import Batcher

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

LONGEST = 160
"""Tokens of a pair (question and text together) that the default reranker reads; it was trained with this limit and
longer pairs are truncated."""
BATCH = 4
"""Pairs in one forward pass. All pairs of a pass are padded to the longest, so larger batches waste more on padding and
smaller ones use the processor less well. Four instead of eight was part of the change that brought the median answer
from 470 to 277 ms (commit a844303, which also lowered the number of pairs from eight to six)."""
PAIRS = 24
"""Pairs of all threads in one round at most; they are sorted by length and scored BATCH at a time. Chosen by hand: with
more, pairs of more similar length share a batch, but each caller waits longer for the round to end. docs/performance.md
("Many at once") has the throughput with this value."""


class PairScorer:
    """Wraps a sentence-transformers ``CrossEncoder`` as a ``Reranker``; calls from many threads are batched.

    Args:
        model: a cross-encoder with one output; scores are what its activation function makes of the logits, which are
            the logits themselves for models from ``open_reranker``.
        fingerprint: names the weights; equal fingerprints promise equal scores.
    """

    def __init__(self, model: CrossEncoder, fingerprint: str) -> None:
        self._model = model.eval()
        self.fingerprint = fingerprint
        self._together: Batcher[tuple[str, str], float] = Batcher(self._scores, PAIRS)

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the scores of ``texts`` for ``question``: float32, shape (len(texts),), higher is more relevant."""
        return np.array(self._together([(question, text) for text in texts]), dtype=np.float32)

    def _scores(self, pairs: list[tuple[str, str]]) -> Sequence[float]:
        """Score (question, text) pairs as ``CrossEncoder.predict`` does, without its overhead of milliseconds."""
        import torch

        order = sorted(range(len(pairs)), key=lambda i: -sum(map(len, pairs[i])))
        scores = np.zeros(len(pairs), dtype=np.float32)
        with torch.inference_mode():
            tokens = self._model.preprocess([pairs[i] for i in order])
            for start in range(0, len(order), BATCH):
                batch = order[start : start + BATCH]
                features = _cut(tokens, start, len(batch))
                logits = self._model(features)["scores"].float()
                activated = self._model.activation_fn(logits) if self._model.activation_fn else logits
                scores[batch] = activated.reshape(-1).numpy()
        found: list[float] = scores.tolist()
        return found


def _cut(tokens: Mapping[str, Any], start: int, count: int) -> dict[str, Any]:
    """Return ``count`` rows of tokenised pairs from ``start``, without the columns that are padding in all of them."""
    rows = slice(start, start + count)
    used = tokens["attention_mask"][rows].any(dim=0).nonzero()
    columns = slice(int(used[0]), int(used[-1]) + 1)
    return {name: part[rows, columns] if hasattr(part, "shape") else part for name, part in tokens.items()}


def open_reranker(name: str, fingerprint: str) -> PairScorer:
    """Load a cross-encoder from a local path, or by its name from the hub (needs the network unless cached).

    Args:
        name: path or hub name.
        fingerprint: what to call the weights, see ``PairScorer``.

    Returns:
        The scorer, on the CPU; its scores are the logits.
    """
    from sentence_transformers import CrossEncoder
    from torch import nn

    local = Path(name).exists()
    return PairScorer(
        CrossEncoder(name, device="cpu", activation_fn=nn.Identity(), local_files_only=local), fingerprint
    )


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
