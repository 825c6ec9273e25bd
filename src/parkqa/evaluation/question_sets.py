"""Reads question sets, evaluates answers against them and formats the metrics as a table.

A question set is a JSON Lines file. Keys: ``id``, ``kind``, ``question``, ``history`` (earlier questions, oldest
first) and ``gold`` (the expected strings). Every entry of ``gold`` must occur verbatim in the quotes; an entry that is
a list is satisfied by any one of its strings. An empty ``gold`` marks an unanswerable question, which must be refused.

Metrics:

- ``answer@1``: share of questions whose first quote contains every gold entry;
- ``ranked@1``: the same, also where the first passage is only shown below a refusal: order without refusing;
- ``held``: of the questions that meet answer@1, share whose gold entries all lie in the spans set off as the answer;
- ``marked@k``: share of questions where the marked spans of the first k quotes contain every gold entry;
- ``refused``: share of questions that were refused;
- AUROC of ``confidence``, answerable against unanswerable questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from parkqa.errors import QuestionSetError
from parkqa.types import Answer, Quote, Span

Ask = Callable[[str, Sequence[str]], Answer]
Gold = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a set with the strings that the answer must quote; see the module docstring for ``gold``."""

    id: str
    kind: str
    question: str
    history: tuple[str, ...]
    gold: Gold


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a case and whether it meets answer@1, marked@1, marked@2, ranked@1 and held."""

    case: Case
    answer: Answer
    answer1: bool
    marked1: bool
    marked2: bool
    ranked1: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """The metrics of one kind of question.

    Shares are between 0 and 1, and None without answerable cases. ``interval`` is the 95% bootstrap interval of
    ``answer1``, or of ``refused`` without answerable cases. ``quote_length``, ``marked_length`` and ``answer_length``
    are mean lengths of the first quote and its spans in code points, None without quotes. ``p50_ms`` and ``p95_ms`` are
    percentiles of the time per answer in milliseconds.
    """

    n: int
    answer1: float | None
    marked1: float | None
    marked2: float | None
    refused: float
    quote_length: float | None
    marked_length: float | None
    p50_ms: float
    p95_ms: float
    ranked1: float | None = None
    held: float | None = None
    answer_length: float | None = None
    interval: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Report:
    """The metrics of a question set.

    ``kinds`` maps each kind to its figures, plus "all answerable" over every answerable case. ``auroc`` is None unless
    the set has both answerable and unanswerable cases. ``misses`` are the outcomes that fail answer@1.
    """

    kinds: Mapping[str, Figures]
    auroc: float | None
    misses: tuple[Outcome, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object; ``misses`` lists the ids of the cases."""
        return {
            "kinds": {kind: asdict(figures) for kind, figures in self.kinds.items()},
            "auroc": self.auroc,
            "misses": [outcome.case.id for outcome in self.misses],
        }


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read the question set at ``path``, a UTF-8 file; blank lines are skipped.

    Raises:
        QuestionSetError: the file cannot be read or is empty, or a line is not a valid case.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(
            path,
            0,
            "读不了这个问题集，请确认文件存在且为 UTF-8。",
            "This question set cannot be read; it must exist and be UTF-8.",
        ) from error
    cases = tuple(_case(path, number, line) for number, line in enumerate(lines, 1) if line.strip())
    if not cases:
        raise QuestionSetError(path, 0, "问题集是空的。", "The question set is empty.")
    return cases


def _case(path: Path, number: int, line: str) -> Case:
    try:
        raw = json.loads(line)
        gold = tuple((entry,) if isinstance(entry, str) else tuple(entry) for entry in raw["gold"])
        case = Case(
            id=str(raw.get("id", number)),
            kind=str(raw.get("kind", "question")),
            question=raw["question"],
            history=tuple(raw.get("history", ())),
            gold=gold,
        )
        if all(isinstance(text, str) for text in (case.question, *case.history, *sum(gold, ()))):
            return case
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # reported below, together with a wrong type
    raise QuestionSetError(
        path,
        number,
        "这一行不是题目，应为含 question 与 gold 的 JSON 对象。",
        "This line is no case: a JSON object with question and gold is expected.",
    )


@dataclass(frozen=True, slots=True)
class Change:
    """Outcomes of the same cases before and after a change: (before, after) pairs, and the number of equal ones."""

    better: tuple[tuple[Outcome, Outcome], ...]
    worse: tuple[tuple[Outcome, Outcome], ...]
    same: int


def compare(before: Sequence[Outcome], after: Sequence[Outcome]) -> Change:
    """Compare the outcomes of the same cases in the same order, by how many of the three metrics each meets.

    Raises:
        ValueError: the sequences differ in length.
    """
    pairs = list(zip(before, after, strict=True))
    better = tuple(pair for pair in pairs if _right(pair[1]) > _right(pair[0]))
    worse = tuple(pair for pair in pairs if _right(pair[1]) < _right(pair[0]))
    return Change(better, worse, len(pairs) - len(better) - len(worse))


def _right(outcome: Outcome) -> int:
    return outcome.answer1 + outcome.marked1 + outcome.marked2


def evaluate(cases: Iterable[Case], ask: Ask) -> Report:
    """Ask every question of a set and return the metrics.

    ``ask`` takes a question and its history. Its exceptions propagate: a set must contain only valid questions.
    """
    return summarise([judge(case, ask(case.question, case.history)) for case in cases])


