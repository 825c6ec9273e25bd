"""Measure the answers and write ``docs/quality.md``: ``make quality SETS="cmrc.json" CROSS="zh.json en.json"``.

Park questions come from ``tests/data``. Of a SQuAD-format file each paragraph becomes a document; a question counts
when the first quote stands in its paragraph, and a second time with that paragraph hidden: it must be refused. Every
part that can be turned off is turned off in turn. Times are of single questions, one after the other.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from pypinyin import lazy_pinyin

from parkqa import Answer, Engine
from parkqa.corpus.curation.glossary import glossary
from parkqa.corpus.grouping import grouped
from parkqa.evaluation.question_sets import (
    Case,
    Outcome,
    Report,
    auroc,
    evaluate,
    judge,
    marked,
    read_cases,
    summarise,
    table,
)
from parkqa.evaluation.squad import Squad, read_squad
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.settings import Settings, load_settings
from parkqa.store.content import matches_of
from parkqa.store.local.index import Index
from parkqa.types import Encoder, Match, Vectors

ROOT = Path(__file__).parent.parent
KEPT = 0.95
SURE = 0.9
SNIPPETS, SUPPORT = 8, 2
"""Snippets of a question, and how many of them answer it."""
SHOWN = 3
"""Misses of a kind that are shown."""


class Without:
    """A store in which one document cannot be found."""

    def __init__(self, store: Index, path: str) -> None:
        self._store, self._path = store, path
        self.version, self.documents, self.passages = store.version, store.documents, store.passages
        self.translations, self.originals = store.translations, store.originals
        self.vector, self.sentence_vectors, self.frequencies = store.vector, store.sentence_vectors, store.frequencies
        self.note, self.vectors = store.note, store.vectors

    def search(self, vector: Vectors, tokens: Sequence[str], k: int, *, translated: bool = False) -> list[Match]:
        """Return what either search finds in other documents."""
        return matches_of(self, vector, (self.dense(vector, k), self.lexical(tokens, k)), translated)

    def dense(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Return the nearest passages of other documents."""
        return self._others(self._store.dense(vector, k + 20))[:k]

    def lexical(self, tokens: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Return the best passages of other documents."""
        return self._others(self._store.lexical(tokens, k + 20))[:k]

    def _others(self, hits: list[tuple[int, float]]) -> list[tuple[int, float]]:
        return [(row, score) for row, score in hits if self.passages[row].document != self._path]


@dataclass(frozen=True)
class Paragraphs:
    """Figures of a SQuAD set; see the heads in ``paragraph_table``."""

    name: str
    questions: int
    paragraph1: float
    marked1: float
    marked2: float
    mark: float
    auroc: float
    refused: float
    served_kept: float
    served_refused: float
    p50: float


@dataclass(frozen=True)
class Park:
    """What another park's questions came to."""

    name: str
    outcomes: Sequence[Outcome]
    folder: Path = ROOT

    @classmethod
    def measured(cls, folder: Path, settings: Settings, encoder: Encoder, work: Path) -> Park:
        """Ask the questions of a folder that holds ``corpus/`` and ``questions.jsonl``."""
        at = settings.model_copy(update={"corpus": folder / "corpus", "index": work / f"other-{folder.name}"})
        Engine.build(at, encoder=encoder)
        engine = opened(at, encoder)
        cases = read_cases(folder / "questions.jsonl")
        outcomes = [judge(case, engine.ask(case.question, case.history)) for case in cases]
        return cls(folder.name, outcomes, folder)


def folders(more: Sequence[Path]) -> list[Path]:
    """Return the invented parks that are kept back from all training and fitting, and what is given besides."""
    return [*sorted((ROOT / "tests" / "data" / "parks").iterdir()), *more]


def main() -> None:
    options = _options()
    settings = load_settings()
    encoder = load_encoder(settings)
    cases = [
        case for name in ("park_dev", "park_more") for case in read_cases(ROOT / "tests" / "data" / f"{name}.jsonl")
    ]
    with tempfile.TemporaryDirectory() as work:
        park = settings.model_copy(update={"corpus": ROOT / "corpus", "index": Path(work) / "park"})
        Engine.build(park, encoder=encoder)
        full = opened(park, encoder)
        outcomes = [judge(case, full.ask(case.question, case.history)) for case in cases]
        whole = summarise(outcomes)
        others = [Park.measured(folder, settings, encoder, Path(work)) for folder in folders(options.parks)]
        parts = [("everything", whole), *ablation(park, encoder, cases)]
        elsewhere = list(understanding(others, settings, encoder, Path(work))) if options.elsewhere else []
        over = Over(settings, encoder, Path(work))
        rows = [
            measure(name, over(key, paragraphs), paragraphs, asked, options.most)
            for name, key, paragraphs, asked in sets(options)
        ]
        near = [snippets(path, settings, encoder, Path(work), options.most) for path in options.snippets]
        near += [near_topic(path, settings, encoder, Path(work), options.most) for path in options.near]
        talk = talked(full)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = Measured(outcomes, parts, elsewhere, rows, near, others, talk, memory)
    options.out.write_text(page(measured), encoding="utf-8")
    print(options.out.read_text(encoding="utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, nargs="*", default=[])
    parser.add_argument("--cross", type=Path, nargs="*", default=[], metavar="FILE", help="paragraphs, then questions")
    parser.add_argument("--snippets", type=Path, nargs="*", default=[], help="JSON Lines: query, positive, negative")
    parser.add_argument("--near", type=Path, nargs="*", default=[], help="sets in SQuAD's format, asked near the topic")
    parser.add_argument("--parks", type=Path, nargs="*", default=[], help="folders with corpus/ and questions.jsonl")
    parser.add_argument("--elsewhere", action="store_true", help="turn off parts on the other parks, too: takes long")
    parser.add_argument("--most", type=int, default=300, help="questions taken of each set")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "quality.md")
    return parser.parse_args()


def talked(engine: Engine) -> str:
    """Say what greetings, thanks, goodbyes and the like are answered with."""
    lines = (ROOT / "tests" / "data" / "talk.txt").read_text(encoding="utf-8").splitlines()
    kinds = {line: engine.ask(line) for line in lines}
    quoted = [line for line, answer in kinds.items() if answer.quotes]
    shown = f": {'、'.join(quoted)}" if quoted else ""
    return f"Of {len(lines)}, {len(quoted)} are answered with a quotation{shown}."


def opened(settings: Settings, encoder: Encoder) -> Engine:
    """Open an index with the reranker that the settings name."""
    return Engine.open(settings, encoder, reranker(settings.reranker))


@lru_cache(maxsize=4)
def reranker(name: str) -> Any:
    """Load a reranker once."""
    return load_reranker(load_settings(reranker=name))


def ablation(settings: Settings, encoder: Encoder, cases: Sequence[Case]) -> Iterator[tuple[str, Report]]:
    """Evaluate with one part after the other turned off."""

    def changed(change: Callable[[Engine], None]) -> Report:
        engine = opened(settings, encoder)
        change(engine)
        return evaluate(cases, engine.ask)

    def no_reranker(engine: Engine) -> None:
        engine.pipeline = replace(engine.pipeline, reranker=None)

    def no_glossary(engine: Engine) -> None:
        engine.vocabulary = replace(engine.vocabulary, glossary=glossary({}))

    def no_translation(engine: Engine) -> None:
        engine.store.translations = {}  # type: ignore[misc]
        translated = {d.path for d in engine.documents.values() if d.translation_of}
        for path in translated:
            engine.pipeline = replace(engine.pipeline, store=Without(engine.store, path))

    yield "without the reranker", changed(no_reranker)
    yield "without the glossary", changed(no_glossary)
    yield "without the translation", changed(no_translation)
    literal = opened(settings, encoder)
    yield "repairing and completing nothing", evaluate(cases, lambda q, h: literal.ask(q, h, literal=True))


UNDERSTANDING: Mapping[str, tuple[str, Any]] = {
    "passages as blocks, not grouped": ("parkqa.corpus.splitting.grouped", lambda found: grouped(found, depth=0)),
    "without what the question is about": (
        "parkqa.search.pipeline.Pipeline.about_names",
        lambda self, evidence: (evidence, ()),
    ),
    "without the true line": ("parkqa.answer.premise.true_line", lambda query, ranking, *_: ranking),
    "without other readings of a follow-up": (
        "parkqa.answer.meaning.Meaning._surest",
        lambda self, asked, earlier, query: self.ranked(query),
    ),
    "without parts": ("parkqa.answer.meaning.Meaning.parts", lambda self, earlier, whole: ()),
    "without ordinals and order": ("parkqa.query.ordinals.place", lambda question, language: None),
    "without recency": ("parkqa.search.recency.newest_first", lambda query, hits, documents: list(hits)),
    "without the reranker": (f"{__name__}.reranker", lambda name: None),
}
"""Parts by name: what is put in the place of what. The first needs an index of its own, so each builds one."""


def understanding(
    others: Sequence[Park], settings: Settings, encoder: Encoder, work: Path
) -> Iterator[tuple[str, Report]]:
    """Ask the questions on other parks with one part after the other turned off."""
    yield "everything", summarise([outcome for park in others for outcome in park.outcomes])
    for number, (name, (target, instead)) in enumerate(UNDERSTANDING.items()):
        with patch(target, instead):
            found = [Park.measured(park.folder, settings, encoder, work / f"{number}") for park in others]
        yield name, summarise([outcome for park in found for outcome in park.outcomes])


def sets(options: argparse.Namespace) -> Iterator[tuple[str, str, Squad, Squad]]:
    """The sets: name, name of their paragraphs, paragraphs, questions; the first a second time with slips."""
    for place, path in enumerate(options.squad):
        squad = read_squad(path)
        yield path.stem, path.stem, squad, squad
        if place == 0:
            yield f"{path.stem}, homophones", path.stem, squad, with_slips(squad)
    if options.cross:
        chinese, english = map(read_squad, options.cross)
        yield "XQuAD, Chinese", "xquad", chinese, chinese
        yield "XQuAD, English questions", "xquad", chinese, english


def with_slips(squad: Squad) -> Squad:
    """Swap one or two characters of each question for others that sound the same and stand in the questions."""
    rng = random.Random(3)
    alike: dict[str, list[str]] = {}
    for character in sorted({c for q in squad.questions for c in q.question if "\u4e00" <= c <= "\u9fff"}):
        alike.setdefault(lazy_pinyin(character)[0], []).append(character)

    def slip(text: str) -> str:
        places = [
            p for p, c in enumerate(text) if len(alike.get(lazy_pinyin(c)[0], ())) > 1 and "\u4e00" <= c <= "\u9fff"
        ]
        for place in rng.sample(places, min(len(places), rng.choice((1, 2)))):
            others = [c for c in alike[lazy_pinyin(text[place])[0]] if c != text[place]]
            text = text[:place] + rng.choice(others) + text[place + 1 :]
        return text

    return replace(squad, questions=tuple(replace(q, question=slip(q.question)) for q in squad.questions))


class Over:
    """Builds the index of a set's paragraphs, once, and opens it."""

    def __init__(self, settings: Settings, encoder: Encoder, work: Path) -> None:
        self._settings, self._encoder, self._work = settings, encoder, work

    def __call__(self, key: str, squad: Squad) -> Engine:
        """Return an engine over the paragraphs of ``squad``, which ``key`` names."""
        folder = self._work / key
        at = self._settings.model_copy(update={"corpus": folder / "corpus", "index": folder / "index"})
        if not at.corpus.exists():
            squad.write(at.corpus)
            Engine.build(at, encoder=self._encoder)
        return opened(at, self._encoder)


def measure(name: str, engine: Engine, paragraphs: Squad, asked: Squad, most: int) -> Paragraphs:
    """Ask a set's questions, each twice."""
    chosen = np.random.default_rng(11).permutation(len(asked.questions))[:most]
    answers = {q.id: q.answers for q in paragraphs.questions}
    first, one, two, lengths, yes, no, times, served = [], [], [], [], [], [], [], []
    whole = engine.pipeline
    for item in (asked.questions[place] for place in chosen):
        engine.pipeline = whole
        answer = engine.ask(item.question[:500])
        quotes = answer.quotes or answer.related
        first.append(quotes[0].document == item.file)
        one.append(_within(answers[item.id], marked(quotes[:1])))
        two.append(_within(answers[item.id], marked(quotes[:2])))
        lengths.append(sum(end - start for start, end in quotes[0].spans))
        yes.append(answer.confidence)
        times.append(answer.elapsed_ms)
        engine.pipeline = replace(whole, store=Without(whole.store, item.file))
        hidden = engine.ask(item.question[:500])
        no.append(hidden.confidence)
        served.append((not answer.refused, hidden.refused))
    engine.pipeline = whole
    refused = float(np.mean(np.array(no) < np.quantile(yes, 1 - KEPT)))
    means = [float(np.mean(values)) for values in (first, one, two, lengths)]
    kept = [float(share) for share in np.mean(served, axis=0)]
    return Paragraphs(name, len(chosen), *means, auroc(yes, no), refused, *kept, float(np.percentile(times, 50)))


def snippets(path: Path, settings: Settings, encoder: Encoder, work: Path, most: int) -> str:
    """Ask each question of snippets that do not answer it, and of some that do; return a line of a table."""
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    usable = [item for item in items if len(item["negative"]) >= SNIPPETS and len(item["positive"]) >= SUPPORT]
    asked = [(item["query"], item["positive"], item["negative"]) for item in usable[:most]]
    return _near(path.stem, asked, SUPPORT, settings, encoder, work)


def _near(
    name: str,
    items: Sequence[tuple[str, Sequence[str], Sequence[str]]],
    support: int,
    settings: Settings,
    encoder: Encoder,
    work: Path,
) -> str:
    """Ask each question of SNIPPETS texts of which none answers it, then of as many of which ``support`` do."""
    none, some = [], []
    for number, (question, answering, others) in enumerate(items):
        for answers, given in ((none, 0), (some, support)):
            folder = work / f"near-{name}-{number}-{given}"
            (folder / "corpus").mkdir(parents=True)
            for at, text in enumerate([*answering[:given], *others[: SNIPPETS - given]]):
                (folder / "corpus" / f"{at}.txt").write_text(text, encoding="utf-8")
            small = settings.model_copy(update={"corpus": folder / "corpus", "index": folder / "index"})
            Engine.build(small, encoder=encoder)
            answers.append(opened(small, encoder).ask(question[:500]))
    kept = np.mean([not answer.refused for answer in some])
    refused = np.mean([answer.refused for answer in none])
    area = auroc([answer.confidence for answer in some], [answer.confidence for answer in none])
    return f"| {name} | {len(none)} | {support} | {refused:.3f} | {kept:.3f} | {area:.3f} |"


def near_topic(path: Path, settings: Settings, encoder: Encoder, work: Path, most: int) -> str:
    """Ask questions of a SQuAD-format file of the paragraphs nearest to them, without their own and with it."""
    squad = read_squad(path)
    texts = {paragraph.file: paragraph.text for paragraph in squad.paragraphs}
    files, vectors = list(texts), encoder.encode_passages(list(texts.values()))
    chosen = np.random.default_rng(12).permutation(len(squad.questions))[:most]
    items = []
    for question in (squad.questions[place] for place in chosen):
        order = np.argsort(-(vectors @ encoder.encode_queries([question.question])[0]))
        others = (texts[files[place]] for place in order if files[place] != question.file)
        unanswering = (text for text in others if not _within(question.answers, [text]))
        items.append((question.question, [texts[question.file]], list(islice(unanswering, SNIPPETS))))
    return _near(f"{path.stem}, the nearest paragraphs", items, 1, settings, encoder, work)


def _within(answers: Sequence[str], texts: Sequence[str]) -> bool:
    return any(answer in text for answer in answers for text in texts)


@dataclass(frozen=True)
class Measured:
    """All that ``docs/quality.md`` tells."""

    outcomes: Sequence[Outcome]
    parts: Sequence[tuple[str, Report]]
    elsewhere: Sequence[tuple[str, Report]]
    rows: Sequence[Paragraphs]
    near: Sequence[str]
    others: Sequence[Park]
    talk: str
    memory: float


def page(found: Measured) -> str:
    """Return ``docs/quality.md``."""
    outcomes, others = found.outcomes, found.others
    abroad = [outcome for park in others for outcome in park.outcomes]
    whole = summarise(outcomes)
    return f"""# Quality

Measured on {date.today().isoformat()} by `make quality`; the commands beside the figures reproduce them. The numbers in
`src/parkqa/data/calibration.json` were fitted on the park questions below, so the first table says what is, not what to
expect of other questions: [calibration.txt](calibration.txt) has the figures of folds that nothing was fitted on.

## Park questions

`parkqa eval tests/data/park_dev.jsonl`, and the same with `park_more.jsonl`; here both together.

{table(whole)}

## Other parks

Invented parks that nothing is trained or fitted on (`tests/data/parks`), and those given with `--parks`; each has an
index of its own.

{others_table([Park("the shipped park", outcomes), *others])}

`held`: of the questions that meet answer@1, those of which what is set off as the answer holds all that was wanted;
`answer`: the code points of what is set off, lists aside.

All of them by kind:

{table(summarise(abroad))}

The questions that are answered with a confidence of .9 or more, and how many of these have the right passage first:

| | questions | right |
|---|---|---|
{chr(10).join(_sure(park) for park in (Park("the shipped park", outcomes), *others))}

## Is the confidence a probability?

Of the questions whose confidence lies in a bin, how many had the right passage first (an unanswerable one never has):
of the shipped park, then of the other parks.

| confidence | questions | mean confidence | right |
|---|---|---|---|
{chr(10).join(_bins(outcomes))}

| confidence, other parks | questions | mean confidence | right |
|---|---|---|---|
{chr(10).join(_bins(abroad))}

Risk and coverage: of the questions with the highest confidence, how many were not answered rightly.

| coverage | lowest confidence | wrong |
|---|---|---|
{chr(10).join(_risks(outcomes))}

## What each part brings

| | {" | ".join(_KINDS)} | all | refused | AUROC | p50 ms |
|---|{"---|" * (len(_KINDS) + 4)}
{chr(10).join(_part(name, report) for name, report in found.parts)}

`refused`: share of the unanswerable questions.

The same on the other parks:

| | {" | ".join(_KINDS)} | all | refused | AUROC | p50 ms |
|---|{"---|" * (len(_KINDS) + 4)}
{chr(10).join(_part(name, report) for name, report in found.elsewhere)}

Memory at most while measuring: {found.memory:.0f} MB.

## Paragraphs as documents

| {" | ".join(_PARAGRAPHS)} |
|{"---|" * len(_PARAGRAPHS)}
{chr(10).join(_row(row) for row in found.rows)}

## Texts near the question

For each question, {SNIPPETS} texts are a corpus of which none answers it, or some do: snippets of web pages (as in RGB,
Chen et al., 2023, arXiv:2309.01431), or the paragraphs of a set that are nearest to the question by the encoder.

| set | n | texts that answer | refused where none answers | kept where they do | AUROC |
|---|---|---|---|---|---|
{chr(10).join(found.near)}

## Not a question

Greetings, thanks, goodbyes, who are you, what can be asked, a person please, and what says nothing
(`tests/data/talk.txt`). {found.talk}

## Errors by kind

{chr(10).join(_misses(whole))}
"""


def others_table(parks: Sequence[Park]) -> str:
    """Return a table with a row for each park."""
    lines = [
        "| park | n | answer@1 | 95% | ranked@1 | wrongly refused | unanswerable refused | AUROC | held | answer |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for park in parks:
        report = summarise(park.outcomes)
        yes, no = report.kinds["all answerable"], [o for o in park.outcomes if not o.case.gold]
        refused = np.mean([outcome.answer.refused for outcome in no])
        low, high = yes.interval
        lines.append(
            f"| {park.name} | {len(park.outcomes)} | {yes.answer1:.2f} | {low:.2f}–{high:.2f} | {yes.ranked1:.2f} "
            f"| {yes.refused:.2f} | {refused:.2f} | {report.auroc:.3f} | {yes.held:.2f} | {yes.answer_length:.0f} |"
        )
    return "\n".join(lines)


def _sure(park: Park) -> str:
    sure, right = _sure_and_right(park.outcomes)
    mine = sure >= SURE
    return f"| {park.name} | {mine.sum()} of {len(park.outcomes)} | {right[mine].mean():.2f} |"


def _sure_and_right(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    found = [outcome.answer.quotes or outcome.answer.related for outcome in outcomes]
    right = [
        bool(o.case.gold and quotes) and all(any(c in quotes[0].text for c in entry) for entry in o.case.gold)
        for o, quotes in zip(outcomes, found, strict=True)
    ]
    return np.array([outcome.answer.confidence for outcome in outcomes]), np.array(right)


def _bins(outcomes: Sequence[Outcome]) -> Iterator[str]:
    sure, right = _sure_and_right(outcomes)
    edges = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
    for low, high in pairwise(edges):
        mine = (sure >= low) & ((sure < high) | (high == 1.0))
        if mine.any():
            yield f"| {low:.2f} to {high:.2f} | {mine.sum()} | {sure[mine].mean():.2f} | {right[mine].mean():.2f} |"


def _risks(outcomes: Sequence[Outcome]) -> Iterator[str]:
    sure, right = _sure_and_right(outcomes)
    order = np.argsort(-sure)
    for coverage in (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        kept = order[: max(1, round(coverage * len(order)))]
        yield f"| {coverage:.0%} | {sure[kept[-1]]:.3f} | {1 - right[kept].mean():.3f} |"


_PARAGRAPHS = (
    "set",
    "n",
    "right paragraph first",
    "marked@1",
    "marked@2",
    "marked, code points",
    "AUROC",
    "refused, 95% kept",
    "kept, refused as served",
    "p50 ms",
)
_KINDS = ("fact", "list", "paraphrase", "english", "traditional", "noisy", "followup")


def _part(name: str, report: Report) -> str:
    kinds: Mapping[str, Any] = report.kinds
    shares = [f"{kinds[kind].answer1:.2f}" for kind in _KINDS]
    everything = kinds["all answerable"]
    refused = kinds["unanswerable"].refused
    figures = [f"{everything.answer1:.2f}", f"{refused:.2f}", f"{report.auroc:.3f}", f"{everything.p50_ms:.0f}"]
    return f"| {name} | {' | '.join([*shares, *figures])} |"


def _row(row: Paragraphs) -> str:
    shares = " | ".join(f"{value:.3f}" for value in (row.paragraph1, row.marked1, row.marked2))
    return (
        f"| {row.name} | {row.questions} | {shares} | {row.mark:.0f} | {row.auroc:.3f} | {row.refused:.3f} "
        f"| {row.served_kept:.3f}, {row.served_refused:.3f} | {row.p50:.0f} |"
    )


def _misses(report: Report) -> Iterator[str]:
    kinds = dict.fromkeys(outcome.case.kind for outcome in report.misses)
    for kind in kinds:
        missed = [outcome for outcome in report.misses if outcome.case.kind == kind]
        yield f"**{kind}**: {len(missed)} of {report.kinds[kind].n}\n"
        for outcome in missed[:SHOWN]:
            yield f"- {outcome.case.question} → {_said(outcome.answer)}"
        yield ""


def _said(answer: Answer) -> str:
    return "refused" if answer.refused else f"“{answer.quotes[0].text[:60]}…”".replace("\n", "；")


if __name__ == "__main__":
    main()
