"""Faults of the files of an index: builds that are killed or raced, full disks, altered bytes, other versions."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fault_place import NEW, OLD, QUESTIONS, Place, Skip, beside, served
from parkqa.desk.readiness import examine
from parkqa.engine import Engine
from parkqa.errors import IndexDamaged, IndexMismatch, ParkqaError
from parkqa.models import loading
from parkqa.settings import Settings
from parkqa.store.local.versions import MANIFEST, current_version, point, verify
from parkqa.store.manifest import FORMAT
from parkqa.web.serving.background_build import start
from parkqa.web.serving.loader import Started
from stubs import StubEncoder

SMALL = 64 * 1024
"""Bytes that a full disk has left."""


def killed(place: Place, dice: random.Random, moments: int) -> str:
    """``kill -9`` at random moments of a build."""
    place.write(NEW)
    process, began = place.builder(), time.monotonic()
    process.communicate()
    longest = time.monotonic() - began
    seen: Counter[str] = Counter()
    for moment in range(moments):
        place.write((OLD, NEW)[moment % 2])
        process = place.builder()
        try:
            process.wait(dice.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        seen["killed" if process.returncode else "ended before"] += 1
        seen[place.opened()] += 1
        place.visit()
    place.write(NEW)
    place.build()
    assert place.opened() == "new"
    assert not (place.settings.index / "aside").exists(), "what a killed build left is cleaned by the next"
    assert len([*(place.settings.index / "versions").iterdir()]) <= 2
    return f"{moments} moments: {dict(seen)}; the next build was whole and left nothing behind"


def full_disk(place: Place, *_: object) -> str:
    """A build onto a disk that has no room."""
    with _disk(place, "size=2m"):
        filler = place.settings.index / "filler"
        free = shutil.disk_usage(place.settings.index).free
        filler.write_bytes(b"\0" * max(free - SMALL, 0))
        error = _failing(place, "No space left on device")
        filler.unlink()
        _changed_and_built(place)
    return f"said: {error}; with room again the next build was whole"


def read_only(place: Place, *_: object) -> str:
    """A build into a folder that cannot be written; a server started on it."""
    with _disk(place, "size=8m"):
        subprocess.run(["mount", "-o", "remount,ro", place.settings.index], check=True)
        error = _failing(place, "Read-only file system")
        started = _started(place.settings)
        engine, fault = started.engine, started.fault
        assert fault is not None
        place.check(engine.ask(QUESTIONS[0]).to_dict())
        subprocess.run(["mount", "-o", "remount,rw", place.settings.index], check=True)
        _changed_and_built(place)
    return f"said: {error}; a server started on it answered from the old index"


def _failing(place: Place, word: str) -> str:
    """Build a change that cannot be written; return what is said."""
    before = place.opened()
    place.write(NEW if before == "old" else OLD)
    try:
        place.build()
    except ParkqaError as error:
        assert word in error.en
        said = error.en
    else:
        raise AssertionError("it was built")
    assert place.opened() == before
    place.visit()
    return said.split(" (")[1].split(")")[0]


def _changed_and_built(place: Place) -> None:
    place.write(NEW)
    place.build()
    assert place.opened() == "new"
    place.visit()


@contextmanager
def _disk(place: Place, size: str) -> Iterator[None]:
    """The index on a disk of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Skip("needs Linux and root, to mount a small disk")
    index = place.settings.index
    away = index.with_name("away")
    index.rename(away)
    index.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", index], check=False, capture_output=True)
    try:
        if mounted.returncode:
            raise Skip("a small disk cannot be mounted here")
        shutil.copytree(away, index, dirs_exist_ok=True)
        yield
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", index], check=True)
        index.rmdir()
        away.rename(index)


