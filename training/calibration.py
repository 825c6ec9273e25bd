"""Fit ``src/parkqa/data/calibration.json``: the weights of the evidence, and how sure an answer is.

    python training/calibration.py --corpus corpus \
        --questions tests/data/park_dev.jsonl tests/data/park_more.jsonl training/data/park_held.jsonl \
        --parks training/data/parks_held --squad SETS/cmrc2018_trial.json --squad SETS/DRCD_dev.json \
        --cross SETS/xquad.zh.json SETS/xquad.en.json --work build/calibration --out src/parkqa/data/calibration.json

Twice: without a reranker, and with the default reranker. Of the SQuAD sets only questions on the last tenth of the
paragraphs are used, which ``training/reranker.py`` keeps out of its training.

Ranking: logistic regression on differences of features, a right unit less a wrong one (pairwise, as RankSVM has it),
for each language. Confidence: logistic regression over ``calibration.SIGNS``; every question counts as answered rightly
or not, every SQuAD question a second time with its paragraph hidden, and some are asked of the park, which does not
answer them. What can only speak for an answer gets no weight against it, and the other way round: such a weight comes
of what the sets happen to hold, and is left out of the fit. All figures printed are of held-out folds, and so is the
threshold.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from parkqa.answer.quoting import marks
from parkqa.corpus.passages import part
from parkqa.engine import Engine
from parkqa.evaluation.question_sets import Gold, auroc, read_cases
from parkqa.evaluation.squad import Squad, read_squad
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.query import request, understanding
from parkqa.search import confidence
from parkqa.search.confidence import Calibration
from parkqa.search.passage_texts import units
from parkqa.search.pipeline import Evidence, Pipeline
from parkqa.search.ranking import best_unit, matrix
from parkqa.settings import Settings, load_settings
from parkqa.types import Encoder, Hit, Language, Query, Reranker, Span

NEGATIVES = 12
"""Wrong units, the hardest, that each right one is held against."""
OTHERS, OTHER = 2.0, ", other parks"
"""Weight of a question on an invented park, of which there are fewer than on the shipped one; how its kind is told."""
FOLDS = 5
KEPT = 0.95
"""Share of the answerable park questions that a threshold keeps.

That of Chinese keeps so many of all, each kind having its share of the first file, since the others hold more of the
hard ones than visitors ask; that of English so many of the English ones, which count alike: there is one kind of them.
"""
SURE = 0.9
"""Confidence at which the share of right answers is printed."""
LAST = 0.1
"""Share of a set's paragraphs, the last, whose questions are used."""
PARAGRAPHS = 150
"""Paragraphs of a set that are searched, the last."""
OFF_TOPIC = 120
"""SQuAD questions that are asked of the park."""

MARK = 75
"""Code points that are marked at most, on average over the SQuAD sets."""

FOR = {
    *(
        "score",
        "margin",
        "dense",
        "sentence",
        "clause",
        "lexical",
        "covered",
        "covered_here",
        "year",
        "asked",
        "standing_out",
    ),
    *("agreed", "reranker", "reranker_margin"),
}
AGAINST = {"caption", "wrong_year", "wrong_kind", "absent", "absent_thing", "absent_name", "unknown"}
"""What can only speak for an answer, or only against it."""


@dataclass(frozen=True)
class Sample:
    """A question with its candidates; ``gold`` tells of each unit whether it answers, ``near`` whether its passage.

    ``plain`` is the evidence before the reranker reranked, ``read`` that of the units that it has read.
    """

    source: str
    pipeline: Pipeline
    plain: Evidence
    gold: dict[tuple[int, int], bool]
    near: dict[int, bool]
    weight: float
    park: bool
    """Whether it was written for the park."""
    read: Evidence | None = None
    missing: bool = False
    """Whether it names something that the documents do not, so that it is refused whatever the numbers say."""

    @property
    def language(self) -> Language:
        """The language of the question."""
        return self.plain.query.language

    def evidence(self, reranked: bool) -> Evidence:
        """The evidence with the reranker's scores or without them."""
        return self.read if reranked and self.read is not None else self.plain


