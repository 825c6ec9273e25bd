"""How many people one server carries: ``python benchmarks/load.py --write docs/load.md``.

Starts ``parkqa serve`` as it stands in the settings (or takes ``--url``), then has people ask it, each from an address
of their own: so many, every so many seconds, through REST and as the chat page does; and a crowd that asks
all at once. Every question must be answered, or told at once to wait; what is neither is lost. Times are from sending
a question to having its answer whole.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Literal

import httpx
import numpy as np
import psutil

from parkqa import __version__
from parkqa.evaluation.question_sets import read_cases
from parkqa.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
HANGS = 60.0
"""Seconds after which a question without an answer is lost."""
BUSY = "现在人多"
Way = Literal["REST", "chat"]
End = Literal["answered", "told", "lost"]


@dataclass(frozen=True)
class Asked:
    """What became of one question."""

    end: End
    seconds: float
    why: str = ""


@dataclass(frozen=True)
class Phase:
    """One row of the table; ``memory`` is the server's, in MB, when it was over."""

    name: str
    way: Way
    asked: Sequence[Asked]
    memory: float

    def seconds(self, end: End, percent: float) -> str:
        times = [asked.seconds for asked in self.asked if asked.end == end]
        return f"{np.percentile(times, percent):.2f}" if times else "–"

    def count(self, end: End) -> int:
        return sum(asked.end == end for asked in self.asked)


class Visitor:
    """Somebody with an address and a page of their own."""

    def __init__(self, client: httpx.AsyncClient, number: int) -> None:
        self._client = client
        self._headers = {"X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}"}

    async def ask(self, question: str, way: Way) -> Asked:
        """Ask once; never raises."""
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(HANGS):
                end, why = await (self._rest(question) if way == "REST" else self._chat(question))
        except (httpx.HTTPError, TimeoutError, KeyError, ValueError) as error:
            end, why = "lost", repr(error)
        return Asked(end, time.perf_counter() - begun, why)

    async def _rest(self, question: str) -> tuple[End, str]:
        return await self._post("/api/ask", question, "answer_id")

    async def _chat(self, question: str) -> tuple[End, str]:
        return await self._post("/conversation/ask", question, "html")

    async def _post(self, path: str, question: str, key: str) -> tuple[End, str]:
        reply = await self._client.post(path, json={"question": question}, headers=self._headers)
        if reply.status_code == 200:
            return ("answered", "") if key in reply.json() else ("lost", reply.text[:200])
        return ("told" if BUSY in reply.text else "lost"), f"{reply.status_code} {reply.text[:200]}"


async def steady(
    visitors: Sequence[Visitor], questions: Sequence[str], way: Way, every: float, last: float
) -> list[Asked]:
    """Let each visitor ask every so many seconds, from a moment of their own; who still waits asks later."""

    async def person(visitor: Visitor, chance: random.Random) -> list[Asked]:
        asked = []
        begun = time.perf_counter()
        due = chance.uniform(0, every)
        while due < last:
            await asyncio.sleep(begun + due - time.perf_counter())
            asked.append(await visitor.ask(chance.choice(questions), way))
            due = max(due + every, time.perf_counter() - begun)
        return asked

    people = [person(visitor, random.Random(number)) for number, visitor in enumerate(visitors)]
    return [asked for some in await asyncio.gather(*people) for asked in some]


async def burst(visitors: Sequence[Visitor], questions: Sequence[str], way: Way) -> list[Asked]:
    """Let all ask at once."""
    chance = random.Random(7)
    return await asyncio.gather(*(visitor.ask(chance.choice(questions), way) for visitor in visitors))


async def measure(url: str, process: psutil.Process | None, given: argparse.Namespace) -> AsyncIterator[Phase]:
    """Give one phase after the other."""
    questions = [case.question for case in read_cases(ROOT / "tests/data/park_dev.jsonl")]
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=url, timeout=HANGS, limits=limits, trust_env=False) as client:
        everybody = [Visitor(client, number) for number in range(max(given.people, given.burst))]
        ways: tuple[Way, ...] = ("REST", "chat")
        for way in ways:
            # What the first questions load and grow does not count.
            await steady(everybody[:4], questions, way, 1, 5)
        for name in (f"{given.people} / {given.every:g} s", f"{given.burst} at once", f"{given.burst} at once, again"):
            for way in ways:
                if "at once" in name:
                    asked = await burst(everybody[: given.burst], questions, way)
                else:
                    asked = await steady(everybody[: given.people], questions, way, given.every, given.seconds)
                yield Phase(name, way, asked, memory(process))


