"""Fit ``src/parkqa/data/calibration.json``: the weights of the evidence, and how sure an answer is.

    python training/calibration.py --corpus corpus --questions tests/data/park_dev.jsonl tests/data/park_more.jsonl \
        --squad SETS/cmrc2018_trial.json --squad SETS/DRCD_dev.json \
        --cross SETS/xquad.zh.json SETS/xquad.en.json --out src/parkqa/data/calibration.json

Ranking: logistic regression on differences of features, a right unit less a wrong one (pairwise, as RankSVM has it),
for each language. Confidence: logistic regression over ``calibration.SIGNS``; every question counts as answered rightly
or not, and every SQuAD question a second time with its paragraph hidden. All figures printed are of held-out folds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from parkqa import calibration, question, retrieval
from parkqa.engine import Engine
from parkqa.evaluation import Gold, auroc, read_cases
from parkqa.retrieval import FEATURES, Evidence, Found
from parkqa.settings import Settings, load_settings
from parkqa.squad import Squad, read_squad
from parkqa.types import Query, Store

NEGATIVES = 12
"""Wrong units, the hardest, that each right one is held against."""
FOLDS = 5
KEPT = 0.95
"""Share of the answerable park questions that the threshold keeps."""


@dataclass(frozen=True)
class Sample:
    """A question with its candidates; ``gold`` tells of each unit whether it answers, ``near`` whether its passage."""

    source: str
    query: Query
    store: Store
    found: list[Found]
    rows: list[Evidence]
    gold: np.ndarray
    near: np.ndarray
    weight: float

    @property
    def answerable(self) -> bool:
        return bool(self.near.any())


def main() -> None:
    options = _options()
    settings = load_settings()
    samples = park_samples(options.corpus, options.questions, settings)
    for path in options.squad:
        samples += squad_samples(read_squad(path), read_squad(path), settings, path.stem, options.most)
    if options.cross:
        chinese, english = map(read_squad, options.cross)
        samples += squad_samples(chinese, english, settings, "cross-lingual", options.most)
    held_out(samples)
    fitted = fit(samples)
    threshold = _threshold(samples, fitted)
    write(options.out, fitted, threshold)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--questions", type=Path, nargs="+", required=True)
    parser.add_argument("--squad", type=Path, action="append", default=[])
    parser.add_argument("--cross", type=Path, nargs=2, metavar=("PARAGRAPHS", "QUESTIONS"))
    parser.add_argument("--most", type=int, default=600, help="questions taken of each SQuAD set")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def _built(corpus: Path, settings: Settings, folder: str) -> Engine:
    at = settings.model_copy(update={"corpus": corpus, "index": Path(folder) / "index"})
    print(Engine.build(at).summary().splitlines()[0], flush=True)
    return Engine.open(at)


def park_samples(corpus: Path, files: Sequence[Path], settings: Settings) -> list[Sample]:
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        engine = _built(corpus, settings, folder)
        for file in files:
            for case in read_cases(file):
                query = question.understand(question.check(case.question), case.history, engine.lore)
                samples.append(_sample(engine, query, case.gold, lambda _: True, case.kind, 1.0))
    return samples


def squad_samples(paragraphs: Squad, asked: Squad, settings: Settings, name: str, most: int) -> list[Sample]:
    """Each question twice: with its paragraph and with it hidden. Together they weigh as much as 200 park questions."""
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        paragraphs.write(Path(folder) / "corpus")
        engine = _built(Path(folder) / "corpus", settings, folder)
        chosen = np.random.default_rng(7).permutation(len(asked.questions))[:most]
        answers = {q.id: q.answers for q in paragraphs.questions}
        for place in chosen:
            item = asked.questions[place]
            query = question.understand(question.check(item.question[: question.LONGEST]), (), engine.lore)
            gold = (answers[item.id],)
            weight = 100.0 / len(chosen)
            file = item.file
            samples.append(_sample(engine, query, gold, lambda path, file=file: path == file, name, weight))
            hidden = _sample(engine, query, (), lambda path, file=file: path != file, f"{name}, hidden", weight)
            samples.append(hidden)
    return samples


def _sample(
    engine: Engine, query: Query, gold: Gold, allowed: Callable[[str], bool], source: str, weight: float
) -> Sample:
    vector = engine.encoder.encode_queries([query.search])[0]
    found = retrieval.candidates(query, vector, engine.store)
    if not gold:
        found = [candidate for candidate in found if allowed(candidate.passage.document)]
    rows = retrieval.evidence(query, found, engine.store)
    by_row = {candidate.row: candidate.passage for candidate in found}
    near, right = [], []
    for row in rows:
        passage = by_row[row.row]
        start, end = retrieval.units(passage)[row.unit]
        inside = bool(gold) and allowed(passage.document) and _holds(passage.text, gold)
        near.append(inside)
        right.append(inside and _holds(passage.text[start - passage.start : end - passage.start], gold))
    return Sample(source, query, engine.store, found, rows, np.array(right, bool), np.array(near, bool), weight)


def _holds(text: str, gold: Gold) -> bool:
    return all(any(choice in text for choice in entry) for entry in gold)


def _matrix(sample: Sample) -> np.ndarray:
    return np.array([row.features for row in sample.rows]).reshape(len(sample.rows), len(FEATURES))


def fit_rank(samples: Sequence[Sample], rounds: int = 3) -> np.ndarray:
    """Return weights of FEATURES; in each round a question's best right unit is held against its worst mistakes."""
    weights = np.ones(len(FEATURES))
    useful = [sample for sample in samples if sample.answerable and not sample.near.all()]
    for _ in range(rounds):
        differences, importance = [], []
        for sample in useful:
            matrix = _matrix(sample)
            scores = matrix @ weights
            right = np.flatnonzero(sample.gold if sample.gold.any() else sample.near)
            best = right[np.argmax(scores[right])]
            wrong = np.flatnonzero(~sample.near)
            hardest = wrong[np.argsort(-scores[wrong])][:NEGATIVES]
            differences.append(matrix[best] - matrix[hardest])
            importance.append(np.full(len(hardest), sample.weight / len(hardest)))
        stacked = np.concatenate(differences)
        scale = stacked.std(axis=0) + 1e-9
        both = np.concatenate([stacked, -stacked]) / scale
        labels = np.repeat([1, 0], len(stacked))
        model = LogisticRegression(C=1.0, fit_intercept=False, max_iter=1000)
        model.fit(both, labels, sample_weight=np.tile(np.concatenate(importance), 2))
        weights = model.coef_[0] / scale
    return weights


