"""The figures of the desk: ``python benchmarks/desk.py [--questions 100] [--tree CHECKOUT]``.

Serves the shipped corpus, with a journal of so many different questions and a visitor who asks the whole time. Then, as
a clerk does in the browser: a PDF of 20 pages is uploaded, its effect is checked, it is published, and it answers.
Prints how long each step takes, the processor seconds of the server with the processes that it starts, how much longer
visitors wait meanwhile, and how much memory the server holds after each. A second check, of a changed title, follows.
With ``--tree``, the parkqa of another checkout is measured. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from parkqa.journal import entries
from parkqa.journal.entries import Entry

ROOT = Path(__file__).parent.parent
SETS = ("tests/data/park_dev.jsonl", "tests/data/park_more.jsonl", "training/data/park_held.jsonl")
PORT, PASSWORD, NAME = 7989, "园区工作台的一句长密码", "desk"
NEW = "厂房.pdf"
PAGES, LINES = 20, 34
PAUSE = 0.7
"""Seconds that the visitor thinks between an answer and the next question."""
LONGEST = 1_800.0
"""Seconds after which a step has failed."""


def questions(count: int) -> list[str]:
    """The first different questions of the sets."""
    lines = (line for name in SETS for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return list(dict.fromkeys(json.loads(line)["question"] for line in lines))[:count]


def pdf() -> bytes:
    """A document of 20 pages with other facts in each of its 680 lines."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = io.BytesIO()
    page = canvas.Canvas(made)
    for number in range(PAGES):
        page.setFont("STSong-Light", 12)
        for line in range(LINES):
            hall = number * LINES + line
            said = f"园区第{hall}号厂房面积{1000 + hall}平方米，租金每月{10 + line}元，可以办理入驻手续。"
            page.drawString(60, 780 - 21 * line, f"第{number + 1}页第{line + 1}条：{said}")
        page.showPage()
    page.save()
    return made.getvalue()


class Clerk:
    """Somebody at the desk: posts its forms and looks at its pages, as a browser does."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=LONGEST)

    def act(self, path: str, seen: str = "/login", files: object = None, **fields: str) -> None:
        page = self.client.get(f"/desk{seen}").text
        hidden = dict(re.findall(r'name="(csrf|version|seen)" value="([^"]*)"', page))
        reply = self.client.post(f"/desk{path}", data=hidden | {"back": "/desk/"} | fields, files=files)
        if reply.status_code != 303:
            raise SystemExit(f"{path}: {reply.status_code} {reply.text[:500]}")

    def until(self, text: str) -> None:
        """Wait until the page that tells of what is going on has a text."""
        end = time.monotonic() + LONGEST
        while text not in self.client.get("/desk/progress").text:
            if time.monotonic() > end:
                raise SystemExit(f"{text!r} did not come")
            time.sleep(0.2)

    def answers(self, question: str, document: str) -> bool:
        reply = self.client.post("/api/ask", json={"question": question}).json()
        return any(quote["document"] == document for quote in reply.get("quotes", ()))


class Visitor(threading.Thread):
    """Asks one question after another until told to stop; ``waited`` are the milliseconds, ``ended`` when each came."""

    def __init__(self, address: str, asked: list[str]) -> None:
        super().__init__(daemon=True)
        self.waited: list[tuple[float, float]] = []
        self.stop = threading.Event()
        self._address, self._asked = address, asked

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=LONGEST) as client:
            number = 0
            while not self.stop.wait(PAUSE):
                began = time.perf_counter()
                client.post("/api/ask", json={"question": self._asked[number * 7 % len(self._asked)]})
                self.waited.append((time.monotonic(), (time.perf_counter() - began) * 1000))
                number += 1

    def since(self, moment: float) -> list[float]:
        return sorted(waited for ended, waited in self.waited if ended >= moment) or [0.0]


def part(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


class Meter:
    """Prints a line for each step: its seconds, processor seconds, memory, and the visitor's wait meanwhile."""

    def __init__(self, server: psutil.Process, visitor: Visitor) -> None:
        self._server, self._visitor = server, visitor
        self._first = self.memory()
        self._alone = 0.0

    def memory(self) -> float:
        return float(self._server.memory_info().rss) / 1e6

    def _spent(self) -> float:
        times = self._server.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    def step(self, name: str, work: Callable[[], None]) -> None:
        began, spent = time.monotonic(), self._spent()
        work()
        took, spent, waits = time.monotonic() - began, self._spent() - spent, self._visitor.since(began)
        self._alone = self._alone or part(waits, 0.95)
        print(
            f"{name}: {took:.1f} s, {spent:.1f} processor seconds; visitors p50 {part(waits, 0.5):.0f} p95 "
            f"{part(waits, 0.95):.0f} ms ({part(waits, 0.95) / self._alone:.2f} times, {len(waits)} questions); "
            f"{self.memory():.0f} MB ({self.memory() - self._first:+.0f})",
            flush=True,
        )


