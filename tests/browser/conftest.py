"""What the browser tests share beside the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sites import hosting


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a web site whose pages the tests write."""
    with hosting() as url:
        yield url
