"""Whenever the desk is killed, nothing that it acknowledged is lost, and visitors have the old or the new."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from desk_killed import CHECKS, Case, results_in
from indexes import MEMORY


@pytest.fixture(scope="module")
def results() -> dict[str, list[Case]]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return results_in(Path(folder))


@pytest.mark.slow
@pytest.mark.skipif(MEMORY is None, reason="there is no kill -9 on this system")
@pytest.mark.parametrize("work", CHECKS)
def test_killed_at_every_step(results: dict[str, list[Case]], work: str) -> None:
    CHECKS[work](results[work])
