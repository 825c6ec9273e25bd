"""A server of the real corpus with the stub encoder in a process of its own, whose log is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx

from paths import TESTS

PATIENCE = 300
"""Seconds that a server on a busy machine may take to get ready."""


@dataclass(frozen=True)
class StubServer:
    """The process, its address, and the lines that it has logged so far."""

    process: subprocess.Popen[str]
    url: str
    log: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def started(folder: Path, program: Sequence[str | Path] = (), **settings: object) -> Iterator[StubServer]:
    """Run ``program``, by default ``serve_stub.py``, without journal and rate; give it once it is ready."""
    given = {"journal": "none", "rate": "none"} | settings
    environment = os.environ | {f"PARKQA_{name.upper()}": str(value) for name, value in given.items()}
    command = [sys.executable, *(program or [TESTS / "serve_stub.py", folder])]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stderr is not None
            url = next(found[0] for line in process.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            server = StubServer(process, url)
            reading = Thread(target=server.log.extend, args=(process.stderr,), daemon=True)
            reading.start()
            httpx.get(f"{url}/chat/", timeout=PATIENCE).raise_for_status()
            while not httpx.get(f"{url}/readyz", timeout=PATIENCE).is_success:
                time.sleep(0.1)
            yield server
        finally:
            process.kill()
            process.wait()
            reading.join(10)
