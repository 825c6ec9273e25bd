"""Child processes that read files, each file within limits of time and memory (``parkqa.corpus.child`` runs in them).

A crafted or merely broken file can keep the libraries that parse it busy for hours, take all memory or crash them. In
a process of its own that costs this file alone. The processes are few and live as long as the corpus is read, so that
a start, half a second, is paid once. The pages whose text they want recognised go to one process for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from parkqa.corpus.conversion import Office
from parkqa.corpus.kept_files import KeptFiles
from parkqa.corpus.limits import Failure, FileReading, Job
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.readers.scans import Picture
from parkqa.corpus.recognition import Recogniser
from parkqa.corpus.workers import Worker
from parkqa.errors import DocumentError

_T = TypeVar("_T")

CHILDREN = 2
"""Most processes that read side by side. Chosen by hand: more would finish sooner and take more memory at once."""


@dataclass(frozen=True, slots=True)
class Helpers:
    """What is done for the readers by other programs; None for what is not to be done.

    Attributes:
        office: LibreOffice, which old formats are read through.
        recogniser: recognises the text of pages that are pictures.
        shown: keeps what pictures of pages are drawn from, where it is not in the corpus.
        for_staff: whether that is done for documents for staff only too.
    """

    office: Office | None = None
    recogniser: Recogniser | None = None
    shown: KeptFiles | None = None
    for_staff: bool = False


class Readers:
    """The child processes; a context manager, which ends them and their helpers.

    None is started before there is something to read.
    """

    def __init__(self, helpers: Helpers | None = None) -> None:
        self.helpers = helpers or Helpers()
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
        for helper in (self.helpers.office, self.helpers.recogniser):
            if helper:
                helper.end()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, job: Job, name: str) -> Future[FileReading]:
        """Have a file read, which is called ``name`` in errors; see ``ask`` for what the future raises."""
        return self._threads.submit(self.ask, job, name)

    def start(self, work: Callable[[], _T]) -> Future[_T]:
        """Have something done beside the caller that itself asks the processes, one after the other."""
        return self._threads.submit(work)

    def ask(self, job: Job, name: str, task: Callable[[Job], Any] | None = None) -> Any:
        """Have a file read by a process, or something else done with it, and return what comes of it.

        Args:
            job: the file.
            name: what it is called in errors.
            task: a function of a module, which the process calls with the job; by default ``documents.read_file``.

        Raises:
            DocumentError: the file cannot be read or exceeds its limits.
            CorpusError: no process can be started.
        """
        child = self._taken()
        try:
            answer = self._asked(child, job, name, task)
        except Unreadable as error:
            self._drop(child)
            raise DocumentError(name, error.zh, error.en) from error
        if isinstance(answer, Failure):
            self._drop(child) if answer.last else self._idle.append(child)
            raise DocumentError(name, answer.zh, answer.en)
        self._idle.append(child)
        return answer

    def _asked(self, child: Worker, job: Job, name: str, task: Callable[[Job], Any] | None) -> Any:
        recogniser = self.helpers.recogniser
        if recogniser is None:
            return child.ask((job, task), job.limits)
        return child.ask((replace(job, ocr=True), task), job.limits, Picture, recogniser.of(name))

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
