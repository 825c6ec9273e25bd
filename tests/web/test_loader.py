"""The engine and the chat page are made beside the running server; requests wait for them, and are told of failure."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engines import CORPUS
from parkqa.engine import Engine
from parkqa.errors import Busy, IndexMissing, ParkqaError
from parkqa.settings import load_settings
from parkqa.web.app import create_app
from parkqa.web.serving.loader import DeferredApp, Loader

ENGINE = cast(Engine, SimpleNamespace(documents={}))
LONG = 10.0
"""Seconds that nothing here takes, unless it hangs."""


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a test opens when something may come to its end."""
    event = threading.Event()
    yield event
    event.set()


def behind(gate: threading.Event) -> Callable[[], Engine]:
    def load() -> Engine:
        assert gate.wait(LONG)
        return ENGINE

    return load


def test_while_loading_it_is_busy(gate: threading.Event) -> None:
    loader = Loader(behind(gate))
    with pytest.raises(Busy):
        loader.engine()
    loader.start()
    with pytest.raises(Busy):
        loader.engine(0.01)
    gate.set()
    assert loader.engine(LONG) is ENGINE
    assert loader.engine() is ENGINE


def test_starting_does_not_wait(gate: threading.Event) -> None:
    started = time.monotonic()
    Loader(behind(gate)).start()
    assert time.monotonic() - started < LONG / 2


def test_who_waits_has_the_engine_as_soon_as_it_is_there(gate: threading.Event) -> None:
    loader = Loader(behind(gate))
    loader.start()
    threading.Timer(0.05, gate.set).start()
    assert loader.engine(LONG) is ENGINE


def test_all_who_wait_get_the_same_engine(gate: threading.Event) -> None:
    loader = Loader(behind(gate))
    loader.start()
    got: list[Engine] = []
    waiting = [threading.Thread(target=lambda: got.append(loader.engine(LONG))) for _ in range(5)]
    for thread in waiting:
        thread.start()
    gate.set()
    for thread in waiting:
        thread.join(LONG)
    assert len(got) == 5
    assert all(engine is ENGINE for engine in got)


def test_why_it_could_not_be_loaded_is_kept() -> None:
    loads = []

    def load() -> Engine:
        loads.append(1)
        raise IndexMissing("还没有索引。", "There is no index yet.")

    loader = Loader(load)
    loader.start()
    for wait in (LONG, 0.0, 0.0):
        with pytest.raises(IndexMissing, match="There is no index yet"):
            loader.engine(wait)
    assert loads == [1]


def test_a_reason_that_is_kept_does_not_grow() -> None:
    def load() -> Engine:
        raise IndexMissing("还没有索引。", "There is no index yet.")

    loader = Loader(load)
    loader.start()
    depths = []
    for _ in range(3):
        with pytest.raises(IndexMissing) as caught:
            loader.engine(LONG)
        depths.append(len(caught.traceback))
    assert depths == [depths[0]] * 3


