"""The default reranker: the default encoder's weights with the adapter in ``data/reranker``; any other by name."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from parkqa.models.together import Together

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

LONGEST = 160
"""Tokens of question and sentence together that the default reranker reads."""
BATCH = 4
"""Pairs that are read together; more would all be made as long as the longest."""
PAIRS = 24
"""Pairs of several threads that are taken together at most, sorted by length and read BATCH at a time."""
ADAPTER, CONFIG = "adapter_model.safetensors", "adapter_config.json"
BASE = "intfloat/multilingual-e5-small"
"""What the adapter's configuration calls its base; the folder is handed over when it is loaded."""


class PairReader:
    """Wraps a ``CrossEncoder`` as parkqa's ``Reranker``; scores are its logits. Pairs of many threads go together."""

    def __init__(self, model: CrossEncoder, fingerprint: str) -> None:
        self._model = model.eval()
        self._fingerprint = fingerprint
        self._together: Together[tuple[str, str], float] = Together(self._scores, PAIRS)

    @property
    def fingerprint(self) -> str:
        """Names the weights."""
        return self._fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one logit a text, shape (len(texts),)."""
        return np.array(self._together([(question, text) for text in texts]), dtype=np.float32)

    def _scores(self, pairs: list[tuple[str, str]]) -> Sequence[float]:
        """What ``CrossEncoder.predict`` does, without the milliseconds it takes to get ready."""
        import torch

        order = sorted(range(len(pairs)), key=lambda i: -sum(map(len, pairs[i])))
        scores = np.zeros(len(pairs), dtype=np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                batch = order[start : start + BATCH]
                features = self._model.preprocess([pairs[i] for i in batch])
                logits = self._model(features)["scores"].float()
                activated = self._model.activation_fn(logits) if self._model.activation_fn else logits
                scores[batch] = activated.reshape(-1).numpy()
        found: list[float] = scores.tolist()
        return found


def open_reader(name: str, fingerprint: str) -> PairReader:
    """Load a cross-encoder by path or hub name."""
    from sentence_transformers import CrossEncoder
    from torch import nn

    local = Path(name).exists()
    return PairReader(
        CrossEncoder(name, device="cpu", activation_fn=nn.Identity(), local_files_only=local), fingerprint
    )


def adapter() -> Path:
    """Return the folder of the adapter that ships with parkqa."""
    return Path(str(resources.files("parkqa").joinpath("data", "reranker")))


def adapter_fingerprint(folder: Path) -> str:
    """Return the SHA-256 of an adapter's weights."""
    return hashlib.sha256((folder / ADAPTER).read_bytes()).hexdigest()


def load_with_adapter(base: Path, folder: Path) -> CrossEncoder:
    """Return the base model with the adapter merged into its weights."""
    from peft import PeftModel
    from torch import nn

    model = new_reader(base, nn.Identity())
    inner: Any = model[0]
    with warnings.catch_warnings():  # peft asks transformers for what it renames
        warnings.simplefilter("ignore", FutureWarning)
        inner.model = PeftModel.from_pretrained(inner.model, str(folder)).merge_and_unload()
    model.eval()
    return model


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


def save_adapter(model: CrossEncoder, folder: Path) -> None:
    """Save the adapter and the head that were trained, in half precision, without the path of the base model."""
    from safetensors.torch import load_file, save_file

    inner: Any = model[0]
    inner.model.save_pretrained(str(folder))
    weights = load_file(folder / ADAPTER)
    save_file({name: value.half() for name, value in weights.items()}, folder / ADAPTER)
    raw = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    raw["base_model_name_or_path"] = BASE
    (folder / CONFIG).write_text(json.dumps(raw, indent=1, sort_keys=True) + "\n", encoding="utf-8")