def main() -> None:
    options = _options()
    settings = load_settings()
    encoder, reranker = load_encoder(settings), load_reranker(settings)
    sets = [(path.stem, read_squad(path), read_squad(path)) for path in options.squad]
    if options.cross:
        chinese, english = map(read_squad, options.cross)
        sets += [("xquad zh", chinese, chinese), ("cross-lingual", chinese, english)]
    built = Builder(settings, encoder, options.work)
    samples = park_samples(built(options.corpus, "park"), options.questions)
    for folder in sorted(options.parks.iterdir()):
        engine = built(folder / "corpus", folder.name)
        samples += park_samples(engine, [folder / "questions.jsonl"], OTHERS, OTHER)
    samples += off_topic(built(options.corpus, "park"), [asked for _, _, asked in sets])
    for name, paragraphs, asked in sets:
        samples += squad_samples(built, paragraphs, asked, name, options.most)
    for source, refused in sorted(Counter(sample.source for sample in samples if sample.missing).items()):
        print(f"{source:24} {refused} name what the documents do not: refused, and left out of the fit")
    samples = [sample for sample in samples if not sample.missing]
    mix = Counter(case.kind for case in read_cases(options.questions[0]) if case.gold)
    numbers = {"plain": fitted(samples, "", mix)}
    if reranker:
        first, reranker = fit(samples, False), Remembering(reranker)
        samples = [with_reranker(sample, first, reranker) for sample in samples]
        print_coverage(samples)
        numbers["reranked"] = cascading(samples, fitted(samples, reranker.fingerprint, mix), first)
    raw = {name: confidence.to_dict(value, bool(value.reranker)) for name, value in numbers.items()}
    options.out.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    print(f"written to {options.out}")


def fitted(samples: Sequence[Sample], reranker: str, mix: Mapping[str, int]) -> Calibration:
    """Return the numbers fitted on all samples, with the thresholds of the held-out folds, whose figures are printed.

    ``mix`` is how many answerable questions of each kind there are among those that visitors ask.
    """
    print(f"\n{'with the reranker' if reranker else 'without a reranker'}", flush=True)
    thresholds = held_out(samples, bool(reranker), mix)
    numbers = replace(fit(samples, bool(reranker)), threshold=thresholds, reranker=reranker)
    return replace(numbers, second=second(samples, numbers))


def second(samples: Sequence[Sample], numbers: Calibration) -> float:
    """Return the gap within which a second sentence is marked: the largest that keeps the mean mark within MARK."""
    reranked = bool(numbers.reranker)
    known = [s for s in samples if not s.park and any(s.near.values()) and s.evidence(reranked).units]
    hits = [_hits(sample, numbers.rank, reranked)[0] for sample in known]

    def figures(gap: float) -> tuple[float, float]:
        spans = [marks(hit, gap) for hit in hits]
        right = [_marks_gold(*each) for each in zip(known, hits, spans, strict=True)]
        return float(np.mean([sum(end - start for start, end in marked) for marked in spans])), float(np.mean(right))

    gaps = np.linspace(0, 8, 81)
    best = max(gap for gap in gaps if figures(gap)[0] <= MARK)
    for gap in (0.0, best):
        print("marked within {:.1f}: {:.0f} code points, marked@1 {:.3f}".format(gap, *figures(gap)))
    return float(best)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--questions", type=Path, nargs="+", required=True)
    parser.add_argument("--parks", type=Path, required=True, help="folder of invented parks that no model has seen")
    parser.add_argument("--squad", type=Path, action="append", default=[])
    parser.add_argument("--cross", type=Path, nargs=2, metavar=("PARAGRAPHS", "QUESTIONS"))
    parser.add_argument("--most", type=int, default=250, help="questions taken of each SQuAD set")
    parser.add_argument("--work", type=Path, required=True, help="indexes, kept for the next run")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def _marks_gold(sample: Sample, hit: Hit, marked: Sequence[Span]) -> bool:
    numbered = enumerate(units(hit.passage))
    return any(sample.gold[hit.row, unit] for unit, span in numbered if span in marked)


class Builder:
    """Builds an index of a corpus below ``work``, where an earlier run's is taken over."""

    def __init__(self, settings: Settings, encoder: Encoder, work: Path) -> None:
        self._settings, self._encoder, self._work = settings, encoder, work

    def __call__(self, corpus: Path, name: str) -> Engine:
        """Return the engine over ``corpus``, without a reranker."""
        at = self._settings.model_copy(update={"corpus": corpus, "index": self._work / name / "index"})
        print(name, Engine.build(at, encoder=self._encoder).summary().splitlines()[0], flush=True)
        return Engine.open(at, self._encoder)

    def folder(self, name: str) -> Path:
        """Return the folder for the corpus of a set."""
        return self._work / name / "corpus"


def park_samples(engine: Engine, files: Sequence[Path], weight: float = 1.0, other: str = "") -> list[Sample]:
    """Return the questions that were written for a park; ``other`` is put behind their kind."""
    samples = []
    for case in (case for file in files for case in read_cases(file)):
        query = understanding.understand(request.check(case.question), case.history, engine.vocabulary)
        samples.append(_sample(engine, query, case.gold, lambda _: True, case.kind + other, weight, park=True))
    return samples