def memory(process: psutil.Process | None) -> float:
    """The memory that a server holds, in MB; 0 of one that was not started here."""
    return process.memory_info().rss / 1e6 if process else 0.0


@contextmanager
def server() -> Iterator[tuple[str, psutil.Process]]:
    """Run ``parkqa serve`` on a free port until the context ends."""
    own = {
        "PARKQA_PORT": "0",
        "PARKQA_HOST": "127.0.0.1",
        "PARKQA_JOURNAL": "none",
        "PARKQA_TRUSTED_PROXIES": "127.0.0.1",
    }
    command = [sys.executable, "-m", "parkqa", "serve"]
    with subprocess.Popen(
        command, env=os.environ | own, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        try:
            url = next(found[0] for line in process.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            Thread(target=process.stderr.read, daemon=True).start()
            yield url, psutil.Process(process.pid)
        finally:
            process.terminate()


@asynccontextmanager
async def ready(url: str) -> AsyncIterator[None]:
    """Wait until questions are answered."""
    async with httpx.AsyncClient(base_url=url, timeout=HANGS, trust_env=False) as client:
        until = time.monotonic() + 300
        while (await client.get("/readyz")).status_code != 200:
            if time.monotonic() > until:
                sys.exit("the server did not get ready")
            await asyncio.sleep(0.5)
        yield


HEAD = ("", "way", "asked", "answered", "told to wait", "lost", "p50 s", "p95 s", "max s", "told within s", "RSS MB")


def row(phase: Phase) -> tuple[str, ...]:
    """Return a phase as a row below HEAD."""
    counts = (len(phase.asked), phase.count("answered"), phase.count("told"), phase.count("lost"))
    times = (phase.seconds("answered", 50), phase.seconds("answered", 95), phase.seconds("answered", 100))
    return (
        phase.name,
        phase.way,
        *map(str, counts),
        *times,
        phase.seconds("told", 100),
        f"{phase.memory:.0f}" if phase.memory else "–",
    )


def line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def page(phases: Sequence[Phase], given: argparse.Namespace, settings: Settings) -> str:
    """Return the page of figures, in Markdown."""
    reranker = "关 / off" if settings.reranker == "none" else "开 / on"
    shape = f"{given.people} / {given.every:g} s"
    return f"""# 多少人同时问 · How many people at once

`python benchmarks/load.py --write docs/load.md`，{date.today()}，parkqa {__version__}，一个进程，
{os.cpu_count()} 个逻辑核心，重排模型{reranker}，`PARKQA_CONCURRENCY={settings.concurrency}`，
`PARKQA_QUEUE={settings.queue}`，`PARKQA_THREADS={settings.threads}`；提问的程序在同一台机器上。

“{shape}”：{given.people} 人每 {given.every:g} 秒问一次，共 {given.seconds:g} 秒；“at once”：一齐问。
每个人都有自己的地址。told to wait：立即答复“现在人多，请稍候”；lost：没有答复、出错或超过 {HANGS:g} 秒。

One process; the asking program runs on the same machine. Each visitor has an address of their own.
*told to wait*: an immediate reply that many are asking; *lost*: no reply, an error, or more than {HANGS:g} s.

{line(HEAD)}
{line(["---"] * len(HEAD))}
""" + "".join(f"{line(row(phase))}\n" for phase in phases)


async def run(url: str, process: psutil.Process | None, given: argparse.Namespace) -> list[Phase]:
    """Measure and print as it goes."""
    phases = []
    print(line(HEAD), flush=True)
    async with ready(url):
        if process:
            print(f"RSS when ready: {memory(process):.0f} MB", file=sys.stderr)
        async for phase in measure(url, process, given):
            phases.append(phase)
            print(line(row(phase)), flush=True)
            for why in sorted({asked.why for asked in phase.asked if asked.end == "lost"})[:5]:
                print(f"  lost: {why}", file=sys.stderr)
    return phases


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs already, with PARKQA_TRUSTED_PROXIES=127.0.0.1")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between a visitor's questions")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long they go on")
    parser.add_argument("--burst", type=int, default=200)
    parser.add_argument("--write", type=Path, help="file to write the figures to")
    given = parser.parse_args()
    if given.url and given.write:
        parser.error("the settings of a server that runs already are not known: nothing is written of it")
    if given.url:
        phases = asyncio.run(run(given.url, None, given))
    else:
        with server() as (url, process):
            phases = asyncio.run(run(url, process, given))
    if given.write:
        given.write.write_text(page(phases, given, load_settings()), encoding="utf-8")


if __name__ == "__main__":
    main()
