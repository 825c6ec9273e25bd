"""Writes a back-up: one ZIP archive of all that cannot be built again, sealed where a passphrase is given.

::

    corpus/…                    the documents and the curated files
    desk/state.json             the draft and the versions that are kept
    desk/blobs/<sha256>         their contents, but for those that are in the corpus folder too
    journal.db, desk/…          see ``parts``
    manifest.json               the SHA-256 of each of these

Nothing in it is compressed, so that it cannot unpack to more than it is. The index, what was read of files, the
candidate and the key of the session cookies are not in it: they are made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from parkqa import __version__
from parkqa.corpus.folder import listed, name_of
from parkqa.desk import names
from parkqa.desk.audit import now
from parkqa.desk.folder import PRIVATE_FILE, Folder, saying_what_failed, write
from parkqa.desk.parts import Part
from parkqa.desk.sealing import SHORTEST, Sealer
from parkqa.desk.shelf import Shelf
from parkqa.desk.state import State
from parkqa.errors import DocumentError, ParkqaError
from parkqa.journal import messages
from parkqa.settings import Settings
from parkqa.store.local.versions import sync

FORMAT = 1
CORPUS, BLOBS, STATE, MANIFEST = "corpus/", "desk/blobs/", "desk/state.json", "manifest.json"
_SECRET = {"store", "event_pin"}
_PIECE = 1024**2
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up says of itself.

    ``made`` is when (UTC, ISO 8601), with the ``version`` of parkqa; ``sha256`` has a checksum for each file by its
    name. ``settings`` are those that are not the default ones, without secrets: for people, since nothing here can set
    them. ``messages_until``: see ``Made``.
    """

    format: int
    version: str
    made: str
    sha256: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    messages_until: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What went into a back-up: how many documents, and those that did not, each with the reason in both languages.

    ``messages_until`` is the day (ISO 8601) on which the last of the visitors' messages in it is deleted here, "" if
    there are none: by then the back-up is to be deleted too.
    """

    documents: int
    bytes: int
    left_out: tuple[DocumentError, ...]
    messages_until: str


def back_up(settings: Settings, shelf: Shelf, parts: Sequence[Part], target: Path, passphrase: str) -> Made:
    """Write a back-up into a new file, readable by its owner only; it is there whole or not at all.

    Nobody can save at the desk meanwhile. Visitors notice nothing.

    Raises:
        ParkqaError: there is such a file, the passphrase is too short, a publication is going on, or something cannot
            be read or written.
    """
    if target.exists():
        raise ParkqaError(f"{target.name} 已经存在，请另起一个名字。", f"{target.name} is there; choose another name.")
    if passphrase and len(passphrase) < SHORTEST:
        raise ParkqaError(
            f"备份的密码至少 {SHORTEST} 个字。", f"The passphrase of a back-up has at least {SHORTEST} characters."
        )
    new = target.absolute().with_name(f".{target.name}.new")
    with saying_what_failed(), shelf.folder.locked(), _unfinished(shelf.folder, new):
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            new.chmod(PRIVATE_FILE)
            left_out, documents, until = _written(settings, shelf, parts, file, passphrase)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        sync(target.parent)
        return Made(documents, target.stat().st_size, left_out, until)


@contextmanager
def _unfinished(folder: Folder, new: Path) -> Iterator[None]:
    """Remove a file that has not become a back-up, also one that the last back-up left when it was killed.

    The lock must be held, so that nobody else is writing one.
    """
    if folder.backup.exists():
        _removed(Path(folder.backup.read_text(encoding="utf-8")))
    write(folder.backup, str(new).encode())
    try:
        yield
    finally:
        _removed(new)
        _removed(folder.backup)


def _removed(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _written(
    settings: Settings, shelf: Shelf, parts: Sequence[Part], file: BinaryIO, passphrase: str
) -> tuple[tuple[DocumentError, ...], int, str]:
    with shelf.folder.aside() as place, _archive(file, passphrase) as archive:
        state = shelf.state()
        if state.publications and state.publications[0].state == "begun":
            raise ParkqaError(
                "正在发布，请等它完了再备份。", "Something is being published; back up once that has ended."
            )
        into = _Writer(archive)
        left_out = _documents(shelf, into)
        documents = len(into.sha256)
        kept = State(_storable(state.draft), _storable(state.versions))
        for sha in sorted(kept.blobs - set(into.sha256.values())):
            into.file(BLOBS + sha, shelf.blobs.path(sha))
        into.text(STATE, asdict(kept))
        for part in parts:
            for number, (name, path) in enumerate(part.files()):
                copy = place / f"{len(into.sha256)}-{number}"
                part.copy(path, copy)
                into.file(name, copy)
                copy.unlink()
        until = messages_until(settings)
        into.text(MANIFEST, asdict(Manifest(FORMAT, __version__, now(), dict(into.sha256), told(settings), until)))
        return left_out, documents, until


def messages_until(settings: Settings) -> str:
    """Return the day (ISO 8601) on which the last message of a visitor that is kept now is deleted; "" for none.

    Raises:
        MessagesError: they cannot be read.
    """
    last = messages.held_until(settings.messages_file, settings.messages_days)
    return last.astimezone().date().isoformat() if last else ""


def _documents(shelf: Shelf, into: _Writer) -> tuple[DocumentError, ...]:
    left_out: list[DocumentError] = []
    seen: dict[str, str] = {}
    for path in listed(shelf.corpus):
        name = name_of(path, shelf.corpus)
        try:
            names.check_kept(name, seen)
            if not path.is_file():
                raise DocumentError(name, "不是普通文件，或指到了没有的地方。", "no file, or a link to nothing.")
        except DocumentError as error:
            left_out.append(error)
        else:
            into.file(CORPUS + name, path)
    return tuple(left_out)


def _storable(noted: Mapping[str, T]) -> dict[str, T]:
    """Return what is noted of files whose names can be in a back-up."""
    return {name: each for name, each in noted.items() if names.is_kept(name)}


class _Writer:
    """Adds files to an archive; ``sha256`` has the checksums of those so far."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.sha256: dict[str, str] = {}
        self._archive = archive

    def file(self, name: str, path: Path) -> None:
        digest = hashlib.sha256()
        try:
            source = path.open("rb")
        except OSError as error:
            why = error.strerror or str(error)
            raise ParkqaError(
                f"{name} 读不了（{why}），没有备份。", f"{name} cannot be read ({why}); nothing was backed up."
            ) from error
        with source, self._archive.open(_entry(name), "w", force_zip64=True) as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                target.write(piece)
        self.sha256[name] = digest.hexdigest()

    def text(self, name: str, value: object) -> None:
        content = json.dumps(value, ensure_ascii=False, indent=1).encode()
        self._archive.writestr(_entry(name), content)
        self.sha256[name] = hashlib.sha256(content).hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, time.localtime()[:6])
    entry.external_attr = PRIVATE_FILE << 16
    return entry


@contextmanager
def _archive(file: BinaryIO, passphrase: str) -> Iterator[zipfile.ZipFile]:
    sealer = Sealer(file, passphrase) if passphrase else None
    with zipfile.ZipFile(cast(BinaryIO, sealer or file), "w", zipfile.ZIP_STORED) as archive:
        yield archive
    if sealer:
        sealer.close()


def told(settings: Settings) -> dict[str, str]:
    """Return the settings that are not the default ones, as text, without secrets."""
    fields = type(settings).model_fields
    given = {name: getattr(settings, name) for name in fields if name not in _SECRET}
    return {name: str(value) for name, value in given.items() if value != fields[name].default}