def off_topic(engine: Engine, sets: Sequence[Squad]) -> list[Sample]:
    """Return SQuAD questions asked of the park, which does not answer them; they weigh as much as 60 of the park's."""
    asked = [item.question for squad in sets for item in squad.questions]
    chosen = np.random.default_rng(5).choice(len(asked), min(OFF_TOPIC, len(asked)), replace=False)
    short = [asked[place][: request.LONGEST] for place in chosen]
    queries = [understanding.understand(request.check(text), (), engine.vocabulary) for text in short]
    return [_sample(engine, query, (), lambda _: True, "off topic", 60 / OFF_TOPIC) for query in queries]


def squad_samples(built: Builder, paragraphs: Squad, asked: Squad, name: str, most: int) -> list[Sample]:
    """Each question twice: with its paragraph and with it hidden; each time they weigh as much as 100 of the park's."""
    if not built.folder(name).exists():
        replace(paragraphs, paragraphs=paragraphs.paragraphs[-PARAGRAPHS:]).write(built.folder(name))
    engine = built(built.folder(name), name)
    last = {p.file for p in paragraphs.paragraphs[int(len(paragraphs.paragraphs) * (1 - LAST)) :]}
    items = [item for item in asked.questions if item.file in last]
    chosen = np.random.default_rng(7).permutation(len(items))[:most]
    answers = {q.id: q.answers for q in paragraphs.questions}
    samples = []
    for item in (items[place] for place in chosen):
        query = understanding.understand(request.check(item.question[: request.LONGEST]), (), engine.vocabulary)
        gold, file, weight = (answers[item.id],), item.file, 100.0 / len(chosen)
        samples.append(_sample(engine, query, gold, lambda path, file=file: path == file, name, weight))
        samples.append(_sample(engine, query, (), lambda path, file=file: path != file, f"{name}, hidden", weight))
    return samples


def _sample(
    engine: Engine,
    query: Query,
    gold: Gold,
    allowed: Callable[[str], bool],
    source: str,
    weight: float,
    park: bool = False,
) -> Sample:
    vector = engine.encoder.encode_queries([query.search])[0]
    keep = None if gold else lambda candidate: allowed(candidate.passage.document)
    evidence, missing = engine.pipeline.about_names(engine.pipeline.evidence(query, vector, keep))
    right, near = {}, {}
    for candidate in evidence.candidates:
        passage = candidate.passage
        inside = bool(gold) and allowed(passage.document) and _holds(passage.text, gold)
        near[candidate.row] = inside
        for unit, span in enumerate(units(passage)):
            right[candidate.row, unit] = inside and _holds(part(passage, span), gold)
    return Sample(source, engine.pipeline, evidence, right, near, weight, park, missing=bool(missing))


def _holds(text: str, gold: Gold) -> bool:
    return all(any(choice in text for choice in entry) for entry in gold)


