"""What all tests share: the developer's own settings do not reach them, and a busy machine fails none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from parkqa.engine import Engine

KEPT = {"PARKQA_MODELS", "PARKQA_THREADS"}
"""Where the converted models lie and how many threads they take: these change no answer."""

for name in [name for name in os.environ if name.startswith("PARKQA_") and name not in KEPT]:
    del os.environ[name]
# No test writes into the journal of the person who runs it; the processes that tests start neither.
os.environ["PARKQA_JOURNAL"] = "none"
# Scans are recognised only where a test wants it: a page takes seconds.
os.environ["PARKQA_OCR"] = "off"
# Nor does one ask a hub for a model.
os.environ["HF_HUB_OFFLINE"] = "1"

# The same examples each time, however busy the machine; HYPOTHESIS=search looks for new ones.
settings.register_profile(
    "parkqa", settings(), deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", settings(), deadline=None)
settings.load_profile("search" if os.environ.get("HYPOTHESIS") == "search" else "parkqa")


@pytest.fixture(scope="session", autouse=True)
def _kept_workers() -> Iterator[None]:
    from kept_workers import kept

    with kept():
        yield


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine over the real corpus with the stub encoder, for tests that change nothing in it."""
    from engines import stub_engine

    return stub_engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="session")
def real_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the real corpus with the real models, which takes half a minute; whoever changes it takes a copy.

    It is built once for all processes of a run, whose folders lie side by side.
    """
    from filelock import FileLock

    from paths import CORPUS

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    index = shared / "real-index"
    with FileLock(shared / "real-index.lock"):
        if not index.exists():
            program = Path(sys.executable).with_name("parkqa")
            subprocess.run([program, "build", "--corpus", CORPUS, "--index", index], check=True, capture_output=True)
    return index


@pytest.fixture(scope="session")
def real_engine(real_index: Path) -> Engine:
    """An engine over the real corpus with the real models, for tests that change nothing in it."""
    from engines import CORPUS
    from parkqa.engine import Engine
    from parkqa.settings import load_settings

    return Engine.open(load_settings(corpus=CORPUS, index=real_index))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from browsers import chromium  # Not where there is no Playwright.

    with chromium() as launched:
        yield launched
