"""A build beside a running server: in a process of its own, its texts embedded and read by the server's own models.

In a thread it would hold the answers back: reading and cutting documents keeps the interpreter busy.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt

from parkqa.engine import Engine
from parkqa.errors import ParkqaError, StoreError
from parkqa.indexing.prepare import is_current
from parkqa.indexing.report import BuildReport
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.settings import Settings
from parkqa.types import Encoder, Progress, Reranker, Vectors
from parkqa.web.serving.loader import Started

_LOG = logging.getLogger("parkqa")
_SPAWN = multiprocessing.get_context("spawn")
CHUNK = 16
"""Texts that are embedded at a time, so that questions come in between."""
_POLL_SECONDS = 0.5
_NICENESS = 10

Build = Callable[[Encoder, Reranker | None], object]


class Stopped(Exception):
    """The server ends before the build does."""


def start(settings: Settings, build: Build) -> Started:
    """Open the index with the models that the settings name, built first where the corpus is another or it is damaged.

    Where it cannot be built but the index that was there answers, that is opened; why is returned beside it.

    Raises:
        ParkqaError: there is nothing that answers.
    """
    encoder, reranker = load_encoder(settings), load_reranker(settings)
    fault = None if is_current(settings) else _failure(build, encoder, reranker)
    try:
        return Started(Engine.open(settings, encoder, reranker), fault)
    except StoreError as error:
        if fault:
            raise fault from error
        build(encoder, reranker)
        return Started(Engine.open(settings, encoder, reranker))


def _failure(build: Build, encoder: Encoder, reranker: Reranker | None) -> ParkqaError | None:
    try:
        build(encoder, reranker)
    except ParkqaError as error:
        return error
    return None


def rebuild(settings: Settings, encoder: Encoder, stop: Event, reranker: Reranker | None = None) -> BuildReport:
    """Build in another process, embedding and reading its texts here; return when it has ended.

    Raises:
        ParkqaError: as ``Engine.build``, or the process was ended from outside.
        Stopped: ``stop`` was set; the process is ended, the index that was there stays.
    """
    here, there = _SPAWN.Pipe()
    about = (settings, encoder.fingerprint, encoder.dimension, reranker and reranker.fingerprint, there)
    process = _SPAWN.Process(target=_work, args=about, name="parkqa-build", daemon=True)
    process.start()
    there.close()
    try:
        return _attended(here, encoder, reranker, stop)
    except Stopped:
        process.kill()  # at any moment: a build is all or nothing
        raise
    except (EOFError, ConnectionError) as error:
        raise _ended() from error
    finally:
        here.close()
        _end(process)


def _attended(here: Connection, encoder: Encoder, reranker: Reranker | None, stop: Event) -> BuildReport:
    """Embed and read what the process asks for until it reports."""
    while not stop.is_set():
        if not here.poll(_POLL_SECONDS):
            continue
        kind, value = here.recv()
        if kind == "report":
            report: BuildReport = value
            return report
        if kind == "error":
            raise ParkqaError(*value)
        here.send(_done(kind, value, encoder, reranker))
    raise Stopped


def _done(kind: str, value: Any, encoder: Encoder, reranker: Reranker | None) -> npt.NDArray[np.float32]:
    if kind == "score" and reranker is not None:
        return reranker.score(*value)
    return encoder.encode_queries(value) if kind == "queries" else encoder.encode_passages(value)


def _end(process: SpawnProcess) -> None:
    process.join(_POLL_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _ended() -> ParkqaError:
    return ParkqaError(
        "建索引的进程意外结束了（可能是内存不够），原来的索引没有动，稍后会再试。",
        "The process that builds the index has ended unexpectedly (perhaps memory ran out); the index that was there "
        "is untouched, and it will be tried again.",
    )


class _Remote:
    """The encoder of the process that started this one."""

    def __init__(self, fingerprint: str, dimension: int, there: Connection) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self._there = there

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return _asked(self._there, "queries", list(texts))

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        parts = [_asked(self._there, "passages", list(texts[at : at + CHUNK])) for at in range(0, len(texts), CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), dtype=np.float32)


class _RemoteReranker:
    """The reranker of the process that started this one: which suggested questions have answers, it decides."""

    def __init__(self, fingerprint: str, there: Connection) -> None:
        self.fingerprint = fingerprint
        self._there = there

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        parts = [
            _asked(self._there, "score", (question, list(texts[at : at + CHUNK]))) for at in range(0, len(texts), CHUNK)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)


def _asked(there: Connection, kind: str, value: object) -> npt.NDArray[np.float32]:
    there.send((kind, value))
    answer: npt.NDArray[np.float32] = there.recv()
    return answer


def _work(settings: Settings, fingerprint: str, dimension: int, reranker: str | None, there: Connection) -> None:
    """Build; what the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends this one
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with contextlib.suppress(EOFError, OSError):  # the server has gone
        encoder = _Remote(fingerprint, dimension, there)
        there.send(_outcome(settings, encoder, _RemoteReranker(reranker, there) if reranker is not None else None))


def _outcome(settings: Settings, encoder: Encoder, reranker: Reranker | None) -> tuple[str, Any]:
    try:
        return "report", Engine.build(settings, encoder=encoder, reranker=reranker)
    except ParkqaError as error:
        return "error", (error.zh, error.en)
    except (EOFError, ConnectionError):
        raise
    except Exception as error:
        _LOG.exception("the index could not be built")
        what = type(error).__name__
        return "error", (f"建索引时出了错（{what}），请查看日志。", f"The build failed ({what}); see the log.")
