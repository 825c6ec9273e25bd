"""Where the seconds of a question go: each counts once, for the innermost stage, in its own thread."""

from __future__ import annotations

import threading

import pytest

from parkqa.search import stages
from parkqa.search.stages import measured, stage


class Clock:
    """A clock that stands still but for ``wait``."""

    now = 100.0

    def perf_counter(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(stages, "time", made)
    return made


def test_what_is_within_another_stage_counts_for_itself_alone(clock: Clock) -> None:
    with measured() as spent:
        with stage("search"):
            clock.wait(1)
            with stage("rerank"):
                clock.wait(10)
            clock.wait(2)
        clock.wait(100)
        with stage("search"):
            clock.wait(4)
    assert spent == {"search": 7.0, "rerank": 10.0}


def test_after_an_error_the_stage_has_ended(clock: Clock) -> None:
    with measured() as spent:
        with pytest.raises(ValueError, match="broken"), stage("rerank"):
            clock.wait(1)
            raise ValueError("broken")
        clock.wait(5)
        with stage("quote"):
            clock.wait(2)
    with stage("quote"):
        clock.wait(3)
    assert spent == {"rerank": 1.0, "quote": 2.0}


def test_what_another_thread_does_is_not_counted(clock: Clock) -> None:
    def elsewhere() -> None:
        with stage("search"):
            clock.wait(1)

    with measured() as spent:
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    assert spent == {}
