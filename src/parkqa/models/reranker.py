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

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

LONGEST = 160
"""Tokens of question and sentence together that the default reranker reads."""
BATCH = 4
"""Pairs that are read together; more would all be made as long as the longest."""
ADAPTER, CONFIG = "adapter_model.safetensors", "adapter_config.json"
BASE = "intfloat/multilingual-e5-small"
"""What the adapter's configuration calls its base; the folder is handed over when it is loaded."""


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
