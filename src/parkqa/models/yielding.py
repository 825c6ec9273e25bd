"""Work in the background that uses the models of a server lets its visitors go first."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

REST = 1.0
"""How long at most visitors are let go first after each piece of work, as a multiple of the time that it took. Chosen
by hand: where they ask without end, half of the time is theirs, and the work still comes to its end."""
_LOOK_SECONDS = 0.02
"""Seconds between two looks at whether visitors are being answered; chosen by hand."""


def let_visitors_first(busy: Callable[[], bool], stop: Event, spent: float) -> None:
    """Wait while ``busy`` tells that visitors are being answered, but not long, and not once ``stop`` is set.

    Args:
        busy: whether any visitor is being answered or waits for it at present.
        stop: set when the work is to be broken off.
        spent: the seconds that the last piece of work took; see REST.
    """
    until = time.monotonic() + REST * spent
    while not stop.is_set() and busy() and time.monotonic() < until:
        stop.wait(_LOOK_SECONDS)
