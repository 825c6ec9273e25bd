"""A desk that is killed before each of its dealings with the disk: ``desk_killed.py FOLDER``.

Prints a JSON object: for each work, what had been acknowledged at each kill, and what is there once the desk has been
opened again. CHECKS has what must be true of it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from desks import LINE, ME, RENT, Office, hashed, office, record, reopened
from parkqa.errors import ParkqaError
from parkqa.journal.entries import read

FOOD = "# 食堂\n\n食堂中午11点开饭。\n"
RISEN = RENT.replace("20", "25")
OLD, NEW = {"班车.md": LINE, "租金.md": RENT}, {"租金.md": RISEN, "食堂.md": FOOD}
Case = dict[str, Any]
"""What ``seen`` returns, with what was ``said`` before and whether it ``died``."""


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
    place.desk.candidate.work.wait(60)
    _acknowledge(place, "published")
    place.desk.take_back(ME)
    place.desk.candidate.work.wait(60)
    _acknowledge(place, "taken back")


def restoration(place: Office) -> None:
    """Put a back-up in place at the desk."""
    place.desk.restore(ME, _backup(place), "", "b")
    _acknowledge(place, "restored")


def command(place: Office) -> None:
    """Put it in place as ``parkqa restore`` does."""
    place.desk.restorer.restore(_backup(place), "", ME, "b", "corpus")
    _acknowledge(place, "restored")


def backup(place: Office) -> None:
    """Make a back-up."""
    place.desk.back_up(ME, place.folder / "made", "")
    _acknowledge(place, "made")


def _backup(place: Office) -> Path:
    return place.folder.parent / "backup"


WORKS = {each.__name__: each for each in (uploads, publication, backup, restoration, command)}


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
        "journal": sorted(entry.id for entry in read(place.folder / "journal.db")),
        "names": place.desk.accounts.names(),
        "restoring": place.desk.folder.restoring.exists(),
        "remains": [path.name for path in place.settings.corpus.rglob(".*")],
        "made": _made(place),
        "left": _left(place),
    }


def _left(place: Office) -> list[int]:
    """How many files lie unfinished beside the back-up, and how many once another one has been made."""
    found = [len([*place.folder.glob(".*.new")])]
    if found[0]:
        place.desk.back_up(ME, place.folder / "next", "")
        found.append(len([*place.folder.glob(".*.new")]))
    return found


def _made(place: Office) -> str:
    """Whether the back-up that was made can be put back: "" if there is none."""
    if not (place.folder / "made").exists():
        return ""
    elsewhere = office(place.folder / "elsewhere")
    try:
        elsewhere.desk.restorer.restore(place.folder / "made", "", ME, "made", "corpus")
    except ParkqaError as error:
        return error.en
    return "whole" if elsewhere.texts() == place.texts() else "of other files"


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
            WORKS[work](place)
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
        if not event.startswith(("open", "os.", "shutil.", "sqlite3.")) or said in map(str, arguments):
            return
        if any(str(folder) in str(part) for part in arguments):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def check_uploads(cases: Sequence[Case]) -> None:
    assert len(cases) > 20
    assert not cases[-1]["died"]
    for case in cases:
        assert (case["corpus"], case["live"].keys()) == (OLD, OLD.keys())
        kept = case["draft"]
        assert kept in ({}, {"食堂.md": FOOD}, {"食堂.md": FOOD, "租金.md": RISEN})
        assert ("added" in case["said"]) <= ("食堂.md" in kept)
        assert ("replaced" in case["said"]) <= ("租金.md" in kept)


def check_publication(cases: Sequence[Case]) -> None:
    assert len(cases) > 20
    assert not cases[-1]["died"]
    stages = []
    for case in cases:
        new = case["corpus"] == NEW
        assert new or case["corpus"] == OLD
        assert case["live"].keys() == (NEW if new else OLD).keys(), case
        assert "begun" not in case["publications"]
        assert (case["publications"] == []) == bool(case["draft"])
        if "taken_back" in case["said"]:
            assert not new
        elif "published" not in case["said"]:
            assert new == bool(case["publications"])
        stages.append((bool(case["publications"]), new))
    assert set(stages) == {(False, False), (True, True), (True, False)}


def check_backup(cases: Sequence[Case]) -> None:
    assert len(cases) > 10
    for case in cases:
        assert (case["corpus"], case["publications"]) == (NEW, ["done"])
        assert case["made"] in ("", "whole")
        assert ("made" in case["said"]) <= (case["made"] == "whole")
    assert {tuple(case["left"]) for case in cases} == {(0,), (1, 0)}
    assert {(case["made"], case["died"]) for case in cases} >= {("", True), ("whole", False)}


def check_restoration(cases: Sequence[Case], *, by_command: bool = False) -> None:
    assert len(cases) > 15
    stages = []
    for case in cases:
        restored = case["journal"] == ["0", "1"]
        assert restored or case["journal"] == ["0"]
        assert case["corpus"] == (NEW if restored and by_command else OLD)
        assert case["draft"] == ({"食堂.md": FOOD, "租金.md": RISEN} if restored and not by_command else {})
        assert case["names"] == (["小王"] if restored and by_command else [])
        assert not case["restoring"] and case["remains"] == []
        assert "begun" not in case["publications"]
        assert restored or "restored" not in case["said"]
        stages.append((restored, case["died"]))
    assert set(stages) == {(False, True), (True, True), (True, False)}


CHECKS: Mapping[str, Callable[[Sequence[Case]], None]] = {
    "uploads": check_uploads,
    "publication": check_publication,
    "backup": check_backup,
    "restoration": check_restoration,
    "command": partial(check_restoration, by_command=True),
}


def results_in(folder: Path) -> dict[str, list[Case]]:
    """Run this program in a process of its own, which has no threads that a fork would lose."""
    program = [sys.executable, __file__, str(folder)]
    run = subprocess.run(program, capture_output=True, text=True, encoding="utf-8", check=True)
    found: dict[str, list[Case]] = json.loads(run.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    fresh = office(Path(sys.argv[1]) / "fresh")
    fresh.desk.library.read_pending()
    record(fresh.folder, ("租金是多少？", "answer"))
    results = {"uploads": killed(fresh, "uploads", 1)}
    checked = office(Path(sys.argv[1]) / "checked")
    uploads(checked)
    checked.desk.retire(ME, "班车.md", checked.seen("班车.md"))
    checked.check()
    record(checked.folder, ("租金是多少？", "answer"), ("食堂几点开饭？", "refusal"))
    results["publication"] = killed(checked, "publication", 3)
    checked.publish()
    checked.desk.folder.accounts.write_text(json.dumps({ME[0]: hashed()}), encoding="utf-8")
    checked.desk.back_up(ME, Path(sys.argv[1]) / "backup", "")
    results["backup"] = killed(checked, "backup", 2)
    results["restoration"] = killed(fresh, "restoration", 5)
    results["command"] = killed(fresh, "command", 5)
    print(json.dumps(results, ensure_ascii=False))
