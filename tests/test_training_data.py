"""The questions that the models are trained on say what stands in their texts, and are none of those that measure."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from parkqa.corpus.documents import read_document
from parkqa.evaluation.question_sets import Case, read_cases

ROOT = Path(__file__).parent.parent
DATA = ROOT / "training" / "data"
OWN = (DATA / "park_train.jsonl", DATA / "park_held.jsonl")
TRAINED, HELD, KEPT = DATA / "parks", DATA / "parks_held", ROOT / "tests" / "data" / "parks"
"""The invented parks: those that the reranker is trained on, those that confidence is fitted on, those that measure."""
WRITTEN = sorted(folder for parks in (TRAINED, HELD, KEPT) for folder in parks.iterdir())


def _cases(*paths: Path) -> list[Case]:
    return [case for path in paths for case in read_cases(path)]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_every_answer_stands_in_the_parks_text(path: Path) -> None:
    text = (ROOT / "corpus" / "jiangyin-jingjiang-park.md").read_text(encoding="utf-8")
    missing = [case.id for case in _cases(path) for entry in case.gold if not any(choice in text for choice in entry)]
    assert missing == []


def test_no_question_is_asked_twice_nor_is_one_of_the_development_set() -> None:
    trained = [case.question for case in _cases(*OWN)]
    kept = {case.question for case in _cases(ROOT / "tests" / "data" / "park_dev.jsonl") if not case.history}
    assert len(set(trained)) == len(trained)
    assert len(kept & set(trained)) <= len(kept) * 0.1, kept & set(trained)


@pytest.mark.slow
def test_the_questions_on_invented_parks_point_at_their_sentences() -> None:
    raw = yaml.safe_load((DATA / "parks.yaml").read_text(encoding="utf-8"))
    assert len(raw["parks"]) >= 10
    for park in raw["parks"]:
        last = len(park["sentences"])
        assert all(0 <= number < last for entry in park["questions"] for number in entry["a"]), park["name"]
        assert not {entry["k"] for entry in park["questions"]} & set(park["absent"]), park["name"]
        assert park["none"]
        assert all(isinstance(text, str) for text in park["none"]), park["name"]


@pytest.mark.slow
@pytest.mark.parametrize("park", WRITTEN, ids=lambda park: park.name)
def test_every_answer_about_an_invented_park_stands_in_one_of_its_files(park: Path) -> None:
    read = [read_document(path, park / "corpus").text for path in sorted((park / "corpus").glob("*.[!y]*"))]
    cases = _cases(park / "questions.jsonl")
    missing = [
        case.id
        for case in cases
        if case.gold and not any(all(any(c in text for c in entry) for entry in case.gold) for text in read)
    ]
    assert missing == []
    assert {case.kind for case in cases if not case.gold} == {"unanswerable"}
    assert len(cases) >= 80


def test_no_invented_park_is_both_trained_on_and_measured_with() -> None:
    names = [yaml.safe_load((park / "corpus" / "park.yaml").read_text(encoding="utf-8"))["name"] for park in WRITTEN]
    assert len(set(names)) == len(names) >= 12
    assert all(len(list(parks.iterdir())) >= 3 for parks in (TRAINED, HELD, KEPT))
