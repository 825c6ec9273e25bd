"""The program that runs in a child process: reads the files that it is sent, one after the other (see ``processes``).

It imports what the readers need and no model. ``python -m parkqa.corpus.child`` takes pickled ``Job`` objects on its
standard input, each with what is to be done with it, and writes what came of it, or a ``Failure``, for each.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from parkqa.corpus.documents import read_file
from parkqa.corpus.limits import MEMORY, Failure, Job, too_much_memory
from parkqa.corpus.processes import READY
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import DocumentError

GRACE = 10
"""Seconds beyond the limit after which the process ends by itself: its parent, which would kill it, is gone. Chosen by
hand."""


def main() -> None:
    """Read files until the standard input ends or memory has run out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent, which ends this process
    requests, answers = sys.stdin.buffer, _own_output()
    _limit_memory()
    with Path(os.devnull).open("w") as nowhere, contextlib.suppress(EOFError, BrokenPipeError):
        _send(answers, pickle.dumps(READY))
        while True:
            job, task = pickle.load(requests)
            faulthandler.dump_traceback_later(job.limits.patience + GRACE, exit=True, file=nowhere)
            _limit_time(job.limits.seconds)
            answer, packed = _packed(job, task)
            faulthandler.cancel_dump_traceback_later()
            _send(answers, packed)
            if isinstance(answer, Failure) and answer.last:
                return


def _own_output() -> BinaryIO:
    """Return the standard output, and let everything else that is printed go to the standard error."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def _limit_memory() -> None:
    """Limit the address space of this process to MEMORY and write no core dumps; without effect on Windows."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):  # a system that cannot limit it
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _limit_time(seconds: int) -> None:
    """Have this process killed after so many more seconds of the processor; without effect on Windows."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, hard))


def _packed(job: Job, task: Callable[[Job], Any] | None = None) -> tuple[Any, bytes]:
    """Return what a task gives for a file, and the same pickled; the task is by default to read it."""
    answer: Any
    try:
        answer = (task or read_file)(job)
        return answer, pickle.dumps(answer)
    except Unreadable as error:
        answer = Failure(error.zh, error.en)
    except DocumentError as error:
        answer = Failure(error.reason_zh, error.reason_en)
    except MemoryError:
        answer = too_much_memory()
    return answer, pickle.dumps(answer)


def _send(answers: BinaryIO, packed: bytes) -> None:
    answers.write(packed)
    answers.flush()


if __name__ == "__main__":
    main()
