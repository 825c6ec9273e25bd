"""Many at once: answers a second and waiting times of 1, 10, 50 and 200 askers, with and without going together.

``python benchmarks/askers.py``: threads ask the engine over the park's documents, each its next question as soon as it
has an answer. ``together`` is the engine as it is; ``alone`` embeds one caller's question a round, as behind a lock.
Printed is the largest difference of any confidence or score to that of the question asked by itself.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from parkqa import Answer, Engine
from parkqa.evaluation.question_sets import read_cases
from parkqa.settings import load_settings

ROOT = Path(__file__).parent.parent
WAYS = ("together", "alone")


def main() -> None:
    options = _options()
    cases = read_cases(ROOT / "tests" / "data" / "park_dev.jsonl")
    questions = [case.question for case in cases]
    with tempfile.TemporaryDirectory() as index:
        settings = load_settings(corpus=ROOT / "corpus", index=Path(index))
        Engine.build(settings)
        engine = Engine.open(settings)
    alone = [engine.ask(question) for question in questions]
    print("| askers | way | answers a second | p50 s | p95 s | longest s | callers a round | largest difference |")
    print("|---|---|---|---|---|---|---|---|")
    for askers in options.askers:
        count = max(2 * askers, options.questions)
        for way in WAYS:
            with _way(engine, way), _rounds(engine) as rounds:
                seconds, taken, answers = crowd(engine, askers, [questions[i % len(questions)] for i in range(count)])
            apart = max(difference(answer, alone[i % len(alone)]) for i, answer in enumerate(answers))
            spread = " | ".join(f"{value:.2f}" for value in (*np.percentile(taken, [50, 95]), max(taken)))
            each = count / rounds.total()
            print(f"| {askers} | {way} | {count / seconds:.1f} | {spread} | {each:.1f} | {apart:.1e} |", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--askers", type=int, nargs="*", default=[1, 10, 50, 200])
    parser.add_argument("--questions", type=int, default=100, help="questions of a row at least; two an asker at least")
    return parser.parse_args()


@contextmanager
def _way(engine: Engine, way: str) -> Iterator[None]:
    with patch.object(engine.encoder._together, "_most", engine.encoder._together._most if way == "together" else 0):
        yield


@contextmanager
def _rounds(engine: Engine) -> Iterator[Counter[str]]:
    """Count the rounds of the encoder."""
    counted: Counter[str] = Counter()
    queue: Any = engine.encoder._together
    inner = queue._run

    def run(calls: Any) -> None:
        counted["rounds"] += 1
        inner(calls)

    with patch.object(queue, "_run", run):
        yield counted


def crowd(engine: Engine, askers: int, questions: Sequence[str]) -> tuple[float, list[float], list[Answer]]:
    """Have the questions asked by so many threads; return all seconds, the seconds of each, and the answers."""
    ready = threading.Barrier(askers + 1)

    def ask(question: str) -> tuple[float, Answer]:
        started = time.perf_counter()
        answer = engine.ask(question)
        return time.perf_counter() - started, answer

    with ThreadPoolExecutor(askers) as pool:
        for _ in range(askers):
            pool.submit(ready.wait)
        ready.wait()
        started = time.perf_counter()
        done = list(pool.map(ask, questions))
        seconds = time.perf_counter() - started
    return seconds, [took for took, _ in done], [answer for _, answer in done]


def difference(one: Answer, other: Answer) -> float:
    """Return the largest difference of confidence and of the scores; infinite where something else is quoted."""
    mine, theirs = (one.quotes or one.related), (other.quotes or other.related)
    if one.kind != other.kind or [(q.document, q.start) for q in mine] != [(q.document, q.start) for q in theirs]:
        return float("inf")
    scores = [abs(a.score - b.score) for a, b in zip(mine, theirs, strict=True)]
    return max([abs(one.confidence - other.confidence), *scores])


if __name__ == "__main__":
    main()
