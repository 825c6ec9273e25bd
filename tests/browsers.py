"""Chromium, and a page that is watched: what the browser tests share. Servers are in ``programs``."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserType, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as NotYet

from waiting import PATIENCE

expect.set_options(timeout=90_000)  # CI may be slow

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
RESET = 300
"""Quiet seconds at the stand of the tests' shared server: more than a busy machine needs for a look with axe-core."""
BOX = ".pq-first-box #pq-box input, body:not(:has(.pq-first-box)) #pq-box :is(textarea, input)"
"""Gradio's, or the first one as long as that is there: for a moment there are both."""


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


def in_time(page: Page, met: Callable[[], object]) -> None:
    """Wait until something is true that a handler of the page's events may bring about: these run meanwhile."""
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end, "waited in vain"
        page.wait_for_timeout(50)


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


def open_source(page: Page, card: Locator) -> None:
    """Press the link to the source of a card until the panel is there.

    Where the machine is busy, a card may be drawn once more just then, and the press goes past it.
    """
    for _ in range(3):
        card.locator("[data-source]").click()
        with suppress(NotYet):
            page.locator("#pq-source").wait_for(timeout=10_000)
            return
    raise AssertionError("the panel did not open")


def stop_clock(page: Page) -> None:
    """Stop the time of a page whose clock was installed before it was opened; it then goes on by ``run_for`` alone.

    So nothing runs out, such as the quiet time of a stand, however long a busy machine takes. axe-core needs the time.
    """
    page.clock.pause_at(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000 + 1))
