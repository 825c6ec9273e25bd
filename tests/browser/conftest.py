"""What the browser tests share beside the browser: a site of somebody else's, a server, an index of the real model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browsers import RESET, chromium
from programs import stub
from sites import hosting


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all modules, each test with a context of its own; Playwright's event loop is in no other test's way."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a web site whose pages the tests write."""
    with hosting() as url:
        yield url


@pytest.fixture(scope="session")
def base(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the stub encoder that the site may embed, by this name only.

    It has a journal, so that answers can be judged, and no limit of questions, since all come from one address.
    A module whose tests need another server, or count what is recorded, has one of its own.
    """
    folder = tmp_path_factory.mktemp("base")
    given = {"embed_origins": site, "journal": folder / "journal.db", "rate": "none", "event_reset_seconds": RESET}
    with stub(folder, **given) as url:
        yield url
