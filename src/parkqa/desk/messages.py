"""The messages of visitors, as the office works through them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from parkqa.errors import MessagesError
from parkqa.journal import messages, messages_merging
from parkqa.journal.messages import STATES, Message
from parkqa.settings import Settings

Note = Callable[[tuple[str, str], str, str], None]
SHOWN = 50
"""Messages of one page; chosen by hand."""
LONGEST = 1000
"""Maximum length of a note in code points; the rest is cut off. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list: ``counts`` has how many there are of each state, ``more`` whether older ones follow."""

    messages: tuple[Message, ...]
    counts: Mapping[str, int]
    more: bool


class Messages:
    """What the office does with messages; each deed is noted in the trail by number, without what anybody wrote.

    ``takes`` tells whether the park takes messages at present. Errors are MessagesErrors, after which nothing changed.
    """

    def __init__(self, settings: Settings, takes: Callable[[], bool], note: Note) -> None:
        self.path: Path = settings.messages_file
        self.days = settings.messages_days
        self._takes = takes
        self._note = note

    @property
    def is_used(self) -> bool:
        """Whether there is anything to do: messages are taken, or some are left."""
        return self._takes() or self.path.is_file()

    def waiting(self) -> int:
        """Return how many messages are new; 0 where that cannot be told."""
        try:
            return messages.waiting(self.path)
        except MessagesError:
            return 0

    def shown(self, state: str, page: int, words: str = "") -> Shown:
        """Return a page of the list, newest first: of a state, or of all for a ``state`` that is none.

        Only those are in it that hold the ``words``, in whatever case: in number, name, contact, question or note.
        """
        wanted = words.strip().casefold()
        found = [message for message in self._kept()[::-1] if wanted in _searched(message)]
        counts: Counter[str] = Counter(message.state for message in found)
        chosen = [message for message in found if state not in STATES or message.state == state]
        first = max(page, 0) * SHOWN
        return Shown(tuple(chosen[first : first + SHOWN]), counts, len(chosen) > first + SHOWN)

    def _kept(self) -> list[Message]:
        """Those whose time is not up; the server deletes the others within the hour."""
        return messages.read(self.path, datetime.now(UTC) - timedelta(days=self.days))

    def between(self, since: datetime | None, until: datetime | None) -> list[Message]:
        """Return the messages from ``since`` (included) to ``until`` (excluded), for a report."""
        return messages.read(self.path, since, until)

    def change(self, who: tuple[str, str], id_: str, state: str, note: str, seen: str) -> None:
        """Set the state and the note of a message that has not changed since it was ``seen``."""
        messages.change(self.path, id_, state, note.strip()[:LONGEST], seen, datetime.now(UTC))
        self._note(who, "message", id_[: messages.SHORT])

    def delete(self, who: tuple[str, str], id_: str) -> str:
        """Delete a message; return its number."""
        number = messages.delete(self.path, id_, datetime.now(UTC)).number
        self._note(who, "message_delete", number)
        return number

    def merge(self, who: tuple[str, str], file: Path, given: str) -> int:
        """Put another computer's messages into ours; return how many are new. ``given`` is what its sender calls it."""
        _, new = messages_merging.merge([file], self.path)
        self._note(who, "message_merge", given)
        return new

    def table(self, who: tuple[str, str]) -> str:
        """Return all messages as CSV, with the mark by which spreadsheets know UTF-8."""
        out = io.StringIO("\ufeff")
        out.seek(1)
        messages.write_table(self._kept(), out)
        self._note(who, "message_export", "")
        return out.getvalue()


def _searched(message: Message) -> str:
    return "\n".join((message.number, message.name, message.contact, message.question, message.note)).casefold()
