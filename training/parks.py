"""Questions on parks, to train on: the park's own (``data/park_train.jsonl``) and those on parks that do not exist.

These are fictional ones of one short text each (``data/parks.yaml``) and written ones with papers of many kinds, such
as an office has (``data/parks``). Each park's text is built into an index of its own and asked through the ordinary
way, so that what a model is shown in training is what it will be shown: the units that the first search puts on top, as
``search.reranking`` writes them. A question is also asked of another park, whose text does not tell what it asks for,
under that park's name.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from parkqa.corpus.passages import part
from parkqa.engine import Engine
from parkqa.evaluation.question_sets import Case, Gold, read_cases
from parkqa.query import request
from parkqa.search import reranking
from parkqa.search.candidates import Candidate
from parkqa.search.passage_texts import units
from parkqa.search.ranking import rank
from parkqa.settings import Settings
from parkqa.text.folding import folded
from parkqa.types import Encoder, Language

DATA = Path(__file__).parent / "data"
TOP = 8
"""Units that a question's wrong sentences are drawn from, the best of the first search."""
BORROWED = 20
"""Questions of other parks, and general ones, that each fictional park is asked and that its text does not answer."""
PARAGRAPH = 4
"""Sentences in a paragraph of a fictional park's text."""


NO_SPAN = (-1, -1)
LONGEST_SPAN = 60
"""Code points of an answer of which the span is learnt; what is longer is a whole unit or a list."""


@dataclass(frozen=True)
class Unit:
    """A unit of a candidate passage."""

    candidate: Candidate
    unit: int

    def read(self) -> str:
        """Return it as the reranker is shown it."""
        return reranking.as_read(self.candidate, self.unit)


@dataclass(frozen=True)
class Shown:
    """A question as it is understood, with the units that answer it and, best first, those that do not."""

    question: str
    language: Language
    right: tuple[Unit, ...]
    wrong: tuple[Unit, ...]
    answer: tuple[int, int] = NO_SPAN
    """Where the answer stands in what is read of the first right unit, as code points."""


def own_questions() -> list[Case]:
    """Return the questions on the park itself that are trained on; ``data/park_held.jsonl`` has those that are not."""
    return list(read_cases(DATA / "park_train.jsonl"))


def fictional(work: Path) -> Iterator[tuple[Path, list[Case]]]:
    """Write each fictional park's text below ``work``; yield its folder and its questions."""
    raw = yaml.safe_load((DATA / "parks.yaml").read_text(encoding="utf-8"))
    rng = random.Random(13)
    for number, park in enumerate(raw["parks"]):
        folder = work / f"park{number:02}" / "corpus"
        _write(park, folder)
        asked = [_case(entry["q"], tuple((park["sentences"][i],) for i in entry["a"])) for entry in park["questions"]]
        asked += [_case(text) for text in park["none"]]
        asked += [_case(text) for text in rng.sample(_foreign(park, raw["parks"]), BORROWED)]
        asked += [
            _case(text) for text in rng.sample([q for k in park["absent"] for q in raw["generic"].get(k, ())], BORROWED)
        ]
        yield folder, asked


def written() -> Iterator[tuple[Path, list[Case]]]:
    """Yield the folder and the questions of each invented park that has papers of many kinds (``data/parks``)."""
    for park in sorted((DATA / "parks").iterdir()):
        yield park / "corpus", list(read_cases(park / "questions.jsonl"))


