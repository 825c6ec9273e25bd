"""The exceptions that parkqa raises; every message says what is wrong and what to do, in Chinese and in English.

::

    ParkqaError
    ├── BadQuestion          the question is invalid (HTTP 422, exit status 2)
    ├── BadFeedback          the feedback on an answer is invalid (HTTP 422)
    ├── Busy                 too many questions are waiting; retry later (HTTP 503)
    ├── SettingsError        a setting has an invalid value
    ├── CorpusError          the corpus folder cannot be used
    │   ├── DocumentError    one document cannot be read; has ``path``
    │   └── ParkFileError    park.yaml, glossary.yaml or faq.yaml is invalid; has ``path`` and ``line``
    ├── QuestionSetError     a question set is invalid; has ``path`` and ``line``
    ├── JournalError         the journal cannot be read or written
    ├── MessagesError        a visitor's message cannot be taken, or their file cannot be read or written
    ├── OutOfMemory          the memory that the system allows does not suffice
    ├── ModelError           a model is missing, damaged or cannot be downloaded
    └── StoreError           the index cannot be used
        ├── IndexMissing     no index has been built yet
        ├── IndexDamaged     a file is missing or was altered; has ``file``
        ├── IndexMismatch    written by a different format version or with a different model
        ├── IndexLocked      another build is running
        ├── DatabaseRefused  the database rejected a statement
        └── StoreUnavailable the database cannot be reached or is too slow; retry later (HTTP 503)
            └── IndexReplaced  the open build has been dropped, since there are newer ones; open the index anew
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = re.compile(r"failed to map segment|(?:cannot|unable to) allocate|bad_alloc|start new thread", re.IGNORECASE)
"""What the system's loader, C++ libraries and Python say, besides a MemoryError, when memory has run out."""


def legible(name: str) -> str:
    """Return a file name with its unprintable characters escaped as in a Python literal, so that it fits on one line.

    >>> print(legible("园区\\n概况.md"))
    园区\\n概况.md
    """
    return "".join(char if char.isprintable() or char == "\u3000" else repr(char)[1:-1] for char in name)


class ParkqaError(Exception):
    """Base class of all errors that parkqa raises on purpose.

    Attributes:
        zh: the message in Chinese.
        en: the message in English.

    ``str()`` returns both messages, Chinese first.

    >>> error = ParkqaError("请输入问题。", "Please type a question.")
    >>> str(error)
    '请输入问题。 / Please type a question.'
    >>> error.message("en")
    'Please type a question.'
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en

    def message(self, language: str = "zh") -> str:
        """Return the message in ``language``: English for ``"en"``, Chinese for anything else."""
        return self.en if language == "en" else self.zh


class BadQuestion(ParkqaError):
    """The question is empty, too long or not valid text."""


class BadFeedback(ParkqaError):
    """The feedback on an answer does not have the required form."""


class Busy(ParkqaError):
    """A question cannot be taken just now: the queue is full, or the server is getting ready or stopping."""


class SettingsError(ParkqaError):
    """A setting has an invalid value."""


class CorpusError(ParkqaError):
    """The corpus folder cannot be used."""


class DocumentError(CorpusError):
    """One document cannot be read.

    Attributes:
        path: path of the document relative to the corpus folder.
        reason_zh: the reason in Chinese, without the path.
        reason_en: the reason in English, without the path.
    """

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(f"{legible(path)}：{zh}", f"{legible(path)}: {en}")
        self.path = path
        self.reason_zh = zh
        self.reason_en = en


class ParkFileError(CorpusError):
    """park.yaml, glossary.yaml or faq.yaml is invalid at ``line`` (from 1; 0 if the line is unknown)."""

    def __init__(self, path: Path | str, line: int, zh: str, en: str) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}：{zh}", f"{where}: {en}")
        self.path = str(path)
        self.line = line


class QuestionSetError(ParkqaError):
    """A question set cannot be read; ``line`` counts from 1 and is 0 if the file as a whole is meant."""

    def __init__(self, path: Path | str, line: int, zh: str, en: str) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}：{zh}", f"{where}: {en}")
        self.path = str(path)
        self.line = line


class JournalError(ParkqaError):
    """The journal cannot be read or written."""


class MessagesError(ParkqaError):
    """A message cannot be taken, or the file of the messages cannot be read or written."""


class ModelError(ParkqaError):
    """A model is missing, damaged or cannot be downloaded."""


class StoreError(ParkqaError):
    """The index cannot be used."""


class IndexMissing(StoreError):
    """No index has been built yet."""


class IndexDamaged(StoreError):
    """A part of the index is missing or was altered; ``file`` names the file or the database table."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.file = file


class IndexMismatch(StoreError):
    """The index was written by a different format version or with a different embedding model."""


class IndexLocked(StoreError):
    """Another build is writing the index."""


class StoreUnavailable(StoreError):
    """The database cannot be reached at the moment or did not answer in time."""


class DatabaseRefused(StoreError):
    """The database rejected a statement, for lack of permission or space for instance."""


class IndexReplaced(StoreUnavailable):
    """The build that was open has been dropped, since newer ones were made; an engine opened anew answers."""


class OutOfMemory(ParkqaError):
    """The memory that the system allows does not suffice."""


RESERVE = 4 * 2**20
"""Bytes that are set aside while memory may run out, so that it can still be said. Chosen by hand; they are never
written to, so they take address space and no memory."""


@contextmanager
def enough_memory() -> Iterator[None]:
    """Say in a sentence that memory has run out, in whatever way a library says so; also for use as a decorator.

    Raises:
        OutOfMemory: it has.

    >>> try:
    ...     with enough_memory():
    ...         raise ImportError("_faiss.so: failed to map segment from shared object")
    ... except OutOfMemory as error:
    ...     print(error.en)
    Memory ran out; the index that was there is untouched.
    """
    reserve = None
    try:
        reserve = bytearray(RESERVE)
        yield
    except (MemoryError, ImportError, OSError, RuntimeError) as error:
        del reserve
        if not _exhausted(error):
            raise
        raise OutOfMemory(
            "内存不够，没有做完；原来的索引没有动。", "Memory ran out; the index that was there is untouched."
        ) from error


def _exhausted(error: BaseException | None) -> bool:
    """Return whether this error, or one that it was raised from or while handling, says that memory ran out."""
    while error is not None:
        if (
            isinstance(error, MemoryError)
            or getattr(error, "errno", None) == errno.ENOMEM
            or _MEMORY.search(str(error))
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
