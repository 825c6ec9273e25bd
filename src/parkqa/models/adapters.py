"""Adapters: what was trained, kept as small changes (LoRA, Hu et al., 2021) to the weights of the base model."""

from __future__ import annotations

import hashlib
import json
import warnings
from importlib import resources
from pathlib import Path
from typing import Any

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
BASE = "intfloat/multilingual-e5-small"
"""What an adapter's configuration calls its base; the model is handed over when it is loaded."""


def shipped(name: str) -> Path:
    """Return the folder of an adapter that ships with parkqa: "encoder" or "reranker"."""
    return Path(str(resources.files("parkqa").joinpath("data", name)))


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of an adapter's weights."""
    return hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def merge(model: Any, folder: Path) -> None:
    """Merge an adapter into the weights of a sentence-transformers model, of either kind."""
    from peft import PeftModel

    inner: Any = model[0]
    with warnings.catch_warnings():  # peft asks transformers for what it renames
        warnings.simplefilter("ignore", FutureWarning)
        inner.model = PeftModel.from_pretrained(inner.model, str(folder)).merge_and_unload()
    model.eval()


def save(model: Any, folder: Path) -> None:
    """Save the adapter that a model was trained with, in half precision, without the path of the base model."""
    from safetensors.torch import load_file, save_file

    inner: Any = model[0]
    inner.model.save_pretrained(str(folder))
    weights = load_file(folder / WEIGHTS)
    save_file({name: value.half() for name, value in weights.items()}, folder / WEIGHTS)
    raw = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    raw["base_model_name_or_path"] = BASE
    (folder / CONFIG).write_text(json.dumps(raw, indent=1, sort_keys=True) + "\n", encoding="utf-8")
