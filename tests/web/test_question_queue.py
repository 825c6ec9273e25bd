"""The line: in turn, so many at once, and a clear no when it is full."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from parkqa.errors import BadQuestion, Busy
from parkqa.web.serving.question_queue import QuestionQueue

LONG = 20.0


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


def behind(gate: threading.Event, name: int, done: list[int]) -> int:
    assert gate.wait(LONG)
    done.append(name)
    return name


async def crowd(line: QuestionQueue, gate: threading.Event, count: int, done: list[int]) -> list[int | BaseException]:
    """Ask ``count`` at once; open the gate when all who are not taken have been told."""
    tasks = [asyncio.create_task(line.run(behind, gate, name, done)) for name in range(count)]
    await asyncio.sleep(0.05)
    told = [task for task in tasks if task.done()]
    assert all(isinstance(task.exception(), Busy) for task in told)
    gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_who_finds_no_place_is_told_at_once(gate: threading.Event) -> None:
    line, done = QuestionQueue(2, 3), []
    results = asyncio.run(crowd(line, gate, 200, done))
    assert results[:5] == [0, 1, 2, 3, 4]
    assert all(isinstance(result, Busy) for result in results[5:])
    assert "现在人多，请稍候" in str(results[5])
    assert sorted(done) == [0, 1, 2, 3, 4]


def test_first_come_first_served(gate: threading.Event) -> None:
    done: list[int] = []
    assert asyncio.run(crowd(QuestionQueue(1, 9), gate, 10, done)) == [*range(10)]
    assert done == [*range(10)]


def test_so_many_are_answered_side_by_side() -> None:
    together = threading.Barrier(3)
    line = QuestionQueue(3, 0)

    async def ask() -> list[int]:
        return await asyncio.gather(*(line.run(together.wait, LONG) for _ in range(3)))

    assert sorted(asyncio.run(ask())) == [0, 1, 2]


def test_a_place_is_free_again_after_an_error() -> None:
    def fails() -> None:
        raise BadQuestion("请输入问题。", "Please type a question.")

    async def ask(line: QuestionQueue) -> None:
        for _ in range(5):
            with pytest.raises(BadQuestion):
                await line.run(fails)

    asyncio.run(ask(QuestionQueue(1, 0)))


def test_who_gives_up_leaves_the_place_to_others(gate: threading.Event) -> None:
    async def ask(line: QuestionQueue) -> int:
        done: list[int] = []
        first, second = (asyncio.create_task(line.run(behind, gate, name, done)) for name in range(2))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        third = asyncio.create_task(line.run(behind, gate, 2, done))
        await asyncio.sleep(0.01)
        gate.set()
        assert (await first, await third) == (0, 2)
        return len(done)

    assert asyncio.run(ask(QuestionQueue(1, 1))) == 2


def test_closing_waits_for_nobody(gate: threading.Event) -> None:
    async def ask(line: QuestionQueue) -> float:
        tasks = [asyncio.create_task(line.run(behind, gate, name, [])) for name in range(3)]
        await asyncio.sleep(0.01)
        started = time.monotonic()
        line.close()
        taken = time.monotonic() - started
        await asyncio.wait(tasks[1:], timeout=LONG)
        assert [task.cancelled() for task in tasks[1:]] == [True, True]
        gate.set()
        assert await tasks[0] == 0
        return taken

    assert asyncio.run(ask(QuestionQueue(1, 5))) < 1
