"""What a back-up holds beside the documents and what the desk remembers of them: one table, a line for each thing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from parkqa.desk import accounts, audit
from parkqa.desk.folder import Folder, write
from parkqa.journal import merging, messages_merging
from parkqa.settings import Settings


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or all files of a folder.

    Attributes:
        name: its name in the back-up; that of a folder ends with "/".
        path: where it is here; None where it is not kept.
        copy: copies a file as it is at one moment, to a path where there is none.
        check: raises ParkqaError or ValueError for a file that must not be put here.
        put: puts a file from a back-up to its place. Doing so twice is doing so once; what is here is not lost.
        by_staff: whether the desk restores it too; otherwise only who has the server's machine does.
    """

    name: str
    path: Path | None
    copy: Callable[[Path, Path], object]
    check: Callable[[Path], object]
    put: Callable[[Path, Path], object]
    by_staff: bool

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield what is here now: each file under its name in the back-up."""
        if self.path is None or not self.path.exists():
            return
        if not self.name.endswith("/"):
            yield self.name, self.path
            return
        for path in sorted(self.path.iterdir()):
            if path.is_file() and self.holds(self.name + path.name):
                yield self.name + path.name, path

    def holds(self, name: str) -> bool:
        """Return whether a name in a back-up belongs to this."""
        if not self.name.endswith("/"):
            return name == self.name
        last = name.removeprefix(self.name)
        return (
            name == self.name + last and last.isprintable() and not last.startswith(".") and not set(last) & set("/\\:")
        )

    def place(self, name: str) -> Path | None:
        """Return where a file of that name belongs here."""
        if self.path is None or not self.name.endswith("/"):
            return self.path
        return self.path / name.removeprefix(self.name)


def parts(settings: Settings, folder: Folder) -> tuple[Part, ...]:
    """Return the table, in the order in which things are put.

    Who may log in and the trail come from a back-up only to a desk that has none: an old back-up must neither let in
    who was sent away, nor write the trail anew.
    """

    def merge_messages(file: Path, path: Path) -> object:
        return messages_merging.merge([file], path)

    def merge(file: Path, journal: Path) -> merging.Merged:
        return merging.merge_into(journal, file, settings.journal_days, datetime.now(UTC))

    absent, copy = _where_there_is_none, shutil.copyfile
    return (
        Part("journal.db", settings.journal, merging.snapshot, merging.check, merge, by_staff=True),
        Part(
            "messages.db",
            settings.messages_file,
            messages_merging.snapshot,
            messages_merging.check,
            merge_messages,
            by_staff=True,
        ),
        Part("desk/questions/", folder.questions, copy, _anything, absent, by_staff=True),
        Part("desk/accounts.json", folder.accounts, copy, accounts.check, absent, by_staff=False),
        Part("desk/audit.jsonl", folder.audit, copy, audit.check, absent, by_staff=False),
    )


def _where_there_is_none(file: Path, path: Path) -> None:
    if not path.exists():
        write(path, file.read_bytes())


def _anything(_: Path) -> None:
    """Take every file: a question set that cannot be read is passed over where it is used."""
