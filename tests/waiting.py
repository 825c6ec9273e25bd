"""Waiting for what is to happen: as long as it takes, within a limit that only what never happens reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 180.0
"""Seconds. A machine may be busy: a limit that is close to what something usually takes fails now and then."""


def until(met: Callable[[], T], pause: float = 0.02) -> T:
    """Ask again and again, with a ``pause`` in seconds; return the first answer that is true."""
    end = time.monotonic() + PATIENCE
    while not (found := met()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)
    return found
