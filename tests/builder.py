"""A process that builds, to be killed, starved or raced by the tests: ``builder.py ACTION FOLDER [ARGUMENT]``."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
from itertools import cycle
from pathlib import Path

from indexes import NEW, OLD, build
from parkqa.errors import StoreError
from parkqa.store.local.index import open_index


def once(folder: Path, which: str) -> None:
    """Build one of the two; the folder may be locked for a while."""
    build(folder, {"old": OLD, "new": NEW}[which], wait=30)


def forever(folder: Path) -> None:
    """Build the one and the other in turn."""
    for texts in cycle((OLD, NEW)):
        build(folder, texts)
        print("built", flush=True)


def starved(folder: Path, limit: str) -> None:
    """Build where no file may grow beyond ``limit`` bytes, as on a disk that fills up."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    try:
        build(folder, NEW)
    except StoreError as error:
        print(error)


def steps(folder: Path) -> None:
    """Kill a build before each of its dealings with the disk; say after each which index answers."""
    build(folder / "whole", OLD)
    seen = []
    for step in range(1, 1000):
        place = folder / str(step)
        shutil.copytree(folder / "whole", place)
        if (child := os.fork()) == 0:
            _die_at(step, place)
            build(place, NEW)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        after = _answer(place)
        build(place, NEW)
        clean = not (place / "aside").exists() and len([*(place / "versions").iterdir()]) <= 2
        seen.append({"after": after, "rebuilt": _answer(place), "clean": clean})
        shutil.rmtree(place)
        if not killed:
            break
    print(json.dumps(seen))


def _die_at(step: int, place: Path) -> None:
    left = step

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event.startswith(("open", "os.", "shutil.")) and any(str(place) in str(part) for part in arguments):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _answer(place: Path) -> str:
    texts = tuple(document.text for document in open_index(place).documents.values())
    return {OLD: "old", NEW: "new"}.get(texts, "mixed")


if __name__ == "__main__":
    {"once": once, "forever": forever, "starved": starved, "steps": steps}[sys.argv[1]](
        Path(sys.argv[2]), *sys.argv[3:]
    )
