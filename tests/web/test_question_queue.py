"""The line: visitors in turn, so many at once, a clear no when it is full, and nothing for who has left."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from parkqa.errors import BadQuestion, Busy
from parkqa.web.serving.question_queue import QuestionQueue

LONG = 120.0


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


def behind(gate: threading.Event, name: int, done: list[int]) -> int:
    assert gate.wait(LONG)
    done.append(name)
    return name


async def crowd(line: QuestionQueue, gate: threading.Event, count: int, done: list[int]) -> list[int | BaseException]:
    """Ask ``count`` at once; open the gate when all who are not taken have been told."""
    tasks = [asyncio.create_task(line.run("a", behind, gate, name, done)) for name in range(count)]
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
        return await asyncio.gather(*(line.run("a", together.wait, LONG) for _ in range(3)))

    assert sorted(asyncio.run(ask())) == [0, 1, 2]


def test_a_place_is_free_again_after_an_error() -> None:
    def fails() -> None:
        raise BadQuestion("请输入问题。", "Please type a question.")

    async def ask(line: QuestionQueue) -> None:
        for _ in range(5):
            with pytest.raises(BadQuestion):
                await line.run("a", fails)

    asyncio.run(ask(QuestionQueue(1, 0)))


def test_who_gives_up_leaves_the_place_to_others(gate: threading.Event) -> None:
    async def ask(line: QuestionQueue) -> int:
        done: list[int] = []
        first, second = (asyncio.create_task(line.run("a", behind, gate, name, done)) for name in range(2))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        third = asyncio.create_task(line.run("a", behind, gate, 2, done))
        await asyncio.sleep(0.01)
        gate.set()
        assert (await first, await third) == (0, 2)
        return len(done)

    assert asyncio.run(ask(QuestionQueue(1, 1))) == 2


def test_a_turn_that_comes_at_the_moment_of_giving_up_goes_to_the_next(gate: threading.Event) -> None:
    wrong: list[dict[str, object]] = []

    async def ask(line: QuestionQueue) -> int:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
        done: list[int] = []
        running, leaver, next_ = (asyncio.create_task(line.run("a", behind, gate, name, done)) for name in range(3))
        await asyncio.sleep(0.05)
        gate.set()
        time.sleep(0.1)  # the loop stands still: that the worker is free waits in it, before the news of who gives up
        leaver.cancel()
        assert await running == 0
        assert isinstance(*await asyncio.gather(leaver, return_exceptions=True), asyncio.CancelledError)
        return await asyncio.wait_for(next_, LONG)

    assert asyncio.run(ask(QuestionQueue(1, 2))) == 2
    assert not wrong


def test_closing_waits_for_nobody(gate: threading.Event) -> None:
    async def ask(line: QuestionQueue) -> float:
        tasks = [asyncio.create_task(line.run("a", behind, gate, name, [])) for name in range(3)]
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


async def line_up(line: QuestionQueue, gate: threading.Event, done: list[int], who: str) -> list[int | BaseException]:
    """Have visitors ask in this order, one letter each; open the gate when all stand in the line or were told."""
    tasks = []
    for name, visitor in enumerate(who):
        tasks.append(asyncio.create_task(line.run(visitor, behind, gate, name, done)))
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_turns_go_round_among_visitors(gate: threading.Event) -> None:
    done: list[int] = []
    asyncio.run(line_up(QuestionQueue(1, 9), gate, done, "aaaaabcb"))
    assert done == [0, 1, 5, 6, 2, 7, 3, 4]


def test_a_full_line_makes_room_for_who_has_less_in_it(gate: threading.Event) -> None:
    done: list[int] = []
    results = asyncio.run(line_up(QuestionQueue(1, 5), gate, done, "aaaaaabcd"))
    busy = [name for name, result in enumerate(results) if isinstance(result, Busy)]
    assert busy == [3, 4, 5], "the newest of the one who has the most"
    assert sorted(done) == [0, 1, 2, 6, 7, 8]


def test_nobody_is_sent_away_for_who_has_as_much(gate: threading.Event) -> None:
    results = asyncio.run(line_up(QuestionQueue(1, 3), gate, [], "aabba"))
    assert [isinstance(result, Busy) for result in results] == [False] * 4 + [True]


def test_many_of_one_address_have_all_places_when_nobody_else_is_there(gate: threading.Event) -> None:
    results = asyncio.run(line_up(QuestionQueue(2, 4), gate, [], "aaaaaaa"))
    assert [isinstance(result, Busy) for result in results] == [False] * 6 + [True]


def most_at_once(visitors: str, together: int) -> int:
    """How many questions of "a" are worked on side by side, of four workers; each waits until there are so many."""
    running, most, lock, gathered = 0, 0, threading.Lock(), threading.Barrier(together)

    def work(visitor: str) -> None:
        nonlocal running, most
        if visitor == "a":
            with lock:
                running += 1
                most = max(most, running)
            gathered.wait(LONG)
            time.sleep(0.02)
        if visitor == "a":
            with lock:
                running -= 1

    async def ask() -> None:
        line = QuestionQueue(4, 40)
        await asyncio.gather(*(line.run(visitor, work, visitor) for visitor in visitors))

    asyncio.run(ask())
    return most


def test_beside_others_a_visitor_has_half_of_the_workers() -> None:
    assert most_at_once("a" * 20, 4) == 4
    assert most_at_once("b" + "a" * 20, 2) == 2


def hung_up() -> tuple[Request, asyncio.Event]:
    """A request of somebody who hangs up when the event is set."""
    hangs_up = asyncio.Event()

    async def receive() -> Message:
        await hangs_up.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "client": ("192.0.2.1", 5), "headers": []}, receive), hangs_up


def test_what_is_asked_by_who_has_left_is_not_computed(gate: threading.Event) -> None:
    async def ask(line: QuestionQueue, done: list[int]) -> int:
        first = asyncio.create_task(line.run("a", behind, gate, 0, done))
        request, hangs_up = hung_up()
        second = asyncio.create_task(line.ask(request, behind, gate, 1, done))
        await asyncio.sleep(0.01)
        hangs_up.set()
        with pytest.raises(ClientDisconnect):
            await second
        third = asyncio.create_task(line.run("b", behind, gate, 2, done))  # finds the place free
        gate.set()
        assert await first == 0
        return await third

    done: list[int] = []
    assert asyncio.run(ask(QuestionQueue(1, 1), done)) == 2
    assert done == [0, 2]


def test_who_leaves_while_it_is_computed_keeps_the_worker_till_the_end(gate: threading.Event) -> None:
    async def ask(line: QuestionQueue, done: list[int]) -> int:
        request, hangs_up = hung_up()
        first = asyncio.create_task(line.ask(request, behind, gate, 0, done))
        await asyncio.sleep(0.05)
        hangs_up.set()
        with pytest.raises(ClientDisconnect):
            await first
        with pytest.raises(Busy):
            await line.run("b", behind, gate, 1, done)
        gate.set()
        async with asyncio.timeout(LONG):
            while True:  # the worker is free a moment after it has finished
                with suppress(Busy):
                    return await line.run("b", behind, gate, 2, done)
                await asyncio.sleep(0.01)

    assert asyncio.run(ask(QuestionQueue(1, 0), [])) == 2


def test_an_answer_that_is_there_is_given() -> None:
    async def ask() -> int:
        request, _ = hung_up()
        return await QuestionQueue(1, 0).ask(request, len, "abc")

    assert asyncio.run(ask()) == 3
