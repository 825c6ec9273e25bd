"""Puts a back-up in place: all of it, or nothing.

First it is unpacked aside and checked. Then one folder is renamed to ``restoring``: from that moment on it will be put
in place, by whoever comes next if a crash breaks it off, since a step that is done twice is done once. At the desk the
documents become a draft, which is checked and published as any other; from the command line they go into the corpus
folder. The journal and the versions are merged with those that are here.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from parkqa.corpus.curation import sites
from parkqa.desk import audit, names, publishing
from parkqa.desk.audit import Deed
from parkqa.desk.backup import Manifest
from parkqa.desk.editing import check_sites
from parkqa.desk.files import Files
from parkqa.desk.folder import removed, saying_what_failed, write
from parkqa.desk.parts import Part
from parkqa.desk.shelf import Shelf, changed
from parkqa.desk.state import VERSIONS, Change, State, Version
from parkqa.desk.unpacking import parents, unpack
from parkqa.errors import ParkqaError
from parkqa.journal.merging import Merged
from parkqa.store.local.versions import sync

_LOG = logging.getLogger("parkqa")
MARGIN = 16 * 1024**2
"""Bytes that are to be free on a disk beyond those that are written; chosen by hand."""
Where = Literal["draft", "corpus"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, written down before it is.

    ``files`` has the SHA-256 of each document, ``parts`` the name of each part's file. ``draft`` is that of the
    back-up; it is used where the documents go into the corpus folder, whose files it was made over.
    """

    id: str
    who: str
    source: str
    at: str
    to: str
    where: Where
    files: Mapping[str, str]
    versions: Mapping[str, tuple[Version, ...]]
    draft: Mapping[str, Change]
    parts: Mapping[str, str]


_PLAN = TypeAdapter(Plan)


@dataclass(frozen=True, slots=True)
class Restored:
    """What has come of it: the documents that are different, what became of the journal's entries, the manifest."""

    changed: tuple[str, ...]
    journal: Merged | None
    manifest: Manifest


