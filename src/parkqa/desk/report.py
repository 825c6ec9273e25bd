"""What was asked in some days, for the desk: the figures of ``parkqa report`` without its charts."""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from parkqa.desk.unanswered import stamps
from parkqa.engine import Engine
from parkqa.errors import JournalError, ParkqaError
from parkqa.journal import report, table
from parkqa.journal.clusters import Cluster, clustered
from parkqa.journal.entries import Entry, read
from parkqa.journal.merging import Merged, merge_into
from parkqa.journal.messages import Message
from parkqa.journal.report import Speed
from parkqa.search.similarity import background_cosine

HOT, HOT_DAYS = 20, 7
"""How many of the most asked questions are shown, and of how many days before the last one; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was asked, small talk left out; ``hours`` are those of the clock on the wall, 0 to 23."""

    asked: int
    answered: int
    conversations: int
    liked: int
    disliked: int
    hours: tuple[int, ...]
    languages: Mapping[str, int]
    modes: Mapping[str, int]
    hot: tuple[Cluster, ...]
    speed: Speed | None


class Reports:
    """Reads the journal for some days; the last figures are kept, since finding hot questions embeds them all."""

    def __init__(self, journal: Path | None, days: int) -> None:
        self._journal = journal
        self._days = days
        self._lock = threading.Lock()
        self._known: tuple[object, Figures | None] = (None, None)

    @property
    def journal(self) -> Path:
        """The journal.

        Raises:
            JournalError: none is kept.
        """
        if self._journal is None:
            raise JournalError(
                "没有开问答记录（PARKQA_JOURNAL 为 none）。", "No journal is kept (PARKQA_JOURNAL is none)."
            )
        return self._journal

    def entries(self, since: date | None, until: date | None) -> list[Entry]:
        """Return the entries of the days, both included; an end that is None is open.

        Raises:
            JournalError: there is no journal, or it cannot be read.
        """
        return read(self.journal, _begins(since), _begins(until and until + timedelta(days=1)))

    def merge(self, file: Path) -> Merged:
        """Put the entries of another computer's journal into ours; the server may be writing to it.

        Raises:
            JournalError: there is no journal or it cannot be written, or the file is none; ours is as it was.
        """
        return merge_into(self.journal, file, self._days, datetime.now(UTC))

    def figures(self, engine: Engine, since: date | None, until: date | None) -> Figures:
        """Return the figures of the days.

        Raises:
            JournalError: there is no journal, or it cannot be read.
        """
        entries = self.entries(since, until)
        with self._lock:
            key = (*stamps(self.journal), engine.version, since, until)
            found = self._known[1] if self._known[0] == key else None
            if found is None:
                found = _figures(entries, engine)
                self._known = (key, found)
            return found

    def file(self, engine: Engine, since: date | None, until: date | None, messages: Sequence[Message] = ()) -> str:
        """Return the page that prints, as ``parkqa report`` writes it, with the number of ``messages``.

        Raises:
            ParkqaError: there is no journal, or matplotlib is not installed.
        """
        return report.page(self.entries(since, until), engine, messages)

    def lines(self, since: date | None, until: date | None) -> str:
        """Return the entries as ``parkqa journal export`` writes them."""
        return "".join(json.dumps(e.to_dict(), ensure_ascii=False) + "\n" for e in self.entries(since, until))

    def table(self, since: date | None, until: date | None) -> str:
        """Return the entries as ``parkqa journal export --csv`` writes them, with the BOM that Excel asks for."""
        out = io.StringIO()
        table.write(self.entries(since, until), out)
        return f"\ufeff{out.getvalue()}"


def day(text: str) -> date | None:
    """Return the day that a form names, None for an empty field.

    Raises:
        ParkqaError: it is no day.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ParkqaError("日期应写成 2026-05-01 这样。", "Write a day as 2026-05-01.") from error


def days(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """Return when days begin and when they end, both included; an end that is None is open."""
    return _begins(since), _begins(until and until + timedelta(days=1))


def _begins(when: date | None) -> datetime | None:
    return datetime.combine(when, time()).astimezone() if when else None


def _figures(entries: Sequence[Entry], engine: Engine) -> Figures:
    real = [entry for entry in entries if entry.kind != "smalltalk"]
    hours = Counter(report.local(entry.at).hour for entry in real)
    last = report.local(real[-1].at) - timedelta(days=HOT_DAYS) if real else None
    week = [entry for entry in real if last is not None and report.local(entry.at) >= last]
    return Figures(
        asked=len(real),
        answered=sum(entry.kind == "answer" for entry in real),
        conversations=len({entry.conversation for entry in real}),
        liked=sum(entry.liked is True for entry in real),
        disliked=sum(entry.liked is False for entry in real),
        hours=tuple(hours[hour] for hour in range(24)),
        languages=dict(Counter(entry.language for entry in real).most_common()),
        modes=dict(Counter(entry.mode for entry in real).most_common()),
        hot=tuple(clustered(week, engine.encoder, background_cosine(engine.store))[:HOT]),
        speed=report.speed(real),
    )
