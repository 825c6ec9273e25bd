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

from parkqa import charts
from parkqa.engine import Engine
from parkqa.journal import Cited, Entry
from parkqa.text import folded
from parkqa.types import Encoder, Passage, Store, Vectors

ALIKE = 0.65
"""How near two questions must be to count as one: 0 is the mean cosine of two passages of the park, 1 the same text.

With the default model that is a cosine of .94; looked at on the two question sets, where .93 begins to join what only
names the same company.
"""
LONGEST = 30
"""Rows of a table of the report."""
NEVER = 200
NEAREST = 2
_SAMPLE = 500

MODES = {"chat": "问答页", "event": "展会", "widget": "嵌入", "api": "接口", "cli": "命令行"}
LANGUAGES = {"zh": "中文", "en": "英文"}
OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike: the wording most used, every wording with its number, and the entries, oldest first."""

    question: str
    wordings: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]

    @property
    def asked(self) -> int:
        """How many times."""
        return len(self.entries)

    @property
    def answered(self) -> int:
        """How many times with a quote."""
        return sum(made.kind == "answer" for made in self.entries)

    @property
    def nearest(self) -> tuple[Cited, ...]:
        """What was shown last: quotes, or what was nearest where there were none."""
        last = self.entries[-1]
        return (last.quotes or last.related)[:NEAREST]


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


def background(store: Store) -> float:
    """Return the mean cosine of two different passages: models differ in how near they put what is not alike."""
    count = min(len(store.passages), _SAMPLE)
    if count < 2:
        return 0.0
    total = np.sum([store.vector(row) for row in range(count)], axis=0)
    return float((total @ total - count) / (count * (count - 1)))


def groups(entries: Sequence[Entry], encoder: Encoder, floor: float) -> list[Group]:
    """Put alike questions together by their vectors, most asked first; ``floor`` is what ``background`` gives."""
    by_text: dict[str, list[Entry]] = {}
    for made in entries:
        by_text.setdefault(folded(made.understood).strip(" ?.!"), []).append(made)
    # Sorting is stable: of two asked as often the one asked first leads.
    texts = sorted(by_text, key=lambda text: -len(by_text[text]))
    gathered = gather(encoder.encode_queries(texts), floor + ALIKE * (1 - floor)) if texts else []
    made_groups = [_group([made for row in rows for made in by_text[texts[row]]]) for rows in gathered]
    return sorted(made_groups, key=lambda group: (-group.asked, group.entries[0].at))


def gather(vectors: Vectors, least: float) -> list[list[int]]:
    """Give each row, in turn, to the nearest earlier leader with a cosine of at least ``least``, or let it lead.

    ``vectors`` has shape (n, dimension), of unit length.
    """
    leaders = np.empty_like(vectors)
    members: list[list[int]] = []
    for row, vector in enumerate(vectors):
        near = leaders[: len(members)] @ vector
        best = int(near.argmax()) if members else -1
        if best >= 0 and near[best] >= least:
            members[best].append(row)
        else:
            leaders[len(members)] = vector
            members.append([row])
    return members


def _group(entries: list[Entry]) -> Group:
    wordings = Counter(made.question for made in entries)
    return Group(
        question=wordings.most_common(1)[0][0],
        wordings=tuple(wordings.most_common()),
        entries=tuple(sorted(entries, key=lambda made: made.at)),
    )


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
    """Return the report on ``entries`` as HTML; ``engine`` has the model that groups and the passages of today.

    Raises:
        ParkqaError: matplotlib is not installed.
    """
    real = [made for made in entries if made.kind != "smalltalk"]
    floor = background(engine.store)
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
        asked=groups(real, engine.encoder, floor)[:LONGEST],
        unanswered=groups(refused, engine.encoder, floor),
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