class Restorer:
    """Puts back-ups in place of one desk; ``parts`` is the table."""

    def __init__(self, shelf: Shelf, parts: Sequence[Part]) -> None:
        self._shelf = shelf
        self._folder = shelf.folder
        self._parts = parts

    def restore(self, file: Path, passphrase: str, who: tuple[str, str], to: str, where: Where) -> Restored:
        """Put a back-up in place.

        Args:
            file: the back-up.
            passphrase: what it was sealed with, "" for nothing.
            who: the name of the person and where the request came from.
            to: what the trail calls the file.
            where: where the documents go.

        Raises:
            Locked, Damaged, ParkqaError: it cannot be; nothing has changed.
        """
        self.carry_on()
        if not file.is_file():
            raise ParkqaError(f"没有这个文件：{file.name}。", f"There is no file {file.name}.")
        with self._folder.aside() as place:
            found = unpack(file, passphrase, place, self._shelf.blobs, self._parts)
            plan = Plan(
                secrets.token_hex(8),
                *who,
                audit.now(),
                to,
                where,
                found.files,
                found.state.versions,
                found.state.draft,
                {name: found.parts[name] for name in self._put_in_order(found.parts, where)},
            )
            write(place / "plan.json", _PLAN.dump_json(plan))
            with self._folder.locked():
                if where == "draft" and sites.FILE in found.files:
                    check_sites(self._shelf, found.files[sites.FILE])
                different = self._differences(plan)
                self._check_disks(place, plan, different)
                with saying_what_failed():
                    place.rename(self._folder.restoring)
                    sync(self._folder.root)
                journal = self._finish(plan)
        return Restored(different, journal, found.manifest)

    def carry_on(self) -> bool:
        """Finish what a crash or a full disk has broken off; return whether there was something.

        Raises:
            ParkqaError: it still cannot be finished; what was done is kept.
        """
        if not self._folder.restoring.is_dir():
            return False
        with self._folder.locked():
            if not self._folder.restoring.is_dir():
                return False
            try:
                plan = _PLAN.validate_json((self._folder.restoring / "plan.json").read_bytes())
            except (OSError, ValidationError) as error:
                raise ParkqaError(
                    f"没做完的恢复读不了，请移走 {self._folder.restoring} 再恢复一次。",
                    f"A restoration that was broken off cannot be read: move {self._folder.restoring} away and restore "
                    "again.",
                ) from error
            self._finish(plan)
            _LOG.warning("恢复已接着做完 / a restoration was carried on: %s", plan.to)
        return True

    def _put_in_order(self, held: Iterable[str], where: Where) -> list[str]:
        """Return what is put in place of the parts of a back-up, in the order of the table."""
        there = [(self._parts.index(self._part(name)), name) for name in held]
        rows = [(self._parts[row], name) for row, name in sorted(there)]
        return [name for part, name in rows if part.place(name) is not None and (part.by_staff or where == "corpus")]

    def _part(self, name: str) -> Part:
        return next(part for part in self._parts if part.holds(name))

    def _differences(self, plan: Plan) -> tuple[str, ...]:
        """Return the documents that are not here as they are in the back-up.

        Raises:
            ParkqaError: the draft is not empty, a publication is going on, or a document has the name of a folder here.
        """
        state = self._shelf.state()
        if state.draft or (state.publications and state.publications[0].state == "begun"):
            raise ParkqaError(
                "草稿里还有没发布的改动，或正在发布；请先发布或放弃，再恢复。什么也没有改。",
                "The draft holds changes, or something is being published; publish or discard it, then restore. "
                "Nothing was changed.",
            )
        live = self._shelf.files(state).live
        for name in plan.files:
            if (self._shelf.corpus / name).is_dir() or any(parent in live for parent in parents(name)):
                raise ParkqaError(
                    f"{name} 在备份里和在资料文件夹里，一个是文件、一个是文件夹；请先改名。什么也没有改。",
                    f"{name} is a file in the back-up and a folder here, or the other way round; rename it first. "
                    "Nothing was changed.",
                )
        return tuple(name for name, (old, new) in _pairs(plan, live).items() if old != new)

    def _check_disks(self, place: Path, plan: Plan, different: Sequence[str]) -> None:
        """Refuse what the disks have no room for, or do not let us write, before anything is changed."""
        corpus, needed = self._shelf.corpus, {self._folder.root: 0}
        with saying_what_failed():
            if plan.where == "corpus":
                new = [self._shelf.blobs.path(plan.files[name]) for name in different if name in plan.files]
                needed[corpus] = sum(path.stat().st_size for path in new)
                old = [corpus / name for name in different if (corpus / name).is_file()]
                needed[self._folder.root] = sum(path.stat().st_size for path in old)  # they are kept as versions
            for name, file in plan.parts.items():
                if (path := self._part(name).place(name)) is not None:
                    size = (place / "parts" / file).stat().st_size
                    needed[path.parent] = needed.get(path.parent, 0) + 2 * size  # SQLite writes a log first
            for folder, count in needed.items():
                if not os.access(_there(folder), os.W_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
                if shutil.disk_usage(_there(folder)).free < count + MARGIN:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _finish(self, plan: Plan) -> Merged | None:
        """Do what is left of a plan; where the first step fails, nothing was done and nothing is left to do."""
        merged = None
        for number, (name, file) in enumerate(plan.parts.items()):
            part = self._part(name)
            path = part.place(name)
            try:
                if path is not None:
                    found = part.put(self._folder.restoring / "parts" / file, path)
                    merged = found if isinstance(found, Merged) else merged
            except ParkqaError:
                if number == 0:
                    self._forget()
                raise
        self._put_documents(plan)
        deed = Deed(plan.at, plan.who, plan.source, "restore", plan.to)
        if deed not in audit.latest(self._folder.audit):
            audit.add(self._folder.audit, deed)
        self._forget()
        return merged

    def _put_documents(self, plan: Plan) -> None:
        if plan.where == "corpus":

            def also(state: State) -> State:
                return replace(_with_versions(state, plan), draft=plan.draft)

            publishing.put_back(self._shelf, plan.files, also, plan.who, plan.id)
            return

        def drafted(state: State, there: Files) -> State:
            edits = {name: new for name, (old, new) in _pairs(plan, there.live).items() if old != new}
            return changed(_with_versions(state, plan), there, plan.who, edits, {})

        self._shelf.replace(drafted)

    def _forget(self) -> None:
        with saying_what_failed():
            away = self._folder.incoming / secrets.token_hex(8)
            self._folder.restoring.rename(away)
            sync(self._folder.root)
        removed(away)


def _pairs(plan: Plan, live: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Return the SHA-256 of each document here and in the back-up, but for those that no back-up holds."""
    return {
        name: (live.get(name), plan.files.get(name)) for name in sorted({*live, *plan.files}) if names.is_kept(name)
    }


def _with_versions(state: State, plan: Plan) -> State:
    """Return a state with the versions of the back-up beside its own, the latest of both."""
    versions = dict(state.versions)
    for name, kept in plan.versions.items():
        both = {version.sha: version for version in (*reversed(kept), *reversed(versions.get(name, ())))}
        versions[name] = tuple(sorted(both.values(), key=lambda version: version.at, reverse=True)[:VERSIONS])
    return replace(state, versions=versions)


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists."""
    return next((each for each in (folder, *folder.absolute().parents) if each.exists()), Path())