def two_at_once(place: Place, *_: object) -> str:
    """Two builds at once: the second waits."""
    place.write(NEW)
    both = [place.builder(), place.builder()]
    assert [process.wait(300) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    assert place.opened() == "new"
    assert verify(place.settings.index) == []
    place.visit()
    return "both ended well, one after the other"


def flipped(place: Place, dice: random.Random, *_: object) -> str:
    """One byte altered in each file of the index in turn, where it lies; then the file emptied."""
    names = []
    for path in [*place.files()]:
        raw = path.read_bytes()
        at = dice.randrange(len(raw))
        try:
            for damaged in (raw[:at] + bytes([raw[at] ^ 1 << dice.randrange(8)]) + raw[at + 1 :], b""):
                path.write_bytes(damaged)
                _named(place, path)
                place.visit()
        finally:
            path.write_bytes(raw)
        names.append(path.name)
    place.opened()
    return f"each was named at opening and by parkqa check: {', '.join(names)}"


def _named(place: Place, path: Path) -> None:
    try:
        place.opened()
    except IndexDamaged as error:
        assert path.name in error.file
    else:
        raise AssertionError(f"{path} was served")
    assert path.name in _check(place.settings), "parkqa check names it too"


def _check(settings: Settings) -> str:
    """What ``parkqa check`` says of the index."""
    loading.load_encoder = lambda _: StubEncoder()
    return next(str(finding.detail) for finding in examine(settings) if "index" in finding.name)


def other_model(place: Place, *_: object) -> str:
    """The index was made with another model."""
    try:
        Engine.open(place.settings, StubEncoder("stub-2"))
    except IndexMismatch as error:
        said = error.en
    assert "parkqa build" in said
    place.build(StubEncoder("stub-2"))
    place.visit()
    place.build()
    place.taken_over()
    place.visit()
    return f"said: {said}"


def older_format(place: Place, *_: object) -> str:
    """The index was written by an older parkqa."""
    raw = json.dumps(json.loads((place.version() / MANIFEST).read_bytes()) | {"format": FORMAT - 1}).encode()
    older = place.version().with_name(hashlib.sha256(raw).hexdigest()[:16])
    shutil.copytree(place.version(), older)
    (older / MANIFEST).write_bytes(raw)
    point(place.settings.index, older.name, raw)
    try:
        place.opened()
    except IndexMismatch as error:
        said = error.en
    assert "parkqa build" in said
    place.visit()
    started = _started(place.settings)
    engine, fault = started.engine, started.fault
    assert fault is None
    place.check(engine.ask(QUESTIONS[0]).to_dict())
    place.taken_over()
    place.visit()
    return f"said: {said} A server started on it built it anew"


def copied(place: Place, *_: object) -> str:
    """The index copied elsewhere."""
    there = place.folder / "园区 副本"
    shutil.copytree(place.settings.index, there)
    copy = Engine.open(place.settings.model_copy(update={"index": there}), StubEncoder())
    here = Engine.open(place.settings, StubEncoder())
    for question in QUESTIONS:
        one, two = copy.ask(question), here.ask(question)
        assert (one.quotes, one.related, one.confidence) == (two.quotes, two.related, two.confidence)
    assert current_version(there) == current_version(place.settings.index)
    shutil.rmtree(there)
    return "same answers"


def two_servers(*_: object) -> str:
    """Two servers watch one corpus and one index: both would build, one waits; one goes, the other answers on."""
    with served(watch=True) as place:
        with beside(place, watch=True) as other:
            for text in (NEW, OLD, NEW):
                place.write(text)
                for each in (place, other):
                    each.taken_over()
                    each.visit()
            assert verify(place.settings.index) == []
        place.visit()
        place.write(OLD)
        place.taken_over()
        place.visit()
    return "both took each change over; when one had gone, the other went on"


def _started(settings: Settings) -> Started:
    """A server's start on what is there."""
    from parkqa.web.serving import background_build

    background_build.load_encoder = lambda _: StubEncoder()
    background_build.load_reranker = lambda _: None
    return start(settings, lambda encoder, reranker: Engine.build(settings, encoder=encoder, reranker=reranker))
