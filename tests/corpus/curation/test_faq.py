"""faq.yaml: read and checked, its quotes found in their documents, found like passages and quoted from their source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines import CORPUS, corpus, opened, settings_for
from parkqa.corpus.curation.faq import Entry, forms, out_of_scope, places, read_faq
from parkqa.corpus.documents import read_corpus
from parkqa.corpus.splitting import split
from parkqa.engine import Engine
from parkqa.errors import ParkFileError
from parkqa.search.faq_match import leads
from parkqa.settings import Settings
from parkqa.store.postgres.connection import database
from parkqa.types import Passage
from servers import new_database
from stubs import StubEncoder

FOUNDED = "2003年8月29日,江阴经济开发区靖江园区正式成立。"
PARK = "jiangyin-jingjiang-park.md"
SAME = "# 甲\n\n码头长300米。路宽20米。\n\n# 乙\n\n码头长300米。\n\n码头长300米。\n"


def entry(**told: object) -> Entry:
    return Entry(("问？",), 3, **{"document": "a.md", "quote": "码头长300米。", **told})  # type: ignore[arg-type]


@pytest.fixture
def same(tmp_path: Path) -> Settings:
    return corpus(tmp_path, a_md=SAME)


def placed(settings: Settings, *entries: Entry) -> tuple[list[Passage], list[ParkFileError]]:
    read = read_corpus(settings.corpus)
    passages = [passage for document in read.documents for passage in split(document)]
    return forms(entries, read.documents, passages, settings.corpus / "faq.yaml")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("questions: [甲]\n", 1),
        ("- 甲\n", 1),
        ("# 问答\n\n- questions: []\n  out_of_scope: true\n", 3),
        ("- questions: 甲\n  out_of_scope: true\n", 1),
        ("- questions: [甲, 2003]\n  out_of_scope: true\n", 1),
        ("- questions: [甲]\n", 1),
        ("- questions: [甲]\n  out_of_scope: false\n", 1),
        ("- questions: [甲]\n  document: a.md\n", 1),
        ("- questions: [甲]\n  quote: 乙\n", 1),
        ("- questions: [甲]\n  document: a.md\n  quote: 乙\n  out_of_scope: true\n", 1),
        ("- questions: [甲]\n  document: a.md\n  quote: 乙\n  occurrence: 0\n", 1),
        ("- questions: [甲]\n  document: a.md\n  quote: 乙\n  occurrence: yes\n", 1),
        ("- questions: [甲]\n  document: a.md\n  quote: 2003\n", 1),
        ("- questions: [甲]\n  answer: 乙\n  out_of_scope: true\n", 1),
        ("- questions: [甲？]\n  out_of_scope: true\n- questions: [乙, 甲?]\n  out_of_scope: true\n", 3),
        ("- questions: [甲]\n  out_of_scope: true\n- questions: [乙\n", 4),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, content: str, line: int) -> None:
    (tmp_path / "faq.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ParkFileError) as raised:
        read_faq(tmp_path)
    assert (raised.value.path, raised.value.line) == (str(tmp_path / "faq.yaml"), line)
    assert raised.value.zh.startswith(f"{tmp_path / 'faq.yaml'}:{line}：")


def test_entries_are_read(tmp_path: Path) -> None:
    assert read_faq(tmp_path) == ()
    content = (
        "- questions: [' 码头多长？ ', 码头多长？, 码头长度]\n  document: a.md\n  quote: |\n    码头长300米。\n"
        "  heading: 乙\n  occurrence: 2\n  note: 说明\n- questions: [天气？]\n  out_of_scope: true\n"
    )
    (tmp_path / "faq.yaml").write_text(content, encoding="utf-8")
    first, second = read_faq(tmp_path)
    assert first == Entry(("码头多长？", "码头长度"), 1, "a.md", "码头长300米。", "乙", 2)
    assert second == Entry(("天气？",), 8)
    assert out_of_scope((first, second)) == ("天气？",)


def test_the_shipped_file_holds_comments_only_and_its_example_reads(tmp_path: Path) -> None:
    assert read_faq(CORPUS) == ()
    text = (CORPUS / "faq.yaml").read_text(encoding="utf-8")
    (tmp_path / "faq.yaml").write_text(re.sub(r"^# (?=- |  \w+: |  - )", "", text, flags=re.M), encoding="utf-8")
    first, second = read_faq(tmp_path)
    assert (first.document, first.quote, second.document) == (PARK, FOUNDED, "")


@pytest.mark.parametrize(
    ("told", "heading", "number"),
    [
        ({}, "甲", 0),
        ({"heading": "乙"}, "乙", 0),
        ({"heading": "乙", "occurrence": 2}, "乙", 1),
        ({"occurrence": 3}, "乙", 1),
    ],
)
def test_a_quote_is_a_slice_of_its_passage(same: Settings, told: dict[str, object], heading: str, number: int) -> None:
    (form,), wrong = placed(same, entry(**told))
    (document,) = read_corpus(same.corpus).documents
    under = [passage for passage in split(document) if passage.heading == (heading,)]
    assert not wrong
    assert form.text == document.text[form.start : form.end] == "码头长300米。"
    assert form.original == under[number].id
    assert (form.kind, form.heading) == ("question", ("问？",))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"quote": "码头长400米。"}, "已经没有"),
        ({"document": "b.md"}, "b.md"),
        ({"heading": "丙"}, "heading"),
        ({"occurrence": 4}, "occurrence"),
        ({"quote": "路宽20米。\n乙"}, "跨了段"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_with_its_line(
    same: Settings, told: dict[str, object], said: str
) -> None:
    found, (error,) = placed(same, entry(**told))
    assert not found
    assert error.line == 3 and said in error.zh


def test_a_translation_is_not_quoted_and_a_copy_is_its_first(tmp_path: Path) -> None:
    made = corpus(
        tmp_path, a_md=SAME, b_md=SAME, a_en_md=f"---\ntranslation_of: a.md\n---\n{SAME.replace('码头', 'quay')}"
    )
    found, (error,) = placed(made, entry(document="b.md"), entry(document="a.en.md"))
    assert [form.document for form in found] == ["a.md"]
    assert "译文" in error.zh


@given(st.text("甲乙。\n", min_size=1, max_size=20), st.text("甲乙。", min_size=1, max_size=3))
def test_every_place_of_a_quote_is_a_slice_within_its_passage(
    tmp_path_factory: pytest.TempPathFactory, text: str, quote: str
) -> None:
    made = corpus(tmp_path_factory.mktemp("faq"), a_txt=f"头{text}")
    (document,) = read_corpus(made.corpus).documents
    for start, owner in places(document, quote, split(document)):
        assert document.text[start : start + len(quote)] == quote
        assert owner.start <= start and start + len(quote) <= owner.end


@pytest.fixture(scope="module", params=["faiss", pytest.param("postgres", marks=pytest.mark.postgres)])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The park with a question that its own words would not answer, and one marked that they would."""
    settings = settings_for(tmp_path_factory.mktemp("told"))
    if request.param == "postgres":
        settings = settings.model_copy(update={"store": new_database()})
    (settings.corpus / "faq.yaml").write_text(
        f"- questions:\n    - 谁家的食堂最好吃？\n    - Where can I eat?\n  document: {PARK}\n  quote: {FOUNDED}\n"
        f"- questions: [园区有哪些新兴产业？]\n  out_of_scope: true\n"
        f"- questions: [旧的]\n  document: {PARK}\n  quote: 原文里没有的话。\n"
        f"- questions: [新兴产业的第三项]\n  document: {PARK}\n  quote: 智能制造\n  heading: 新兴产业\n",
        encoding="utf-8",
    )
    yield opened(settings)
    if settings.store:
        database(settings.store).close()


