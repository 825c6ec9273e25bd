"""That memory ran out is said in a sentence, in whatever way a library says so."""

from __future__ import annotations

import pytest

from parkqa.errors import OutOfMemory, enough_memory


def test_memory_that_ran_out_is_told_however_a_library_hides_it() -> None:
    with pytest.raises(OutOfMemory), enough_memory():
        try:
            raise ImportError("library.so: failed to map segment from shared object")
        except ImportError:
            raise ImportError("no such module") from None
    with pytest.raises(ImportError, match="no such module"), enough_memory():
        raise ImportError("no such module")
