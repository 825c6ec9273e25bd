"""How often an address may ask: counted apart by kind and visitor, and free again in time."""

from __future__ import annotations

import asyncio
import time

import pytest

from parkqa.web.middleware.rate_limit import Limiter, too_often


def waits(limiter: Limiter, *asked: tuple[str, str]) -> list[int]:
    async def ask() -> list[int]:
        return [await limiter.wait(kind, address) for kind, address in asked]

    return asyncio.run(ask())


def test_so_many_and_no_more() -> None:
    told = waits(Limiter("3/hour"), *[("ask", "10.0.0.1")] * 6)
    assert told[:3] == [0, 0, 0]
    assert all(1 <= seconds <= 3600 for seconds in told[3:])


def test_each_address_and_each_kind_counts_for_itself() -> None:
    asked = [("ask", "10.0.0.1"), ("ask", "10.0.0.2"), ("look", "10.0.0.1"), ("ask", "10.0.0.1")]
    told = waits(Limiter("1/hour"), *asked)
    assert told[:3] == [0, 0, 0]
    assert told[3] > 0


def test_the_narrowest_of_several_limits_holds() -> None:
    told = waits(Limiter("100/day;2/second"), *[("ask", "10.0.0.1")] * 3)
    assert told == [0, 0, 1]


def test_it_is_free_again_after_the_time_that_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter, now = Limiter("1/minute"), [1_200_010.0]  # ten seconds after the beginning of a minute
    monkeypatch.setattr(time, "time", lambda: now[0])

    async def ask() -> list[int]:
        told = [await limiter.wait("ask", "a") for _ in range(2)]
        for later in (told[1] - 1, 2):
            now[0] += later
            told.append(await limiter.wait("ask", "a"))
        return told

    free, full, sooner, after = asyncio.run(ask())
    assert (free, full, after) == (0, 50, 0)
    assert sooner > 0


def test_without_a_rate_nothing_is_limited() -> None:
    assert waits(Limiter(), *[("ask", "10.0.0.1")] * 100) == [0] * 100


def test_what_is_said_names_the_seconds_in_both_languages() -> None:
    said = too_often(12)
    assert "12 秒" in said.zh and "12 seconds" in said.en
