"""Where the time of a question goes, by stage and by size, and how long a cold start takes.

``python benchmarks/stages.py --squad cmrc2018_trial.json DRCD_dev.json``: each question once through an engine whose
parts are timed. ``encoder`` and ``reranker`` are the forward passes of the models, the floor; a stage is counted
without them, and ``besides`` is all stages together. Medians of the questions after the first ten, in milliseconds; of
a start the median of several processes on a warm disk, in seconds.
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
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import parkqa.engine
import synthetic
from parkqa import Engine
from parkqa.query import request
from parkqa.search import confidence, pipeline, reranking
from parkqa.settings import load_settings

ROOT = Path(__file__).parent.parent
WARM = 10
STAGES = ("understand", "encode", "search", "rerank", "quote")
FLOOR = ("encoder", "reranker")


class Stopwatch:
    """Counts the seconds of each stage, less what stages within it take."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._within = [0.0]

    def timed(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work`` with its time counted."""

        def run(*args: Any, **keywords: Any) -> Any:
            started = time.perf_counter()
            self._within.append(0.0)
            try:
                return work(*args, **keywords)
            finally:
                whole = time.perf_counter() - started
                self.seconds[stage] += whole - self._within.pop()
                self._within[-1] += whole

        return run


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


def profile(asked: Engine, questions: Sequence[str]) -> list[Counter[str]]:
    """Ask each question; return the seconds of its stages and of FLOOR; what is in none of them counts as ``quote``."""
    watch = Stopwatch()
    parts = [
        (request, "check", "understand"),
        (parkqa.engine, "understand", "understand"),
        (asked.encoder, "encode_queries", "encode"),
        (pipeline, "candidates", "search"),
        (pipeline, "rarity", "search"),
        (pipeline, "unit_evidence", "search"),
        (pipeline, "rank", "search"),
        (reranking, "read", "rerank"),
        (confidence, "signs", "quote"),
    ]
    models = [(name, part._model) for name, part in zip(FLOOR, (asked.encoder, asked.reranker), strict=True) if part]
    taken = []
    with ExitStack() as stack:
        for owner, name, stage in parts:
            stack.enter_context(patch.object(owner, name, watch.timed(stage, getattr(owner, name))))
        for name, model in models:
            stack.enter_context(patch.object(model, "forward", watch.timed(name, model.forward)))
        ask = watch.timed("quote", asked.ask)
        for text in questions:
            watch.seconds.clear()
            ask(text)
            taken.append(watch.seconds.copy())
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
