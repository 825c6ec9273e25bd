"""``parkqa check`` for the desk: the same checks, made beside the server without hindering it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Event

from parkqa.desk.audit import now
from parkqa.desk.background import Background
from parkqa.desk.comparison import Stopped
from parkqa.desk.readiness import CHECKS, Finding, Said, examine, look, model
from parkqa.errors import ParkqaError
from parkqa.settings import Settings
from parkqa.types import Encoder

HERE = ("model", "port")
"""The checks that a running server answers for itself: it has loaded the model, and holds the port."""
_NICENESS = 10
"""Unix priority of the process that checks, and of the readers that it starts: below that of the server."""
_POLL_SECONDS = 0.5
"""Interval for looking whether the server stops."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found, who began it, and when it ended (UTC, ISO 8601)."""

    findings: tuple[Finding, ...]
    who: str
    at: str


class Checking:
    """Runs one check at a time, in a process of low priority, and keeps the result until the server ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.work = Background("parkqa-check")
        self.checked: Checked | None = None

    def start(self, who: str, encoder: Encoder) -> None:
        """Begin a check; return immediately.

        Raises:
            ParkqaError: one is going on already.
        """
        self.work.start(who, lambda: self._check(who, encoder))

    def _check(self, who: str, encoder: Encoder) -> None:
        others = iter(beside(self._settings, self.work.stopping))
        mine = {finding.name.en: finding for finding in _of_the_server(self._settings, encoder)}
        findings = tuple(mine.get(check.name.en) or next(others) for check in CHECKS)
        self.checked = Checked(findings, who, now())


def _of_the_server(settings: Settings, encoder: Encoder) -> list[Finding]:
    probes = {
        "model": lambda each: model(each, encoder),
        "port": lambda each: Said(" 在服务", "is served", f"{each.host}:{each.port}"),
    }
    return [look(check.name, probes[check.name.en], check.cure, settings) for check in CHECKS if check.name.en in HERE]


def beside(settings: Settings, stop: Event) -> list[Finding]:
    """Make the checks that are not HERE in another process, and return their findings in order.

    Raises:
        ParkqaError: the process ended unexpectedly.
        Stopped: ``stop`` was set; the process was killed.
    """
    spawn = multiprocessing.get_context("spawn")
    mine, its = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_main, args=(settings, its), name="parkqa-check", daemon=True)
    process.start()
    its.close()
    try:
        while not mine.poll(_POLL_SECONDS):
            if stop.is_set():
                raise Stopped
        found: list[Finding] = mine.recv()
        return found
    except (EOFError, ConnectionError) as error:
        raise ParkqaError(
            "检查的进程意外结束了（可能是内存不够），请稍后再试。",
            "The process that checks has ended unexpectedly (perhaps memory ran out); try again later.",
        ) from error
    finally:
        mine.close()
        process.kill()
        process.join()
        process.close()


def _main(settings: Settings, connection: Connection) -> None:
    """Entry point of the process that checks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which stops this process
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with contextlib.suppress(EOFError, OSError):  # the server has exited
        connection.send(examine(settings, HERE))
