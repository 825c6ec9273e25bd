"""Opens a back-up that may come from anybody: all of it is checked before anything of it is used."""

from __future__ import annotations

import hashlib
import re
import stat
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from parkqa.desk import audit, names
from parkqa.desk.backup import BLOBS, CORPUS, FORMAT, MANIFEST, STATE, Manifest
from parkqa.desk.blobs import Blobs
from parkqa.desk.folder import made, saying_what_failed
from parkqa.desk.parts import Part
from parkqa.desk.sealing import damaged, is_sealed, unsealed
from parkqa.desk.state import State
from parkqa.errors import ParkqaError

MOST_FILES = 200_000
"""Files of a back-up, chosen by hand: ten times those of a large park with all their versions."""
_DIRECTORY_BYTES = MOST_FILES * 400
"""Bytes of the archive's list of files: an entry takes 46, the name up to 255 and some."""
_LIST_BYTES = MOST_FILES * 400
_END, _END64, _LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_BLOB = re.compile(re.escape(BLOBS) + "[0-9a-f]{64}")
_PIECE = 1024**2
_MANIFEST, _STATE = TypeAdapter(Manifest), TypeAdapter(State)
_WRONG = (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, TypeError, KeyError, struct.error)
"""What zipfile, JSON and pydantic raise for what is none of theirs."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was in a back-up. All contents are among the blobs, but for those of the parts, which lie in a folder.

    ``files`` has the SHA-256 of each document by its name, ``parts`` the name of each part's file in that folder.
    """

    manifest: Manifest
    files: Mapping[str, str]
    state: State
    parts: Mapping[str, str]


def unpack(file: Path, passphrase: str, place: Path, blobs: Blobs, parts: Sequence[Part]) -> Unpacked:
    """Unpack a back-up into the empty folder ``place`` and the blobs.

    Raises:
        Locked: it has a passphrase, which is missing or wrong.
        Damaged: it is none, cut off, altered, or holds what no back-up does.
        ParkqaError: it cannot be written, or was made by a later version.
    """
    with saying_what_failed():
        plain = file
        if is_sealed(file):
            plain = place / "plain.zip"
            unsealed(file, passphrase, plain)
        try:
            _check_size(plain)
            with zipfile.ZipFile(plain) as archive:
                return _unpacked(archive, plain.stat().st_size, place, blobs, parts)
        except _WRONG as error:
            raise damaged() from error
        finally:
            if plain != file:
                plain.unlink(missing_ok=True)


def _check_size(file: Path) -> None:
    """Refuse an archive with a huge list of files, which zipfile would read into memory at once."""
    if file.stat().st_size < _END.size:
        raise ValueError("too short")
    with file.open("rb") as source:
        source.seek(-_END.size, 2)
        end = source.tell()
        mark, *_, size, _, comment = _END.unpack(source.read())
        if mark != b"PK\x05\x06" or comment:
            raise ValueError("no archive of ours")
        if end >= _LOCATOR.size + _END64.size:
            source.seek(end - _LOCATOR.size)
            mark, _, _, _ = _LOCATOR.unpack(source.read(_LOCATOR.size))
            if mark == b"PK\x06\x07":
                source.seek(end - _LOCATOR.size - _END64.size)
                size = max(size if size < 2**32 - 1 else 0, _END64.unpack(source.read(_END64.size))[8])
    if size > _DIRECTORY_BYTES:
        raise ValueError("too many files")


def _unpacked(archive: zipfile.ZipFile, size: int, place: Path, blobs: Blobs, parts: Sequence[Part]) -> Unpacked:
    entries = {entry.filename: entry for entry in archive.infolist()}
    _check_entries(archive.infolist(), entries, size, parts)
    manifest = _manifest(archive, entries)
    given: dict[str, str] = {}
    for number, (name, entry) in enumerate(entries.items()):
        if name == MANIFEST:
            continue
        path = made(place / "parts") / str(number)
        sha = _extracted(archive, entry, path)
        if sha != manifest.sha256[name] or (name.startswith(BLOBS) and name != BLOBS + sha):
            raise ValueError("altered")
        if name.startswith((CORPUS, BLOBS)):
            blobs.take(path)
        else:
            given[name] = path.name
    state = _STATE.validate_json((place / "parts" / given.pop(STATE)).read_bytes())
    held = {manifest.sha256[name] for name in entries if name.startswith((CORPUS, BLOBS))}
    _check_state(state, held)
    for name, path_name in given.items():
        _check_part(next(part for part in parts if part.holds(name)), place / "parts" / path_name)
    files = {name.removeprefix(CORPUS): manifest.sha256[name] for name in entries if name.startswith(CORPUS)}
    return Unpacked(manifest, files, state, given)


def _check_entries(
    found: Sequence[zipfile.ZipInfo], entries: Mapping[str, zipfile.ZipInfo], size: int, parts: Sequence[Part]
) -> None:
    """Refuse what no back-up holds: links, compressed files, files twice, and names that lead elsewhere."""
    if len(found) != len(entries) or sum(entry.file_size for entry in found) > size:
        raise ValueError("files that are there twice")
    seen: dict[str, str] = {}
    for entry in found:
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 or entry.file_size != entry.compress_size:
            raise ValueError("not stored")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG) or entry.orig_filename != entry.filename:
            raise ValueError("no file")
        if entry.filename.startswith(CORPUS):
            try:
                names.check_kept(entry.filename.removeprefix(CORPUS), seen)
            except ParkqaError as error:
                raise damaged() from error
        elif not _is_known(entry.filename, parts):
            raise ValueError("unknown")
    files = set(seen.values())
    if any(parent in files for name in files for parent in parents(name)):
        raise ValueError("a file that is a folder too")


def _is_known(name: str, parts: Sequence[Part]) -> bool:
    return name in (STATE, MANIFEST) or bool(_BLOB.fullmatch(name)) or any(part.holds(name) for part in parts)


def parents(name: str) -> list[str]:
    """Return the folders that a document is in.

    >>> parents("news/2026/a.md")
    ['news', 'news/2026']
    """
    steps = name.split("/")
    return ["/".join(steps[:count]) for count in range(1, len(steps))]


def _manifest(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> Manifest:
    if entries[MANIFEST].file_size > _LIST_BYTES:
        raise ValueError("too long")
    manifest = _MANIFEST.validate_json(archive.read(MANIFEST))
    if manifest.format > FORMAT:
        raise ParkqaError(
            f"这份备份是更新的 parkqa（{manifest.version}）做的，请先升级；什么也没有改。",
            f"A later version of parkqa ({manifest.version}) made this back-up; update first. Nothing was changed.",
        )
    datetime.strptime(manifest.made, audit.FORM)
    if set(manifest.sha256) != set(entries) - {MANIFEST}:
        raise ValueError("not what the manifest says")
    return manifest


def _extracted(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> str:
    digest = hashlib.sha256()
    with archive.open(entry) as source, path.open("xb") as target:
        while piece := source.read(_PIECE):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def _check_part(part: Part, file: Path) -> None:
    try:
        part.check(file)
    except ParkqaError as error:
        raise damaged() from error


def _check_state(state: State, held: set[str]) -> None:
    """Refuse versions and drafts whose contents are missing, or with names or times that are none."""
    if not state.blobs <= held or state.publications:
        raise ValueError("not held")
    if not all(map(names.is_kept, (*state.draft, *state.versions))):
        raise ValueError("no names")
    versions = [version.at for kept in state.versions.values() for version in kept]
    for at in (*versions, *(change.at for change in state.draft.values())):
        datetime.strptime(at, audit.FORM)
