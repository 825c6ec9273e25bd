"""The curated files by field: what was written is saved, what is wrong is said at its field, nobody's work is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from desks import LINE, ME, SHE, Office, office
from parkqa.desk import forms
from parkqa.desk.forms import NEW, WrongField
from parkqa.desk.shelf import Overtaken
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.journal import review
from parkqa.types import Answer

PARK = (
    "# 我们的园区\nname: 园区 # 旧名\ncolour: '#123456'\nsuggestions:\n- 班车几点发车？ # 常问\n"
    "documents:\n  租金.md:\n    date: '2024'\n"
)
FAQ = "# 常问\n- questions: [几点发车]\n  document: 班车.md\n  quote: 班车每天早上7点30分从地铁站发车。\n"


@pytest.fixture
def place(tmp_path: Path) -> Office:
    made = office(tmp_path)
    for name, text in (("park.yaml", PARK), ("faq.yaml", FAQ), ("glossary.yaml", "- terms: [班车, 通勤车]\n")):
        (made.settings.corpus / name).write_text(text, encoding="utf-8")
    return made


def park(place: Office, **changed: str) -> None:
    found = forms.shown(place.desk.shelf, "park.yaml")
    place.desk.write_park(ME, {**found.entries[0], **changed}, found.seen)


def entry(place: Office, name: str, at: int, **changed: str) -> None:
    found = forms.shown(place.desk.shelf, name)
    before = found.entries[at] if at != NEW else {}
    place.desk.write_entry(ME, name, at, {**before, **changed}, found.seen)


def test_the_park_is_changed_by_field_and_all_else_stays(place: Office) -> None:
    park(place, name="苏州园区", suggestions="班车几点发车？\r\n租金多少？\r\n", contact_telephone="0510-1")
    assert (
        place.desk.shelf.text("park.yaml")
        == PARK.replace("name: 园区", "name: 苏州园区").replace("# 常问\n", "# 常问\n- 租金多少？\n")
        + "contact:\n  telephone: 0510-1\n"
    )
    assert forms.shown(place.desk.shelf, "park.yaml").entries[0]["contact_telephone"] == "0510-1"
    with pytest.raises(ParkqaError, match="没有改动"):
        park(place)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("colour", {"colour": "red"}),
        ("contact", {"contact": "一行", "contact_hours": "8点"}),
        ("contact", {"contact_map": "没有.png"}),
        ("name", {"name": "两\n行"}),
        ("suggestions", {"suggestions": "长" * 3000}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(place: Office, field: str, changed: dict[str, str]) -> None:
    with pytest.raises(WrongField) as caught:
        park(place, **changed)
    assert caught.value.field == field
    assert str(place.folder) not in str(caught.value)
    assert place.desk.shelf.state().draft == {}


def test_an_entry_of_the_faq_is_changed_added_and_dropped(place: Office) -> None:
    entry(place, "faq.yaml", 0, questions="几点发车\n班车几点")
    assert place.desk.shelf.text("faq.yaml") == FAQ.replace("[几点发车]", "[几点发车, 班车几点]")
    entry(place, "faq.yaml", NEW, questions="你是谁", out_of_scope="on")
    assert place.desk.shelf.text("faq.yaml").endswith("- questions:\n  - 你是谁\n  out_of_scope: true\n")
    found = forms.shown(place.desk.shelf, "faq.yaml")
    assert found.entries[1] == {"questions": "你是谁", "out_of_scope": "on"}
    place.desk.drop_entry(ME, "faq.yaml", 1, found.seen)
    assert len(forms.shown(place.desk.shelf, "faq.yaml").entries) == 1


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("quote", {"quote": "资料里没有的话。"}),
        ("document", {"document": "没有.md"}),
        ("document", {"document": ""}),
        ("questions", {"questions": ""}),
        ("occurrence", {"occurrence": "x"}),
        ("out_of_scope", {"out_of_scope": "on"}),
    ],
)
def test_an_answer_that_no_document_has_is_said(place: Office, field: str, changed: dict[str, str]) -> None:
    with pytest.raises(WrongField) as caught:
        entry(place, "faq.yaml", 0, **changed)
    assert caught.value.field == field


def test_a_quote_of_a_document_of_the_draft_is_left_to_the_build(place: Office) -> None:
    place.replace("班车.md", LINE.replace("7点30分", "8点"))
    entry(place, "faq.yaml", 0, quote="班车每天早上8点从地铁站发车。")
    assert "8点" in place.desk.shelf.text("faq.yaml")


def test_the_glossary_is_changed_and_one_word_is_no_entry(place: Office) -> None:
    entry(place, "glossary.yaml", 0, en="shuttle")
    assert place.desk.shelf.text("glossary.yaml") == "- terms: [班车, 通勤车]\n  en: [shuttle]\n"
    for wrong in ({"terms": "一个"}, {"en": "bus"}, {"terms": "一个\n一个"}, {"terms": "BUS", "en": "bus"}):
        with pytest.raises(WrongField, match="至少两个") as caught:
            entry(place, "glossary.yaml", NEW, **wrong)
        assert caught.value.field == "terms"
    entry(place, "glossary.yaml", NEW, terms="一个", en="one")


def test_two_people_do_not_lose_each_others_work(place: Office) -> None:
    found = forms.shown(place.desk.shelf, "faq.yaml")
    entry(place, "faq.yaml", 0, note="先来的")
    with pytest.raises(Overtaken, match=ME[0]):
        place.desk.write_entry(SHE, "faq.yaml", 0, {**found.entries[0], "note": "后来的"}, found.seen)
    with pytest.raises(Overtaken):
        place.desk.drop_entry(SHE, "faq.yaml", 0, found.seen)
    assert "先来的" in place.desk.shelf.text("faq.yaml")


@pytest.mark.parametrize("text", ["name: [", "- a\n", "x\n"])
def test_a_file_that_is_no_park_is_to_be_corrected_as_text(place: Office, text: str) -> None:
    (place.settings.corpus / "park.yaml").write_text(text, encoding="utf-8")
    found = forms.shown(place.desk.shelf, "park.yaml")
    assert found.entries == ()
    assert found.broken is not None


def test_questions_are_tried_as_review_tries_them_and_only_once(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    state = review.state

    def heard(engine: Engine, text: str) -> tuple[review.State, Answer]:
        asked.append(text)
        return state(engine, text)

    monkeypatch.setattr(review, "state", heard)
    found = place.desk.trials.tried(place.live, ["班车几点发车？", "", "哪里打羽毛球", "长" * 600])
    assert [each.state for each in found] == ["answered", "open", "wrong"]
    assert found[0].quote is not None
    assert found[0].quote.document == "班车.md"
    place.desk.trials.tried(place.live, ["班车几点发车？", "租金多少？"])
    assert asked == ["班车几点发车？", "哪里打羽毛球", "长" * 600, "租金多少？"]