@pytest.mark.parametrize("error", [RuntimeError("secret"), KeyError("secret"), OSError(13, "secret"), MemoryError()])
def test_an_unexpected_error_is_a_sentence_for_visitors_and_its_text_is_in_the_log(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def load() -> Engine:
        raise error

    loader = Loader(load)
    loader.start()
    with pytest.raises(ParkqaError) as caught:
        loader.engine(LONG)
    assert not isinstance(caught.value, Busy)
    assert "secret" not in str(caught.value)
    assert not re.search(r"日志|\blog\b", str(caught.value)), "a visitor cannot look there"
    assert "工作人员" in caught.value.zh
    assert "staff" in caught.value.en
    assert repr(error) in repr([record.exc_info and record.exc_info[1] for record in caplog.records])


def test_a_server_is_well_before_its_engine_and_ready_after(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parkqa.web.pages.chat", SimpleNamespace(app=lambda *_, **__: FastAPI()), raising=False)
    with TestClient(create_app(load_settings(corpus=CORPUS), behind(gate))) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        gate.set()
        end = time.monotonic() + LONG
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < end


def test_while_the_page_is_made_unknown_addresses_are_told_at_once(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(*_: object, **__: object) -> FastAPI:
        assert gate.wait(LONG)
        return FastAPI()

    monkeypatch.setattr("parkqa.web.pages.chat", SimpleNamespace(app=make), raising=False)
    started = time.monotonic()
    with TestClient(create_app(load_settings(corpus=CORPUS), lambda: ENGINE)) as client:
        for address in ("/nothing", "/chat/nothing", "/chatter"):
            reply = client.get(address)
            assert reply.status_code == 404
            assert list(reply.json()) == ["error"]
        assert client.get("/api/ask").status_code == 405
        gate.set()
    assert time.monotonic() - started < LONG


class Page:
    """Makes an app, when the gate is open, that tells what becomes of it."""

    def __init__(self, gate: threading.Event, error: Exception | None = None) -> None:
        self.told: list[str] = []
        self.thread: threading.Thread | None = None
        self._gate = gate
        self._error = error

    def make(self) -> FastAPI:
        self.thread = threading.current_thread()
        assert self._gate.wait(LONG)
        if self._error:
            raise self._error
        app = FastAPI(lifespan=self._lifespan)

        @app.get("/chat/")
        async def chat() -> str:
            self.told.append("asked")
            return "here"

        return app

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        self.told.append("entered")
        yield
        self.told.append("left")


async def get(later: DeferredApp) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(later), base_url="http://park") as client:
        return await asyncio.wait_for(client.get("/chat/"), LONG)


def test_requests_wait_until_the_app_is_made(gate: threading.Event) -> None:
    page = Page(gate)

    async def run() -> list[int]:
        later = DeferredApp(page.make)
        async with later.running():
            waiting = [asyncio.create_task(get(later)) for _ in range(3)]
            await asyncio.sleep(0.05)
            assert not any(request.done() for request in waiting)
            gate.set()
            first = [(await request).status_code for request in waiting]
            return [*first, (await get(later)).status_code]

    assert asyncio.run(run()) == [200] * 4
    assert page.told == ["entered", *["asked"] * 4, "left"]
    assert page.thread is not threading.main_thread()


def test_a_visitor_who_gives_up_takes_nobody_along(gate: threading.Event) -> None:
    page = Page(gate)

    async def run() -> int:
        later = DeferredApp(page.make)
        async with later.running():
            impatient, patient = asyncio.create_task(get(later)), asyncio.create_task(get(later))
            await asyncio.sleep(0.05)
            impatient.cancel()
            with pytest.raises(asyncio.CancelledError):
                await impatient
            gate.set()
            return (await patient).status_code

    assert asyncio.run(run()) == 200


def test_a_server_that_stops_before_the_app_is_made_leaves_nothing_open(gate: threading.Event) -> None:
    page = Page(gate)

    async def run() -> None:
        async with DeferredApp(page.make).running():
            threading.Timer(0.05, gate.set).start()

    asyncio.run(run())
    assert page.told in ([], ["entered", "left"])


def test_an_app_that_cannot_be_made_hangs_nobody(gate: threading.Event) -> None:
    page = Page(gate, RuntimeError("secret"))

    async def run() -> None:
        later = DeferredApp(page.make)
        async with later.running():
            waiting = asyncio.create_task(get(later))
            await asyncio.sleep(0.05)
            gate.set()
            with pytest.raises(RuntimeError):
                await waiting
            with pytest.raises(RuntimeError):
                await get(later)

    asyncio.run(run())


def test_an_app_that_cannot_start_hangs_nobody() -> None:
    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError("secret")
        yield

    async def run() -> None:
        later = DeferredApp(lambda: FastAPI(lifespan=broken))
        async with later.running():
            with pytest.raises(RuntimeError):
                await get(later)

    asyncio.run(run())


def test_visitors_of_a_page_that_cannot_be_made_are_told_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(*_: object) -> FastAPI:
        raise RuntimeError("secret")

    monkeypatch.setattr("parkqa.web.pages.chat", SimpleNamespace(app=make), raising=False)
    with TestClient(create_app(load_settings(corpus=CORPUS), lambda: ENGINE)) as client:
        reply = client.get("/chat/")
        assert client.get("/healthz").status_code == 200
    assert reply.status_code == 500
    assert list(reply.json()) == ["error"]
    assert "secret" not in reply.text