@pytest.mark.slow
def test_which_passage_a_question_leads_to_is_kept_and_no_passage_read_for_it(told: Engine) -> None:
    bare: Any = SimpleNamespace(note={}, passages=told.store.passages)
    kept: Any = SimpleNamespace(note=told.store.note)
    assert leads(kept) == leads(bare) == told.pipeline.faq.leads
    assert len(told.pipeline.faq.leads) == 3


def test_a_quote_that_no_longer_stands_is_reported_with_file_and_line_and_not_used(told: Engine) -> None:
    report = Engine.build(told.settings, encoder=StubEncoder())
    (note,) = report.notes
    assert note.startswith(f"{told.settings.corpus / 'faq.yaml'}:8：")
    assert note in report.summary()
    assert report.failed == ()
    assert report.passages == sum(passage.original is None for passage in told.store.passages)
    assert "旧的" not in [passage.heading[0] for passage in told.store.passages if passage.kind == "question"]


@pytest.mark.parametrize("asked", ["谁家的食堂最好吃？", "請問誰家的食堂最好吃", "谁家食堂最好吃", "where can i eat"])
def test_the_question_is_answered_from_the_source_with_the_quote_marked(told: Engine, asked: str) -> None:
    answer = told.ask(asked)
    quote = answer.quotes[0]
    assert (answer.kind, answer.confidence) == ("answer", 1.0)
    assert quote.text[quote.spans[0][0] - quote.start : quote.spans[0][1] - quote.start] == FOUNDED
    assert (quote.document, quote.heading) == (PARK, "大事记")
    assert len({(each.start, each.end) for each in answer.quotes}) == len(answer.quotes)


def test_an_item_of_a_list_is_marked_in_its_list(told: Engine) -> None:
    quote = told.ask("新兴产业的第三项").quotes[0]
    (span,) = quote.spans
    assert quote.text[span[0] - quote.start : span[1] - quote.start] == "智能制造"
    assert quote.text.startswith("高端装备")


@pytest.mark.parametrize("asked", ["园区有哪些新兴产业？", "请问园区有哪些新兴产业"])
def test_what_is_out_of_scope_is_refused_politely(told: Engine, asked: str) -> None:
    answer = told.ask(asked)
    assert (answer.kind, answer.confidence, answer.quotes) == ("refusal", 0.0, ())
    assert answer.message.startswith("园区资料里没有写到")
    assert answer.related


@pytest.mark.parametrize("asked", ["园区有几类新兴产业？", "2003年园区有哪些新兴产业？", "园区有哪些新兴产业和荣誉？"])
def test_a_question_that_asks_for_something_else_is_not_the_same(told: Engine, asked: str) -> None:
    assert told.ask(asked).confidence > 0.0


def test_a_question_like_it_finds_the_passage_too(told: Engine) -> None:
    answer = told.ask("园区里谁家的食堂做得最好吃，味道香")
    assert 0.0 < answer.confidence < 1.0
    found = (answer.quotes or answer.related)[0]
    assert FOUNDED in found.text


def test_questions_are_no_passages_that_are_quoted(told: Engine) -> None:
    asked = set(told.pipeline.faq.leads)
    assert asked and not asked & set(told.pipeline.faq.leads.values()) and not asked & set(told.store.originals)
    for text in ("食堂", "Where can I eat my lunch?", "新兴产业"):
        answer = told.ask(text)
        for quote in (*answer.quotes, *answer.related):
            assert "食堂" not in quote.heading and "eat" not in quote.heading
