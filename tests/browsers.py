"""Chromium, a server of its own process, and a page that is watched: what the browser tests share."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, BrowserType, Locator, Page, expect, sync_playwright

from engines import CORPUS

expect.set_options(timeout=30_000)  # CI may be slow

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE = 600
"""Seconds that a server may take to get ready: to build the index takes half a minute, or many on a busy machine."""
RESET = 300
"""Quiet seconds at the stand of the tests' shared server: more than a busy machine needs for a look with axe-core."""
BOX = ".pq-first-box #pq-box input, body:not(:has(.pq-first-box)) #pq-box :is(textarea, input)"
"""Gradio's, or the first one as long as that is there: for a moment there are both."""
PROGRAM = Path(sys.executable).with_name("parkqa")


@dataclass
class Seen:
    """What a page did that it should not: requests to elsewhere, lines in the console."""

    elsewhere: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or Chrome."""
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        yield browser
        browser.close()


def launched(kind: BrowserType, *more: str) -> Browser:
    """One with ``more`` flags."""
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    assert program, "Chromium is missing: sudo apt-get install chromium fonts-noto-cjk"
    return kind.launch(executable_path=program, args=[*FLAGS, *more])


@contextmanager
def serving(program: Sequence[str | Path], settings: Mapping[str, str], folder: Path, probe: str) -> Iterator[str]:
    """Run a server in ``folder``; give its address, which it prints, once the path ``probe`` answers."""
    with subprocess.Popen(
        program, env=os.environ | settings, cwd=folder, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as server:
        assert server.stderr is not None
        url = next((found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line))), "")
        # Read on, or a talkative server stands still when the pipe is full.
        Thread(target=server.stderr.read, daemon=True).start()
        try:
            _wait(f"{url}{probe}")
            yield url
        finally:
            server.terminate()


def _wait(url: str) -> None:
    """Ask until the answer is a good one."""
    until = time.monotonic() + PATIENCE
    while not (answer := httpx.get(url, timeout=PATIENCE)).is_success:
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)


def real(folder: Path, *options: str, probe: str = "/readyz", **settings: object) -> AbstractContextManager[str]:
    """``parkqa serve`` with the real corpus and model; the index and the journal are kept in ``folder``."""
    given = {"port": 0, "corpus": CORPUS, "index": folder / "index", "journal": folder / "journal.db"}
    return serving([PROGRAM, "serve", *options], variables(given | settings), folder, probe)


def stub(folder: Path, **settings: object) -> AbstractContextManager[str]:
    """A server of the real corpus with the stub encoder."""
    program = [sys.executable, Path(__file__).with_name("serve_stub.py"), folder]
    return serving(program, variables({"journal": "none"} | settings), folder, "/chat/")


def variables(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings as the environment has them."""
    return {f"PARKQA_{name.upper()}": str(value) for name, value in settings.items()}


@contextmanager
def watched(browser: Browser, size: Any, home: str = "", **options: Any) -> Iterator[tuple[Page, Seen]]:
    """Open a page that notes what stands in its console, and what is asked elsewhere than below ``home``."""
    seen = Seen()
    with browser.new_context(viewport=size, **({"locale": "zh-CN"} | options)) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda line: seen.console.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        page.on("request", lambda request: _note(request.url, home, seen))
        yield page, seen


def _note(url: str, home: str, seen: Seen) -> None:
    if home and urlsplit(url).scheme in ("http", "https", "ws", "wss") and not url.startswith(f"{home}/"):
        seen.elsewhere.append(url)


def ask(page: Page, question: str) -> Locator:
    """Type a question, press Enter; return its turn once it is answered."""
    turns = page.locator(".pq-turn")
    before = turns.count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    turn = turns.nth(before)
    turn.wait_for()
    expect(turn).not_to_have_class(re.compile("pq-waiting"))
    return turn


def stop_clock(page: Page) -> None:
    """Stop the time of a page whose clock was installed before it was opened; it then goes on by ``run_for`` alone.

    So nothing runs out, such as the quiet time of a stand, however long a busy machine takes. axe-core needs the time.
    """
    page.clock.pause_at(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000 + 1))
