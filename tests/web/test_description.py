"""schemathesis tries what the OpenAPI description says of the API, and what it rules out, on a running server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stub_server import started

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 15
"""Requests of each kind an operation; with them it takes half a minute on a quiet machine."""


def test_whatever_the_description_allows_is_answered_and_what_it_rules_out_is_refused(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        options = ["--max-examples", str(EXAMPLES), "--seed", "1", "--suppress-health-check", "all", "--no-color"]
        done = subprocess.run(
            [PROGRAM, "run", f"{server.url}/api/openapi.json", *options],
            cwd=tmp_path,  # it leaves folders behind
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout and "Tested: 3" in done.stdout, done.stdout
    assert "Traceback" not in "".join(server.log)
