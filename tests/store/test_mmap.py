"""Arrays as they lie on disk: what is about to be read is fetched, and let go of."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from parkqa.store.local import mmap as mapped

ROWS, WIDTH = 5000, 384


class Told:
    """Stands for a mapping: keeps what the system is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, ...]] = []

    def madvise(self, *told: int) -> None:
        self.calls.append(told)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mapped, "READ", 0)
    np.save(tmp_path / "rows.npy", (np.arange(ROWS * WIDTH) % 1999).astype(np.float16).reshape(ROWS, WIDTH))
    return tmp_path / "rows.npy"


def test_whole_pages_around_the_rows_are_fetched_and_let_go(file: Path) -> None:
    array, stretches, told = mapped.load_array(file), [(0, 1), (7, 9), (ROWS - 1, ROWS)], Told()
    with mapped.prefetched(array, stretches):  # the system takes it
        assert array[ROWS - 1, 0] == (ROWS - 1) * WIDTH % 1999
    assert array[7, 1] == (7 * WIDTH + 1) % 1999
    array.base._mmap = told  # type: ignore[union-attr]
    with mapped.prefetched(array, stretches):
        assert len(told.calls) == len(stretches)
    raw = file.read_bytes()
    for (first, after), (advice, start, length) in zip(stretches, told.calls[:-1], strict=True):
        assert advice == mmap.MADV_WILLNEED
        assert start % mmap.PAGESIZE == 0
        assert array[first:after].tobytes() in raw[start : start + length]
        assert raw[start + length - WIDTH * 2 : start + length] == array[after - 1].tobytes(), "no further than wanted"
    assert told.calls[-1] == (mmap.MADV_DONTNEED,)


def test_what_was_looked_at_is_no_longer_this_process_memory(file: Path) -> None:
    array = mapped.load_array(file)
    with mapped.prefetched(array, [(0, ROWS)]):
        array.max()
        assert resident(file) >= file.stat().st_size // 1024
    assert resident(file) == 0


def resident(file: Path) -> int:
    """Kilobytes of a mapped file that count as this process's."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.endswith(str(file)))
    return int(next(line for line in lines[start:] if line.startswith("Rss:")).split()[1])


def test_what_was_read_whole_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "READ", 2**40)
    array = mapped.load_array(file)
    assert not isinstance(array.base, np.memmap)
    with mapped.prefetched(array, [(0, ROWS)]):
        assert array[1, 1] == WIDTH + 1
