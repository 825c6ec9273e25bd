"""The candidate: an index of the corpus with the draft, beside the live one, and what it does to the answers."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from parkqa.corpus.curation.config import curated_of
from parkqa.desk.audit import now
from parkqa.desk.background import Background
from parkqa.desk.comparison import KEPT, KINDS, Answers, Difference, Kind, Stopped, differences
from parkqa.desk.files import Files
from parkqa.desk.folder import made, removed, saying_what_failed, write
from parkqa.desk.questions import questions
from parkqa.desk.shelf import Shelf
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.indexing.report import BuildReport
from parkqa.models.remembering import RememberingEncoder, remembering
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.types import Encoder, Reranker

Build = Callable[[Settings, Engine, threading.Event], BuildReport]
"""Builds an index as the settings say, beside the running server and with the models of an engine."""
Stage = Literal["building", "asking", "publishing", "returning"]
"""What ``Candidate.work`` is at."""
PAIRS = 4_000
"""Pairs of a question and a text whose scores are remembered, some 2 kB each: about as many as 500 questions have.
Chosen by hand."""


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
    """Checks one draft at a time, in the background; publishing, too, is its ``work``.

    ``busy`` tells whether visitors are being answered at present.
    """

    def __init__(self, settings: Settings, shelf: Shelf, build: Build, busy: Callable[[], bool]) -> None:
        folder = shelf.folder.candidate
        self.settings = settings.model_copy(
            update={"corpus": folder / "corpus", "index": folder / "index", "store": None, "watch": False}
        )
        self._live = settings
        self._shelf = shelf
        self._build = build
        self._busy = busy
        self._found = folder / "found.json"
        self._answers = Answers()
        self._models: tuple[Encoder, Reranker | None] | None = None
        self.work = Background("parkqa-desk")

    def found(self) -> Found | None:
        """Return the result of the last check, None if there was none."""
        try:
            return _FOUND.validate_json(self._found.read_bytes())
        except (OSError, ValidationError):
            return None

    def start(self, engine: Engine, who: str) -> None:
        """Begin a check against ``engine``; return immediately.

        Raises:
            ParkqaError: something is going on already.
        """
        self.run("building", who, lambda: self._check(engine, who))

    def run(self, stage: Stage, who: str, work: Callable[[], None]) -> None:
        """Do some work in the background; return immediately.

        Raises:
            ParkqaError: something is going on already.
        """
        self.work.start(who, work, stage)

    def forget(self) -> None:
        """Forget the last result; its index is kept, since its vectors save time."""
        self._found.unlink(missing_ok=True)

    def _check(self, live: Engine, who: str) -> None:
        there = self._shelf.files()
        self._refuse_conflicts(there)
        self._fill(there)
        self._seed(live)
        live = self._remembering(live)
        report = self._build(self.settings, live, self.work.stopping)
        if self.work.stopping.is_set():
            raise Stopped
        engine = Engine.open(self.settings, live.encoder, live.reranker)
        asked = questions(curated_of(engine.store.note), self._shelf.folder.questions, self._live.journal)
        self.work.begin("asking", len(asked))
        compared = differences(
            live,
            engine,
            asked,
            self.work.stopping,
            answers=self._answers,
            busy=self._busy,
            progress=lambda _: self.work.tell("asking"),
        )
        self._keep(_found(engine, live, report, [*compared], who))

    def _keep(self, found: Found) -> None:
        write(self._found, json.dumps(asdict(found), ensure_ascii=False).encode())

    def _remembering(self, live: Engine) -> Engine:
        """The live engine with models that remember what they were given, in earlier checks too; a server's stay."""
        if self._models is None:
            self._models = RememberingEncoder(live.encoder, KEPT), remembering(live.reranker, PAIRS)
        return live.with_models(*self._models)

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
        """Copy the live index before the first build, so that its vectors are reused; not that of a database."""
        try:
            backend(self.settings).version()
        except ParkqaError:
            if self._live.store is None:
                corpus = live.store.note.get("corpus", "")
                backend(self.settings).adopt(self._live.index, live.version, corpus)


def _found(candidate: Engine, live: Engine, report: BuildReport, seen: Sequence[Difference], who: str) -> Found:
    return Found(
        fingerprint=candidate.store.note.get("corpus", ""),
        version=candidate.version,
        live=live.version,
        who=who,
        at=now(),
        documents=report.documents,
        passages=report.passages,
        counts={kind: sum(each.kind == kind for each in seen) for kind in KINDS},
        differences=tuple(each for each in seen if each.kind != "same"),
        failed=report.failed,
        notes=report.notes,
        dropped=report.dropped,
    )


def _linked(source: Path, path: Path) -> None:
    """Link a file that is never changed to a second path, or copy it where the file system has no links."""
    try:
        os.link(source, path)
    except OSError:  # a file system without links
        shutil.copyfile(source, path)
