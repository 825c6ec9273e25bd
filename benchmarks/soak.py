"""Asks a real server without pause while its documents change under it; says what went wrong and how memory went.

    python benchmarks/soak.py --minutes 30

The server is ``app.py`` with PARKQA_WATCH, on a copy of ``corpus/`` and a few dozen short documents beside, which are
written anew, added, taken away, half copied, and now and then made unreadable. Every quote of every answer must be the
slice of the text whose SHA-256 it names, as it was when it was written. Exit status 1 when anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from parkqa.corpus.documents import read_document

ROOT = Path(__file__).parent.parent
QUESTIONS = [
    json.loads(line)["question"]
    for line in (ROOT / "tests/data/park_dev.jsonl").read_text(encoding="utf-8").splitlines()
]
WORDS = "船舶 钢构 物流 新能源 智能制造 码头 仓储 环保 研发 港机".split()
LONGEST_WAIT = 120.0
"""Seconds after which a change that is not answered yet counts as lost."""
FLAT = 0.05
"""Memory is flat when the last quarter's median lies at most this part above the second quarter's."""


@dataclass
class Seen:
    """What the threads note; ``texts`` holds every text that a document ever had, by its SHA-256."""

    texts: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


class Corpus:
    """The documents of the server, changed one at a time."""

    def __init__(self, folder: Path, seen: Seen, dice: random.Random) -> None:
        self.folder, self.seen, self.dice = folder, seen, dice
        self.number = 0
        for path in folder.glob("*.md"):
            self.note(path)

    def note(self, path: Path) -> str:
        """Remember the text that a file has now; return its SHA-256."""
        document = read_document(path, self.folder)
        self.seen.texts[document.sha256] = document.text
        return document.sha256

    def text(self, name: str) -> str:
        def fact() -> str:
            return f"{name}从事{self.dice.choice(WORDS)}，{self.dice.randrange(1990, 2026)}年入园，编号{self.number}。"

        self.number += 1
        return f"# {name}\n\n" + "\n\n".join(fact() for _ in range(3)) + "\n"

    def made(self) -> list[Path]:
        return sorted(self.folder.glob("企业*.md"))

    def write(self, path: Path, *, slowly: bool = False) -> str:
        raw = self.text(path.stem).encode()
        with path.open("wb") as file:
            for part in (raw[: len(raw) // 2], raw[len(raw) // 2 :]) if slowly else (raw,):
                file.write(part)
                file.flush()
                self.seen.stop.wait(2 if slowly else 0)  # less than the rest that the watch asks for
        return self.note(path)


def asking(url: str, seen: Seen, dice: random.Random) -> None:
    """Ask until told to stop, as one visitor."""
    with httpx.Client(base_url=url, timeout=60) as client:
        while not seen.stop.is_set():
            own = f"企业{dice.randrange(60)}从事什么？哪年入园？"
            began = time.perf_counter()
            try:
                reply = client.post("/api/ask", json={"question": dice.choice([own, dice.choice(QUESTIONS)])})
                seen.milliseconds.append((time.perf_counter() - began) * 1000)
                check(reply, seen)
            except httpx.HTTPError as error:
                seen.wrong.append(f"no answer: {error!r}")
            seen.stop.wait(0.2)


def check(reply: httpx.Response, seen: Seen) -> None:
    if reply.status_code != 200:
        seen.wrong.append(f"{reply.status_code}: {reply.text[:200]}")
        return
    answer = reply.json()
    seen.kinds[answer["kind"]] += 1
    for quote in (*answer["quotes"], *answer["related"]):
        seen.kinds["quotes"] += 1
        text = seen.texts.get(quote["sha256"])
        if text is None or text[quote["start"] : quote["end"]] != quote["text"]:
            seen.wrong.append(f"no slice: {quote}")


def changing(url: str, corpus: Corpus, seen: Seen, every: float) -> None:
    """Change a document every so often, and wait until the server shows it."""
    while not seen.stop.wait(every):
        kind = corpus.dice.choice(["written anew"] * 4 + ["added", "taken away", "half copied", "park.yaml broken"])
        try:
            {
                "written anew": lambda: _shown(url, corpus.dice.choice(corpus.made()), corpus),
                "half copied": lambda: _shown(url, corpus.dice.choice(corpus.made()), corpus, slowly=True),
                "added": lambda: _shown(url, corpus.folder / f"企业{100 + corpus.number}.md", corpus),
                "taken away": lambda: _gone(url, corpus.dice.choice(corpus.made()), seen),
                "park.yaml broken": lambda: _broken(url, corpus, seen),
            }[kind]()
        except httpx.HTTPError as error:
            seen.wrong.append(f"{kind}: {error!r}")
        seen.changes[kind] += 1


def _shown(url: str, path: Path, corpus: Corpus, *, slowly: bool = False) -> None:
    sha = corpus.write(path, slowly=slowly)
    _await(corpus.seen, f"{path.name} {sha[:12]}", lambda: sha[:12] in httpx.get(f"{url}/source/{path.name}").text)


def _gone(url: str, path: Path, seen: Seen) -> None:
    path.unlink()
    _await(seen, f"{path.name} gone", lambda: httpx.get(f"{url}/source/{path.name}").status_code == 404)


def _broken(url: str, corpus: Corpus, seen: Seen) -> None:
    """Break park.yaml and see it said, at 200; then mend it and see that too."""
    park = corpus.folder / "park.yaml"
    whole = park.read_bytes()
    park.write_text("name: [", encoding="utf-8")
    _await(seen, "park.yaml broken", lambda: "park.yaml" in _ready(url).get("build_error", ""))
    park.write_bytes(whole)
    _await(seen, "park.yaml mended", lambda: "build_error" not in _ready(url))


def _ready(url: str) -> dict[str, str]:
    said: dict[str, str] = httpx.get(f"{url}/readyz").raise_for_status().json()
    return said


def _await(seen: Seen, what: str, true: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > LONGEST_WAIT:
            seen.wrong.append(f"not seen within {LONGEST_WAIT:.0f} s: {what}")
            return
        if seen.stop.wait(0.3):
            return
    seen.delays.append(time.monotonic() - began)


def measuring(server: psutil.Process, seen: Seen, every: float) -> None:
    """Note the server's memory in MB; its builds are processes of their own and end."""
    began = time.monotonic()
    while not seen.stop.wait(every):
        seen.memory.append((time.monotonic() - began, server.memory_info().rss / 2**20))


