"""How fast the face is: ``python benchmarks/face.py --write docs/face.md``.

Serves the park's documents with the default models and looks through Chromium, as visitors do; milliseconds:

- from Enter until the answer is painted, over what the engine took for that very answer, as the journal has it;
- from a click on a card until its source is painted with the mark in view;
- a first load with nothing in the cache, until a question can be typed and the suggestions stand there;
- the same on a line of 400 kbit/s and 400 ms;
- the CPU time of a page's main thread that ``widget.js`` takes until its button is drawn: with it less without it.

Painted means that a second frame has begun since: up to 33 ms of each figure are that. Beside the times, the bytes that
come compressed: what the page needs to be read and asked, before any file of Gradio's, and the widget's script.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import numpy as np
from playwright.sync_api import Browser, Page

from parkqa import __version__
from parkqa.evaluation.question_sets import read_cases
from parkqa.journal.entries import read

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browsers import BOX, DESKTOP, chromium  # noqa: E402
from programs import real  # noqa: E402
from sites import LONE, hosting  # noqa: E402

# A page that runs a script of its own, as all do: else the widget would pay for the first one.
PLAIN = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">
<button>x</button><script>document.querySelector("button").addEventListener("click", () => {});</script>{scripts}"""
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
ENTER = f"""async (question) => {{
  const box = document.querySelector("{BOX}"), turns = document.querySelectorAll(".pq-turn").length;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, question);
  box.dispatchEvent(new Event("input", {{ bubbles: true }}));
  await {PAINTED};
  const drawn = new Promise((done) => new MutationObserver(() => {{
    const turn = document.querySelectorAll(".pq-turn")[turns];
    if (turn && !turn.matches(".pq-waiting")) done();
  }}).observe(document.getElementById("pq-log"), {{ childList: true, subtree: true, attributes: true }}));
  const begun = performance.now();
  for (const kind of ["keydown", "keypress", "keyup"])
    box.dispatchEvent(new KeyboardEvent(kind, {{ key: "Enter", code: "Enter", bubbles: true, cancelable: true }}));
  await drawn;
  return await {PAINTED} - begun;
}}"""
CARD = f"""async () => {{
  const panel = document.getElementById("pq-source");
  const inView = () => {{
    const box = !panel.hidden && panel.querySelector("mark")?.getBoundingClientRect();
    return box && box.top < innerHeight && box.bottom > 0;
  }};
  const begun = performance.now();
  document.querySelector(".pq-turn:last-child .pq-first [data-source]").click();
  while (!inView()) await new Promise((wake) => setTimeout(wake));
  return await {PAINTED} - begun;
}}"""
USABLE = f"""() => new Promise((done) => {{
  const parts = ["{BOX}", "#pq-send", ".pq-hello .pq-suggest-zh [data-ask]"];
  const drawn = (node) => node && !node.disabled && node.getClientRects().length;
  const look = () => {{
    if (parts.every((part) => drawn(document.querySelector(part)))) done({PAINTED});
    else setTimeout(look, 5);
  }};
  look();
}})"""


@dataclass(frozen=True)
class Figure:
    """One row of the table: its times in milliseconds, and what they are to stay under."""

    name: str
    times: Sequence[float]
    under: float

    def row(self) -> str:
        """Return the row in Markdown."""
        cells = (np.median(self.times), np.percentile(self.times, 95), np.max(self.times))
        return f"| {self.name} | {len(self.times)} | {' | '.join(f'{cell:.0f}' for cell in cells)} | {self.under:.0f} |"


HEAD = "| ms | n | p50 | p95 | max | under |\n| --- | --- | --- | --- | --- | --- |"


SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}


@contextmanager
def opened(browser: Browser, address: str, slow: bool = False) -> Iterator[tuple[Page, float]]:
    """Open the chat page with nothing in the cache; give it and its milliseconds until it could be used."""
    with browser.new_context(viewport=DESKTOP, locale="zh-CN") as context:
        page = context.new_page()
        if slow:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", SLOW)
        page.goto(f"{address}/chat/", wait_until="commit")
        yield page, page.evaluate(USABLE)


def first_loads(browser: Browser, address: str, count: int, slow: bool = False) -> list[float]:
    """Load the page so many times, each time as a new visitor."""
    times = []
    for _ in range(count):
        with opened(browser, address, slow) as (_, took):
            times.append(took)
    return times


def answers(browser: Browser, address: str, journal: Path, questions: Sequence[str]) -> tuple[list[float], list[float]]:
    """Ask one question after the other; return what each took over the engine, and from its card to its source."""
    took, sources = [], []
    with opened(browser, address) as (page, _):
        page.wait_for_function("parkqaPage.arrived")  # the box is Gradio's from here on
        for question in questions:
            took.append(page.evaluate(ENTER, question))
            if page.locator(".pq-turn:last-child .pq-first").count():
                sources.append(page.evaluate(CARD))
                page.keyboard.press("Escape")
                page.wait_for_function("document.getElementById('pq-source').hidden")
            page.locator("[data-new]").click()
    engine = _engine(journal, questions)
    return [all_of_it - own for all_of_it, own in zip(took, engine, strict=True)], sources