def judge(case: Case, answer: Answer) -> Outcome:
    """Check an answer against its case; an unanswerable case meets every metric when it was refused."""
    if not case.gold:
        return Outcome(case, answer, answer.refused, answer.refused, answer.refused, answer.refused)
    first, second = answer.quotes[:1], answer.quotes[:2]
    return Outcome(
        case=case,
        answer=answer,
        answer1=_meets(case.gold, [quote.text for quote in first]),
        marked1=_meets(case.gold, marked(first)),
        marked2=_meets(case.gold, marked(second)),
        ranked1=_meets(case.gold, [quote.text for quote in (answer.quotes or answer.related)[:1]]),
        held=_meets(case.gold, _texts(first, [quote.answer for quote in first])),
    )


def marked(quotes: Iterable[Quote]) -> list[str]:
    """Return the texts of the marked spans; spans separated only by whitespace are joined."""
    shown = list(quotes)
    return _texts(shown, [quote.spans for quote in shown])


def _texts(quotes: Sequence[Quote], spans: Sequence[Sequence[Span]]) -> list[str]:
    """The texts of spans of quotes, those apart by nothing but blanks as one."""
    return [
        quote.text[start - quote.start : end - quote.start]
        for quote, mine in zip(quotes, spans, strict=True)
        for start, end in _joined(quote, mine)
    ]


def _joined(quote: Quote, found: Sequence[Span]) -> list[Span]:
    spans: list[Span] = []
    for start, end in found:
        if spans and not quote.text[spans[-1][1] - quote.start : start - quote.start].strip():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _meets(gold: Gold, texts: Sequence[str]) -> bool:
    return bool(texts) and all(any(choice in text for choice in entry for text in texts) for entry in gold)


def summarise(outcomes: Sequence[Outcome]) -> Report:
    """Return the metrics by kind, in order of first appearance, then over all answerable cases."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.kind, []).append(outcome)
    yes = [outcome for outcome in outcomes if outcome.case.gold]
    no = [outcome for outcome in outcomes if not outcome.case.gold]
    groups |= {"all answerable": yes} if yes else {}
    return Report(
        kinds={kind: _figures(group) for kind, group in groups.items()},
        auroc=auroc([o.answer.confidence for o in yes], [o.answer.confidence for o in no]) if yes and no else None,
        misses=tuple(outcome for outcome in outcomes if not outcome.answer1),
    )


def _figures(outcomes: Sequence[Outcome]) -> Figures:
    answerable = [outcome for outcome in outcomes if outcome.case.gold]
    first = [outcome.answer.quotes[0] for outcome in outcomes if outcome.answer.quotes]
    times = [outcome.answer.elapsed_ms for outcome in outcomes]
    return Figures(
        n=len(outcomes),
        answer1=_mean([o.answer1 for o in answerable]),
        marked1=_mean([o.marked1 for o in answerable]),
        marked2=_mean([o.marked2 for o in answerable]),
        refused=float(np.mean([o.answer.refused for o in outcomes])),
        quote_length=_mean([len(quote.text) for quote in first]),
        marked_length=_mean([sum(end - start for start, end in quote.spans) for quote in first]),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
        ranked1=_mean([o.ranked1 for o in answerable]),
        held=_mean([o.held for o in answerable if o.answer1]),
        answer_length=_mean([sum(end - start for start, end in quote.answer) for quote in first]),
        interval=interval([o.answer1 for o in answerable] or [o.answer.refused for o in outcomes]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def interval(values: Sequence[float], level: float = 0.95, samples: int = 2000) -> tuple[float, float]:
    """Return the bootstrap percentile interval of a mean (Efron, 1979); the same values give the same interval.

    >>> low, high = interval([1, 1, 1, 0, 1, 1, 0, 1, 1, 1])
    >>> 0.4 <= low < 0.8 < high <= 1.0
    True
    """
    given = np.asarray(values, float)
    means = given[np.random.default_rng(0).integers(len(given), size=(samples, len(given)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the area under the ROC curve, between 0 and 1.

    This is the probability that a positive scores above a negative, ties counting half: the Mann-Whitney U statistic
    (Mann and Whitney, 1947) divided by the number of pairs.
    """
    above = np.subtract.outer(np.asarray(positive, float), np.asarray(negative, float))
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def table(report: Report) -> str:
    """Return the report as a Markdown table: shares with two decimals, lengths in code points, times in ms.

    The column 95% is the interval of answer@1, or of the share refused where nothing can be answered.
    """
    heads = "kind|n|answer@1|95%|ranked@1|marked@1|marked@2|held|refused|quote|marked|answer|p50 ms|p95 ms".split("|")
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    for kind, f in report.kinds.items():
        shares = [_show(value, 2) for value in (f.ranked1, f.marked1, f.marked2, f.held, f.refused)]
        sizes = [_show(value, 0) for value in (f.quote_length, f.marked_length, f.answer_length, f.p50_ms, f.p95_ms)]
        between = "{:.2f}–{:.2f}".format(*f.interval)
        lines.append(" | ".join([kind, str(f.n), _show(f.answer1, 2), between, *shares, *sizes]))
    table = "\n".join(f"| {line} |" for line in lines)
    return table if report.auroc is None else f"{table}\n\nAUROC (answerable / unanswerable): {report.auroc:.3f}"


def _show(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"
