"""A desk that is killed before each of its dealings with the disk: ``desk_killed.py FOLDER``.

Prints a JSON list: after each kill, what had been acknowledged, and what is there once the desk has been opened again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from desks import ME, RENT, Office, office, reopened

FOOD = "# 食堂\n\n食堂中午11点开饭。\n"
RISEN = RENT.replace("20", "25")


def uploads(place: Office) -> None:
    """Put a file in, then replace another."""
    place.add("食堂.md", FOOD)
    _acknowledge(place, "added")
    place.replace("租金.md", RISEN)
    _acknowledge(place, "replaced")


def publication(place: Office) -> None:
    """Publish what has been checked, then go back."""
    found = place.desk.candidate.found()
    assert found
    place.desk.publish(ME, found.version)
    place.desk.candidate.wait(60)
    _acknowledge(place, "published")
    place.desk.take_back(ME)
    place.desk.candidate.wait(60)
    _acknowledge(place, "taken back")


def seen(place: Office) -> dict[str, object]:
    """What is there: files, the draft, the index, and what has been left behind."""
    live = place.live
    draft = place.desk.shelf.state().draft
    blobs = place.desk.shelf.blobs
    return {
        "corpus": place.texts(),
        "draft": {
            name: blobs.path(change.new).read_text(encoding="utf-8") for name, change in draft.items() if change.new
        },
        "live": {document.path: document.text for document in live.documents.values()},
        "publications": [each.state for each in place.desk.shelf.state().publications],
        "remains": [path.name for path in place.settings.corpus.rglob(".*")],
    }


def killed(template: Office, work: str, stride: int) -> list[dict[str, object]]:
    """Kill ``work`` before its first dealing with the disk, its next, and so on in steps of ``stride``."""
    found = []
    for step in range(1, 5000, stride):
        folder = template.folder.parent / f"{work}-{step}"
        shutil.copytree(template.folder, folder)
        (folder / "said").write_text("")
        if (child := os.fork()) == 0:
            place = reopened(folder)
            _die_at(step, folder)
            {"uploads": uploads, "publication": publication}[work](place)
            os._exit(0)
        died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        place = reopened(folder)
        place.desk.recover()
        found.append({"said": (folder / "said").read_text().split(), "died": died, **seen(place)})
        shutil.rmtree(folder)
        if not died:
            return found
    raise AssertionError("it never came to an end")


def _acknowledge(place: Office, what: str) -> None:
    handle = os.open(place.folder / "said", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{what.replace(' ', '_')}\n".encode())
    os.close(handle)


def _die_at(step: int, folder: Path) -> None:
    said = str(folder / "said")
    left = step

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if not event.startswith(("open", "os.", "shutil.")) or said in map(str, arguments):
            return
        if any(str(folder) in str(part) for part in arguments):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    fresh = office(Path(sys.argv[1]) / "fresh")
    fresh.desk.read_pending()
    results = {"uploads": killed(fresh, "uploads", 1)}
    checked = office(Path(sys.argv[1]) / "checked")
    uploads(checked)
    checked.desk.retire(ME, "班车.md", checked.seen("班车.md"))
    checked.check()
    results["publication"] = killed(checked, "publication", 3)
    print(json.dumps(results, ensure_ascii=False))
