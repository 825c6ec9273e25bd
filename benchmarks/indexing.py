"""How near a build comes to what the encoder can do: passages a second of both, taken in turns in one run.

``python benchmarks/indexing.py --squad DRCD_dev.json``: ``limit`` embeds the texts of a build in the same batches and
does nothing else; ``encode_passages`` is parkqa's; ``build`` is the whole ``Engine.build``, reading,
cutting, embedding and writing. Medians of the rounds; the ratio is to the limit of the same round.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from parkqa import Engine
from parkqa.evaluation.squad import Squad, read_squad
from parkqa.models.encoder import batched
from parkqa.models.loading import load_encoder
from parkqa.settings import load_settings
from parkqa.types import Encoder, Progress, Vectors


class Listening:
    """An encoder that keeps what it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.fingerprint, self.dimension = encoder.fingerprint, encoder.dimension
        self.encode_queries = encoder.encode_queries
        self.texts: Sequence[str] = ()

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed passages."""
        self.texts = texts
        return self._encoder.encode_passages(texts, progress)


def limit(encoder: Any, texts: Sequence[str]) -> None:
    """Embed the texts in batches made beforehand: the forward passes and nothing else."""
    import torch

    batches = [
        encoder._tokenized([texts[i] for i in batch], encoder._passage) for batch in batched(encoder._lengths(texts))
    ]
    with torch.inference_mode():
        list(encoder._pool.map(encoder._model, batches))


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _build(squad: Squad, encoder: Listening) -> None:
    with tempfile.TemporaryDirectory() as work:
        settings = load_settings(corpus=Path(work) / "corpus", index=Path(work) / "index")
        squad.write(settings.corpus)
        Engine.build(settings, encoder=encoder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, required=True)
    parser.add_argument("--paragraphs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    encoder = Listening(load_encoder(load_settings()))
    squad = Squad(read_squad(options.squad).paragraphs[: options.paragraphs], ())
    rounds = []
    for _ in range(options.rounds):
        build = timed(lambda: _build(squad, encoder))
        alone = timed(lambda: limit(encoder._encoder, encoder.texts))
        ours = timed(lambda: encoder._encoder.encode_passages(encoder.texts))
        rounds.append((alone, ours, build))
    seconds, count = np.array(rounds), len(encoder.texts)
    rates, ratios = np.median(count / seconds, axis=0), np.median(seconds[:, :1] / seconds, axis=0)
    print(f"{count} texts of {len(squad.paragraphs)} paragraphs\n")
    print("| | texts a second | share of the limit |\n|---|---|---|")
    for name, rate, ratio in zip(("limit", "encode_passages", "build"), rates, ratios, strict=True):
        print(f"| {name} | {rate:.1f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
