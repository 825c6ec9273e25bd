"""LoRA adapters (Hu et al., 2021, arXiv:2106.09685): trained changes to the base model's weights, in small files.

parkqa ships its two trained models in this form and merges them into the base model on the user's machine.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from importlib import resources
from pathlib import Path
from typing import Any

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
BASE = "intfloat/multilingual-e5-small"
"""Written into an adapter's configuration as its base model, in place of a local path. Informative only: ``merge`` is
given the model."""


def shipped(name: str) -> Path:
    """Return the folder of an adapter that ships with parkqa; ``name`` is "encoder" or "reranker"."""
    return Path(str(resources.files("parkqa").joinpath("data", name)))


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of the weights file of the adapter in ``folder``, as 64 hexadecimal digits.

    Raises:
        OSError: there is no such file or it cannot be read.
    """
    return hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def merge(model: Any, folder: Path) -> None:
    """Merge the adapter in ``folder`` into the weights of a model, in place, and put the model in evaluation mode.

    ``model`` is a ``SentenceTransformer`` or a ``CrossEncoder``; its first module must hold the transformers model.
    """
    from peft import PeftModel

    inner: Any = model[0]
    with warnings.catch_warnings():  # peft uses names that transformers has deprecated
        warnings.simplefilter("ignore", FutureWarning)
        inner.model = PeftModel.from_pretrained(inner.model, str(folder)).merge_and_unload()
    model.eval()


def save(model: Any, folder: Path) -> None:
    """Save a trained adapter to ``folder``: weights in half precision, and a configuration without local paths.

    ``model`` is a ``SentenceTransformer`` or a ``CrossEncoder`` whose first module was wrapped by peft for training.
    """
    from safetensors.torch import load_file, save_file

    inner: Any = model[0]
    inner.model.save_pretrained(str(folder))
    weights = load_file(folder / WEIGHTS)
    save_file({name: value.half() for name, value in weights.items()}, folder / WEIGHTS)
    raw = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    raw["base_model_name_or_path"] = BASE
    (folder / CONFIG).write_text(json.dumps(raw, indent=1, sort_keys=True) + "\n", encoding="utf-8")
