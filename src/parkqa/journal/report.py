"""The report after the fair: what was asked and what came of it, as one page that prints and needs no network."""

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
from parkqa.search.similarity import background_cosine
from parkqa.types import Passage

LONGEST = 30
"""Rows of a table of the report."""
NEVER = 200

MODES = {"chat": "问答页", "event": "展会", "widget": "嵌入", "api": "接口", "cli": "命令行"}
LANGUAGES = {"zh": "中文", "en": "英文"}
OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Used:
    """A passage that was quoted: how often at all, and how often as the first."""

    document: str
    text: str
    quoted: int
    first: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds to answer, of real questions only."""

    median: float
    most: float
    slowest: float


def used(entries: Sequence[Entry]) -> list[Used]:
    """Return the passages that were quoted, most quoted first."""
    places = {(cited.document, cited.text) for made in entries for cited in made.quotes}
    all_ = Counter((cited.document, cited.text) for made in entries for cited in made.quotes)
    first = Counter((cited.document, cited.text) for made in entries for cited in made.quotes[:1])
    found = [Used(*place, quoted=all_[place], first=first[place]) for place in places]
    return sorted(found, key=lambda use: (-use.first, -use.quoted, use.document, use.text))


def never(passages: Sequence[Passage], quoted: Sequence[Used]) -> list[Passage]:
    """Return the passages of today's index that were never quoted; translations are none."""
    seen = {(use.document, use.text) for use in quoted}
    return [p for p in passages if p.original is None and (p.document, p.text) not in seen]


def speed(entries: Sequence[Entry]) -> Speed | None:
    """Return the median, the 95th percentile and the slowest; None where nothing was asked."""
    taken = sorted(made.ms for made in entries)
    if not taken:
        return None
    return Speed(statistics.median(taken), float(np.percentile(taken, 95)), taken[-1])


def local(stamp: str) -> datetime:
    """Return a time of the journal in the time of this machine."""
    return datetime.fromisoformat(stamp).astimezone()


def page(entries: Sequence[Entry], engine: Engine) -> str:
    """Return the report on ``entries`` as HTML; ``engine`` has the model that clustered and the passages of today.

    Raises:
        ParkqaError: matplotlib is not installed.
    """
    real = [made for made in entries if made.kind != "smalltalk"]
    floor = background_cosine(engine.store)
    refused = [made for made in real if made.kind == "refusal"]
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
        conversations=len({made.conversation for made in entries}),
        liked=sum(made.liked is True for made in entries),
        disliked=[made for made in entries if made.liked is False],
        hours=Markup(_by_hour(real)),
        days=Markup(_by_day(real)),
        modes=Markup(charts.rows(_named(Counter(made.mode for made in entries), MODES))),
        languages=Markup(charts.rows(_named(Counter(made.language for made in entries), LANGUAGES))),
        asked=clustered(real, engine.encoder, floor)[:LONGEST],
        unanswered=clustered(refused, engine.encoder, floor),
        quoted=quoted[:LONGEST],
        unquoted=unquoted[:NEVER],
        unquoted_count=len(unquoted),
        speed=speed(real),
        local=local,
    )
    return html.strip() + "\n"


def _by_hour(entries: Sequence[Entry]) -> str:
    return _answered(entries, [f"{hour}" for hour in range(24)], [local(made.at).hour for made in entries], "点 / hour")


def _by_day(entries: Sequence[Entry]) -> str:
    asked = [local(made.at).date() for made in entries]
    days = sorted(set(asked))
    labels = [f"{day.month}月{day.day}日" for day in days]
    return _answered(entries, labels, [days.index(day) for day in asked], "") if len(days) > 1 else ""


def _answered(entries: Sequence[Entry], labels: Sequence[str], places: Sequence[int], axis: str) -> str:
    """Columns of what was answered and, on top, what was not; ``places`` says in which column each entry stands."""
    series = {"有答案 / answered": [0] * len(labels), "没有答案 / not answered": [0] * len(labels)}
    yes, no = series.values()
    for made, place in zip(entries, places, strict=True):
        (yes if made.kind == "answer" else no)[place] += 1
    return charts.columns(labels, series, axis)


def _named(counts: Counter[str], names: dict[str, str]) -> dict[str, int]:
    """The counts under their Chinese names, most first; what has none is put together."""
    named: Counter[str] = Counter()
    for word, count in counts.items():
        named[names.get(word, OTHER)] += count
    return dict(named.most_common())


def _template() -> Template:
    made = Environment(
        loader=PackageLoader("parkqa", "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("report.html")
