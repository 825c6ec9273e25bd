"""A cross-encoder as parkqa's ``Reranker``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

LONGEST = 160
"""Tokens of question and sentence together that the default reranker reads."""
BATCH = 4
"""Pairs that are read together; more would all be made as long as the longest."""


class PairReader:
    """Wraps a ``CrossEncoder`` as parkqa's ``Reranker``; scores are its logits."""

    def __init__(self, model: CrossEncoder, fingerprint: str) -> None:
        self._model = model
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        """Names the weights."""
        return self._fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one logit a text, shape (len(texts),)."""
        pairs = [(question, text) for text in texts]
        scores = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(scores, dtype=np.float32).reshape(-1)


def open_reader(name: str, fingerprint: str) -> PairReader:
    """Load a cross-encoder by path or hub name."""
    from sentence_transformers import CrossEncoder
    from torch import nn

    local = Path(name).exists()
    return PairReader(
        CrossEncoder(name, device="cpu", activation_fn=nn.Identity(), local_files_only=local), fingerprint
    )


def new_reader(base: Path, activation: Any, **config: Any) -> CrossEncoder:
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
