"""Faults of the desk: killed in every step, a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desk_killed import CHECKS, results_in
from desks import LINE, ME, RENT, Office, office
from fault_place import Place, Skip
from indexes import MEMORY
from parkqa.errors import ParkqaError

FOOD = "# 食堂\n\n食堂中午11点开饭。\n" + "食堂在3号楼一层，二楼有清真窗口。\n" * 4000


def desk_killed(*_: object) -> str:
    """``kill -9`` before dealings with the disk of an upload, a publication, a back-up and a restoration."""
    if MEMORY is None:
        raise Skip("there is no kill -9 on this system")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        results = results_in(Path(folder))
    for work, check in CHECKS.items():
        check(results[work])
    counts = ", ".join(f"{work} {sum(case['died'] for case in cases)}" for work, cases in results.items())
    return f"killed: {counts}; what was acknowledged was there each time, and nothing was half done"


def desk_full_disk(place: Place, *_: object) -> str:
    """Whatever the desk does where the disk has no room."""
    with _disk(place.folder / "small") as small:
        made = office(small)
        made.add("食堂.md", FOOD)
        made.check()
        file, whole = made.desk.folder.fresh() / "file", place.folder / "whole.backup"
        file.write_text(FOOD, encoding="utf-8")  # has arrived before the disk is full
        made.desk.back_up(ME, whole, "")
        found = made.desk.candidate.found()
        assert found
        said = []
        with _full(small):
            before = _state(made)
            said += [_refused(lambda: made.desk.add(ME, file, "停车.md", ""))]
            said += [_refused(lambda: made.desk.back_up(ME, small / "b", ""))]
            made.desk.publish(ME, found.version)
            made.desk.candidate.work.wait(60)
            assert made.desk.candidate.work.fault, "it was published"
            said += [made.desk.candidate.work.fault[1]]
            assert _state(made) == before
        made.desk.discard(ME)
        with _full(small):
            before = _state(made)
            said += [_refused(lambda: made.desk.restorer.restore(whole, "", ME, "b", "corpus"))]
            assert _state(made) == before
        made.desk.restorer.restore(whole, "", ME, "b", "corpus")  # the draft, too
        made.publish()
        assert made.texts() == {"租金.md": RENT, "班车.md": LINE, "食堂.md": FOOD}
        assert "食堂.md" in made.live.documents
    return f"said: {' | '.join(said)}; nothing had changed, and with room again all was done"


def _state(made: Office) -> tuple[object, ...]:
    """Files, draft and names; contents that nothing names any more are swept with the next publication."""
    swept = (made.desk.folder.incoming, made.desk.shelf.blobs.path("x").parent, made.folder / "filler")
    names = sorted(str(path) for path in made.folder.rglob("*") if not any(map(path.is_relative_to, swept)))
    return made.texts(), made.desk.shelf.state(), names


def _refused(work: Callable[[], object]) -> str:
    try:
        work()
    except ParkqaError as error:
        return error.en
    raise AssertionError("it was done")


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """The disk without any room."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"\0" * 4096):
                pass
        except OSError:
            pass
    yield
    (disk / "filler").unlink()


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """A small disk."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Skip("needs Linux and root, to mount a small disk")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=False, capture_output=True
    )
    try:
        if mounted.returncode:
            raise Skip("a small disk cannot be mounted here")
        yield folder
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()
