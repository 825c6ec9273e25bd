"""Write the mean of two adapters that were trained one from the other ("model soup", Wortsman et al., 2022).

    python training/mean.py build/fifth/adapter build/sixth/adapter --out src/parkqa/data/reranker

Both must have the same weights by name and shape, as an adapter has that was trained with ``--start`` of the other.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from parkqa.models import adapters


def main() -> None:
    options = _options()
    one, other = (load_file(folder / adapters.WEIGHTS) for folder in (options.one, options.other))
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(mean(one, other), options.out / adapters.WEIGHTS)
    if not options.out.samefile(options.other):
        shutil.copy(options.other / adapters.CONFIG, options.out)


def mean(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the mean of each weight, in the precision it is kept in; ValueError where the two differ in shape."""
    shapes = [{name: weight.shape for name, weight in weights.items()} for weights in (one, other)]
    if shapes[0] != shapes[1]:
        raise ValueError("the two adapters do not have the same weights")
    return {name: ((weight.float() + other[name].float()) / 2).to(weight.dtype) for name, weight in one.items()}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("one", type=Path, help="folder of an adapter")
    parser.add_argument("other", type=Path, help="folder of the adapter that was trained on from it")
    parser.add_argument("--out", type=Path, required=True, help="folder of the mean")
    return parser.parse_args()


if __name__ == "__main__":
    main()
