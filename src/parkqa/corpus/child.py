"""The program that runs in a child process: reads the files that it is sent, one after the other (see ``processes``).

It imports what the readers need and no model. ``python -m parkqa.corpus.child`` takes pickled ``Job`` objects on its
standard input, each with what is to be done with it, and writes what came of it, or a ``Failure``, for each; before
that, a ``Picture`` for each page whose text is to be recognised, for which it gets a ``Recognition`` or None.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from parkqa.corpus.documents import read_file
from parkqa.corpus.limits import MEMORY, Failure, Job, too_much_memory
from parkqa.corpus.program import Pipes, pipes
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.readers.scans import Picture, Recognition
from parkqa.errors import DocumentError


def main() -> None:
    """Read files until the standard input ends or memory has run out."""
    with pipes(MEMORY) as way:
        while True:
            job, task = way.received()
            way.limit_time(job.limits)
            answer, packed = _packed(job, task, way)
            way.send_packed(packed)
            if isinstance(answer, Failure) and answer.last:
                return


def _packed(job: Job, task: Callable[[Job], Any] | None = None, way: Pipes | None = None) -> tuple[Any, bytes]:
    """Return what a task gives for a file, and the same pickled; the task is by default to read it.

    Pages that are pictures are recognised by whoever is at the end of ``way``.
    """

    def recognise(picture: Picture) -> Recognition | None:
        assert way is not None
        way.send(picture)
        found: Recognition | None = way.received()
        way.limit_time(job.limits)
        return found

    answer: Any
    try:
        answer = task(job) if task else read_file(job, recognise if job.ocr else None)
        return answer, pickle.dumps(answer)
    except Unreadable as error:
        answer = Failure(error.zh, error.en)
    except DocumentError as error:
        answer = Failure(error.reason_zh, error.reason_en)
    except MemoryError:
        answer = too_much_memory()
    return answer, pickle.dumps(answer)


if __name__ == "__main__":
    main()