def fit(samples: Sequence[Sample]) -> calibration.Calibration:
    rank = {
        language: fit_rank([sample for sample in samples if sample.query.language == language])
        for language in ("zh", "en")
    }
    known = [sample for sample in samples if sample.found]
    table = np.array([_signs(sample, rank) for sample in known])
    labels = np.array([_right(sample, rank) for sample in known])
    scale = table.std(axis=0) + 1e-9
    model = LogisticRegression(C=0.3, max_iter=2000)
    model.fit(table / scale, labels, sample_weight=[sample.weight for sample in known])
    return calibration.Calibration(rank, model.coef_[0] / scale, float(model.intercept_[0]), 0.5)


def _hits(sample: Sample, rank: dict[str, np.ndarray]) -> list[retrieval.Hit]:
    return retrieval.rank(sample.found, sample.rows, rank[sample.query.language])


def _signs(sample: Sample, rank: dict[str, np.ndarray]) -> np.ndarray:
    return calibration.signs(sample.query, _hits(sample, rank), sample.rows, sample.store)


def _right(sample: Sample, rank: dict[str, np.ndarray]) -> bool:
    top = _hits(sample, rank)[0].row
    return any(near for near, row in zip(sample.near, sample.rows, strict=True) if row.row == top)


def _marked(sample: Sample, rank: dict[str, np.ndarray]) -> bool:
    hit = _hits(sample, rank)[0]
    unit = retrieval.best_unit(hit)
    right = zip(sample.gold, sample.rows, strict=True)
    return any(gold for gold, row in right if (row.row, row.unit) == (hit.row, unit))


def held_out(samples: Sequence[Sample]) -> None:
    """Print answer@1, marked@1 and AUROC of folds that the numbers were not fitted on."""
    right, marked, sure = np.zeros(len(samples)), np.zeros(len(samples)), np.zeros(len(samples))
    for train, test in KFold(FOLDS, shuffle=True, random_state=7).split(samples):
        fitted = fit([samples[i] for i in train])
        for i in test:
            sample = samples[i]
            if sample.found:
                right[i], marked[i] = _right(sample, fitted.rank), _marked(sample, fitted.rank)
                sure[i] = fitted.confidence(_signs(sample, fitted.rank))
    sources = np.array([sample.source for sample in samples])
    for source in dict.fromkeys(sources.tolist()):
        mine = sources == source
        print(f"{source:24} n {mine.sum():4}  answer@1 {right[mine].mean():.3f}  marked@1 {marked[mine].mean():.3f}")
    for hidden in ("unanswerable", *(s for s in dict.fromkeys(sources.tolist()) if s.endswith(", hidden"))):
        shown = sources == hidden.removesuffix(", hidden")
        if hidden == "unanswerable":
            shown = np.array([s.weight == 1.0 and s.source != hidden for s in samples])
        yes, no = sure[shown], sure[sources == hidden]
        if len(yes) and len(no):
            refused = np.mean(no < np.quantile(yes, 1 - KEPT))
            print(f"{hidden:24} AUROC {auroc(yes, no):.3f}  refused while {KEPT:.0%} are kept {refused:.3f}")


def _threshold(samples: Sequence[Sample], fitted: calibration.Calibration) -> float:
    """Return the confidence that KEPT of the park's answerable questions reach."""
    park = [s for s in samples if s.weight == 1.0 and s.source != "unanswerable" and s.found]
    sure = [fitted.confidence(_signs(sample, fitted.rank)) for sample in park]
    return float(np.quantile(sure, 1 - KEPT))


def write(path: Path, fitted: calibration.Calibration, threshold: float) -> None:
    fitted = replace(fitted, threshold=threshold)
    path.write_text(json.dumps(calibration.to_dict(fitted), indent=1) + "\n", encoding="utf-8")
    print(f"threshold {threshold:.3f}, written to {path}")


if __name__ == "__main__":
    main()