def _engine(journal: Path, questions: Sequence[str]) -> list[float]:
    """The milliseconds of the engine for the questions just asked; they are written a moment after the answer."""
    until = time.monotonic() + 30
    while len(made := [entry for entry in read(journal) if entry.mode == "chat"][-len(questions) :]) < len(questions):
        if time.monotonic() > until:
            sys.exit("the journal does not hold the questions")
        time.sleep(0.5)
    return [entry.ms for entry in made]


def widget(browser: Browser, address: str, site: str, count: int) -> list[float]:
    """Return the milliseconds of the main thread with the widget less those without, pair by pair."""
    script = LONE.format(base=address)
    return [_busy(browser, f"{site}/", script) - _busy(browser, f"{site}/", "") for _ in range(count)]


def _busy(browser: Browser, address: str, script: str) -> float:
    """The milliseconds that the main thread of a page worked, until a second after its load."""
    with browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        metrics = context.new_cdp_session(page)
        metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(f"{address}?{httpx.QueryParams({'scripts': script})}")
        # Nothing is looked for meanwhile: that would be counted.
        page.wait_for_timeout(1000)
        found = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
        assert page.locator("parkqa-widget .bubble:visible").count() == bool(script)
    return 1000 * float(found["TaskDuration"])


def sizes(address: str) -> dict[str, tuple[float, float]]:
    """Return kilobytes as they are sent, and what they are to stay under, by what they are."""
    html = httpx.get(f"{address}/chat/").text
    parts = ["/chat/", *re.findall(r'(?:src|href)="(/assets/page[^"]*)"', html)]
    assert len(parts) == 3, parts
    return {
        "the page, its styles and scripts": (sum(_sent(f"{address}{part}") for part in parts), 200),
        "widget.js": (_sent(f"{address}/widget.js"), 6),
    }


def _sent(url: str) -> float:
    with httpx.stream("GET", url) as reply:
        return sum(map(len, reply.iter_raw())) / 1000


def measure(given: argparse.Namespace) -> Iterator[Figure | dict[str, tuple[float, float]]]:
    """Give one figure after the other, the sizes last."""
    cases = read_cases(ROOT / "tests/data/park_dev.jsonl")
    questions = [case.question for case in cases if not case.history][: given.questions]
    with (
        tempfile.TemporaryDirectory() as folder,
        hosting(PLAIN) as site,
        real(Path(folder), embed_origins=site) as address,
        chromium() as browser,
    ):
        first_loads(browser, address, 2)  # what the server and the browser load for their first page does not count
        yield Figure("first load, cold cache", first_loads(browser, address, given.loads), 650)
        yield Figure("the same at 400 kbit/s, 400 ms", first_loads(browser, address, given.loads, slow=True), 3000)
        answers(browser, address, Path(folder) / "journal.db", questions[:3])
        over, sources = answers(browser, address, Path(folder) / "journal.db", questions)
        yield Figure("Enter to answer, over the engine", over, 50)
        yield Figure("card to source", sources, 100)
        yield Figure("widget.js on the main thread", widget(browser, address, site, given.loads), 20)
        yield sizes(address)


def table(found: dict[str, tuple[float, float]]) -> str:
    """Return the sizes in Markdown."""
    rows = (f"| {name} | {size:.1f} | {under} |" for name, (size, under) in found.items())
    return "\n".join(("| kB | compressed | under |", "| --- | --- | --- |", *rows))


def page(figures: Sequence[Figure], found: dict[str, tuple[float, float]], note: str) -> str:
    """Return the page of figures, in Markdown; ``note`` says what else the machine did."""
    rows = "\n".join(figure.row() for figure in figures)
    return f"""# 页面有多快 · How fast the face is

`python benchmarks/face.py --write docs/face.md`，{date.today()}，parkqa {__version__}，{os.cpu_count()} 个逻辑核心，
服务器和 Chromium 在同一台机器上。单位毫秒；under：要低于多少（p50）。What each row is stands at the head of
`benchmarks/face.py`; the server and Chromium share the machine. {note}

{HEAD}
{rows}

{table(found)}
"""


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=60, help="of park_dev.jsonl, at most so many")
    parser.add_argument("--loads", type=int, default=20, help="first loads, and pairs of pages with and without widget")
    parser.add_argument("--write", type=Path, help="file to write the figures to")
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    given = parser.parse_args()
    figures: list[Figure] = []
    found: dict[str, tuple[float, float]] = {}
    print(HEAD, flush=True)
    for one in measure(given):
        if isinstance(one, Figure):
            figures.append(one)
        else:
            found = one
        print(one.row() if isinstance(one, Figure) else table(one), flush=True)
    if given.write:
        old = given.write.read_text(encoding="utf-8") if given.write.exists() else ""
        kept = re.search(r"^## .*", old, re.MULTILINE | re.DOTALL)  # what was tried by hand
        given.write.write_text(page(figures, found, given.note) + (f"\n{kept[0]}" if kept else ""), encoding="utf-8")


if __name__ == "__main__":
    main()
