"""Memory that is free goes back to the system where the C library can do so; loads are not searched for garbage."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Iterator

import pytest

from parkqa.models.memory import give_back, without_collections


def test_the_c_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: type("C", (), {"malloc_trim": staticmethod(asked.append)}))
    give_back()
    assert asked == [0]


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    give_back()


@pytest.fixture
def collector() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_the_collector_rests_until_the_last_load_is_done() -> None:
    with without_collections:
        without_collections.__enter__()  # by a second thread
    assert not gc.isenabled()
    without_collections.__exit__()
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_a_load_that_fails_starts_it_again() -> None:
    with pytest.raises(ValueError), without_collections:
        raise ValueError
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    with without_collections:
        pass
    assert not gc.isenabled()


def test_what_was_made_is_old_but_still_collected() -> None:
    with without_collections:
        made = Ring()
    young = {id(thing) for generation in (0, 1) for thing in gc.get_objects(generation)}
    assert id(made) not in young
    assert gc.get_freeze_count() == 0
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None


class Ring:
    """Refers to itself: only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self
