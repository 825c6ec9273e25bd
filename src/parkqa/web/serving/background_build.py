"""Builds the index beside a running server, in a separate process that uses the server's models.

In a thread of the server, parsing and segmenting documents would hold the GIL and delay answers. The build process has
no models of its own: it sends texts over a pipe to the server, which embeds and scores them.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
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
from parkqa.models.yielding import let_visitors_first
from parkqa.settings import Settings
from parkqa.types import Encoder, Progress, Reranker, Vectors
from parkqa.web.serving.loader import Started

_LOG = logging.getLogger("parkqa")
_SPAWN = multiprocessing.get_context("spawn")
CHUNK = 16
"""Texts embedded or scored per request, chosen by hand, so that visitors' questions get in between."""
PIECE = 6
"""Texts of a request that are embedded at a time while visitors ask: usually one batch, so that one core is theirs."""
_ASKED_SECONDS = 3.0
"""Seconds after an answer in which the next question is expected; chosen by hand."""
_POLL_SECONDS = 0.5
"""Interval for checking whether the server stops, and time given to the process to exit."""
_NICENESS = 10
"""Unix priority of the build process, below that of the server."""

Build = Callable[[Encoder, Reranker | None], object]


class Stopped(Exception):
    """The server stopped before the build was finished."""


def start(settings: Settings, build: Build) -> Started:
    """Load the models and open the index, building it first if it is missing, damaged or out of date.

    If the build fails but the previous index can be opened, it is used, and the error is returned as ``fault``.

    Raises:
        ParkqaError: a model cannot be loaded, or there is no usable index and none can be built.
    """
    encoder, reranker = load_encoder(settings), load_reranker(settings)
    current = is_current(settings)
    fault = None if current else _try_build(build, encoder, reranker)
    try:
        return Started(Engine.open(settings, encoder, reranker), fault, built=not (current or fault))
    except StoreError as error:
        if fault:
            raise fault from error
        build(encoder, reranker)
        return Started(Engine.open(settings, encoder, reranker), built=True)


def _try_build(build: Build, encoder: Encoder, reranker: Reranker | None) -> ParkqaError | None:
    try:
        build(encoder, reranker)
    except ParkqaError as error:
        return error
    return None


def rebuild(
    settings: Settings,
    encoder: Encoder,
    stop: Event,
    reranker: Reranker | None = None,
    busy: Callable[[], bool] = lambda: False,
) -> BuildReport:
    """Build the index in another process, with the models of this one; return when it has finished.

    ``busy`` tells whether visitors are being answered at present; they go first.

    Raises:
        ParkqaError: as ``Engine.build``, or the process ended unexpectedly.
        Stopped: ``stop`` was set; the process was killed and the previous index is unchanged.
    """
    server_end, child_end = _SPAWN.Pipe()
    args = (settings, encoder.fingerprint, encoder.dimension, reranker and reranker.fingerprint, child_end)
    process = _SPAWN.Process(target=_main, args=args, name="parkqa-build", daemon=True)
    process.start()
    child_end.close()
    try:
        return _serve_models(server_end, encoder, reranker, stop, busy)
    except Stopped:
        process.kill()  # safe at any time: a build is atomic
        raise
    except (EOFError, ConnectionError) as error:
        raise _process_died() from error
    finally:
        server_end.close()
        _reap(process)


def _serve_models(
    server_end: Connection, encoder: Encoder, reranker: Reranker | None, stop: Event, busy: Callable[[], bool]
) -> BuildReport:
    """Serve the encoding and scoring requests of the build process until it sends its result."""
    visitors = _Visitors(busy, stop)
    while not stop.is_set():
        if not server_end.poll(_POLL_SECONDS):
            continue
        kind, value = server_end.recv()
        if kind == "report":
            report: BuildReport = value
            return report
        if kind == "error":
            raise ParkqaError(*value)
        server_end.send(_run_model(kind, value, encoder, reranker, visitors))
    raise Stopped


