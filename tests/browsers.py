"""Chromium, a server of its own process, and a page that is watched: what the browser tests share."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=30_000)  # CI may be slow

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE = 180
"""Seconds that a server may take to get ready."""
BOX = "#pq-box textarea"


@dataclass
class Seen:
    """What a page did that it should not: requests to other hosts, lines in the console."""

    elsewhere: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or Chrome."""
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    assert program, "Chromium is missing: sudo apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


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


@contextmanager
def watched(browser: Browser, size: Any, **options: Any) -> Iterator[tuple[Page, Seen]]:
    """Open a page that notes what stands in its console."""
    seen = Seen()
    with browser.new_context(viewport=size, **({"locale": "zh-CN"} | options)) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda line: seen.console.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        yield page, seen
