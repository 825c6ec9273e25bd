"""A command that is told to end (SIGTERM: kill, timeout, systemd) ends as after Ctrl+C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
"""Exit status of a command that was told to end, as shells give it."""


@contextmanager
def stopping() -> Iterator[None]:
    """Have a SIGTERM raise SystemExit within the block: its child processes are ended, its folders deleted."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(TERMINATED)
