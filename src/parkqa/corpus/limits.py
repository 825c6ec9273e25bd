"""What one file of the corpus may take, what is handed to the process that reads it, and what comes back."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from parkqa.corpus.folder import name_of
from parkqa.corpus.passages import pieces
from parkqa.corpus.readers.draft import Note, Unreadable
from parkqa.errors import CorpusError, DocumentError
from parkqa.types import Document, Passage

if TYPE_CHECKING:
    from parkqa.settings import Settings

MEMORY = 2 * 1024**3
"""Most address space of such a process, in bytes, where the system can limit it (not on Windows). Chosen by hand: it
holds what files within the limits of ``file_checks`` usually need, and two of them fit into a laptop."""
PATIENCE = 10
"""How many times as long by the clock as by the processor a file may take. Chosen by hand: on a machine so busy that it
takes longer, files are left out; a larger value waits longer for a drive that does not answer."""
PLAIN, SMALL = frozenset({".md", ".markdown", ".txt"}), 32 * 1024
"""Files of these formats up to this size, in bytes, are read without a child process. Measured: whatever stands in so
small a file, reading takes at most a few seconds (Markdown of nothing but ``![``), and a few MB."""
PIECES = 10
"""Sentences and clauses for each passage that ``Limits.passages`` allows; they are embedded too. Chosen by
hand."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: ``seconds`` to read it, and how many of its ``passages`` are used.

    Where the system can limit it (not on Windows) the seconds are those of the processor, so that no file is left out
    because other programs are busy; ``patience`` is for how long the process is waited for in any case.
    """

    seconds: int = 60
    passages: int = 20_000

    @property
    def patience(self) -> int:
        """Seconds by the clock after which the process is killed."""
        return self.seconds * (PATIENCE if hasattr(signal, "SIGXCPU") else 1)

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that the settings name."""
        return cls(settings.read_seconds, settings.passages_per_file)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be read.

    Attributes:
        path: where it is.
        root: the folder that it may not lie outside of.
        particulars: its entry in park.yaml.
        limits: what reading it may take.
        name: its name in the corpus, where that is not its path below ``root``: of a file in an archive.
        converted: what LibreOffice made of it, which is read in its place; None where it is read itself.
        ocr: whether pages that are pictures can be recognised.
    """

    path: Path
    root: Path
    particulars: Mapping[str, str]
    limits: Limits
    name: str = ""
    converted: Path | None = None
    ocr: bool = False

    @property
    def document(self) -> str:
        """The path of the document that it becomes."""
        return self.name or name_of(self.path, self.root)


@dataclass(frozen=True, slots=True)
class FileReading:
    """What was read of a file.

    Attributes:
        document: the file as a document.
        passages: its passages, as many as are used; none of a translation, whose passages follow its original.
        notes: what was left out or is remarkable.
        total: how many passages it has.
    """

    document: Document
    passages: tuple[Passage, ...]
    notes: tuple[Note, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file was not read, as a child sends it; ``last`` says that the child ends and is to be replaced."""

    zh: str
    en: str
    last: bool = False


def is_small(path: Path) -> bool:
    """Return whether a file can be read in this process, see SMALL; also one that cannot be read at all."""
    try:
        return path.suffix.lower() in PLAIN and path.stat().st_size <= SMALL
    except OSError:
        return True


def bounded(passages: Sequence[Passage], most: int) -> tuple[Passage, ...]:
    """Return the first passages: at most ``most``, with at most PIECES times as many sentences and clauses."""
    counts = accumulate(len(pieces(passage)) for passage in passages[:most])
    return tuple(p for p, count in zip(passages, counts, strict=False) if count <= PIECES * most)


def too_much_memory() -> Failure:
    """Return the failure of a file whose reading takes more than MEMORY."""
    size = f"{MEMORY // 1024**3} GB"
    return Failure(
        f"读它要用的内存超过 {size}，没有收；请拆成几份，或另存一份再试。",
        f"reading it takes more than {size} of memory, so it was left out; split it, or save it anew and try again.",
        last=True,
    )


def too_slow(seconds: int) -> Unreadable:
    """Return the error for a file that takes longer than ``seconds``."""
    return Unreadable(
        f"读了 {seconds} 秒还没有读完，没有收；请拆成几份或另存一份再试，确实要收就把 PARKQA_READ_SECONDS 设大。",
        f"it could not be read within {seconds} seconds and was left out; split it or save it anew, or raise "
        "PARKQA_READ_SECONDS.",
    )


def crashed() -> Unreadable:
    """Return the error for a file whose process died."""
    return Unreadable(
        "读它的程序崩溃了（文件损坏，或内存不够），没有收；请用原来的软件打开后另存一份。",
        "the program that reads it crashed (the file is damaged, or memory ran out), so it was left out; open it in "
        "its own program and save it anew.",
    )


def not_started(why: str) -> CorpusError:
    """Return the error for a process that does not start, for the reason ``why`` or with this exit status."""
    return CorpusError(
        f"读资料的进程启动不了（{why}），原来的索引没有动；请检查内存和进程数的限制。",
        f"The process that reads documents cannot be started ({why}); the index that was there is untouched. Check the "
        "limits on memory and processes.",
    )


def more_than_used(name: str, total: int, used: int) -> DocumentError:
    """Return the note on a file that has more passages than are used."""
    return DocumentError(
        name,
        f"有 {total} 段，只收了前 {used} 段；请拆成几份，或把 PARKQA_PASSAGES_PER_FILE 设大。",
        f"it has {total} passages, of which the first {used} are used; split it, or raise PARKQA_PASSAGES_PER_FILE.",
    )
