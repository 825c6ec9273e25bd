"""What the programs that run in child processes share (see ``workers``): their pipes, and limits on themselves."""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from parkqa.corpus.limits import Limits
from parkqa.corpus.workers import READY

GRACE = 10
"""Seconds beyond the limit after which the process ends by itself: its parent, which would kill it, is gone. Chosen by
hand."""


class Pipes:
    """The way to the parent: ``received`` its messages and ``send`` answers; all that is printed goes elsewhere."""

    def __init__(self) -> None:
        self._requests = sys.stdin.buffer
        self._answers = _own_output()
        self._nowhere = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process

    def received(self) -> Any:
        """Return the next message.

        Raises:
            EOFError: there is none any more.
        """
        faulthandler.cancel_dump_traceback_later()  # waiting is no work
        return pickle.load(self._requests)

    def send(self, message: Any) -> None:
        """Send a message."""
        self.send_packed(pickle.dumps(message))

    def send_packed(self, packed: bytes) -> None:
        """Send a message that is pickled already."""
        self._answers.write(packed)
        self._answers.flush()

    def limit_time(self, limits: Limits) -> None:
        """Have this process end when it has worked for so long from now, by the processor or by the clock."""
        faulthandler.dump_traceback_later(limits.patience + GRACE, exit=True, file=self._nowhere)
        with contextlib.suppress(ImportError, ValueError, OSError):  # without effect on Windows
            import resource

            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + limits.seconds, hard))


@contextlib.contextmanager
def pipes(memory: int) -> Iterator[Pipes]:
    """Yield the pipes of this process, limited to so many bytes of memory, once its parent knows that it is ready.

    The block ends quietly when the parent has nothing more to send or is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent, which ends this process
    made = Pipes()
    limit_memory(memory)
    with contextlib.suppress(EOFError, BrokenPipeError):
        made.send(READY)
        yield made


def _own_output() -> BinaryIO:
    """Return the standard output, and let everything else that is printed go to the standard error."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def limit_memory(most: int) -> None:
    """Limit the address space of this process in bytes and write no core dumps; without effect on Windows."""
    try:
        import resource
    except ImportError:
        return
    for kind, limit in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):  # a system that cannot limit it
            resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
