"""Question sets are read strictly and counted rightly."""

import json
from pathlib import Path

import pytest

from parkqa.errors import QuestionSetError
from parkqa.evaluation.question_sets import Case, auroc, evaluate, judge, marked, read_cases
from parkqa.types import Answer, Quote

TEXT = "园区于2003年成立。共有六大产业。"


def quote(*spans: tuple[int, int]) -> Quote:
    return Quote(TEXT, "a.md", "介绍", 0, len(TEXT), "0" * 64, "", None, 1.0, spans)


def answer(*quotes: Quote, confidence: float = 0.9) -> Answer:
    kind = "answer" if quotes else "refusal"
    return Answer(None, "x", "q", "q", (), kind, "", confidence, quotes, (), (), 5.0)


def case(*gold: tuple[str, ...]) -> Case:
    return Case("1", "fact", "q", (), gold)


def test_gold_must_stand_in_the_quote_and_in_its_marks() -> None:
    outcome = judge(case(("2003年",)), answer(quote((0, 11))))
    assert (outcome.answer1, outcome.marked1) == (True, True)
    outcome = judge(case(("2003年",)), answer(quote((11, 18))))
    assert (outcome.answer1, outcome.marked1, outcome.marked2) == (True, False, False)


def test_every_entry_must_be_met_and_any_choice_of_one() -> None:
    assert judge(case(("2004年", "2003年"), ("六大产业",)), answer(quote((0, 18)))).marked1
    assert not judge(case(("2003年",), ("七大产业",)), answer(quote((0, 18)))).answer1


def test_second_quote_counts_for_marked2_only() -> None:
    outcome = judge(case(("六大产业",)), answer(quote((0, 11)), quote((11, 18))))
    assert (outcome.marked1, outcome.marked2) == (False, True)


def test_the_right_passage_below_a_refusal_is_ranked_first_but_does_not_answer() -> None:
    refused = Answer(None, "x", "q", "q", (), "refusal", "", 0.1, (), (quote((0, 11)),), (), 5.0)
    outcome = judge(case(("2003年",)), refused)
    assert (outcome.ranked1, outcome.answer1) == (True, False)
    outcome = judge(case(("2004年",)), refused)
    assert (outcome.ranked1, outcome.answer1) == (False, False)


def test_unanswerable_is_right_when_refused() -> None:
    assert judge(case(), answer()).answer1
    assert not judge(case(), answer(quote((0, 3)))).answer1


def test_adjacent_marks_are_read_as_one() -> None:
    assert marked([quote((0, 11), (11, 18))]) == [TEXT]
    assert marked([quote((0, 2), (11, 18))]) == ["园区", "共有六大产业。"]


def test_auroc_counts_ties_half() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5], [0.5]) == 0.5


def test_report_counts_kinds() -> None:
    report = evaluate([case(("2003年",)), case()], lambda q, h: answer(quote((0, 11)), confidence=0.7))
    assert report.kinds["fact"].n == 2
    assert report.kinds["fact"].answer1 == 1.0
    assert report.auroc == 0.5
    assert [miss.case.gold for miss in report.misses] == [()]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"question": 1, "gold": []}', '{"question": "q"}', '{"question": "q", "gold": [[1]]}']
)
def test_bad_line_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps({"question": "q", "gold": ["a"]})
    file = tmp_path / "set.jsonl"
    file.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionSetError, match=r"set\.jsonl:2") as caught:
        read_cases(file)
    assert caught.value.line == 2


def test_missing_and_empty_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError):
        read_cases(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(QuestionSetError):
        read_cases(tmp_path / "empty.jsonl")
