"""Writing an index: aside, in one piece, one build at a time; what was there stays until the new one stands."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from parkqa.errors import IndexLocked, IndexMissing, ModelError, StoreError
from parkqa.index import BM25_METHOD, K1, B, Index, Row, read_all_vectors, unit, write_files
from parkqa.manifest import FORMAT, MANIFEST, VERSIONS, Manifest, digest, file_digest, point, prove, steadily, sync
from parkqa.nearest import Precision, kept_as, kind_for
from parkqa.passages import pieces
from parkqa.types import Document, Encoder, FaissKind, Progress, Vectors

ASIDE, LOCK, HOLDER = "aside", "build.lock", "build.json"
WAIT_SECONDS = 300.0
"""How long a build waits for another one to end."""

_log = logging.getLogger(__name__)
_Version = tuple[Path, Manifest]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote; ``embedded`` and ``reused`` count different texts (of passages and sentences)."""

    manifest: Manifest
    embedded: int
    reused: int


def build_index(  # noqa: PLR0913 - what is built, and how
    directory: Path,
    documents: Sequence[Document],
    rows: Sequence[Row],
    encoder: Encoder,
    note: Mapping[str, str],
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
    *,
    kind: FaissKind = "auto",
    try_out: Callable[[Index], Mapping[str, str]] | None = None,
) -> Built:
    """Build an index of ``rows`` into ``directory`` and make it the current one.

    Vectors of texts that the current version holds, made with the same encoder, are taken over; ``progress`` counts
    the others. Where nothing has changed, nothing is written. ``wait`` is how many seconds to wait for another build;
    ``kind`` is of the FAISS index. ``try_out`` gets the new index before anybody else does; what it returns is added
    to the note.

    Raises:
        IndexLocked: another build is still at work; says who.
        StoreError: the folder cannot be written; the index that was there stays.
        ModelError: the encoder gave something else than vectors.
        ValueError: a passage is not the slice of its document that it says, or has not one text for each sentence.
    """
    check(documents, rows)
    with _locked(directory, wait):
        before = _sound(directory)
        kept = kept_as(kind_for(len(rows), kind))
        made = embedded(rows, _known(before, encoder), encoder, progress, kept)
        with _writing(directory), _aside(directory) as aside:
            told = write_files(aside, documents, rows, made.vectors, made.keys, kind)
            files = {name: file_digest(aside / name) for name in _names(aside)}
            manifest = describe(documents, rows, encoder, note, told, files)
            if try_out:
                manifest = replace(manifest, note={**note, **try_out(Index(aside, manifest))})
            if before is None or manifest != before[1]:
                _publish(directory, aside, manifest, before)
    return Built(manifest, made.new, made.known)


def check(documents: Sequence[Document], rows: Sequence[Row]) -> None:
    """See that what is to be built holds together.

    Raises:
        ValueError: a passage is not the slice of its document that it says, or has not one text for each sentence.
    """
    texts = {document.path: document.text for document in documents}
    for passage, sentences in ((row.passage, row.sentences) for row in rows):
        if texts.get(passage.document, "")[passage.start : passage.end] != passage.text:
            raise ValueError(f"passage {passage.id} is no slice of {passage.document}")
        if len(sentences) != len(pieces(passage)):
            raise ValueError(f"passage {passage.id} has {len(pieces(passage))} pieces, {len(sentences)} are given")


def _sound(directory: Path) -> _Version | None:
    """The current version, None where there is none or it cannot be trusted."""

    def proved(folder: Path, manifest: Manifest) -> _Version:
        prove(folder, manifest)
        return folder, manifest

    try:
        return steadily(directory, proved)
    except IndexMissing:
        return None
    except StoreError as error:
        _log.warning("nothing is taken over from the index that was there: %s", error.en)
        return None


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of all passages, then of all their sentences, shape (n, dimension), and the key of each, (n, 16).

    ``new`` and ``known`` count the different texts that were embedded now, and those taken over.
    """

    vectors: npt.NDArray[np.floating[Any]]
    keys: npt.NDArray[np.uint8]
    new: int
    known: int


def embedded(
    rows: Sequence[Row],
    known: Mapping[bytes, Vectors],
    encoder: Encoder,
    progress: Progress | None = None,
    kept: Precision = np.float32,
) -> Embedded:
    """Embed what is not ``known`` (vectors of length 1 by key); ``kept`` is the precision of what is given back.

    Raises:
        ModelError: the encoder gave something else than vectors.
    """
    texts = [*(row.text for row in rows), *(text for row in rows for text in row.sentences)]
    keys = [_key(text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    vectors = _stacked(keys, {**known, **_embedded(new, encoder, progress)}, encoder.dimension, kept)
    return Embedded(vectors, _as_array(keys), len(new), len(set(keys)) - len(new))


def _key(text: str) -> bytes:
    """What an embedded text is known by from build to build: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).digest()[:16]