def _run_model(
    kind: str, value: Any, encoder: Encoder, reranker: Reranker | None, visitors: _Visitors
) -> npt.NDArray[np.float32]:
    if kind == "score" and reranker is not None:
        return visitors.first(lambda: reranker.score(*value))
    if kind == "queries":
        return visitors.first(lambda: encoder.encode_queries(value))
    done = [np.empty((0, encoder.dimension), np.float32)]
    at = 0
    while at < len(value):
        end = at + (PIECE if visitors.ask() else len(value))
        done.append(visitors.first(partial(encoder.encode_passages, value[at:end])))
        at = end
    return np.concatenate(done)


class _Visitors:
    """The visitors of the server, who go first.

    Args:
        busy: whether any of them is being answered or waits for it at present.
        stop: set when the server stops.
    """

    def __init__(self, busy: Callable[[], bool], stop: Event) -> None:
        self._busy = busy
        self._stop = stop
        self._asked = -_ASKED_SECONDS

    def ask(self) -> bool:
        """Whether any is being answered, or was within the last seconds."""
        if self._busy():
            self._asked = time.monotonic()
        return time.monotonic() - self._asked < _ASKED_SECONDS

    def first(self, work: Callable[[], npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Do a piece of work, and then let those who ask meanwhile go first."""
        started = time.perf_counter()
        done = work()
        self.ask()
        let_visitors_first(self._busy, self._stop, time.perf_counter() - started)
        return done


def _reap(process: SpawnProcess) -> None:
    process.join(_POLL_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _process_died() -> ParkqaError:
    return ParkqaError(
        "建索引的进程意外结束了（可能是内存不够），原来的索引没有动，稍后会再试。",
        "The process that builds the index has ended unexpectedly (perhaps memory ran out); the index that was there "
        "is untouched, and it will be tried again.",
    )


class _RemoteEncoder:
    """Encoder that delegates to the server process."""

    def __init__(self, fingerprint: str, dimension: int, connection: Connection) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self._connection = connection

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return _request(self._connection, "queries", list(texts))

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))  # little is padded within a request
        for lot in (order[at : at + CHUNK] for at in range(0, len(order), CHUNK)):
            vectors[lot] = _request(self._connection, "passages", [texts[i] for i in lot])
        return vectors


class _RemoteReranker:
    """Reranker that delegates to the server process; the build tests with it which suggested questions have answers."""

    def __init__(self, fingerprint: str, connection: Connection) -> None:
        self.fingerprint = fingerprint
        self._connection = connection

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        parts = [
            _request(self._connection, "score", (question, list(texts[at : at + CHUNK])))
            for at in range(0, len(texts), CHUNK)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)


def _request(connection: Connection, kind: str, value: object) -> npt.NDArray[np.float32]:
    connection.send((kind, value))
    answer: npt.NDArray[np.float32] = connection.recv()
    return answer


def _main(settings: Settings, fingerprint: str, dimension: int, reranker: str | None, connection: Connection) -> None:
    """Entry point of the build process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which stops this process
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with contextlib.suppress(EOFError, OSError):  # the server has exited
        encoder = _RemoteEncoder(fingerprint, dimension, connection)
        remote_reranker = _RemoteReranker(reranker, connection) if reranker is not None else None
        connection.send(_build_result(settings, encoder, remote_reranker))


def _build_result(settings: Settings, encoder: Encoder, reranker: Reranker | None) -> tuple[str, Any]:
    try:
        return "report", Engine.build(settings, encoder=encoder, reranker=reranker)
    except ParkqaError as error:
        return "error", (error.zh, error.en)
    except (EOFError, ConnectionError):
        raise
    except Exception as error:
        _LOG.exception("the index could not be built")
        kind = type(error).__name__
        return "error", (f"建索引时出了错（{kind}），请查看日志。", f"The build failed ({kind}); see the log.")
