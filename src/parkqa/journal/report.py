"""Builds the journal report: one self-contained, printable HTML page with statistics on questions and answers."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from parkqa.engine import Engine
from parkqa.journal import charts
from parkqa.journal.clusters import clustered
from parkqa.journal.entries import Entry
from parkqa.journal.messages import Message
from parkqa.search.similarity import background_cosine
from parkqa.types import Passage

LONGEST = 30
"""Maximum number of rows in a table of the report; chosen by hand."""
NEVER = 200
"""Maximum number of never-quoted passages listed; chosen by hand."""

MODES = {"chat": "问答页", "event": "展会", "widget": "嵌入", "api": "接口", "cli": "命令行"}
LANGUAGES = {"zh": "中文", "en": "英文"}
OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Used:
    """A quoted passage, with the number of times it was quoted at all and quoted first."""

    document: str
    text: str
    quoted: int
    first: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Median, 95th percentile and maximum of the times to answer, in milliseconds."""

    median: float
    most: float
    slowest: float


def used(entries: Sequence[Entry]) -> list[Used]:
    """Return the quoted passages, ordered by how often they were the first quote, then by how often quoted at all."""
    places = {(cited.document, cited.text) for entry in entries for cited in entry.quotes}
    all_ = Counter((cited.document, cited.text) for entry in entries for cited in entry.quotes)
    first = Counter((cited.document, cited.text) for entry in entries for cited in entry.quotes[:1])
    found = [Used(*place, quoted=all_[place], first=first[place]) for place in places]
    return sorted(found, key=lambda use: (-use.first, -use.quoted, use.document, use.text))


def never(passages: Sequence[Passage], quoted: Sequence[Used]) -> list[Passage]:
    """Return the passages of the current index that were never quoted, translations left out."""
    seen = {(use.document, use.text) for use in quoted}
    return [p for p in passages if p.original is None and (p.document, p.text) not in seen]


def speed(entries: Sequence[Entry]) -> Speed | None:
    """Return the statistics of the times to answer; None without entries."""
    times = sorted(entry.ms for entry in entries)
    if not times:
        return None
    return Speed(statistics.median(times), float(np.percentile(times, 95)), times[-1])


def local(stamp: str) -> datetime:
    """Return a timestamp of the journal as a datetime in this machine's time zone."""
    return datetime.fromisoformat(stamp).astimezone()


def page(entries: Sequence[Entry], engine: Engine, messages: Sequence[Message] = ()) -> str:
    """Return the report on ``entries`` as HTML; ``messages``, left in the same time, are counted only.

    ``engine`` supplies the embedding model that clusters the questions and the passages of the current index.

    Raises:
        ParkqaError: matplotlib is not installed.
    """
    real = [entry for entry in entries if entry.kind != "smalltalk"]
    floor = background_cosine(engine.store)
    refused = [entry for entry in real if entry.kind == "refusal"]
    quoted = used(real)
    unquoted = never(engine.store.passages, quoted)
    html = _template().render(
        park=engine.park,
        made=datetime.now().astimezone(),
        first=local(entries[0].at) if entries else None,
        last=local(entries[-1].at) if entries else None,
        entries=entries,
        real=real,
        refused=refused,
        conversations=len({entry.conversation for entry in entries}),
        liked=sum(entry.liked is True for entry in entries),
        disliked=[entry for entry in entries if entry.liked is False],
        hours=Markup(_by_hour(real)),
        days=Markup(_by_day(real)),
        modes=Markup(charts.rows(_named(Counter(entry.mode for entry in entries), MODES))),
        languages=Markup(charts.rows(_named(Counter(entry.language for entry in entries), LANGUAGES))),
        asked=clustered(real, engine.encoder, floor)[:LONGEST],
        unanswered=clustered(refused, engine.encoder, floor),
        quoted=quoted[:LONGEST],
        unquoted=unquoted[:NEVER],
        unquoted_count=len(unquoted),
        speed=speed(real),
        messages=Counter(message.state for message in messages),
        local=local,
    )
    return html.strip() + "\n"


def _by_hour(entries: Sequence[Entry]) -> str:
    return _chart(entries, [f"{hour}" for hour in range(24)], [local(entry.at).hour for entry in entries], "点 / hour")


def _by_day(entries: Sequence[Entry]) -> str:
    asked = [local(entry.at).date() for entry in entries]
    days = sorted(set(asked))
    labels = [f"{day.month}月{day.day}日" for day in days]
    return _chart(entries, labels, [days.index(day) for day in asked], "") if len(days) > 1 else ""


def _chart(entries: Sequence[Entry], labels: Sequence[str], places: Sequence[int], axis: str) -> str:
    """Return a chart of answered and unanswered questions, stacked; ``places`` gives each entry's column number."""
    series = {"有答案 / answered": [0] * len(labels), "没有答案 / not answered": [0] * len(labels)}
    yes, no = series.values()
    for entry, place in zip(entries, places, strict=True):
        (yes if entry.kind == "answer" else no)[place] += 1
    return charts.columns(labels, series, axis)


def _named(counts: Counter[str], names: dict[str, str]) -> dict[str, int]:
    """Return the counts under their display names, largest first; unknown keys are summed under ``OTHER``."""
    named: Counter[str] = Counter()
    for word, count in counts.items():
        named[names.get(word, OTHER)] += count
    return dict(named.most_common())


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("parkqa", "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
