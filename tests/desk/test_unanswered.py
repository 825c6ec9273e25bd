"""From a question without an answer to its cure, and what that does to the answers before anybody sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desks import ME, Office, office, record
from parkqa.corpus.curation.faq import read_faq
from parkqa.corpus.curation.glossary import read_glossary
from parkqa.desk.unanswered import passage
from parkqa.desk.why import why
from parkqa.errors import BadQuestion, ParkqaError

ASKED = (
    ("哪里打羽毛球", "refusal"),
    ("哪里打羽毛球", "refusal"),
    ("我的电话是13812345678，谁来联系", "refusal"),
    ("3号楼的租金是多少？", "answer"),
)


@pytest.fixture
def place(tmp_path: Path) -> Office:
    made = office(tmp_path)
    record(tmp_path, *ASKED, disliked="找不到站台")
    return made


def test_refused_questions_are_grouped_most_asked_first(place: Office) -> None:
    told = place.desk.questions.look(place.live)
    assert next((group.question, group.asked) for group in told.groups) == ("哪里打羽毛球", 2)
    assert [entry.reason for entry in told.disliked] == ["找不到站台"]
    assert place.desk.questions.look(place.live) is told
    record(place.folder, *ASKED, ("食堂在哪里", "refusal"))
    assert "食堂在哪里" in [group.question for group in place.desk.questions.look(place.live).groups]
    with pytest.raises(ParkqaError, match="没有这组"):
        place.desk.questions.group(place.live, "0" * 16)


def test_without_a_journal_there_are_none(tmp_path: Path) -> None:
    place = office(tmp_path)
    assert place.desk.questions.look(place.live).groups == ()


def test_an_answer_that_is_pointed_at_is_checked_and_published(place: Office) -> None:
    chosen = next(each for each in place.live.store.passages if each.document == "班车.md")
    assert place.desk.answer(ME, place.live, ["哪里打羽毛球"], (chosen, 0, len(chosen.spans) - 1)) == "faq.yaml"
    place.check()
    found = place.desk.candidate.found()
    assert found
    [won] = [each for each in found.differences if each.kind == "won"]
    assert (won.asked.text, won.asked.times) == ("哪里打羽毛球", 2)
    assert won.before is None
    assert won.after
    assert won.after.document == "班车.md"
    assert not (place.settings.corpus / "faq.yaml").exists()
    place.publish()
    [entry] = read_faq(place.settings.corpus)
    assert (entry.questions, entry.document) == (("哪里打羽毛球",), "班车.md")
    assert why(place.live, "哪里打羽毛球").by_faq == "answer"
    with pytest.raises(ParkqaError, match="没有这几句"):
        place.desk.answer(ME, place.live, ["x"], (chosen, 0, 99))
    with pytest.raises(ParkqaError, match="没有这一段"):
        passage(place.live, "0" * 16)


def test_a_synonym_needs_a_word_of_the_documents(place: Office) -> None:
    with pytest.raises(ParkqaError, match="不起作用"):
        place.desk.synonym(ME, place.live, "摆渡车", "飞船")
    with pytest.raises(ParkqaError, match="访客的说法"):
        place.desk.synonym(ME, place.live, " ", "班车")
    assert place.desk.synonym(ME, place.live, "摆渡车", "班车") == "glossary.yaml"
    with place.desk.shelf.curated() as corpus:
        assert "摆渡车" in read_glossary(corpus).meanings["班车"]
    with pytest.raises(ParkqaError, match="已经是这样了"):
        place.desk.synonym(ME, place.live, "摆渡车", "班车")


def test_out_of_scope_is_marked(place: Office) -> None:
    place.desk.refuse(ME, ["哪里打羽毛球"])
    place.publish()
    assert why(place.live, "哪里打羽毛球").by_faq == "out"
    with pytest.raises(ParkqaError, match="至少留一种"):
        place.desk.refuse(ME, [" "])


def test_a_missing_paragraph_becomes_a_document_to_be_approved(place: Office) -> None:
    assert place.desk.write_document(ME, "摆渡车", "摆渡车每十分钟一班。\r\n\r\n在东门上车。") == "摆渡车.md"
    assert "摆渡车.md" not in place.texts()
    place.publish()
    assert place.texts()["摆渡车.md"] == "# 摆渡车\n\n摆渡车每十分钟一班。\n\n在东门上车。\n"
    with pytest.raises(ParkqaError, match="标题和正文"):
        place.desk.write_document(ME, "", "x")


def test_why_names_the_words_and_the_confidence(place: Office) -> None:
    found = why(place.live, "班车几点发车？")
    assert found.answers == (found.confidence >= found.threshold)
    first = next(each for each in found.evidence if each.passage.document == "班车.md")
    assert "班车" in first.words
    rent = [each for each in found.evidence if each.passage.document == "租金.md"]
    assert all("班车" in each.without for each in rent)
    with pytest.raises(BadQuestion):
        why(place.live, "x" * 501)
