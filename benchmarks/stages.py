"""Where the time of a question goes, by stage and by size, and how long a cold start takes.

``python benchmarks/stages.py --squad cmrc2018_trial.json DRCD_dev.json``: each question once through an engine.
``encoder`` and ``reranker`` are the forward passes of the models, the floor: the time in which at least one runs. A
stage (``search/stages.py``) is counted without them, and ``besides`` is all stages together. Medians of the questions
after the first ten, in milliseconds; of a start the median of several processes on a warm disk, in seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import synthetic
from parkqa import Engine
from parkqa.search.stages import measured
from parkqa.settings import load_settings

ROOT = Path(__file__).parent.parent
WARM = 10
STAGES = ("understand", "encode", "search", "rerank", "quote")
FLOOR = ("encoder", "reranker")


class Passes:
    """Keeps when the forward passes of a model ran; several may run at once, on threads of their own."""

    def __init__(self) -> None:
        self.runs: list[tuple[float, float]] = []

    def timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work`` with its runs kept."""

        def run(*args: Any, **keywords: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*args, **keywords)
            finally:
                self.runs.append((started, time.perf_counter()))

        return run

    def taken(self) -> float:
        """Return the seconds in which at least one ran, and forget them."""
        seconds, until = 0.0, 0.0
        for start, end in sorted(self.runs):
            seconds += max(end - max(start, until), 0.0)
            until = max(until, end)
        self.runs.clear()
        return seconds


def main() -> None:
    options = _options()
    heads = ("passages", *STAGES, *FLOOR, "besides p50", "besides p95", "whole p50", "whole p95")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    material = synthetic.read(options.squad, load_settings())
    with tempfile.TemporaryDirectory() as work:
        for count in options.passages:
            row(material, count, options.indexes or Path(work), options.questions)
    if options.starts:
        print(f"\n| start | {' | '.join(STEPS)} |\n|---|{'---|' * len(STEPS)}")
        runs = [start() for _ in range(options.starts)]
        print(f"| median of {len(runs)}, s | {' | '.join(f'{x:.1f}' for x in np.median(runs, axis=0))} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, nargs="+", required=True)
    parser.add_argument("--passages", type=int, nargs="*", default=[1000, 100_000])
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--indexes", type=Path, help="where the indexes are kept for another run")
    parser.add_argument("--starts", type=int, default=5)
    return parser.parse_args()


def row(material: synthetic.Material, count: int, folder: Path, questions: int) -> None:
    """Print the line of an index of ``count`` passages."""
    asked = random.Random(7).sample(material.questions, questions + WARM)
    taken = profile(synthetic.engine(material, count, folder), asked)[WARM:]
    whole = np.array([sum(seconds.values()) for seconds in taken]) * 1000
    floor = np.array([sum(seconds[part] for part in FLOOR) for seconds in taken]) * 1000
    medians = [np.median([seconds[stage] for seconds in taken]) * 1000 for stage in (*STAGES, *FLOOR)]
    figures = [*medians, *_spread(whole - floor), *_spread(whole)]
    print(f"| {count} | {' | '.join(f'{figure:.1f}' for figure in figures)} |", flush=True)


def _spread(values: np.ndarray) -> list[float]:
    return [float(np.percentile(values, p)) for p in (50, 95)]


def profile(asked: Engine, questions: Sequence[str]) -> list[dict[str, float]]:
    """Ask each question; return the seconds of its stages without the models, and of FLOOR.

    What is in no stage counts as ``quote``.
    """
    models = (asked.encoder._model, asked.reranker._model)
    passes = [Passes() for _ in models]
    taken = []
    with ExitStack() as stack:
        for each, model in zip(passes, models, strict=True):
            stack.enter_context(patch.object(model, "forward", each.timed(model.forward)))
        for text in questions:
            started = time.perf_counter()
            with measured() as spent:
                asked.ask(text)
            whole = time.perf_counter() - started
            encoder, reranker = (each.taken() for each in passes)
            stages = {stage: spent.get(stage, 0.0) for stage in STAGES}
            stages["encode"] -= encoder
            stages["rerank"] -= reranker
            stages["quote"] += whole - sum(spent.values())
            taken.append({**stages, "encoder": encoder, "reranker": reranker})
    return taken


STEPS = ("healthz", "readyz", "first answer", "second answer")


def start() -> list[float]:
    """Serve the park; return the seconds from the start of the process until each of STEPS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PARKQA_JOURNAL": "none", "PARKQA_CORPUS": str(ROOT / "corpus")}
    command = [sys.executable, "-m", "parkqa", "serve", "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            steps = []
            for path, body in (("healthz", None), ("readyz", None), ("api/ask", ASKED[0]), ("api/ask", ASKED[1])):
                _until(f"http://127.0.0.1:{port}/{path}", body)
                steps.append(time.perf_counter() - began)
            return steps
        finally:
            server.terminate()


ASKED = ("园区是什么时候成立的？", "扬子江船业在哪里上市？")


def _until(url: str, asked: str | None) -> None:
    """Ask again until the answer is 200."""
    body = None if asked is None else json.dumps({"question": asked}).encode()
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(url, body, timeout=60):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
    raise TimeoutError(url)


if __name__ == "__main__":
    main()
