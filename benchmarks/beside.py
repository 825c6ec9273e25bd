"""What a question costs beside other programs: ``python benchmarks/beside.py [--other CHECKOUT]``.

Starts ``parkqa serve`` and asks it, one question after another, while nothing else runs, beside busy loops, beside a
build of an index, and beside Chromium that plays the stand's page for passers-by. With ``--other``, another checkout of
parkqa is measured in turns, so that both columns have the same machine. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import date
from pathlib import Path

import httpx

from parkqa.evaluation.question_sets import read_cases

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from browsers import DESKTOP, chromium  # noqa: E402

PORT = 7941
READY = 300.0
"""Seconds that a server may take to get ready."""
Beside = Callable[[str], AbstractContextManager[object]]


def _environment(tree: Path, folder: Path) -> dict[str, str]:
    own = {"PARKQA_INDEX": str(folder / "index"), "PARKQA_CORPUS": str(ROOT / "corpus"), "PARKQA_JOURNAL": "none"}
    return os.environ | own | {"PYTHONPATH": str(tree / "src"), "PARKQA_RATE": "none"}


@contextmanager
def serving(tree: Path, folder: Path, port: int, reranker: str) -> Iterator[str]:
    """Serve the shipped corpus with the parkqa of a checkout; yield the address once it can be asked."""
    environment = _environment(tree, folder) | {"PARKQA_RERANKER": reranker}
    command = [sys.executable, "-m", "parkqa", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        address, end = f"http://127.0.0.1:{port}", time.monotonic() + READY
        try:
            while not _ready(address):
                if time.monotonic() > end or server.poll() is not None:
                    raise SystemExit(f"the server of {tree} did not get ready")
                time.sleep(0.5)
            yield address
        finally:
            server.terminate()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def loops(count: int) -> Beside:
    """Programs that do nothing but count."""
    return lambda _: _running([[sys.executable, "-c", "while True: pass"]] * count)


def building(folder: Path) -> Beside:
    """Builds of an index, one after the other, by a program of its own."""
    target = {"PARKQA_INDEX": str(folder / "another"), "PARKQA_CORPUS": str(ROOT / "corpus")}
    program = (
        "import shutil, subprocess, sys\nwhile True:\n shutil.rmtree(sys.argv[1], True)\n subprocess.run(sys.argv[2:])"
    )
    build = [sys.executable, "-m", "parkqa", "build"]
    command = [sys.executable, "-c", program, str(folder / "another"), *build]
    return lambda _: _running([command], os.environ | target, settle=6.0)


@contextmanager
def _running(
    commands: Sequence[Sequence[str]], environment: dict[str, str] | None = None, settle: float = 1.0
) -> Iterator[None]:
    with ExitStack() as ending:
        for command in commands:
            started = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
            ending.callback(started.wait)
            ending.callback(os.killpg, started.pid, 9)
        time.sleep(settle)
        yield


@contextmanager
def attracting(address: str) -> Iterator[None]:
    """The stand's page, on which questions and answers turn while nobody is there."""
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(f"{address}/chat/?mode=event")
        page.wait_for_timeout(8000)
        yield


def asked(address: str, questions: Sequence[str]) -> float:
    """Return the median milliseconds of a question, with its way over HTTP."""
    times = []
    with httpx.Client(base_url=address, timeout=120) as client:
        for question in questions:
            begun = time.perf_counter()
            client.post("/api/ask", json={"question": question}).raise_for_status()
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--other", type=Path, help="another checkout to measure in turns with this one")
    options.add_argument("--questions", type=int, default=20, help="questions for each figure")
    options.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median counts")
    options.add_argument("--reranker", default="default", help="as PARKQA_RERANKER")
    given = options.parse_args()
    questions = [case.question for case in read_cases(ROOT / "tests" / "data" / "park_dev.jsonl")][: given.questions]
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as servers:
        folder = Path(temporary)
        conditions: dict[str, Beside] = {
            "alone": lambda _: nullcontext(),
            "one busy loop": loops(1),
            "two busy loops": loops(2),
            "a build": building(folder),
            "Chromium, the stand's page": attracting,
        }
        trees = {"this": ROOT} | ({"other": given.other} if given.other else {})
        addresses = {}
        for place, (name, tree) in enumerate(trees.items()):
            own = folder / name
            addresses[name] = servers.enter_context(serving(tree, own, PORT + place, given.reranker))
            asked(addresses[name], questions[:5])
        rows: dict[str, dict[str, list[float]]] = {beside: {name: [] for name in trees} for beside in conditions}
        for _ in range(given.rounds):
            for beside, context in conditions.items():
                for name, address in addresses.items():
                    with context(address):
                        rows[beside][name].append(asked(address, questions))
    print(f"{date.today()}, p50 of {given.questions} questions, median of {given.rounds} rounds, {given.reranker}\n")
    print("| beside | " + " | ".join(f"{name}, ms | {name}, times alone" for name in trees) + " |")
    print("|---|" + "---|---|" * len(trees))
    for beside, measured in rows.items():
        cells = []
        for name, times in measured.items():
            here, alone = statistics.median(times), statistics.median(rows["alone"][name])
            cells.append(f"{here:.0f} | {here / alone:.1f}")
        print(f"| {beside} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
