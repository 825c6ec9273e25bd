"""Calls of many threads in few rounds: each gets its own results, errors and all, and nobody waits for company."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from parkqa.models.batching import Batcher
from waiting import until


class Doubler:
    """Doubles numbers; a negative one is an error. The first round waits until it is let go."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.go = threading.Event()

    def __call__(self, items: list[int]) -> list[int]:
        self.rounds.append(items)
        if len(self.rounds) == 1:
            assert self.go.wait(60)
        if min(items, default=0) < 0:
            raise ValueError(f"negative: {items}")
        return [2 * item for item in items]


def crowd(together: Batcher[int, int], work: Doubler, calls: Sequence[list[int]]) -> list[list[int] | Exception]:
    """Begin a round with the first call, let the others queue up in order behind it, then let it go."""
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(together, calls[0])]
        until(lambda: len(work.rounds) == 1)
        for place, call in enumerate(calls[1:], 1):
            futures.append(pool.submit(together, call))
            until(lambda place=place: len(together._waiting) == place)
        work.go.set()
        errors = [future.exception(timeout=60) for future in futures]
        return [error or future.result() for error, future in zip(errors, futures, strict=True)]


def test_who_comes_during_a_round_is_taken_along_in_the_next() -> None:
    work = Doubler()
    assert crowd(Batcher(work, most=8), work, [[1], [2, 3], [4], [5, 6]]) == [[2], [4, 6], [8], [10, 12]]
    assert work.rounds == [[1], [2, 3, 4, 5, 6]]


def test_a_round_holds_at_most_so_many_and_splits_nobody() -> None:
    work = Doubler()
    calls = [[1], [2, 3], [4, 5], [6, 7, 8, 9, 10], [11]]
    assert crowd(Batcher(work, most=4), work, calls) == [[2 * item for item in call] for call in calls]
    assert work.rounds == [[1], [2, 3, 4, 5], [6, 7, 8, 9, 10], [11]]


def test_an_error_is_raised_for_the_caller_who_made_it_and_for_no_other() -> None:
    work = Doubler()
    first, second, third, fourth = crowd(Batcher(work, most=8), work, [[1], [2], [-3], [4]])
    assert (first, second, fourth) == ([2], [4], [8])
    assert isinstance(third, ValueError)
    assert str(third) == "negative: [-3]"


def test_after_an_error_it_goes_on() -> None:
    work = Doubler()
    work.go.set()
    together = Batcher(work, most=8)
    with pytest.raises(ValueError, match="negative"):
        together([-1])
    assert together([5]) == [10]


def test_an_interrupted_round_leaves_nobody_waiting() -> None:
    entered, go = threading.Event(), threading.Event()

    def work(items: list[int]) -> list[int]:
        entered.set()
        assert go.wait(60)
        if 1 in items:
            raise KeyboardInterrupt
        return items

    together = Batcher(work, most=8)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together, [1])
        assert entered.wait(60)
        second = pool.submit(together, [2])
        until(lambda: len(together._waiting) == 1)
        go.set()
        assert isinstance(first.exception(timeout=60), KeyboardInterrupt)
        assert second.result(timeout=60) == [2]


def test_nothing_asked_is_nothing_given() -> None:
    work = Doubler()
    work.go.set()
    assert Batcher(work, most=8)([]) == []


def test_one_alone_is_not_delayed() -> None:
    together = Batcher(lambda items: items, most=8)
    taken = []
    for number in range(200):
        started = time.perf_counter()
        assert together([number]) == [number]
        taken.append(time.perf_counter() - started)
    assert sorted(taken)[100] < 0.001


def test_many_threads_each_get_their_own() -> None:
    together = Batcher(lambda items: [-item for item in items], most=16)

    def ask(number: int) -> bool:
        return together([number, number + 1]) == [-number, -number - 1]

    with ThreadPoolExecutor(32) as pool:
        assert all(pool.map(ask, range(2000)))
