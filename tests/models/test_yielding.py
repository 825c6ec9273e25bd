"""Who works in the background waits for visitors, but not without end."""

from __future__ import annotations

import time
from threading import Event

from parkqa.models.yielding import let_visitors_first


def waited(busy: list[bool], spent: float, stop: Event | None = None) -> float:
    """Seconds; ``busy`` is what is told at one look after the other, the last for ever."""
    began = time.monotonic()
    let_visitors_first(lambda: busy.pop(0) if len(busy) > 1 else busy[0], stop or Event(), spent)
    return time.monotonic() - began


def test_it_goes_on_as_soon_as_nobody_is_answered() -> None:
    assert waited([False], 60.0) < 1
    assert 0.04 <= waited([True, True, False], 60.0) < 10


def test_it_waits_no_longer_than_the_work_took() -> None:
    assert 0.1 <= waited([True], 0.1) < 10


def test_a_server_that_stops_is_not_kept() -> None:
    stop = Event()
    stop.set()
    assert waited([True], 60.0, stop) < 1