def _as_array(keys: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 16)


def _known(before: _Version | None, encoder: Encoder) -> dict[bytes, Vectors]:
    if before is None or (before[1].encoder, before[1].dimension) != (encoder.fingerprint, encoder.dimension):
        return {}
    vectors, keys = read_all_vectors(before[0])
    return dict(zip((key.tobytes() for key in keys), vectors, strict=True))


def _embedded(new: Mapping[bytes, str], encoder: Encoder, progress: Progress | None) -> dict[bytes, Vectors]:
    """The vectors of texts, at length 1."""
    if not new:
        return {}
    vectors = encoder.encode_passages(list(new.values()), progress)
    if vectors.shape != (len(new), encoder.dimension) or not np.isfinite(vectors).all():
        raise ModelError(
            "向量模型给出的不是可用的向量，请换一个模型（PARKQA_EMBEDDER）后重建。",
            "The embedding model gave no usable vectors; choose another one (PARKQA_EMBEDDER) and build again.",
        )
    return dict(zip(new, unit(vectors), strict=True))


def _stacked(
    keys: Sequence[bytes], vectors: Mapping[bytes, Vectors], dimension: int, kept: Precision
) -> npt.NDArray[np.floating[Any]]:
    stacked = np.empty((len(keys), dimension), dtype=kept)
    for place, key in enumerate(keys):
        stacked[place] = vectors[key]
    return stacked


def describe(
    documents: Sequence[Document],
    rows: Sequence[Row],
    encoder: Encoder,
    note: Mapping[str, str],
    faiss: Mapping[str, str | float],
    files: Mapping[str, str],
) -> Manifest:
    """Return the manifest of a build; ``files`` are SHA-256 by name."""
    return Manifest(
        format=FORMAT,
        parkqa=version("parkqa"),
        encoder=encoder.fingerprint,
        dimension=encoder.dimension,
        bm25={"method": BM25_METHOD, "k1": K1, "b": B},
        faiss=dict(faiss),
        documents={document.path: document.sha256 for document in documents},
        passages=len(rows),
        sentences=sum(len(row.sentences) for row in rows),
        note=dict(note),
        files=dict(files),
    )


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _publish(directory: Path, aside: Path, manifest: Manifest, before: _Version | None) -> None:
    """Rename the version into place, swap the pointer, then drop what is older than the version before."""
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
    """The first digits of ``sha`` that no version has yet: a damaged one of the same manifest may stand there."""
    return next(sha[:length] for length in range(16, len(sha) + 1) if not (versions / sha[:length]).exists())


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:  # Windows keeps what a reader has open.
        _log.warning("%s is left for the next build to remove: %s", folder, error)


@contextlib.contextmanager
def _aside(directory: Path) -> Iterator[Path]:
    """An empty folder to build in; the lock is held, so what is there was left by a killed build."""
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
    try:
        yield
    except OSError as error:
        # numpy, which does not pass on what the system said, raises this where not all it wrote was taken.
        full = os.strerror(errno.ENOSPC) if re.fullmatch(r"\d+ requested and \d+ written", str(error)) else error
        reason = error.strerror or full
        raise StoreError(
            f"写不了索引文件夹 {directory}（{reason}）：请检查权限和磁盘空间后重试；原来的索引没有动。",
            f"The index folder {directory} cannot be written ({reason}): check its permissions and the disk space and "
            "try again; the index that was there is untouched.",
        ) from error


@contextlib.contextmanager
def _locked(directory: Path, wait: float) -> Iterator[None]:
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
    try:
        who = json.loads((directory / HOLDER).read_text(encoding="utf-8"))
        pid, host, since = who["pid"], who["host"], who["since"]
    except (OSError, ValueError):  # It has the lock, but has not written its name yet.
        pid, host, since = "?", "?", "?"
    return (
        f"另一个 parkqa build（进程 {pid}，{host}，{since} 开始）正在写这个索引，请等它结束后再试。",
        f"Another parkqa build (process {pid} on {host}, since {since}) is writing this index; "
        "try again when it has ended.",
    )
