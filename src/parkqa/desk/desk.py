"""The desk as a whole: wiring, and what each deed leaves in the trail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from parkqa.corpus.curation import faq, glossary, park
from parkqa.corpus.folder import fingerprint
from parkqa.desk import audit, editing, forms, publishing, unanswered
from parkqa.desk.accounts import Accounts
from parkqa.desk.audit import Deed
from parkqa.desk.backup import Made, back_up
from parkqa.desk.candidate import Build, Candidate
from parkqa.desk.checking import Checking
from parkqa.desk.folder import Folder
from parkqa.desk.forms import Fields
from parkqa.desk.library import Library
from parkqa.desk.messages import Messages
from parkqa.desk.pages import Pages
from parkqa.desk.parts import parts
from parkqa.desk.readings import Readings
from parkqa.desk.report import Reports
from parkqa.desk.restoring import Restored, Restorer
from parkqa.desk.shelf import Shelf
from parkqa.desk.sites import Sites
from parkqa.desk.state import Publication
from parkqa.desk.trying import Trials
from parkqa.desk.unanswered import Questions
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.journal.merging import Merged
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.types import Document, Passage

_LOG = logging.getLogger("parkqa")
Who = tuple[str, str]
"""The name of a person and the address that the request came from."""


class Desk:
    """All that the office can do.

    ``engine`` returns what answers visitors, None before it is ready; ``busy`` whether it is answering any just now.

    Every deed that changes something is in the trail. Its errors are ParkqaErrors, after which nothing has changed.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Callable[[], Engine | None],
        build: Build,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings = settings
        self.folder = Folder.of(settings)
        self.accounts = Accounts(self.folder, settings.desk_password_file)
        self.shelf = Shelf(settings.corpus, self.folder)
        self.readings = Readings(self.folder, settings)
        self.pages = Pages(self.folder, settings, self.readings)
        self.library = Library(self.shelf, self.readings, self.pages, self._live)
        self.candidate = Candidate(settings, self.shelf, build, busy)
        self.sites = Sites(self.shelf)
        self.checking = Checking(settings)
        self.trials = Trials()
        self.questions = Questions(settings.journal)
        self.reports = Reports(settings.journal, settings.journal_days)
        self.parts = parts(settings, self.folder)
        self.restorer = Restorer(self.shelf, self.parts)
        self.messages = Messages(settings, self._takes_messages, self.note)
        self._engine = engine
        self._build = build
        self._works = (self.candidate.work, self.sites.work, self.checking.work, self.library.work)

    def recover(self) -> None:
        """Carry on what a crash has broken off and clear away its remains; to be called before an index is opened."""
        try:
            self.restorer.carry_on()
        except ParkqaError as error:
            _LOG.error("%s", error)
        if not self.folder.state.exists():
            return
        self.folder.tidy()
        self.pages.tidy(time.time())
        try:
            if publication := publishing.carry_on(self.shelf):
                self._take_over(publication)
                publishing.finish(self.shelf, publication)
                _LOG.warning("发布已接着做完 / a publication was carried on: %s", publication.id)
        except ParkqaError as error:
            _LOG.error("%s", error)

    def stop(self) -> None:
        """Break off what is going on in the background."""
        for work in self._works:
            work.stop()

    def is_working(self) -> bool:
        """Return whether anything is going on in the background."""
        return any(work.who for work in self._works)

    def note(self, who: Who, what: str, to: str = "") -> None:
        """Add a line to the trail."""
        audit.add(self.folder.audit, Deed(audit.now(), who[0], who[1], what, to))

    # Documents

    def add(self, who: Who, file: Path, given: str, folder: str) -> str:
        """See ``editing.add``."""
        name = editing.add(self.shelf, self.readings, file, given, folder, who[0])
        self.note(who, "add", name)
        return name

    def replace(self, who: Who, file: Path, name: str, seen: str) -> None:
        """See ``editing.replace``."""
        editing.replace(self.shelf, self.readings, file, name, seen, who[0])
        self.note(who, "replace", name)

    def rename(self, who: Who, name: str, given: str, seen: str) -> str:
        """See ``editing.rename``."""
        new = editing.rename(self.shelf, name, given, seen, who[0])
        self.note(who, "rename", f"{name} → {new}")
        return new

    def retire(self, who: Who, name: str, seen: str) -> None:
        """See ``editing.retire``."""
        editing.retire(self.shelf, name, seen, who[0])
        self.note(who, "retire", name)

    def bring_back(self, who: Who, name: str, sha: str, seen: str) -> None:
        """See ``editing.bring_back``."""
        editing.bring_back(self.shelf, name, sha, seen, who[0])
        self.note(who, "bring_back", f"{name} {sha[:12]}")

    def describe(self, who: Who, name: str, values: Mapping[str, str], seen: str) -> None:
        """See ``editing.describe``."""
        editing.describe(self.shelf, name, values, seen, who[0])
        self.note(who, "describe", name)

    def drop(self, who: Who, name: str) -> None:
        """See ``editing.drop``."""
        editing.drop(self.shelf, name)
        self.note(who, "drop", name)

    def write_text(self, who: Who, name: str, text: str, seen: str) -> None:
        """See ``editing.write_text``."""
        editing.write_text(self.shelf, name, text, seen, who[0])
        self.note(who, "write", name)

    def fetch(self, who: Who) -> None:
        """Begin to fetch the park's web sites into the draft, and to read what is new; return immediately."""
        self.sites.start(who[0], self.library.read_pending)
        self.note(who, "fetch", ", ".join(site.address for site in self.sites.sites()))

    def write_park(self, who: Who, fields: Fields, seen: str) -> None:
        """See ``forms.write_park``."""
        forms.write_park(self.shelf, fields, seen, who[0])
        self.note(who, "write", park.FILE)

    def write_logo(self, who: Who, file: Path | None, seen: tuple[str, str]) -> None:
        """See ``forms.write_logo``."""
        forms.write_logo(self.shelf, file, seen, who[0])
        self.note(who, "write", f"{park.FILE} logo")

    def write_entry(self, who: Who, name: str, place: int, fields: Fields, seen: str) -> None:
        """See ``forms.write_entry``."""
        forms.write_entry(self.shelf, self.live_engine(), name, place, fields, seen, who[0])
        self.note(who, "write", name)

    def drop_entry(self, who: Who, name: str, place: int, seen: str) -> None:
        """See ``forms.drop_entry``."""
        forms.drop_entry(self.shelf, name, place, seen, who[0])
        self.note(who, "write", name)

    # Questions

    def answer(self, who: Who, engine: Engine, asked: Sequence[str], chosen: tuple[Passage, int, int]) -> str:
        """See ``unanswered.answer``; return the file that was changed."""
        unanswered.answer(self.shelf, engine, asked, chosen, who[0])
        self.note(who, "answer", asked[0])
        return faq.FILE

    def synonym(self, who: Who, engine: Engine, word: str, known: str) -> str:
        """See ``unanswered.synonym``; return the file that was changed."""
        unanswered.synonym(self.shelf, engine, word, known, who[0])
        self.note(who, "synonym", f"{word} = {known}")
        return glossary.FILE

    def refuse(self, who: Who, asked: Sequence[str]) -> str:
        """See ``unanswered.refuse``; return the file that was changed."""
        unanswered.refuse(self.shelf, asked, who[0])
        self.note(who, "refuse", asked[0])
        return faq.FILE

    def write_document(self, who: Who, title: str, text: str) -> str:
        """Put a new document of a few paragraphs into the draft, for others to approve; return its name."""
        with self.folder.aside() as place:
            name = editing.write(self.shelf, self.readings, place / "file", title, text, who[0])
        self.note(who, "add", name)
        return name

    def merge(self, who: Who, file: Path, given: str) -> Merged:
        """See ``Reports.merge``; ``given`` is what the sender calls the file."""
        merged = self.reports.merge(file)
        self.note(who, "merge", given)
        return merged

    # Back-up

    def back_up(self, who: Who, target: Path, passphrase: str) -> Made:
        """See ``backup.back_up``."""
        made = back_up(self.settings, self.shelf, self.parts, target, passphrase)
        self.note(who, "backup")
        return made

    def restore(self, who: Who, file: Path, passphrase: str, given: str) -> Restored:
        """See ``Restorer.restore``; the documents go into the draft. ``given`` is what the sender calls the file."""
        return self.restorer.restore(file, passphrase, who, given, "draft")

    # See before it goes live

    def check(self, who: Who) -> None:
        """Begin to build the candidate and to ask it the questions that matter; return immediately."""
        self.candidate.start(self.live_engine(), who[0])
        self.note(who, "check")

    def publish(self, who: Who, version: str) -> None:
        """Have the draft go live that was checked as ``version``; the index follows in the background.

        Raises:
            ParkqaError: it is not what was checked; nothing has changed.
        """
        found = self.candidate.found()
        if found is None or found.version != version:
            raise ParkqaError(
                "检查以后有人又查过一次，没有发布。请看过新的结果再发布。",
                "Somebody has checked again since, and nothing was published. Look at the new result first.",
            )
        live = self.live_engine().version
        self.candidate.run(
            "publishing",
            who[0],
            lambda: self._publish(
                who, lambda: publishing.publish(self.shelf, found.fingerprint, who[0], live, version)
            ),
        )

    def take_back(self, who: Who) -> None:
        """Undo the latest publication; the index follows in the background."""
        self.candidate.run(
            "returning", who[0], lambda: self._publish(who, lambda: publishing.take_back(self.shelf, who[0]), "back")
        )

    def discard(self, who: Who) -> None:
        """Empty the draft."""
        publishing.discard(self.shelf)
        self.candidate.forget()
        self.note(who, "discard")

    def _publish(self, who: Who, begin: Callable[[], Publication], what: str = "publish") -> None:
        publication = begin()
        self.note(who, what, "、".join(publication.changes))
        if not self._take_over(publication):
            self._build(self.settings, self.live_engine(), self.candidate.work.stopping)
        publishing.finish(self.shelf, publication)
        self.candidate.forget()

    def _take_over(self, publication: Publication) -> bool:
        """Make the index of a publication the live one without building it; False where it has to be built."""
        live, candidate = backend(self.settings), self.candidate.settings.index
        sources = (candidate, self.settings.index)
        corpus = fingerprint(self.settings.corpus)
        return any(live.adopt(source, publication.after, corpus) for source in sources if source.is_dir())

    def examine(self, who: Who) -> None:
        """Begin to check whether this machine can serve; return immediately."""
        self.checking.start(who[0], self.live_engine().encoder)
        self.note(who, "examine")

    def live_engine(self) -> Engine:
        """Return what answers visitors.

        Raises:
            ParkqaError: it is not ready.
        """
        engine = self._engine()
        if engine is None:
            raise ParkqaError("问答还没有准备好，请稍候再试。", "The engine is not ready yet; try again in a moment.")
        return engine

    def _takes_messages(self) -> bool:
        engine = self._engine()
        return bool(engine and engine.park.messages)

    def _live(self) -> Mapping[str, Document]:
        engine = self._engine()
        return engine.documents if engine else {}
