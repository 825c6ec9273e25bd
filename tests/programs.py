"""Servers in processes of their own, for tests in a browser and others; nothing here needs Playwright."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread

import httpx

from engines import CORPUS

PROGRAM = Path(sys.executable).with_name("parkqa")
READY = 600
"""Seconds that a server may take to get ready: to build the index takes half a minute, or many on a busy machine."""


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
    end = time.monotonic() + READY
    while not (answer := httpx.get(url, timeout=READY)).is_success:
        assert time.monotonic() < end, answer.text
        time.sleep(0.2)


def real(folder: Path, *options: str, probe: str = "/readyz", **settings: object) -> AbstractContextManager[str]:
    """``parkqa serve`` with the real corpus and model; the index and the journal are kept in ``folder``."""
    given = {"port": 0, "corpus": CORPUS, "index": folder / "index", "journal": folder / "journal.db"}
    return serving([PROGRAM, "serve", *options], variables(given | settings), folder, probe)


def stub(folder: Path, **settings: object) -> AbstractContextManager[str]:
    """A server of the real corpus with the stub encoder."""
    program = [sys.executable, Path(__file__).with_name("serve_stub.py"), folder]
    return serving(program, variables({"journal": "none"} | settings), folder, "/readyz")


def variables(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings as the environment has them."""
    return {f"PARKQA_{name.upper()}": str(value) for name, value in settings.items()}
