"""Has a draft go live, and takes it back: the files first, then the index, each step carried on after a crash.

What is to be done is written down before anything is. After that the files of the corpus folder are replaced one by
one, each whole; a server that starts in between carries on. Visitors see the old index or the new.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from parkqa.desk import state as states
from parkqa.desk.audit import now
from parkqa.desk.blobs import Blobs
from parkqa.desk.files import Files
from parkqa.desk.folder import saying_what_failed
from parkqa.desk.names import is_kept
from parkqa.desk.shelf import Shelf
from parkqa.desk.state import PUBLICATIONS, VERSIONS, Publication, State, Version
from parkqa.errors import ParkqaError
from parkqa.store.local.versions import file_digest, sync

Changes = Mapping[str, tuple[str | None, str | None]]


def publish(shelf: Shelf, fingerprint: str, who: str, before: str, after: str) -> Publication:
    """Replace the files of the corpus folder by those of the draft, and empty the draft.

    Args:
        shelf: the files.
        fingerprint: that of the files that were checked.
        who: the name of the person.
        before: the version of the live index.
        after: that of the index of these files.

    Raises:
        ParkqaError: the files are not those that were checked, or cannot be written.
    """

    def begun(state: State, there: Files) -> State:
        if not state.draft or there.fingerprint != fingerprint or there.conflicts:
            raise ParkqaError(
                "检查以后资料或草稿又变了，没有发布。请再检查一次。",
                "Documents or draft have changed since the check, and nothing was published. Check again.",
            )
        changes = {name: (change.base, change.new) for name, change in state.draft.items()}
        return _begun(state, shelf, changes, who, before, after)

    return _carried_out(shelf, shelf.replace(begun).publications[0])


def put_back(shelf: Shelf, files: Mapping[str, str], step: Callable[[State], State], who: str, id_: str) -> None:
    """Have the corpus folder hold the files of a back-up; done twice with the same ``id_`` it is done once.

    It is a publication, so that it is carried on after a crash, and what it replaces is kept among the versions. Its
    index has to be built.

    Args:
        shelf: the files.
        files: the SHA-256 of each by its name; all are among the blobs. Others are removed.
        step: what else is to change in the state.
        who: the name of the person.
        id_: that of the publication.
    """

    def begun(state: State, there: Files) -> State:
        if state.publications and state.publications[0].id == id_:
            return state
        changes = {name: (there.live.get(name), files.get(name)) for name in sorted({*there.live, *files})}
        changes = {name: (old, new) for name, (old, new) in changes.items() if old != new and is_kept(name)}
        if not changes:
            return step(state)
        made = _begun(state, shelf, changes, who, "", "")
        return step(replace(made, publications=(replace(made.publications[0], id=id_), *made.publications[1:])))

    latest = next(iter(shelf.replace(begun).publications), None)
    if latest and latest.id == id_ and latest.state == "begun":
        finish(shelf, _carried_out(shelf, latest))


def take_back(shelf: Shelf, who: str) -> Publication:
    """Undo the latest publication; return what does so.

    Raises:
        ParkqaError: there is none that can be undone: a draft is open, or its files have been changed since.
    """

    def begun(state: State, there: Files) -> State:
        last = state.publications[0] if state.publications else None
        if last is None or last.state != "done":
            raise ParkqaError("没有可以退回的发布。", "There is no publication to take back.")
        if state.draft:
            raise ParkqaError(
                "草稿里还有没发布的改动，请先发布或放弃，再退回。",
                "The draft holds changes; publish or discard them before going back.",
            )
        changed = [name for name, (_, new) in last.changes.items() if there.live.get(name) != new]
        if changed:
            raise ParkqaError(
                f"{'、'.join(changed)} 在发布以后又改过，不能整个退回；请在“资料”里逐份换回旧版本。",
                f"{', '.join(changed)} has been changed since; bring back earlier versions one by one instead.",
            )
        changes = {name: (new, old) for name, (old, new) in last.changes.items()}
        undone = replace(last, state="undone")
        state = replace(state, publications=(undone, *state.publications[1:]))
        return _begun(state, shelf, changes, who, last.after, last.before)

    return _carried_out(shelf, shelf.replace(begun).publications[0])


def carry_on(shelf: Shelf) -> Publication | None:
    """Finish the files of a publication that a crash has broken off; return it if there was one."""
    latest = next(iter(shelf.state().publications), None)
    return _carried_out(shelf, latest) if latest and latest.state == "begun" else None


def finish(shelf: Shelf, publication: Publication) -> None:
    """Note that a publication is complete, its index too. What undoes another cannot be undone itself."""

    def finished(state: State, _: Files) -> State:
        done = replace(publication, state="undone" if takes_back(publication, *state.publications[1:2]) else "done")
        return replace(state, publications=tuple(done if p.id == done.id else p for p in state.publications))

    state = shelf.replace(finished)
    shelf.sweep(state)


def takes_back(publication: Publication, last: Publication | None = None) -> bool:
    """Return whether a publication takes back the ``last`` one before it."""
    if last is None or last.state != "undone":
        return False
    return publication.changes == {name: (new, old) for name, (old, new) in last.changes.items()}


def discard(shelf: Shelf) -> None:
    """Empty the draft."""
    state = shelf.replace(lambda state, _: replace(state, draft={}))
    shelf.sweep(state)


def _begun(state: State, shelf: Shelf, changes: Changes, who: str, before: str, after: str) -> State:
    """Return the state in which a publication has begun; the contents that it replaces are kept first."""
    at = now()
    versions = dict(state.versions)
    for name, (old, _) in changes.items():
        if old is not None:
            if not shelf.blobs.path(old).exists():
                shelf.blobs.copy(shelf.corpus / name)
            earlier = [version for version in versions.get(name, ()) if version.sha != old]
            versions[name] = (Version(old, who, at), *earlier)[:VERSIONS]
    made = Publication(secrets.token_hex(8), who, at, changes, before, after, "begun")
    return states.State({}, versions, (made, *state.publications)[:PUBLICATIONS])


def _carried_out(shelf: Shelf, publication: Publication) -> Publication:
    """Do to the corpus folder what a publication says; what is done already, or was changed since, is left."""
    with shelf.folder.locked():  # another server may be starting, and carry it on too
        for name, (old, new) in publication.changes.items():
            path = shelf.corpus / name
            with saying_what_failed():
                now_there = file_digest(path) if path.is_file() else None
                if now_there == old:
                    _replace(shelf.blobs, shelf.corpus, path, new)
    return publication


def _replace(blobs: Blobs, corpus: Path, path: Path, new: str | None) -> None:
    """Replace or remove one file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(corpus.resolve()):
        raise ParkqaError(
            f"{path.parent.name} 是指到资料文件夹之外的链接，没有写。",
            f"{path.parent.name} is a link out of the corpus folder; nothing was written there.",
        )
    if new is None:
        path.unlink(missing_ok=True)
    else:
        aside = path.with_name(f".{path.name}.new")
        shutil.copyfile(blobs.path(new), aside)
        if path.exists():
            aside.chmod(path.stat().st_mode)
        sync(aside)
        os.replace(aside, path)  # noqa: PTH105 - a link at the path is replaced, not followed
    sync(path.parent)
