"""Whenever the desk is killed, nothing that it acknowledged is lost, and visitors have the old or the new."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

import pytest

from desks import LINE, RENT
from indexes import MEMORY
from paths import TESTS

FOOD = "# 食堂\n\n食堂中午11点开饭。\n"
RISEN = RENT.replace("20", "25")
OLD, NEW = {"班车.md": LINE, "租金.md": RENT}, {"租金.md": RISEN, "食堂.md": FOOD}


@pytest.fixture(scope="module")
def results() -> dict[str, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        program = [sys.executable, str(TESTS / "desk_killed.py"), folder]
        run = subprocess.run(program, capture_output=True, text=True, encoding="utf-8", check=True)
    found: dict[str, list[dict[str, Any]]] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.skipif(MEMORY is None, reason="there is no kill -9 on this system")
def test_uploads(results: dict[str, list[dict[str, Any]]]) -> None:
    cases = results["uploads"]
    assert len(cases) > 20
    assert not cases[-1]["died"]
    for case in cases:
        assert (case["corpus"], case["live"].keys()) == (OLD, OLD.keys())
        kept = case["draft"]
        assert kept in ({}, {"食堂.md": FOOD}, {"食堂.md": FOOD, "租金.md": RISEN})
        assert ("added" in case["said"]) <= ("食堂.md" in kept)
        assert ("replaced" in case["said"]) <= ("租金.md" in kept)


@pytest.mark.slow
@pytest.mark.skipif(MEMORY is None, reason="there is no kill -9 on this system")
def test_publishing_and_going_back(results: dict[str, list[dict[str, Any]]]) -> None:
    cases = results["publication"]
    assert len(cases) > 20
    assert not cases[-1]["died"]
    stages = []
    for case in cases:
        new = case["corpus"] == NEW
        assert new or case["corpus"] == OLD
        assert case["live"].keys() == (NEW if new else OLD).keys(), case
        assert "begun" not in case["publications"]
        assert (case["publications"] == []) == bool(case["draft"])
        if "taken_back" in case["said"]:
            assert not new
        elif "published" not in case["said"]:
            assert new == bool(case["publications"])
        stages.append((bool(case["publications"]), new))
    assert set(stages) == {(False, False), (True, True), (True, False)}
