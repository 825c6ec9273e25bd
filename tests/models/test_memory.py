"""Memory that is free goes back to the system where the C library can do so, and nothing happens elsewhere."""

from __future__ import annotations

import ctypes

import pytest

from parkqa.models.memory import give_back


def test_the_c_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: type("C", (), {"malloc_trim": staticmethod(asked.append)}))
    give_back()
    assert asked == [0]


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    give_back()
