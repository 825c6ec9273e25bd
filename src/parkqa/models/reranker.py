"""A cross-encoder as parkqa's ``Reranker``."""

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
"""Tokens of question and sentence together that the default reranker reads."""
BATCH = 4
"""Pairs that are read together; more would all be made as long as the longest."""
PAIRS = 24
"""Pairs of several threads that are taken together at most, sorted by length and read BATCH at a time."""


class PairScorer:
    """Wraps a ``CrossEncoder`` as parkqa's ``Reranker``; scores are its logits. Pairs of many threads go together.

    ``fingerprint`` names the weights.
    """

    def __init__(self, model: CrossEncoder, fingerprint: str) -> None:
        self._model = model.eval()
        self.fingerprint = fingerprint
        self._together: Batcher[tuple[str, str], float] = Batcher(self._scores, PAIRS)

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one logit a text, shape (len(texts),)."""
        return np.array(self._together([(question, text) for text in texts]), dtype=np.float32)

    def _scores(self, pairs: list[tuple[str, str]]) -> Sequence[float]:
        """What ``CrossEncoder.predict`` does, without the milliseconds it takes to get ready."""
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
    """Return some of the pairs, without the columns that are padding in all of them."""
    rows = slice(start, start + count)
    used = tokens["attention_mask"][rows].any(dim=0).nonzero()
    columns = slice(int(used[0]), int(used[-1]) + 1)
    return {name: part[rows, columns] if hasattr(part, "shape") else part for name, part in tokens.items()}


def open_reranker(name: str, fingerprint: str) -> PairScorer:
    """Load a cross-encoder by path or hub name."""
    from sentence_transformers import CrossEncoder
    from torch import nn

    local = Path(name).exists()
    return PairScorer(
        CrossEncoder(name, device="cpu", activation_fn=nn.Identity(), local_files_only=local), fingerprint
    )


def new_reranker(base: Path, activation: Any, **config: Any) -> CrossEncoder:
    """Return a cross-encoder on the weights of an encoder, its head not trained yet."""
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
