"""An ordinal picks the item of the list that answers, an order by date the entry of the chronicle; all else is left."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from parkqa.answer.listed import MOST, any_of_them, beside, named, pick, whole
from parkqa.corpus.curation.glossary import glossary
from parkqa.query.ordinals import Place
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.search import confidence
from parkqa.search.pipeline import Ranking
from parkqa.types import Document, Hit, Passage, PassageKind, Query

HONOURS = "获得下列荣誉：\n甲奖\n乙奖\n丙奖"
YEARS = ["2003年8月29日,园区成立。", "2011年获评甲奖。", "2011年5月,码头开业。", "2019年获评乙奖。"]


def passage(row: int, text: str, kind: PassageKind, heading: str, start: int = 0) -> Passage:
    lines, at = [], start
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    return Passage(f"{row}", "a.md", start, start + len(text), text, kind, (heading,), tuple(lines))


def store(years: list[str] = YEARS) -> Any:
    return SimpleNamespace(
        passages=[
            passage(0, "甲\n乙", "list", "产业"),
            passage(1, HONOURS, "list", "荣誉", 100),
            *(passage(row, text, "entry", "大事记", 100 * row) for row, text in enumerate(years, 2)),
            passage(9, "园区很大。", "paragraph", "大事记", 2000),
        ]
    )


def ranking(*scored: tuple[int, float], sure: float = 0.9, among: Any = None) -> Ranking:
    passages = (among or store()).passages
    hits = [Hit(row, passages[row], score, 0.0, 0.0, (score,) * 4) for row, score in scored]
    return Ranking(tuple(hits), sure, confidence.load())


def marked(found: Ranking | None) -> list[str]:
    assert found is not None
    first = found.hits[0]
    return [first.passage.text[a - first.passage.start : b - first.passage.start] for a, b in first.marks]


@pytest.mark.parametrize(("number", "item"), [(1, "甲奖"), (3, "丙奖"), (-1, "丙奖"), (-2, "乙奖")])
def test_an_item_of_the_list_is_marked(number: int, item: str) -> None:
    found = pick(Place(number, ""), "荣誉有哪些", ranking((1, 3.0), (4, 1.0)), store())
    assert marked(found) == [item]
    assert found is not None
    assert [hit.row for hit in found.hits] == [1, 4]


@pytest.mark.parametrize("number", [4, -4, 90])
def test_of_a_shorter_list_all_is_shown(number: int) -> None:
    asked = ranking((1, 3.0))
    assert pick(Place(number, ""), "荣誉有哪些", asked, store()) == asked


def test_an_entry_counts_only_where_the_question_names_what_it_is_an_entry_of() -> None:
    asked = ranking((3, 3.0))
    assert marked(pick(Place(2, ""), "大事记有哪些", asked, store())) == [YEARS[1]]
    assert pick(Place(2, "项目是什么"), "项目是什么", asked, store()) is None


MATERIALS = "第五条 申请人应当提交：\n（一）申请书；\n（二）营业执照；\n（三）身份证明。"
STEPS = "第一步，网上预约；第二步，车辆到场；第三步，卸货1.5小时。"


def paragraph(row: int, text: str, heading: str = "办法") -> Hit:
    return Hit(row, passage(row, text, "paragraph", heading, 50), 3.0, 0.0, 0.0, (3.0,) * 6)


@pytest.mark.parametrize(
    ("text", "number", "item"),
    [
        (MATERIALS, 3, "（三）身份证明。"),
        (MATERIALS, -2, "（二）营业执照"),
        (STEPS, 2, "第二步，车辆到场"),
        (STEPS, 3, "第三步，卸货1.5小时。"),
    ],
)
def test_an_item_that_a_paragraph_numbers_is_marked(text: str, number: int, item: str) -> None:
    asked = Ranking((paragraph(0, text),), 0.9, confidence.load())
    assert marked(pick(Place(number, ""), "要交什么", asked, store())) == [item]


@pytest.mark.parametrize("text", ["第五条 申请人应当提交申请书。", "（二）营业执照；\n（四）证明。", "1.5亩\n2.5亩"])
def test_a_paragraph_without_a_series_of_numbers_has_no_items(text: str) -> None:
    asked = Ranking((paragraph(1, text),), 0.9, confidence.load())
    assert (
        pick(Place(2, ""), "要交什么", asked, SimpleNamespace(passages=[store().passages[0], asked.hits[0].passage]))
        is None
    )


@pytest.mark.parametrize(("step", "entry"), [(-1, YEARS[0]), (1, YEARS[2])])
def test_a_step_goes_to_the_entry_beside(step: int, entry: str) -> None:
    assert marked(pick(Place(0, "", step=step), "2011年获评什么", ranking((3, 3.0)), store())) == [entry]


def test_there_is_no_step_beyond_the_end_nor_in_a_list_without_an_item() -> None:
    assert pick(Place(0, "", step=-1), "哪年成立", ranking((2, 3.0)), store()) is None
    assert pick(Place(0, "", step=1), "荣誉有哪些", ranking((1, 3.0)), store()) is None


ROWS = "云翼公司：2022年注册,员工145人。\n鹏程公司：2019年注册。\n朔风公司：2023年注册。\n\n另有码头。"


def entries(text: str = ROWS, count: int = 3, kind: PassageKind = "entry") -> tuple[Any, dict[str, Document]]:
    found, at = [], 0
    for row, line in enumerate(text.split("\n")[:count]):
        place = (at, at + len(line))
        found.append(Passage(f"{row}", "a.md", *place, line, kind, ("维修园", "入驻企业"), (place,)))
        at += len(line) + 1
    return SimpleNamespace(passages=found), {"a.md": Document("a.md", "航空园介绍", text, "", ())}


def asked(question: str) -> Query:
    return understand(question, (), learn([], glossary({}), ()), literal=True)


@pytest.mark.parametrize("kind", ["entry", "paragraph"])
@pytest.mark.parametrize(
    "question", ["入驻企业有哪些？", "维修园的入驻企业有几家", "园区有哪些企业入驻", "一共有几家入驻企业"]
)
def test_all_entries_under_a_heading_are_one_quote(question: str, kind: PassageKind) -> None:
    there, documents = entries(kind=kind)
    found = whole(asked(question), ranking((1, 2.0), (2, 1.0), among=there), documents, there).hits
    assert len(found) == 1
    assert found[0].passage.text == "\n".join(ROWS.split("\n")[:3])
    assert found[0].passage.text == documents["a.md"].text[found[0].passage.start : found[0].passage.end]
    labels = [ROWS[start:end] for start, end in named(found[0].passage)]
    assert labels == ["云翼公司", "鹏程公司", "朔风公司"]


@pytest.mark.parametrize(
    "question", ["入驻企业有哪些做起落架的？", "2022年入驻企业有哪些？", "云翼公司有多少员工？", "食堂有哪些？"]
)
def test_what_asks_for_some_gets_an_entry(question: str) -> None:
    there, documents = entries()
    asked_of = ranking((0, 2.0), among=there)
    assert whole(asked(question), asked_of, documents, there) is asked_of


def test_entries_with_text_between_them_or_too_many_are_not_taken_together() -> None:
    there, documents = entries()
    apart = Document("a.md", "航空园介绍", ROWS.replace("\n鹏", "间\n鹏"), "", ())
    asked_of = ranking((0, 2.0), among=there)
    assert whole(asked("入驻企业有哪些？"), asked_of, {"a.md": apart}, there) is asked_of
    many = "\n".join(f"第{number}家公司。" for number in range(MOST + 1))
    there, documents = entries(many, MOST + 1)
    asked_of = ranking((0, 2.0), among=there)
    assert whole(asked("入驻企业有哪些？"), asked_of, documents, there) is asked_of


def test_paragraphs_that_are_no_entries_are_not_taken_together() -> None:
    there, documents = entries(ROWS.replace("鹏程公司：", "鹏程公司在"), kind="paragraph")
    asked_of = ranking((0, 2.0), among=there)
    assert whole(asked("入驻企业有哪些？"), asked_of, documents, there) is asked_of


def test_entries_without_labels_are_set_off_whole() -> None:
    there, documents = entries("提交申请。\n审核。\n发证。")
    hits = whole(asked("入驻企业有哪些？"), ranking((0, 2.0), among=there), documents, there).hits
    assert named(hits[0].passage) == hits[0].passage.spans


@pytest.mark.parametrize(
    ("question", "any_"),
    [("注册了几年", True), ("有多少员工", True), ("鹏程公司注册了几年", False), ("云翼有多少员工", False)],
)
def test_a_question_that_names_no_entry_may_mean_any(question: str, any_: bool) -> None:
    there, _ = entries(ROWS if "鹏" not in question else "\n".join(ROWS.split("\n")[1:]))
    assert any_of_them(asked(question), ranking((0, 2.0), among=there)) == any_
    assert not any_of_them(asked(question), ranking((1, 2.0)))
    assert beside(ranking((0, 2.0), among=there), ranking((2, 2.0), among=there))
    assert not beside(ranking((0, 2.0), among=there), ranking((1, 2.0)))


def test_what_is_refused_is_not_picked_from() -> None:
    assert pick(Place(1, ""), "荣誉有哪些", ranking((1, 3.0), sure=0.01), store()) is None


@pytest.mark.parametrize("years", [YEARS, YEARS[::-1]])
@pytest.mark.parametrize(("number", "entry"), [(-1, YEARS[3]), (1, YEARS[0])])
def test_the_latest_and_the_earliest_event(years: list[str], number: int, entry: str) -> None:
    order = Place(number, "", by_date=True, any=True)
    assert marked(pick(order, "大事", ranking((3, 3.0), among=store(years)), store(years))) == [entry]


@pytest.mark.parametrize(("number", "entry"), [(1, YEARS[0]), (3, YEARS[2])])
def test_an_event_by_its_number_is_counted_from_the_earliest(number: int, entry: str) -> None:
    assert marked(pick(Place(number, "", by_date=True, any=True), "大事", ranking((3, 3.0)), store())) == [entry]


def test_the_lines_of_one_paragraph_are_a_chronicle() -> None:
    asked = Ranking((paragraph(0, "\n".join(YEARS)),), 0.9, confidence.load())
    for number, entry in ((-1, YEARS[3]), (2, YEARS[1])):
        assert marked(pick(Place(number, "", by_date=True, any=True), "大事", asked, store())) == [entry]
    assert pick(Place(1, "获评", by_date=True), "获评", asked, store()) is None
    few = Ranking((paragraph(0, "\n".join(YEARS[:2])),), 0.9, confidence.load())
    assert pick(Place(-1, "", by_date=True, any=True), "大事", few, store()) is None


def test_there_is_no_event_beyond_the_last() -> None:
    assert pick(Place(9, "", by_date=True, any=True), "大事", ranking((3, 3.0)), store()) is None


def test_of_one_kind_only_the_entries_that_answer_count() -> None:
    found = pick(Place(-1, "获奖", by_date=True), "获奖", ranking((3, 3.0), (5, 2.5), (2, -4.0)), store())
    assert marked(found) == [YEARS[3]]
    found = pick(Place(1, "获奖", by_date=True), "获奖", ranking((3, 3.0), (5, 2.5), (2, -4.0)), store())
    assert marked(found) == [YEARS[1]]


def test_without_a_chronicle_there_is_no_order() -> None:
    order = Place(-1, "", by_date=True, any=True)
    assert pick(order, "产业", ranking((1, 3.0)), store()) is None
    assert pick(order, "大事", ranking((2, 3.0), among=store(YEARS[:2])), store(YEARS[:2])) is None
