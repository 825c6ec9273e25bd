"""The candidate: an index of the corpus with the draft, beside the live one, and what it does to the answers."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from parkqa.corpus.curation.config import curated_of
from parkqa.desk.audit import now
from parkqa.desk.comparison import KINDS, REST, Difference, Kind, Stopped, differences
from parkqa.desk.files import Files
from parkqa.desk.folder import made, removed, saying_what_failed, write
from parkqa.desk.questions import questions
from parkqa.desk.shelf import Shelf
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.indexing.report import BuildReport
from parkqa.settings import Settings
from parkqa.store.backend import backend

_LOG = logging.getLogger("parkqa")
Build = Callable[[Settings, Engine, threading.Event], BuildReport]
"""Builds an index as the settings say, beside the running server and with the models of an engine."""
Stage = Literal["idle", "building", "asking", "publishing"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What is going on: how many questions of how many have been asked, who began it, what went wrong the last time."""

    stage: Stage = "idle"
    done: int = 0
    total: int = 0
    who: str = ""
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a check.

    ``fingerprint`` is that of the files that were checked, ``version`` that of the index built from them and ``live``
    that of the index it was compared with. ``counts`` has the number of questions of each kind; ``differences`` those
    that are not the same. ``failed``, ``notes`` and ``dropped`` are those of the build.
    """

    fingerprint: str
    version: str
    live: str
    who: str
    at: str
    documents: int
    passages: int
    counts: dict[Kind, int]
    differences: tuple[Difference, ...]
    failed: tuple[str, ...]
    notes: tuple[str, ...]
    dropped: tuple[str, ...]


_FOUND = TypeAdapter(Found)


class Candidate:
    """Checks one draft at a time, in a thread of its own."""

    def __init__(self, settings: Settings, shelf: Shelf, build: Build, rest: float = REST) -> None:
        folder = shelf.folder.candidate
        self.settings = settings.model_copy(
            update={"corpus": folder / "corpus", "index": folder / "index", "store": None, "watch": False}
        )
        self._live = settings
        self._shelf = shelf
        self._build = build
        self._rest = rest
        self._found = folder / "found.json"
        self._progress = Progress()
        self._lock = threading.Lock()
        self.stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def progress(self) -> Progress:
        """What is going on."""
        return self._progress

    def found(self) -> Found | None:
        """Return the result of the last check, None if there was none."""
        try:
            return _FOUND.validate_json(self._found.read_bytes())
        except (OSError, ValidationError):
            return None

    def start(self, engine: Engine, who: str) -> None:
        """Begin a check against ``engine``, unless something is going on already; return immediately."""
        self.run("building", who, lambda: self._check(engine, who))

    def run(self, stage: Stage, who: str, work: Callable[[], None]) -> None:
        """Do some work in a thread, the only one at a time; return immediately.

        Raises:
            ParkqaError: something is going on already.
        """
        with self._lock:
            if self._progress.stage != "idle":
                raise ParkqaError(
                    f"{self._progress.who} 开始的检查或发布还没有完，请等它完了再点。",
                    f"What {self._progress.who} began is still going on; wait for it to end.",
                )
            self._progress = Progress(stage, who=who)
            self._thread = threading.Thread(target=self._run, args=(work,), name="parkqa-desk", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Break off what is going on; wait at most 5 seconds."""
        self.stopping.set()
        if self._thread:
            self._thread.join(5)

    def wait(self, seconds: float) -> None:
        """Wait until nothing is going on, at most so many seconds."""
        if self._thread:
            self._thread.join(seconds)

    def forget(self) -> None:
        """Forget the last result; its index is kept, since its vectors save time."""
        self._found.unlink(missing_ok=True)

    def _run(self, work: Callable[[], None]) -> None:
        fault = None
        try:
            work()
        except ParkqaError as error:
            _LOG.error("%s", error)
            fault = (error.zh, error.en)
        except Stopped:
            fault = ("没有做完，已停下。", "It was broken off.")
        except Exception:
            _LOG.exception("the desk's work failed")
            fault = ("出了错，没有做完；详情在日志里。", "It failed; the log has the details.")
        self._progress = Progress(fault=fault)

    def _check(self, live: Engine, who: str) -> None:
        there = self._shelf.files()
        self._refuse_conflicts(there)
        self._fill(there)
        self._seed(live)
        report = self._build(self.settings, live, self.stopping)
        if self.stopping.is_set():
            raise Stopped
        engine = Engine.open(self.settings, live.encoder, live.reranker)
        asked = questions(curated_of(engine.store.note), self._shelf.folder.questions, self._live.journal)
        self._progress = replace(self._progress, stage="asking", total=len(asked))
        seen = [*differences(live, engine, asked, self.stopping, self._rest, self._tell)]
        counts = {kind: sum(each.kind == kind for each in seen) for kind in KINDS}
        found = Found(
            fingerprint=engine.store.note.get("corpus", ""),
            version=engine.version,
            live=live.version,
            who=who,
            at=now(),
            documents=report.documents,
            passages=report.passages,
            counts=counts,
            differences=tuple(each for each in seen if each.kind != "same"),
            failed=report.failed,
            notes=report.notes,
            dropped=report.dropped,
        )
        write(self._found, json.dumps(asdict(found), ensure_ascii=False).encode())

    def _tell(self, done: int) -> None:
        self._progress = replace(self._progress, done=done)

    def _refuse_conflicts(self, there: Files) -> None:
        if names := there.conflicts:
            raise ParkqaError(
                f"{'、'.join(names)} 在草稿改过以后，又有人直接改了资料文件夹里的文件。请先放弃草稿里的这处改动再改。",
                f"{', '.join(names)} has been changed in the corpus folder since the draft changed it. Drop it from "
                "the draft first, then change it again.",
            )

    def _fill(self, there: Files) -> None:
        """Lay the files out as they will be; what is left of the last time is removed first."""
        corpus = self.settings.corpus
        removed(corpus)
        with saying_what_failed():
            made(corpus)
            for file in there.present.values():
                path = corpus / file.name
                path.parent.mkdir(parents=True, exist_ok=True)
                if file.change is None:
                    shutil.copyfile(file.path, path)
                else:
                    _linked(file.path, path)

    def _seed(self, live: Engine) -> None:
        """Have the vectors of the live index at hand, the first time."""
        try:
            backend(self.settings).version()
        except ParkqaError:
            if self._live.store is None:
                corpus = live.store.note.get("corpus", "")
                backend(self.settings).adopt(self._live.index, live.version, corpus)


def _linked(source: Path, path: Path) -> None:
    """Make a file that is never changed appear elsewhere too."""
    try:
        os.link(source, path)
    except OSError:  # a file system without links
        shutil.copyfile(source, path)