@contextmanager
def serving(tree: Path, folder: Path, asked: list[str]) -> Iterator[psutil.Process]:
    """Serve a copy of the shipped corpus with the parkqa of a checkout; it has been asked ``asked`` before."""
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    with closing(entries.connect(folder / "journal.db")) as journal:
        at = entries.stamp(datetime.now(UTC))
        entries.write(
            journal,
            [Entry(f"{n:032x}", at, "c", "chat", "zh", text, text, "answer", 0.9, 9.0) for n, text in enumerate(asked)],
        )
    places = {name: str(folder / name) for name in ("corpus", "index", "desk", "journal.db", "password")}
    own = {
        "PARKQA_CORPUS": places["corpus"],
        "PARKQA_INDEX": places["index"],
        "PARKQA_DESK": places["desk"],
        "PARKQA_JOURNAL": places["journal.db"],
        "PARKQA_DESK_PASSWORD_FILE": places["password"],
        "PARKQA_RATE": "none",
        "PYTHONPATH": str(tree / "src"),
    }
    command = [sys.executable, "-m", "parkqa", "serve", "--port", str(PORT)]
    log = (folder / "log").open("w")
    with log, subprocess.Popen(command, env=os.environ | own, cwd=folder, stdout=log, stderr=log) as server:
        try:
            yield psutil.Process(server.pid)
        finally:
            server.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--tree", type=Path, default=ROOT)
    given = parser.parse_args()
    asked, address = questions(given.questions), f"http://127.0.0.1:{PORT}"
    with tempfile.TemporaryDirectory() as name, serving(given.tree, Path(name), asked) as server:
        clerk = Clerk(address)
        wait_for(lambda: clerk.client.get("/readyz").status_code == 200)
        clerk.act("/login", name=NAME, password=PASSWORD)
        for question in asked[:60]:  # so that what every server keeps in memory is there
            clerk.client.post("/api/ask", json={"question": question})
        visitor = Visitor(address, asked)
        visitor.start()
        measure(Meter(server, visitor), clerk, len(asked))
        visitor.stop.set()
        visitor.join()


def wait_for(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        try:
            if ready():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("it did not get ready")


def measure(meter: Meter, clerk: Clerk, count: int) -> None:
    meter.step("visitors alone", lambda: time.sleep(30))
    began = time.monotonic()
    meter.step("upload of 20 pages", lambda: clerk.act("/documents/upload", "/", files=[("file", (NEW, pdf()))]))
    clerk.act("/publish/check", "/publish")
    meter.step("build of the candidate", lambda: clerk.until("正在试问"))
    meter.step(f"check of {count} questions", lambda: clerk.until("做完了"))

    def publish() -> None:
        clerk.act("/publish/publish", "/publish")
        wait_for(lambda: clerk.answers("第100号厂房面积多大？", NEW))

    meter.step("publish, until it answers", publish)
    print(f"uploaded until it answers: {time.monotonic() - began:.1f} s", flush=True)
    clerk.act("/words", "/words?file=park.yaml", name="park.yaml", text=park("园区新名"))
    clerk.act("/publish/check", "/publish")
    meter.step("second check, another name", lambda: clerk.until("做完了"))
    meter.step("a minute later", lambda: time.sleep(60))


def park(name: str) -> str:
    """The shipped park.yaml with another name."""
    return re.sub(r"(?m)^name:.*$", f"name: {name}", (ROOT / "corpus" / "park.yaml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
