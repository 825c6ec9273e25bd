"""What differs is told in fixed words: how long ago something was is not counted, two versions are both shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from parkqa.answer import notes, quoting
from parkqa.corpus.curation.glossary import glossary
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.search import confidence
from parkqa.search.pipeline import Ranking
from parkqa.search.recency import contradicting
from parkqa.types import Document, Hit, Note, Passage, Query, Quote

LORE = learn([], glossary({}), ())
TODAY = date(2026, 11, 29)


def query(text: str) -> Query:
    return understand(text, (), LORE, literal=True)


def documents(**texts: tuple[str, str | None]) -> dict[str, Document]:
    return {name: Document(name, f"入园办法（{day}版）", text, "", (), date=day) for name, (text, day) in texts.items()}


def hit(document: Document, score: float = 2.0) -> Hit:
    whole = (0, len(document.text))
    passage = Passage("1", document.path, 0, len(document.text), document.text, "paragraph", (), (whole,))
    return Hit(0, passage, score, 0.0, 0.0, (score,))


def quote(document: Document) -> Quote:
    found = hit(document)
    return replace(quoting.quote(found, document, found.passage.spans), answer=found.passage.spans)


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("园区成立多少年了？", "2003年8月29日,园区正式成立。", "2003年8月29日"),
        ("开业几年了", "码头于2011年开业。", "2011年"),
        ("How old is the park?", "The park was founded on 29 August 2003.", "29 August 2003"),
        ("how long ago was it built?", "Built in 2011.", "2011"),
    ],
)
def test_how_long_ago_is_dated_and_not_counted(question: str, text: str, found: str) -> None:
    document = Document("a.md", "介绍", text, "", ())
    note = notes.since(query(question), quote(document), document)[0]
    assert (note.kind, note.found, text[note.span[0] : note.span[1]]) == ("since", found, found)
    said = notes.said([note], query(question).language, {"a.md": document}, TODAY)
    assert found in said
    assert "2026" in said


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("园区成立多少年了？", "园区2003年成立,至今已有21年。"),
        ("园区哪年成立的？", "2003年8月29日,园区正式成立。"),
        ("合同签几年？", "合同自2024年起。租期三年。"),
        ("园区成立多少年了？", "园区很大。"),
    ],
)
def test_what_is_counted_or_not_dated_needs_no_note(question: str, text: str) -> None:
    document = Document("a.md", "介绍", text, "", ())
    assert notes.since(query(question), quote(document), document) == ()


OLD, NEW = ("首次取得注册证的,奖励120万元。", "2023"), ("首次取得注册证的,每张奖励200万元。", "2025-06-01")


@pytest.mark.parametrize(("first", "second", "order"), [("new", "old", "newer"), ("old", "new", "older")])
def test_two_versions_that_differ_are_named(first: str, second: str, order: str) -> None:
    given = documents(old=OLD, new=NEW)
    ranking = Ranking((hit(given[first]), hit(given[second], 1.0)), 0.9, confidence.load())
    shown = [quote(given[first]), quote(given[second])]
    note = notes.version(query("取得注册证奖励多少"), ranking, shown, given)[0]
    assert note == Note("version", order, given[second].text, second, (0, len(given[second].text)))
    said = notes.said([note], "zh", given)
    assert given[second].title in said
    assert ("较新" if order == "newer" else "较早") in said
    assert notes.version(query("2023年取得注册证奖励多少"), ranking, shown, given) == ()


@pytest.mark.parametrize(
    ("other", "day"),
    [
        ("首次取得注册证的,每张奖励200万元。", "2023"),  # the same
        ("首次取得注册证的,每张奖励120万元。", None),  # no date
        ("首次取得注册证的,每张奖励120万元。", "2025-06-01"),  # of the same day
        ("物业费每平方米3元。", "2023"),  # of another thing
        ("2022年首次取得注册证的,每张奖励120万元。", "2023"),  # of another year
    ],
)
def test_what_does_not_contradict(other: str, day: str | None) -> None:
    given = documents(new=NEW, other=(other, day))
    assert contradicting([hit(given["new"]), hit(given["other"], 1.0)], given) is None


def test_what_contradicts_is_found_behind_others() -> None:
    given = documents(new=NEW, between=("园区很大。", "2024"), old=OLD)
    assert contradicting([hit(given[name]) for name in ("new", "between", "old")], given) == 2
    assert contradicting([], given) is None


def test_all_notes_are_said_in_the_language_of_the_question() -> None:
    found = [Note("rank", "AAA级", "AA级", "a.md", (0, 3)), Note("year", "2001年", "2003年", "a.md", (5, 10))]
    assert (
        notes.said(found, "zh", {}) == "您问的是“AAA级”，资料里写的是“AA级”。您问的是“2001年”，资料里写的是“2003年”。"
    )
    assert notes.said(found[:1], "en", {}) == "You asked about “AAA级”; the documents say “AA级”."
    assert notes.said([], "zh", {}) == ""
