"""What the tests of reading files share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from parkqa.corpus import reading
from parkqa.corpus.processes import Helpers, Readers


@pytest.fixture(scope="module")
def kept_readers() -> Iterator[None]:
    """Have one pair of child processes read for all tests of a module, as it does for all files of a corpus.

    Whoever starts them anew for each test pays half a second each time. Not for tests of the processes themselves.
    """
    with Readers() as kept, pytest.MonkeyPatch.context() as patch:

        def readers(helpers: Helpers) -> AbstractContextManager[Readers]:
            return nullcontext(kept) if helpers == Helpers() else Readers(helpers)

        patch.setattr(reading, "Readers", readers)
        yield
