"""What training an adapter has in common, whichever model it is for: options, base, layers, settings, figures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peft import LoraConfig, TaskType

from parkqa.models.cache import base_model
from parkqa.settings import Settings, load_settings


def parser(description: str | None, work: str) -> argparse.ArgumentParser:
    """Return a parser of the shared options; ``work`` says what the folder of that name is for."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--squad", type=Path, action="append", required=True)
    made.add_argument("--cross", type=Path, nargs=2, metavar=("PARAGRAPHS", "QUESTIONS"))
    made.add_argument("--work", type=Path, required=True, help=work)
    made.add_argument("--out", type=Path, required=True, help="folder of the adapter")
    made.add_argument("--epochs", type=float, default=1.0)
    made.add_argument("--rank", type=int, default=16)
    return made


def base_and_settings() -> tuple[Path, Settings]:
    """Return the folder of the base model, and the settings with it for an encoder."""
    settings = load_settings()
    base = base_model(settings)
    assert base is not None, "the base model is missing"
    return base, settings.model_copy(update={"embedder": str(base)})


def lora(task: TaskType, rank: int, **more: Any) -> LoraConfig:
    """Return the adapter to train: every linear layer, ``more`` as ``LoraConfig`` takes it."""
    return LoraConfig(
        task_type=task, r=rank, lora_alpha=2 * rank, target_modules=["query", "key", "value", "dense"], **more
    )


def arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Return the shared arguments of a trainer."""
    return {
        "output_dir": str(options.work),
        "num_train_epochs": options.epochs,
        "learning_rate": options.rate,
        "warmup_steps": 0.06,
        "lr_scheduler_type": "cosine",
        "bf16": True,
        "use_cpu": True,
        "report_to": [],
        "seed": 7,
    }


def tell(figures: Mapping[str, Any], out: Path) -> None:
    """Print the figures and keep them beside the adapter."""
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))
