"""Freed memory is handed back once nothing is going on, and now and then where something always is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parkqa.web.serving import memory_keeper
from parkqa.web.serving.memory_keeper import LONGEST_SECONDS, QUIET_SECONDS, MemoryKeeper


def handed_back(monkeypatch: pytest.MonkeyPatch, works: str) -> list[int]:
    """Return the seconds at which memory is handed back; ``works`` has a letter a second, - where nothing goes on."""
    now = [0]
    back: list[int] = []
    monkeypatch.setattr(memory_keeper, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(memory_keeper, "give_back", lambda: back.append(now[0]))
    keeper = MemoryKeeper(lambda: works[now[0]] != "-")
    for now[0] in range(len(works)):
        keeper.look()
    return back


def test_once_nobody_asks_memory_is_handed_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handed_back(monkeypatch, "w" + "-" * 60) == [QUIET_SECONDS]


def test_who_asks_again_soon_puts_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handed_back(monkeypatch, "w--w--w" + "-" * 60) == [6 + QUIET_SECONDS]


def test_where_nothing_was_done_nothing_is_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handed_back(monkeypatch, "-" * 100) == []


def test_where_somebody_always_asks_it_is_handed_back_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, last = handed_back(monkeypatch, "w" * 100 + "-" * 20)
    assert first == LONGEST_SECONDS
    assert second - first <= LONGEST_SECONDS + 1
    assert last == 99 + QUIET_SECONDS
