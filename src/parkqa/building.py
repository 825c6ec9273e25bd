"""Writing an index: aside, in one piece, one build at a time; what was there stays until the new one stands."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from parkqa import __version__
from parkqa.errors import IndexLocked, StoreError
from parkqa.index import Row, embed, known_vectors, write_files
from parkqa.manifest import FORMAT, MANIFEST, POINTER, VERSIONS, Manifest, digest, faults, file_digest, point, sync
from parkqa.types import Document, Encoder, Progress

LOCK, HOLDER = "build.lock", "build.json"
_ASIDE = ".aside-"
WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote; ``embedded`` and ``reused`` count different texts (of passages and sentences)."""

    manifest: Manifest
    embedded: int
    reused: int


def build_index(
    directory: Path,
    documents: Sequence[Document],
    rows: Sequence[Row],
    encoder: Encoder,
    note: Mapping[str, str],
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
) -> Built:
    """Build an index of ``rows`` into ``directory`` and make it the current one.

    Vectors of texts that the current version holds, made with the same encoder, are taken over. ``wait`` is how many
    seconds to wait for another build to end.

    Raises:
        IndexLocked: another build is still at work; says who.
        StoreError: the folder cannot be written; the index that was there stays.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _locked(directory, wait):
            _sweep(directory)
            return _build(directory, documents, rows, encoder, note, progress)
    except OSError as error:
        raise StoreError(
            f"写不了索引文件夹 {directory}（{error.strerror}）：请检查权限和磁盘空间；原来的索引没有动。",
            f"The index folder {directory} cannot be written ({error.strerror}): check its permissions and the disk; "
            "the index that was there is untouched.",
        ) from error


def _build(
    directory: Path,
    documents: Sequence[Document],
    rows: Sequence[Row],
    encoder: Encoder,
    note: Mapping[str, str],
    progress: Progress | None,
) -> Built:
    texts = [row.text for row in rows] + [text for row in rows for text in row.sentences]
    vectors, keys, embedded = embed(texts, encoder, known_vectors(directory, encoder.fingerprint), progress)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=directory))
    try:
        write_files(aside, documents, rows, vectors, keys)
        files = sorted(path for path in aside.rglob("*") if path.is_file())
        manifest = Manifest(
            format=FORMAT,
            parkqa=__version__,
            encoder=encoder.fingerprint,
            dimension=encoder.dimension,
            documents={document.path: document.sha256 for document in documents},
            passages=len(rows),
            sentences=len(texts) - len(rows),
            note=dict(note),
            files={path.relative_to(aside).as_posix(): file_digest(path) for path in files},
        )
        _publish(directory, aside, manifest)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Built(manifest, embedded, len({bytes(key) for key in keys}) - embedded)


def _publish(directory: Path, aside: Path, manifest: Manifest) -> None:
    """Rename the version into place, swap the pointer, then drop what is older than the version before."""
    raw = manifest.to_bytes()
    (aside / MANIFEST).write_bytes(raw)
    for path in [*aside.rglob("*"), aside]:
        sync(path)
    version = digest(raw)[:16]
    target = directory / VERSIONS / version
    target.parent.mkdir(exist_ok=True)
    before = _current(directory)
    if target.exists() and ((target / MANIFEST).read_bytes() != raw or faults(target, manifest)):
        target.rename(directory / f"{_ASIDE}damaged-{time.time_ns()}")
    if not target.exists():
        aside.rename(target)
        sync(target.parent)
    point(directory, version, raw)
    _drop_old(directory, {version, before})


def _current(directory: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (directory / POINTER).read_text(encoding="ascii").partition(" ")[0]
    return ""


def _drop_old(directory: Path, keep: set[str]) -> None:
    """Remove old versions; one that Windows holds open goes at the next build."""
    for version in (directory / VERSIONS).iterdir():
        if version.name not in keep:
            shutil.rmtree(version, ignore_errors=True)


def _sweep(directory: Path) -> None:
    """Remove what a killed build left behind; the lock is held, so nobody is at work in it."""
    for left in [*directory.glob(f"{_ASIDE}*"), *directory.glob(f".{POINTER}.*")]:
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(directory: Path, wait: float) -> Iterator[None]:
    lock = FileLock(directory / LOCK, timeout=wait)
    try:
        lock.acquire()
    except Timeout as error:
        raise IndexLocked(*_held(directory)) from error
    try:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        (directory / HOLDER).write_text(json.dumps(holder), encoding="utf-8")
        yield
    finally:
        (directory / HOLDER).unlink(missing_ok=True)
        lock.release()


def _held(directory: Path) -> tuple[str, str]:
    who = {"pid": "?", "host": "?", "since": "?"}
    with contextlib.suppress(OSError, ValueError):
        who |= json.loads((directory / HOLDER).read_text(encoding="utf-8"))
    return (
        f"另一个 parkqa build（进程 {who['pid']}，{who['host']}，{who['since']} 开始）正在写这个索引，请等它结束后再试。",
        f"Another parkqa build (process {who['pid']} on {who['host']}, since {who['since']}) is writing this index; "
        "try again when it has ended.",
    )