def listening(server: subprocess.Popen[str], seen: Seen) -> None:
    assert server.stderr is not None
    for line in server.stderr:
        seen.log.append(line.rstrip())


def prepared(folder: Path, seen: Seen, dice: random.Random, documents: int) -> Corpus:
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    corpus = Corpus(folder / "corpus", seen, dice)
    for number in range(documents):
        corpus.write(corpus.folder / f"企业{number}.md")
    return corpus


def serve(folder: Path) -> subprocess.Popen[str]:
    settings = {"CORPUS": folder / "corpus", "INDEX": folder / "index", "JOURNAL": folder / "journal.db"}
    settings |= {"WATCH": "true", "PORT": "0", "HOST": "127.0.0.1", "RATE": "none"}
    environment = os.environ | {f"PARKQA_{name}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, ROOT / "app.py"], env=environment, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def address(seen: Seen, server: subprocess.Popen[str]) -> str:
    """What the server prints, once it can answer."""
    while not (found := re.search(r"http://127\.0\.0\.1:\d+", "\n".join(seen.log))):
        if server.poll() is not None:
            raise SystemExit("\n".join(seen.log))
        time.sleep(0.1)
    while httpx.get(f"{found[0]}/readyz").status_code != 200:
        time.sleep(0.5)
    return found[0]


def slope(memory: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Median of the second and of the last quarter in MB, and the slope from the second quarter on in MB an hour."""
    quarter = len(memory) // 4
    settled = memory[quarter:]
    second = statistics.median(value for _, value in memory[quarter : 2 * quarter])
    last = statistics.median(value for _, value in memory[-quarter:])
    return second, last, statistics.linear_regression(*zip(*settled, strict=True)).slope * 3600


def report(seen: Seen, minutes: float) -> bool:
    """Print the figures; return whether all was well."""
    second, last, rise = slope(seen.memory)
    flat = last <= second * (1 + FLAT)
    times = statistics.quantiles(seen.milliseconds, n=20)
    taken = sum("a new index answers" in line for line in seen.log)
    unexpected = [line for line in seen.log if "Traceback" in line]
    print(f"minutes                       {minutes:g}")
    print(f"questions                     {len(seen.milliseconds)} ({dict(seen.kinds)})")
    print(f"answer ms, p50 p95 max        {times[9]:.0f} {times[18]:.0f} {max(seen.milliseconds):.0f}")
    print(f"changes                       {seen.changes.total()} ({dict(seen.changes)})")
    print(f"indexes taken over            {taken}")
    delays = f"{statistics.median(seen.delays):.1f} {max(seen.delays):.1f}" if seen.delays else "-"
    print(f"seconds to be seen, p50 max   {delays}")
    print(
        f"memory MB, 2nd and 4th quarter {second:.0f} {last:.0f} ({'flat' if flat else 'NOT FLAT'}), {rise:+.1f} MB/h"
    )
    print(f"wrong                         {len(seen.wrong)}")
    print("\n".join(["", *seen.wrong[:20], *unexpected[:20]]))
    return flat and not seen.wrong and not unexpected and taken > 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--visitors", type=int, default=2, help="who ask at a time")
    parser.add_argument("--documents", type=int, default=60, help="short documents beside the corpus")
    parser.add_argument("--every", type=float, default=5, help="seconds between a change that is seen and the next")
    parser.add_argument("--seed", type=int, default=20031123)
    given = parser.parse_args()
    seen, dice = Seen(), random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="parkqa-soak-") as name:
        corpus = prepared(Path(name), seen, dice, given.documents)
        with serve(Path(name)) as server:
            try:
                threading.Thread(target=listening, args=(server, seen), daemon=True).start()
                url = address(seen, server)
                run(url, server, corpus, seen, given)
            finally:
                server.terminate()
    sys.exit(0 if report(seen, given.minutes) else 1)


def run(url: str, server: subprocess.Popen[str], corpus: Corpus, seen: Seen, given: argparse.Namespace) -> None:
    """Ask, change and measure for the time given."""
    jobs = [
        *(threading.Thread(target=asking, args=(url, seen, random.Random(n))) for n in range(given.visitors)),
        threading.Thread(target=changing, args=(url, corpus, seen, given.every)),
        threading.Thread(target=measuring, args=(psutil.Process(server.pid), seen, given.minutes * 60 / 200)),
    ]
    for job in jobs:
        job.start()
    end = time.monotonic() + given.minutes * 60
    while time.monotonic() < end and server.poll() is None:
        time.sleep(0.5)
    if server.poll() is not None:
        seen.wrong.append(f"the server ended by itself: {server.returncode}")
    seen.stop.set()
    for job in jobs:
        job.join()


if __name__ == "__main__":
    main()
