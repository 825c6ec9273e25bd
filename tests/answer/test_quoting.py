"""Quotes are slices, marks lie in them, and our own words claim nothing about the park."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engines import corpus, opened
from parkqa.answer.quoting import REFUSAL, expired, marks, nearby, place, quote, quotes
from parkqa.types import Block, Document, Hit, Passage, Quote

TEXT = "第一句。第二句说的是别的。\n造船\n钢构"
DOCUMENT = Document("a.md", "介绍", TEXT, "0" * 64, (), date="2024", also_in=("b.md",), valid_until="2030-01-01")


def hit(start: int, end: int, spans: tuple[tuple[int, int], ...], scores: tuple[float, ...], kind: str = "") -> Hit:
    text = TEXT[start:end]
    which = "list" if kind else "paragraph"
    passage = Passage("p", "a.md", start, end, text, which, ("产业", "主导"), spans, 3)  # type: ignore[arg-type]
    return Hit(0, passage, max(scores), 0.9, 1.0, scores)


def test_a_quote_is_a_slice_and_says_where_it_stands() -> None:
    other = Passage("q", "a.en.md", 0, 14, "First. Second.", "paragraph", ("Industry", "Leading"), ((0, 14),))
    made = quote(hit(0, 13, ((0, 4), (4, 13)), (1.0, 2.0)), DOCUMENT, ((4, 13),), other)
    assert made.text == TEXT[made.start : made.end]
    assert (made.document, made.title, made.heading, made.page) == ("a.md", "介绍", "产业 › 主导", 3)
    assert (made.sha256, made.also_in, made.valid_until) == (DOCUMENT.sha256, ("b.md",), "2030-01-01")
    assert made.spans == ((4, 13),)
    assert made.translation == "First. Second."
    assert made.translated_in == ("a.en.md", "Industry › Leading")


def test_captions_are_not_offered_as_near() -> None:
    blocks = (Block("caption", 0, 0, 4), Block("paragraph", 0, 4, 13))
    document = replace(DOCUMENT, blocks=blocks)
    spans = (0, 4), (4, 13)
    made = [quote(hit(*span, (span,), (1.0,)), document, (span,)) for span in spans]
    assert nearby(made, {"a.md": document}) == (made[1],)


def test_what_is_no_slice_is_never_quoted() -> None:
    moved = Document("a.md", "介绍", "x" + TEXT, "0" * 64, ())
    with pytest.raises(ValueError, match="not what the passage says"):
        quote(hit(0, 4, ((0, 4),), (1.0,)), moved, ((0, 4),))


def test_the_best_sentence_is_marked_the_first_of_equals() -> None:
    assert marks(hit(0, 13, ((0, 4), (4, 13)), (1.0, 2.0))) == ((4, 13),)
    assert marks(hit(0, 13, ((0, 4), (4, 13)), (2.0, 2.0))) == ((0, 4),)


def test_all_items_of_a_list_are_marked() -> None:
    assert marks(hit(14, 19, ((14, 16), (17, 19)), (1.0,), "list")) == ((14, 16), (17, 19))


def test_the_line_that_leads_in_to_a_list_is_no_item_of_it(tmp_path: Path) -> None:
    text = "# 入园\n\n申请人应当提交下列材料：\n\n- 申请表\n- 营业执照\n- 承诺书\n\n# 产业\n\n- 造船\n- 钢构\n"
    engine = opened(corpus(tmp_path, a_md=text, park_yaml="name: 甲园\n"))

    def asked(question: str) -> tuple[Quote, ...]:
        query, vector = engine.understand(question)
        return quotes(query, engine.pipeline.rank(query, vector), engine.store)

    made = {each.text: each for question in ("申请材料有哪些", "产业有几个") for each in asked(question)}
    first = made["申请人应当提交下列材料：\n申请表\n营业执照\n承诺书"]
    assert (first.count, [first.text[a - first.start : b - first.start] for a, b in first.spans]) == (
        3,
        ["申请表", "营业执照", "承诺书"],
    )
    assert made["造船\n钢构"].count == 2
    assert first.answer == first.spans
    assert all(each.count is None for each in asked("申请材料"))


def test_a_refusal_says_that_the_documents_do_not_say() -> None:
    assert "没有" in REFUSAL["zh"]
    assert "do not say" in REFUSAL["en"]


def test_a_second_sentence_is_marked_when_it_is_nearly_as_good_and_both_are_short() -> None:
    spans = ((0, 4), (4, 13))
    assert marks(hit(0, 13, spans, (1.0, 2.0)), second=1.5) == spans
    assert marks(hit(0, 13, spans, (1.0, 2.0)), second=0.5) == ((4, 13),)
    long = "长" * 70 + "。" + "短" * 20 + "。"
    passage = Passage("p", "a.md", 0, len(long), long, "paragraph", (), ((0, 71), (71, 92)))
    assert marks(Hit(0, passage, 2.0, 0.9, 1.0, (2.0, 1.9)), second=1.0) == ((0, 71),)


def test_a_quote_is_past_its_validity_the_day_after_the_last() -> None:
    made = quote(hit(0, 4, ((0, 4),), (1.0,)), DOCUMENT, ((0, 4),))
    assert [expired(made, date(2030, 1, day)) for day in (1, 2)] == [False, True]
    assert not expired(replace(made, valid_until=None), date(2030, 1, 2))
    assert expired(replace(made, valid_until="2020-01-01"))


def test_a_quote_of_a_fetched_page_leads_to_the_live_page_at_its_text() -> None:
    found = hit(0, 4, ((0, 4),), (1.0,))
    assert quote(found, DOCUMENT, ((0, 4),)).url is None
    fetched = replace(DOCUMENT, url="https://a.cn/b.html")
    assert quote(found, fetched, ((0, 4),)).url == "https://a.cn/b.html#:~:text=%E7%AC%AC%E4%B8%80%E5%8F%A5%E3%80%82"


@pytest.mark.parametrize(("name", "shown"), [("a.pdf", "第 3 页"), ("a.PPT", "第 3 张"), ("x.zip/a.dps", "第 3 张")])
def test_the_pages_of_old_presentations_are_slides(name: str, shown: str) -> None:
    made = quote(hit(0, 4, ((0, 4),), (1.0,)), replace(DOCUMENT, path=name), ((0, 4),))
    assert place(replace(made, document=name)) == shown
