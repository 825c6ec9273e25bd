"""A server on PostgreSQL: takes a new build over, says that the database is away, answers again when it is back."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from engines import settings_for
from parkqa.engine import Engine
from parkqa.settings import Settings
from parkqa.store.postgres.connection import database
from paths import TESTS
from programs import serving, variables
from servers import new_database, stopped
from stubs import StubEncoder

pytestmark = pytest.mark.postgres
HERE = TESTS
QUESTION = "食堂的晚饭几点开始？"
LONG = 120.0
"""Seconds that nothing here takes, unless it hangs."""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = settings_for(tmp_path).model_copy(update={"store": new_database()})
    write(made, "五点半")
    yield made
    assert made.store
    database(made.store).close()


def write(settings: Settings, hour: str) -> None:
    (settings.corpus / "食堂.md").write_text(f"# 食堂\n\n食堂的晚饭{hour}开始。\n", encoding="utf-8")


def ask(url: str) -> tuple[int, dict[str, Any]]:
    reply = httpx.post(f"{url}/api/ask", json={"question": QUESTION}, timeout=60)
    return reply.status_code, reply.json()


def says(url: str, words: str) -> None:
    """Wait until the server quotes these words, or gives the fitting error."""
    end = time.monotonic() + LONG
    while words not in (said := str(ask(url))):
        assert time.monotonic() < end, said
        time.sleep(0.1)


def test_it_takes_a_new_build_over_and_outlives_a_database_that_is_away(settings: Settings, tmp_path: Path) -> None:
    assert settings.store
    Engine.build(settings, encoder=StubEncoder())
    given = {"store": settings.store.get_secret_value(), "corpus": settings.corpus, "index": tmp_path / "none"}
    given |= {"port": 0, "journal": "none", "rate": "none"}
    with serving([sys.executable, HERE / "serve_watched.py"], variables(given), tmp_path, "/healthz") as url:
        says(url, "五点半")
        write(settings, "六点")
        Engine.build(settings, encoder=StubEncoder())
        says(url, "六点")
        with stopped():
            status, said = ask(url)
            assert status == 503
            assert said["error"].startswith("资料暂时查不了，请稍后再试。") and "postgresql" not in said["error"]
            ready = httpx.get(f"{url}/readyz", timeout=60).json()
            assert "postgresql" not in str(ready) and "PARKQA_STORE" in ready["index_error"]
            assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
        status, _ = ask(url)
        assert status == 200
        says(url, "六点")
        write(settings, "七点")
        Engine.build(settings, encoder=StubEncoder())
        says(url, "七点")
    assert not (tmp_path / "none").exists()
