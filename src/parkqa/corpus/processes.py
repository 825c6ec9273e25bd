"""Child processes that read files, each file within limits of time and memory (``parkqa.corpus.child`` runs in them).

A crafted or merely broken file can keep the libraries that parse it busy for hours, take all memory or crash them. In
a process of its own that costs this file alone. The processes are few and live as long as the corpus is read, so that
a start, half a second, is paid once. The pages whose text they want recognised go to one process for all of them.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from parkqa.corpus.limits import Failure, FileReading, Job
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.readers.scans import Picture
from parkqa.corpus.recognition import Recogniser
from parkqa.corpus.workers import Worker
from parkqa.errors import DocumentError

CHILDREN = 2
"""Most processes that read side by side. Chosen by hand: more would finish sooner and take more memory at once."""


class Readers:
    """The child processes; a context manager, which ends them. None is started before there is something to read.

    ``recogniser`` recognises the text of pages that are pictures; None where that is not to be done.
    """

    def __init__(self, recogniser: Recogniser | None = None) -> None:
        self._recogniser = recogniser
        self._threads = ThreadPoolExecutor(CHILDREN, thread_name_prefix="parkqa-read")
        self._lock = threading.Lock()
        self._children: set[Worker] = set()
        self._idle: list[Worker] = []

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            children = [*self._children]
        for child in children:  # first, since a thread waits for each of them
            child.end()
        if self._recogniser is not None:
            self._recogniser.end()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, job: Job, name: str) -> Future[FileReading]:
        """Have a file read, which is called ``name`` in errors.

        The future raises DocumentError where the file cannot be read or exceeds its limits, and CorpusError where no
        process can be started.
        """
        return self._threads.submit(self._read, job, name)

    def _read(self, job: Job, name: str) -> FileReading:
        child = self._taken()
        try:
            answer = self._asked(child, job, name)
        except Unreadable as error:
            self._drop(child)
            raise DocumentError(name, error.zh, error.en) from error
        if isinstance(answer, Failure):
            self._drop(child) if answer.last else self._idle.append(child)
            raise DocumentError(name, answer.zh, answer.en)
        self._idle.append(child)
        return answer

    def _asked(self, child: Worker, job: Job, name: str) -> FileReading | Failure:
        recogniser = self._recogniser
        answer: FileReading | Failure = (
            child.ask(job, job.limits)
            if recogniser is None
            else child.ask(replace(job, ocr=True), job.limits, Picture, recogniser.of(name))
        )
        return answer

    def _taken(self) -> Worker:
        """Return an idle child, or a new one; there are no more than threads that ask for one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        child = Worker("parkqa.corpus.child")
        with self._lock:
            self._children.add(child)
        return child

    def _drop(self, child: Worker) -> None:
        with self._lock:
            self._children.discard(child)
        child.end()
