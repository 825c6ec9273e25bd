"""With the real models: a false premise gets the true line with a note, and a year with no entry stays refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from parkqa.engine import Engine
from parkqa.settings import load_settings

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("question", "asked", "found"),
    [
        ("园区是1999年成立的吗？", "1999年", "2003年"),
        ("Was the park founded in 1999?", "1999", "2003年"),
        ("2011年首个超亿美元项目是哪家", "2011年", "2005年"),
        ("七类民生项目是哪些", "七类", "六类"),
        ("五大科创载体是什么？", "五大", "三大"),
    ],
)
def test_the_true_line_is_quoted_and_what_differs_is_said(
    real_engine: Engine, question: str, asked: str, found: str
) -> None:
    answer = real_engine.ask(question)
    assert answer.kind == "answer"
    assert [(note.asked, note.found) for note in answer.notes] == [(asked, found)]
    assert found in answer.quotes[0].text
    assert asked in answer.message
    note = answer.notes[0]
    assert real_engine.documents[note.document].text[slice(*note.span)] == found


@pytest.mark.parametrize(
    "question", ["2019年园区获得了什么荣誉？", "2013年园区获评了什么", "What did the park win in 2013?"]
)
def test_a_year_of_which_nothing_is_told_stays_refused(real_engine: Engine, question: str) -> None:
    assert real_engine.ask(question).kind == "refusal"


@pytest.mark.parametrize(
    "question",
    [
        "园区是2003年成立的吗？",
        "2014年园区获评了什么？",
        "六类民生项目是哪些？",
        "园区2006年就成了省级开发区，是吗？",
        "园区2006年成了省级开发区吗？",
    ],
)
def test_a_true_premise_needs_no_note(real_engine: Engine, question: str) -> None:
    answer = real_engine.ask(question)
    assert (answer.kind, answer.notes, answer.message) == ("answer", (), "")


@pytest.mark.parametrize(
    ("question", "missing"),
    [("青岛西海岸新区的总目标是什么", "青岛西海岸新区"), ("Where is Qingdao Port Group listed?", "Qingdao Port Group")],
)
def test_another_is_not_answered_for(real_engine: Engine, question: str, missing: str) -> None:
    assert real_engine.ask(question).missing == (missing,)


@pytest.mark.parametrize(
    "question", ["大明长江码头是哪一年开业的？", "园区管委会大楼有几层？", "大明长江码头开业花了多少钱？"]
)
def test_what_holds_no_value_of_the_kind_asked_for_does_not_answer(real_engine: Engine, question: str) -> None:
    assert real_engine.ask(question).kind == "refusal"


@pytest.mark.parametrize("question", ["2018年成立的吗？", "沂岭园区是2018年成立的吗？"])
def test_another_event_of_the_year_is_no_yes(tmp_path: Path, question: str) -> None:
    """A year that only another event has in common with the question: the true line is shown, with the year it has."""
    (tmp_path / "corpus").mkdir()
    text = "# 沂岭园区\n\n沂岭园区2011年批准设立。\n\n## 荣誉\n\n2018年，沂岭园区获评绿色园区。\n"
    (tmp_path / "corpus" / "a.md").write_text(text, encoding="utf-8")
    settings = load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    Engine.build(settings)
    answer = Engine.open(settings).ask(question)
    assert "2011年" in answer.quotes[0].text
    assert [(note.asked, note.found) for note in answer.notes] == [("2018年", "2011年")]