class Remembering:
    """A reranker that reads no pair twice: a question is asked with its paragraph and without."""

    def __init__(self, reranker: Reranker) -> None:
        self.fingerprint, self._reranker = reranker.fingerprint, reranker
        self._known: dict[tuple[str, str], float] = {}

    def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Return one score a text."""
        new = [text for text in dict.fromkeys(texts) if (question, text) not in self._known]
        if new:
            scores = self._reranker.score(question, new)
            self._known |= {(question, text): float(score) for text, score in zip(new, scores, strict=True)}
        return np.array([self._known[question, text] for text in texts], dtype=np.float32)


def with_reranker(sample: Sample, first: Calibration, reranker: Reranker) -> Sample:
    """Return the sample with its best units read, the best by numbers fitted without a reranker."""
    if not sample.plain.candidates:
        return sample
    pipeline = replace(sample.pipeline, reranker=reranker)
    return replace(sample, pipeline=pipeline, read=pipeline.rerank(sample.plain, first))


def cascading(samples: Sequence[Sample], numbers: Calibration, first: Calibration) -> Calibration:
    """Return the numbers with those that decide how many units are read; print what reading fewer changes.

    All others were fitted on all units read. The highest score of any unit, rounded up, is what no unit exceeds; the
    score that stands for an unread unit is the mean of those that need not have been read.
    """
    known = [(sample, sample.read) for sample in samples if sample.read and sample.read.units]
    highest = max(unit.reranker or 0.0 for _, read in known for unit in read.units)
    numbers = replace(numbers, highest=float(np.ceil(highest)), unread=float("nan"))
    needless = [
        unit.reranker or 0.0
        for sample, read in known
        for unit, served in zip(read.units, _served(sample, numbers, first).units, strict=True)
        if np.isnan(served.reranker or 0.0)
    ]
    numbers = replace(numbers, unread=round(float(np.mean(needless)), 1))
    same, apart = [], []
    for sample, read in known:
        served = _served(sample, numbers, first)
        one, other = (sample.pipeline.order(evidence, numbers) for evidence in (read, served))
        same.append(one[0].row == other[0].row)
        sure = (sample.pipeline.confidence(*each, numbers) for each in ((read, one), (served, other)))
        apart.append(abs(next(sure) - next(sure)))
    count = sum(len(read.units) for _, read in known)
    print(f"cascade: {len(needless) / count:.3f} of the units not read, first the same {np.mean(same):.3f}", end=", ")
    print(f"confidence apart by {np.mean(apart):.4f} on average, {max(apart):.3f} at most")
    return numbers


def _served(sample: Sample, numbers: Calibration, first: Calibration) -> Evidence:
    """The evidence of a question as it is served: with no more units read than decide it."""
    return sample.pipeline.rerank(sample.plain, first, numbers.cascade(sample.language))


def print_coverage(samples: Sequence[Sample]) -> None:
    """Print in how many questions on the park a right unit is among those that are read: no order can do better."""
    known = [sample for sample in samples if sample.park and any(sample.near.values()) and sample.read]
    read = [any(sample.near[unit.row] for unit in sample.read.units) for sample in known if sample.read]
    print(f"right passage found {len(known)}, among the units that are read {np.mean(read):.3f}")


def fit_rank(samples: Sequence[Sample], reranked: bool) -> dict[str, np.ndarray]:
    """Return the weights of the features for each language."""
    return {
        language: _fit_rank([sample for sample in samples if sample.language == language], reranked)
        for language in ("zh", "en")
    }


def _fit_rank(samples: Sequence[Sample], reranked: bool, rounds: int = 3) -> np.ndarray:
    """In each round a question's best right unit is held against its worst mistakes."""
    names = confidence.feature_names(reranked)
    weights = np.ones(len(names))
    for _ in range(rounds):
        differences, importance = [], []
        for sample in samples:
            rows = sample.evidence(reranked).units
            near = np.array([sample.near[row.row] for row in rows], bool)
            if not near.any() or near.all():
                continue
            table = matrix(rows)
            scores = table @ weights
            gold = np.array([sample.gold[row.row, row.unit] for row in rows], bool)
            right = np.flatnonzero(gold if gold.any() else near)
            best = right[np.argmax(scores[right])]
            wrong = np.flatnonzero(~near)
            hardest = wrong[np.argsort(-scores[wrong])][:NEGATIVES]
            differences.append(table[best] - table[hardest])
            importance.append(np.full(len(hardest), sample.weight / len(hardest)))
        stacked = np.concatenate(differences)
        both, labels = np.concatenate([stacked, -stacked]), np.repeat([1, 0], len(stacked))
        weights, _ = _regression(names, both, labels, np.tile(np.concatenate(importance), 2), 1.0, intercept=False)
    return weights


def fit(samples: Sequence[Sample], reranked: bool) -> Calibration:
    """Return the numbers fitted on these samples."""
    rank = fit_rank(samples, reranked)
    known = [sample for sample in samples if sample.evidence(reranked).units]
    table = np.array([_signs(sample, rank, reranked) for sample in known])
    labels = np.array([_right(sample, rank, reranked) for sample in known])
    weights, intercept = _regression(
        confidence.sign_names(reranked), table, labels, np.array([sample.weight for sample in known]), 0.3
    )
    return Calibration(rank, weights, intercept, {})


def _regression(
    names: Sequence[str],
    table: np.ndarray,
    labels: np.ndarray,
    importance: np.ndarray,
    c: float,
    intercept: bool = True,
) -> tuple[np.ndarray, float]:
    """Logistic regression in which FOR and AGAINST hold: a column that comes out wrong is left out, the worst first."""
    scale = table.std(axis=0) + 1e-9
    used = [place for place in range(len(names)) if table[:, place].std() > 0]
    while True:
        model = LogisticRegression(C=c, fit_intercept=intercept, max_iter=3000)
        model.fit(table[:, used] / scale[used], labels, sample_weight=importance)
        wrong = {place: abs(w) for place, w in zip(used, model.coef_[0], strict=True) if _is_wrong(names[place], w)}
        if not wrong:
            weights = np.zeros(len(names))
            weights[used] = model.coef_[0] / scale[used]
            return weights, float(model.intercept_[0]) if intercept else 0.0
        used.remove(max(wrong, key=lambda place: wrong[place]))


