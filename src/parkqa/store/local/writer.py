"""Builds an index in a folder: atomically, one build at a time, without disturbing readers of the previous one."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from parkqa.errors import IndexLocked, IndexMissing, StoreError
from parkqa.store.content import WAIT_SECONDS, Built, Content, Draft, describe, embedded
from parkqa.store.local.index import Index, read_all_vectors, write_files
from parkqa.store.local.vectors import kept_as, kind_for
from parkqa.store.local.versions import MANIFEST, VERSIONS, current_version, file_digest, point, prove, steadily, sync
from parkqa.store.manifest import Manifest, digest
from parkqa.types import Encoder, FaissKind, Progress, Vectors

ASIDE, LOCK, HOLDER = "aside", "build.lock", "build.json"

_log = logging.getLogger(__name__)
_Version = tuple[Path, Manifest]


def build_index(
    directory: Path,
    content: Content,
    encoder: Encoder,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
    *,
    kind: FaissKind = "auto",
) -> Built:
    """Build an index and make it the current one; arguments and errors are those of ``drafted``."""
    with drafted(directory, content, encoder, progress, wait, kind=kind) as draft:
        return draft.publish({})


@contextlib.contextmanager
def drafted(
    directory: Path,
    content: Content,
    encoder: Encoder,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
    *,
    kind: FaissKind = "auto",
) -> Iterator[Draft]:
    """Build an index in a temporary folder; it becomes the current one when the draft is published.

    Vectors of texts that the current version holds are reused if it was built with the same model. If the new version
    equals the current one, publishing changes nothing.

    Args:
        directory: the index folder; created if it does not exist.
        content: what the index is to hold.
        encoder: the embedding model.
        progress: called with the number of texts embedded so far and the number to embed.
        wait: how many seconds to wait for another build to finish.
        kind: kind of the FAISS index; ``auto`` chooses by the number of passages.

    Raises:
        IndexLocked: another build is still running; the message names its process.
        StoreError: the folder cannot be written; the current version is unaffected.
        ModelError: the embedding model returned unusable vectors.
    """
    with _locked(directory, wait):
        before = _sound(directory)
        kept = kept_as(kind_for(len(content.rows), kind))
        made = embedded(content.rows, _known(before, encoder), encoder, progress, kept)
        with _writing(directory), _aside(directory) as aside:
            vectors = write_files(aside, content.documents, content.rows, made.vectors, made.keys, kind)
            files = {name: file_digest(aside / name) for name in _names(aside)}
            manifest = describe(content, encoder, vectors, files)

            def publish(note: Mapping[str, str]) -> Built:
                whole = replace(manifest, note={**content.note, **note})
                if before is None or whole != before[1]:
                    _publish(directory, aside, whole, before)
                return Built(whole, made.new, made.known)

            yield Draft(lambda: Index(aside, manifest), publish)


def adopt(directory: Path, source: Path, version: str, corpus: str, wait: float = WAIT_SECONDS) -> bool:
    """Make a version that another index folder holds, or an older one of this folder, the current one.

    Args:
        directory: the index folder; created if it does not exist.
        source: the folder that holds the version; it may be the same.
        version: the SHA-256 of its manifest.
        corpus: the fingerprint of the corpus that it must have been built from.
        wait: how many seconds to wait for a build to finish.

    Returns:
        Whether that version is now the current one; False if ``source`` does not hold it whole or it is of other files.

    Raises:
        IndexLocked: a build is still running.
        StoreError: the folder cannot be written; the current version is unaffected.
    """
    with _locked(directory, wait):
        before = _sound(directory)
        found = _held_by(source, version)
        if found is None or found[1].note.get("corpus", "") != corpus:
            return False
        if before is not None and current_version(directory) == version:
            return True
        with _writing(directory), _aside(directory) as aside:
            shutil.copytree(found[0], aside, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST))
            try:
                prove(aside, found[1])
            except StoreError as error:
                _log.warning("a version is not taken over: %s", error.en)
                return False
            _publish(directory, aside, found[1], before)
    return True


def _held_by(source: Path, version: str) -> _Version | None:
    for folder in (source / VERSIONS).glob("*"):
        with contextlib.suppress(OSError, ValueError):
            raw = (folder / MANIFEST).read_bytes()
            if digest(raw) == version:
                return folder, Manifest.from_json(raw)
    return None


def _sound(directory: Path) -> _Version | None:
    """The current version if it is intact, else None."""

    def verified(folder: Path, manifest: Manifest) -> _Version:
        prove(folder, manifest)
        return folder, manifest

    try:
        return steadily(directory, verified)
    except IndexMissing:
        return None
    except StoreError as error:
        _log.warning("nothing is taken over from the index that was there: %s", error.en)
        return None


def _known(before: _Version | None, encoder: Encoder) -> dict[bytes, Vectors]:
    """The vectors of the previous version by key, if the same model made them."""
    if before is None or (before[1].encoder, before[1].dimension) != (encoder.fingerprint, encoder.dimension):
        return {}
    vectors, keys = read_all_vectors(before[0])
    return dict(zip((key.tobytes() for key in keys), vectors, strict=True))


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _publish(directory: Path, aside: Path, manifest: Manifest, before: _Version | None) -> None:
    """Rename the new version into place, replace the pointer, then remove all but the new and the previous version."""
    raw = manifest.to_bytes()
    (aside / MANIFEST).write_bytes(raw)
    for path in [*aside.rglob("*"), aside]:
        sync(path)
    versions = directory / VERSIONS
    versions.mkdir(exist_ok=True)
    name = _name(versions, digest(raw))
    aside.rename(versions / name)
    sync(versions)
    point(directory, name, raw)
    keep = {name, before[0].name if before else name}
    for old in versions.iterdir():
        if old.name not in keep:
            _remove(old)


def _name(versions: Path, sha: str) -> str:
    """The shortest prefix of ``sha`` that is not taken; a damaged version with the same manifest may have one."""
    return next(sha[:length] for length in range(16, len(sha) + 1) if not (versions / sha[:length]).exists())


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:  # Windows does not delete files that are open in a reader.
        _log.warning("%s is left for the next build to remove: %s", folder, error)


@contextlib.contextmanager
def _aside(directory: Path) -> Iterator[Path]:
    """An empty folder to build in. The lock is held, so an existing one is the remains of a killed build."""
    folder = directory / ASIDE
    if folder.exists():
        _remove(folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        if folder.exists():
            _remove(folder)


@contextlib.contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """Translate errors of the operating system into a StoreError."""
    try:
        yield
    except OSError as error:
        # On a full disk, numpy raises an OSError without errno and with this message.
        full = os.strerror(errno.ENOSPC) if re.fullmatch(r"\d+ requested and \d+ written", str(error)) else error
        reason = error.strerror or full
        raise StoreError(
            f"写不了索引文件夹 {directory}（{reason}）：请检查权限和磁盘空间后重试；原来的索引没有动。",
            f"The index folder {directory} cannot be written ({reason}): check its permissions and the disk space and "
            "try again; the index that was there is untouched.",
        ) from error


@contextlib.contextmanager
def _locked(directory: Path, wait: float) -> Iterator[None]:
    """Hold the lock of builds, and record who holds it."""
    with _writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        held = _acquired(directory, wait)
    with held:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        with _writing(directory):
            (directory / HOLDER).write_text(json.dumps(holder), encoding="utf-8")
        yield


def _acquired(directory: Path, wait: float) -> contextlib.AbstractContextManager[object]:
    lock = FileLock(directory / LOCK)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        _log.warning("waiting at most %.0f s: %s", wait, _held(directory)[1])
    try:
        return lock.acquire(timeout=wait)
    except Timeout as error:
        raise IndexLocked(*_held(directory)) from error


def _held(directory: Path) -> tuple[str, str]:
    """The message that another build holds the lock, in Chinese and English."""
    try:
        who = json.loads((directory / HOLDER).read_text(encoding="utf-8"))
        pid, host, since = who["pid"], who["host"], who["since"]
    except (OSError, ValueError):  # The other build has the lock but has not written the file yet.
        pid, host, since = "?", "?", "?"
    return (
        f"另一个 parkqa build（进程 {pid}，{host}，{since} 开始）正在写这个索引，请等它结束后再试。",
        f"Another parkqa build (process {pid} on {host}, since {since}) is writing this index; "
        "try again when it has ended.",
    )