def _write(park: Mapping[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sentences = park["sentences"]
    paragraphs = ["".join(sentences[i : i + PARAGRAPH]) for i in range(0, len(sentences), PARAGRAPH)]
    (folder / "park.md").write_text("\n\n".join([f"# {park['name']}", *paragraphs]) + "\n", encoding="utf-8")
    names = yaml.safe_dump({"name": park["name"], "short_names": [park["short"]]}, allow_unicode=True)
    (folder / "park.yaml").write_text(names, encoding="utf-8")


def _case(asked: str, gold: Gold = ()) -> Case:
    return Case("", "", asked, (), gold)


def _foreign(park: Mapping[str, Any], parks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Questions of the other parks for something that this one's text does not tell, under its name."""
    return [
        entry["q"].replace(other["name"], park["name"]).replace(other["short"], park["short"])
        for other in parks
        for entry in other["questions"]
        if other is not park and entry["k"] in park["absent"]
    ]


def all_shown(
    settings: Settings, encoder: Encoder, work: Path, share: float, rng: random.Random
) -> tuple[list[Shown], list[Shown], list[Shown]]:
    """Return the questions on the park, on fictional and on written ones with their units.

    Of the first two a ``share`` (0 to 1) is drawn by ``rng``. Indexes are kept below ``work``.
    """

    def drawn(cases: list[Case]) -> list[Case]:
        return rng.sample(cases, round(share * len(cases)))

    def of_all(parks: Iterable[tuple[Path, list[Case]]], name: str) -> list[Shown]:
        return [
            one
            for number, (folder, asked) in enumerate(parks)
            for one in _all(settings, encoder, folder, asked, work / f"{name}{number:02}")
        ]

    own = _all(settings, encoder, settings.corpus, drawn(own_questions()), work / "own")
    others = of_all(((folder, drawn(asked)) for folder, asked in fictional(work)), "index")
    return own, others, of_all(written(), "written")


def _all(settings: Settings, encoder: Encoder, corpus: Path, asked: Sequence[Case], index: Path) -> list[Shown]:
    at = settings.model_copy(update={"corpus": corpus, "index": index})
    Engine.build(at, encoder=encoder)
    engine = Engine.open(at, encoder)
    return [found for case in asked if (found := _shown(engine, case)) is not None]


def _shown(engine: Engine, asked: Case) -> Shown | None:
    """A question with its units; None where no unit holds its answer."""
    query, vector = engine.understand(request.check(asked.question), request.usable(asked.history))
    evidence = engine.pipeline.evidence(query, vector)
    hits = rank(evidence.candidates, evidence.units, engine.pipeline.plain.rank[query.language])
    by_row = {candidate.row: candidate for candidate in evidence.candidates}
    right, wrong = [], []
    for row, unit in reranking.chosen(hits, len(evidence.units)):
        passage = by_row[row].passage
        text = part(passage, units(passage)[unit])
        places = [_answers(text, entry) for entry in asked.gold]
        if places and all(places):
            right.append(Unit(by_row[row], unit))
        elif not any(places):
            wrong.append(Unit(by_row[row], unit))
    if (asked.gold and not right) or not wrong:
        return None
    span = _span(right[0].read(), asked.gold) if right else NO_SPAN
    return Shown(query.understood, query.language, tuple(right), tuple(wrong[:TOP]), span)


def _span(read: str, gold: Gold) -> tuple[int, int]:
    """Where the answers stand in what is read of a unit, from the first to the last; NO_SPAN where one does not."""
    found = [[(read.find(folded(choice)), len(folded(choice))) for choice in entry] for entry in gold]
    ends = [max(((at, at + size) for at, size in entry if at >= 0), default=NO_SPAN) for entry in found]
    span = min(start for start, _ in ends), max(end for _, end in ends)
    return span if NO_SPAN not in ends and span[1] - span[0] <= LONGEST_SPAN else NO_SPAN


def _answers(text: str, choices: Sequence[str]) -> bool:
    """Whether a unit holds one of these, or is a part of one."""
    return any(choice in text or text.strip() in choice for choice in choices)


def group(shown: Shown, rng: random.Random, size: int) -> dict[str, Any]:
    """Return a question, the unit that answers first where there is one, then wrong ones, likelier the best of them."""
    likely = [0.75**rank for rank in range(len(shown.wrong))]
    count = min(size - bool(shown.right), len(shown.wrong))
    order = sorted(range(len(shown.wrong)), key=lambda i: -(rng.random() ** (1 / likely[i])))[:count]
    chosen = [*shown.right[:1], *(shown.wrong[i] for i in order)]
    return {
        "question": folded(shown.question),
        "sentences": [unit.read() for unit in chosen],
        "answer": list(shown.answer if shown.right else NO_SPAN),
        "labels": [float(bool(shown.right) and not place) for place in range(len(chosen))],
    }