def _is_wrong(name: str, weight: float) -> bool:
    return (name in FOR and weight < 0) or (name in AGAINST and weight > 0)


def _hits(sample: Sample, rank: dict[str, np.ndarray], reranked: bool) -> list[Hit]:
    return sample.pipeline.order(sample.evidence(reranked), Calibration(rank, np.empty(0), 0.0, {}))


def _signs(sample: Sample, rank: dict[str, np.ndarray], reranked: bool) -> np.ndarray:
    return sample.pipeline.signs(sample.evidence(reranked), _hits(sample, rank, reranked))


def _right(sample: Sample, rank: dict[str, np.ndarray], reranked: bool) -> bool:
    return sample.near[_hits(sample, rank, reranked)[0].row]


def _marked(sample: Sample, rank: dict[str, np.ndarray], reranked: bool) -> bool:
    hit = _hits(sample, rank, reranked)[0]
    return sample.gold[hit.row, best_unit(hit)]


def held_out(samples: Sequence[Sample], reranked: bool, mix: Mapping[str, int]) -> dict[Language, float]:
    """Print the figures of folds that nothing was fitted on; return the thresholds that keep KEPT of the parks'."""
    right, marked, sure = np.zeros(len(samples)), np.zeros(len(samples)), np.zeros(len(samples))
    for train, test in KFold(FOLDS, shuffle=True, random_state=7).split(samples):
        numbers = fit([samples[i] for i in train], reranked)
        for i in test:
            sample = samples[i]
            if sample.evidence(reranked).units:
                right[i], marked[i] = _right(sample, numbers.rank, reranked), _marked(sample, numbers.rank, reranked)
                sure[i] = numbers.confidence(_signs(sample, numbers.rank, reranked))
    sources = np.array([sample.source for sample in samples])
    for source in dict.fromkeys(sources.tolist()):
        mine = sources == source
        print(f"{source:24} n {mine.sum():4}  answer@1 {right[mine].mean():.3f}  marked@1 {marked[mine].mean():.3f}")
    park = np.array([sample.park for sample in samples])
    kind_of = np.array([source.removesuffix(OTHER) for source in sources.tolist()])
    answerable = park & (kind_of != "unanswerable")
    print(f"{'all of the park':24} n {answerable.sum():4}  answer@1 {right[answerable].mean():.3f}")
    for none in (
        "unanswerable",
        f"unanswerable{OTHER}",
        "off topic",
        *(s for s in dict.fromkeys(sources.tolist()) if s.endswith(", hidden")),
    ):
        own = answerable & np.array([source.endswith(OTHER) == none.endswith(OTHER) for source in sources.tolist()])
        shown = sources == none.removesuffix(", hidden") if none.endswith(", hidden") else own
        _print_refusals(none, sure[shown], sure[sources == none])
    english = np.array([sample.language == "en" for sample in samples])
    kinds = Counter(kind_of[answerable].tolist())
    weights = np.array([mix[kind] / kinds[kind] for kind in kind_of[answerable].tolist()])
    least = np.quantile(sure[answerable], 1 - KEPT, weights=weights, method="inverted_cdf")
    thresholds: dict[Language, float] = {
        "zh": float(least),
        "en": float(np.quantile(sure[answerable & english], 1 - KEPT)),
    }
    for language, spoken in (("zh", ~english), ("en", english)):
        for name, mine in (("answerable", answerable), ("unanswerable", park & ~answerable)):
            for where, there in (("", sources == kind_of), (OTHER, sources != kind_of)):
                refused = np.mean(sure[mine & spoken & there] < thresholds[language])
                print(f"{language}, {name + where:26} refused below {thresholds[language]:.2f} {refused:.3f}")
    most = sure >= SURE
    for where, there in (("the park", sources == kind_of), ("other parks", sources != kind_of)):
        print(
            f"at {SURE} or more, {where}: {(most & park & there).sum()}, right {right[most & park & there].mean():.3f}"
        )
    return thresholds


def _print_refusals(name: str, yes: np.ndarray, no: np.ndarray) -> None:
    if len(yes) and len(no):
        refused = np.mean(no < np.quantile(yes, 1 - KEPT))
        print(f"{name:24} AUROC {auroc(yes, no):.3f}  refused while {KEPT:.0%} are kept {refused:.3f}")


if __name__ == "__main__":
    main()
