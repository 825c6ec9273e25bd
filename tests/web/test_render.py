"""What is drawn: text stays text whatever it holds, quotations stay as they are, each kind of answer has its card."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.corpus.curation.contact import LABELS
from parkqa.corpus.curation.park import Park
from parkqa.errors import ParkqaError
from parkqa.types import Answer, AnswerKind, Block, Document, Note, Quote, Span
from parkqa.web import cards, render, turns
from parkqa.web.cards import Part
from parkqa.web.render import Suggested
from parkqa.web.turns import Links

HOSTILE = [
    "<script>alert(1)</script>",
    "</span></blockquote><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '" data-ask="x" x="',
    "${alert(1)}",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "`alert(1)`",
    "“引”‘文’\"'&quot;",
    "\u202e区园\u202c\u200f\u2066x\u2069",
    "[点这里](javascript:alert(1))",
    "![x](https://evil.example/x.png) <https://evil.example>",
    "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp;",
    "<!-- x --> <![CDATA[x]]> <?x?>",
    "  two  blanks\tand a tab ",
    "line\nline\r\n\u2028line\x0b\x00",
    "</title></style></textarea></script>",
]
TEXT = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"), min_size=1)
MEANT = "懂" * 20
"""Enough to make a question Chinese whatever else is in it."""
SPEAK = {"zh-CN", "en"}


class Drawn(HTMLParser):
    """The elements of some HTML in order, each with its attributes and the text directly or deeper in it."""

    VOID = frozenset({"path", "meta", "link", "hr", "br", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.other: list[str] = []
        self._open: list[int] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        if tag not in self.VOID:
            self._open.append(len(self.texts) - 1)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for place in self._open:
            self.texts[place] += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    unknown_decl = handle_pi = handle_comment

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]

    def all(self, tag: str, name: str = "") -> list[str]:
        """The texts of all elements with this tag and, where one is given, this class or attribute."""
        found = zip(self.elements, self.texts, strict=True)
        return [
            text
            for (element, attributes), text in found
            if element == tag and (not name or name in attributes or name in (attributes.get("class") or "").split())
        ]

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None]


def quote(text: str, *spans: Span, start: int = 0, **fields: Any) -> Quote:
    marks = spans or ((start, start + len(text)),)
    made = Quote(text, "port.md", "码头资料", start, start + len(text), "0" * 64, "码头", None, 0.5, marks)
    return replace(made, **fields)


def answer(kind: AnswerKind = "answer", **fields: Any) -> Answer:
    made = Answer(None, "a", "码头多长？", "码头多长？", (), "answer", "", 0.9, (), (), (), 1.0)
    return replace(made, kind=kind, **fields)


def document(text: str, *blocks: Block, **fields: Any) -> Document:
    made = Document("port.md", "码头资料", text, "0" * 64, blocks or (Block("paragraph", 0, 0, len(text)),))
    return replace(made, **fields)


def turn(given: Answer, park: Park | None = None, *documents: Document, links: Links | None = None) -> Drawn:
    held = {document.path: document for document in documents}
    return Drawn(turns.turn(given, park or Park(), held, links or Links()))


def everywhere(text: str) -> dict[str, str]:
    """All that is drawn, with ``text`` in every place where words of others go."""
    fields: dict[str, Any] = {"document": text, "title": text, "heading": text}
    listed = f"{text}\n{text}"
    items = (0, len(text)), (len(text) + 1, len(listed))
    halves = (0, 1), (1, len(text) + 1)
    quotes = quote(text, **fields), quote(f"甲{text}", *halves, **fields), quote(listed, *items, **fields)
    words: dict[str, Any] = {"question": text, "understood": f"{MEANT}{text}", "suggestions": (text, text)}
    park = Park(name=text, english_name=text, contact=text, office={"contact_en": dict.fromkeys(LABELS, text)})
    note = Note("year", text, text, text, (0, 1))
    paper = document(
        f"{text}{text}",
        Block("heading", 1, 0, len(text)),
        Block("item", 1, len(text), 2 * len(text)),
        path=text,
        title=text,
        date=text,
    )
    replies = {
        "answer": answer(quotes=quotes, **words),
        "parts": answer(quotes=quotes, parts=(text,) * 3, notes=(note,), message=text, **words),
        "refusal": answer("refusal", message=f"没有写到。{text}", related=quotes, **words),
        "smalltalk": answer("smalltalk", message=text, **words),
    }
    drawn = {kind: turns.turn(made, park, {text: paper}, Links(f"/{text}", text)) for kind, made in replies.items()}
    turns_html = drawn["answer"]
    drawn["shell"] = render.shell(park, f"/{text}", suggested=Suggested((text,), (text,)))
    drawn["ask"] = render.ask(park, f"/{text}", text, turns_html, (text,), "zh-CN")
    drawn["notice"] = render.notice(ParkqaError(text, text))
    for state in ("same", "moved", "gone", "changed", "broken", ""):
        drawn[f"source {state}"] = render.source(paper, [(0, len(text))], state)
    drawn["page"] = render.page(text, drawn["notice"], text, "en")
    return drawn


@pytest.mark.slow
@given(TEXT)
def test_text_never_becomes_an_element_or_an_attribute(text: str) -> None:
    plain = {name: Drawn(html) for name, html in everywhere("xy").items()}
    for name, html in everywhere(text).items():
        drawn = Drawn(html)
        assert drawn.shape == plain[name].shape, name
        assert drawn.other == plain[name].other == [], name


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_stands(text: str) -> None:
    drawn = {name: Drawn(html) for name, html in everywhere(text).items()}
    told = drawn["answer"]
    assert told.all("div", "pq-me") == [text]
    assert told.all("b") == [f"{MEANT}{text}"]
    assert told.all("blockquote") == [text, f"甲{text}"]
    assert told.all("li") == [text, text]
    assert told.all("span", "pq-where") == [f"{text}（{text}） › {text}"] * 3
    assert told.values("value")[-2:] == [text, text]
    assert told.all("button", "data-ask")[1:] == [text, text]
    assert told.values("data-ask") == [text] * 3
    assert told.values("data-copy")[0] == f"“{text}” ——{text}（{text}），{text}"
    assert drawn["refusal"].all("p")[1] == text
    assert drawn["refusal"].all("dd") == []
    assert drawn["ask"].values("value")[0] == text
    assert drawn["refusal"].all("blockquote") == [text, f"甲{text}"]
    assert drawn["smalltalk"].all("div", "pq-say") == [text]
    assert drawn["shell"].all("h1") == [f"{text} 问答Ask about {text}"]
    assert drawn["notice"].all("div") == [text * 2]
    assert drawn["source same"].all("h1") == [text]
    assert drawn["source same"].all("h2") == [text]
    assert drawn["source same"].all("mark") == [text]
    assert drawn["source same"].all("p", "pq-item") == [text]
    assert drawn["page"].all("title") == [text]


@pytest.mark.parametrize("text", HOSTILE)
def test_links_lead_to_this_server_only(text: str) -> None:
    told = Drawn(turns.turn(answer(quotes=(quote(text, document=text),)), Park(), {}, Links()))
    for address in (*told.values("href"), *told.values("data-source"), *told.values("data-link")):
        assert address.startswith("/source/")
        assert not set(address) & set(" <>\"'`{}\n\u202e")
        assert unquote(address.split("?")[0]) == f"/source/{text}"


@pytest.mark.slow
@given(TEXT, st.data())
def test_a_quotation_is_unchanged_character_by_character(text: str, data: st.DataObject) -> None:
    spans = data.draw(spans_of(len(text)))
    told = turn(answer(quotes=(quote(text, *[(a + 7, b + 7) for a, b in spans], start=7),)))
    assert ["".join(told.all("blockquote"))] == [text] or "\n".join(told.all("li")) == text


@st.composite
def spans_of(draw: st.DrawFn, length: int) -> list[Span]:
    """Spans of a text of this length: ordered, disjoint, not empty."""
    ends = sorted(draw(st.lists(st.integers(0, length), unique=True, max_size=8)))
    kept = draw(st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)))
    return [span for span, keep in zip(pairwise(ends), kept, strict=False) if keep]


@given(st.text(), st.integers(0, 1000), st.data())
def test_cutting_loses_nothing_and_marks_the_spans(text: str, offset: int, data: st.DataObject) -> None:
    spans = data.draw(spans_of(len(text)))
    parts = cards.cut(text, offset, [(start + offset, end + offset) for start, end in spans])
    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.marked] == [text[start:end] for start, end in spans]
    assert all(part.text for part in parts)


@pytest.mark.slow
@given(st.text(max_size=10), st.integers(0, 20), spans_of(40))
def test_marks_that_reach_beyond_a_block_are_cut_at_its_edge(text: str, offset: int, spans: list[Span]) -> None:
    parts = cards.cut(text, offset, spans)
    assert "".join(part.text for part in parts) == text
    inside = [text[max(start - offset, 0) : max(end - offset, 0)] for start, end in spans]
    assert [part.text for part in parts if part.marked] == [piece for piece in inside if piece]


def test_what_is_marked_is_cut_out() -> None:
    assert cards.cut("码头长300米。", 10, [(12, 17)]) == (
        Part("码头", False),
        Part("长300米", True),
        Part("。", False),
    )
    assert cards.cut("码头", 10, []) == (Part("码头", False),)
    assert cards.cut("", 10, [(0, 99)]) == ()


@pytest.mark.parametrize(
    ("text", "spans", "chips"),
    [
        ("甲\n乙\n丙", ((5, 6), (7, 8), (9, 10)), ("甲", "乙", "丙")),
        ("甲\n乙\n丙", ((5, 6), (7, 8)), ()),
        ("甲\n乙", ((5, 8),), ()),
        ("甲", ((5, 6),), ()),
        ("- 甲\n- 乙", ((7, 8), (11, 12)), ()),
        ("甲、乙", ((5, 6), (7, 8)), ()),
        ("有：\n甲\n乙", ((8, 9), (10, 11)), ()),
    ],
)
def test_only_a_list_marked_whole_becomes_chips(text: str, spans: tuple[Span, ...], chips: tuple[str, ...]) -> None:
    made = quote(text, *spans, start=5)
    assert cards.chips(made) == chips
    told = turn(answer(quotes=(made,)))
    assert tuple(told.all("li")) == chips
    assert told.all("blockquote") == ([] if chips else [text])


def test_an_answer_shows_the_first_quote_and_folds_the_others() -> None:
    told = turn(answer(quotes=(quote("甲。"), quote("乙。"), quote("丙。")), suggestions=("还有呢？",)))
    assert told.all("article", "pq-first") == [told.all("article")[0]]
    assert told.all("blockquote") == ["甲。", "乙。", "丙。"]
    assert told.all("summary") == ["另有 2 处相关原文"]
    assert told.all("form", "pq-next") == ["还有呢？"]
    assert told.all("section") == []


def test_a_single_quote_folds_nothing() -> None:
    told = turn(answer(quotes=(quote("码头长300米。", (2, 7)),)))
    assert told.all("details") == told.all("form", "pq-next") == []
    assert told.all("mark") == ["长300米"]
    assert told.all("span", "pq-where") == ["码头资料 › 码头"]


def test_a_card_tells_date_and_language_and_carries_its_citation() -> None:
    made = quote("The quay is long.", heading="Quay")
    links = Links("/park", "https://park.example")
    told = turn(answer(quotes=(made,)), None, document("x", date="2024"), links=links)
    assert told.all("span", "pq-where") == ["码头资料（2024） › Quay"]
    assert ("blockquote", {"class": "pq-quote", "lang": "en"}) in told.elements
    assert told.values("data-copy") == ["“The quay is long.” ——码头资料（2024），Quay"]
    assert told.values("data-source") == told.values("href") == [cards.source_link(made, "/park")]
    assert told.values("data-link") == [cards.source_link(made, "https://park.example")]


@pytest.mark.parametrize(
    ("document_", "page", "asked", "shown"),
    [
        ("手册.pdf", 3, "码头多长？", "第 3 页"),
        ("推介.PPTX", 3, "码头多长？", "第 3 张"),
        ("名录.xlsx", "企业", "码头多长？", "工作表 企业"),
        ("手册.pdf", 3, "How long is the quay?", "page 3"),
        ("推介.pptx", 3, "How long is the quay?", "slide 3"),
        ("名录.xlsx", "企业", "How long is the quay?", "sheet 企业"),
    ],
)
def test_a_card_tells_page_slide_or_sheet(document_: str, page: int | str, asked: str, shown: str) -> None:
    made = replace(quote("甲。"), document=document_, page=page)
    told = turn(replace(answer(quotes=(made,)), question=asked, understood=asked))
    assert told.all("span", "pq-where") == [f"码头资料 › 码头 › {shown}"]


def test_a_refusal_says_so_and_shows_what_is_near() -> None:
    made = answer(
        "refusal",
        message="园区资料里没有写到这个问题。我只引用现有资料，不会猜测。",
        related=(quote("甲。"), quote("乙。")),
        suggestions=("码头多长？",),
    )
    told = turn(made, Park(contact="请拨 0510-123"))
    assert told.all("h2") == ["园区资料里没有写到这个问题"]
    assert told.all("p") == ["我只引用现有资料，不会猜测。", "请拨 0510-123", "园区办公室提供，不是资料原文"]
    assert told.all("h3")[0] == "资料里有答案的相近问题"
    assert told.all("blockquote") == ["甲。", "乙。"]
    assert told.all("summary") == ["另有 1 处"]
    assert told.all("article", "pq-first") == []
    assert told.all("form", "pq-next") == ["码头多长？"]


def test_a_refusal_with_nothing_near_is_short() -> None:
    told = turn(answer("refusal", message="The park's documents do not say. I never guess."))
    assert told.all("h2") == ["The park's documents do not say"]
    assert told.all("p") == ["I never guess."]
    assert told.all("h3") == told.all("article") == told.all("button") == []


def test_smalltalk_is_a_line_that_quotes_nothing() -> None:
    told = turn(answer("smalltalk", question="你好", message="您好！", understood="你好", suggestions=("码头多长？",)))
    assert told.all("div", "pq-say") == ["您好！"]
    assert told.all("form", "pq-next") == ["码头多长？"]
    assert told.all("article") == told.all("section") == told.all("button", "data-literal") == []


@pytest.mark.parametrize("kind", ["answer", "refusal"])
def test_how_a_question_was_taken_is_said_and_can_be_undone(kind: AnswerKind) -> None:
    made = answer(kind, question="马头多长？", understood="码头多长?", repairs=(("马头", "码头"),), message="没有。")
    told = turn(replace(made, quotes=(quote("甲。"),)))
    assert told.all("b") == ["码头多长?"]
    undo = [attributes for tag, attributes in told.elements if tag == "button" and "data-literal" in attributes]
    assert [button["data-ask"] for button in undo] == ["马头多长？"]
    assert told.all("button", "data-literal") == ["撤销"]


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("码头多长？", "码头多长？"),
        ("碼頭多長？", "码头多长?"),
        ("ＱＵＡＹ?", "quay?"),
        ("  码头？ ", "码头？"),
        ("码头\n多长？", "码头 多长？"),
        ("码头\r\n多长？\n", "码头  多长?"),
        ("码\x00头？", "码头？"),
    ],
)
def test_another_way_of_writing_the_same_is_not_told(question: str, understood: str) -> None:
    made = answer(question=question, understood=understood, quotes=(quote("甲。"),))
    assert turns.meant(made) == ""
    assert turn(made).all("div", "pq-read") == []


def test_every_word_of_ours_stands_in_both_languages() -> None:
    for name, html in everywhere("x").items():
        drawn = Drawn(html)
        if name in ("answer", "refusal", "smalltalk", "ask"):
            continue  # in the language of the reader alone
        spoken = Counter(a["lang"] for tag, a in drawn.elements if tag == "span" and a.get("class") == "pq-t")
        assert spoken["zh-CN"] == spoken["en"], name
        assert set(spoken) <= SPEAK, name


def test_a_document_is_drawn_block_by_block() -> None:
    text = "章\n段\n条\n行"
    blocks = (
        Block("heading", 2, 0, 1),
        Block("paragraph", 0, 2, 3),
        Block("break", 1, 3, 3),
        Block("item", 1, 4, 5),
        Block("row", 0, 6, 7),
    )
    drawn = Drawn(render.source(document(text, *blocks), [(2, 5)], "same"))
    assert drawn.all("h2") == ["章"]
    assert drawn.all("p", "pq-item") == ["条", "行"]
    assert len(drawn.all("hr")) == 1
    assert drawn.all("mark") == ["段", "条"]
    assert drawn.values("id") == ["quote"]


def test_headings_never_go_deeper_than_html_has_them() -> None:
    text = "一二三四五六七"
    blocks = [Block("heading", level, level - 1, level) for level in range(1, 8)]
    drawn = Drawn(render.source(document(text, *blocks), [], ""))
    assert [tag for tag, _ in drawn.elements if tag[0] == "h"] == ["h1", "h2", "h3", "h4", "h5", "h6", "h6", "h6"]


def test_a_notice_speaks_both_languages() -> None:
    drawn = Drawn(render.notice(ParkqaError("没有。", "None.")))
    assert drawn.all("span") == ["没有。", "None."]


ENGLISH = {"question": "When was it founded?", "understood": "When was it founded?"}


def test_an_english_question_shows_the_translation_first_and_the_original_under_it() -> None:
    other = document("Founded in 2003. Grown since.", path="port.en.md", title="The quay", translation_of="port.md")
    made = quote(
        "2003年成立。此后壮大。",
        (0, 8),
        translation="Founded in <b>2003</b>. Grown since.",
        translated_in=("port.en.md", "Quay"),
    )
    told = turn(answer(quotes=(made,), **ENGLISH), None, document("x", date="2024"), other)
    assert [tag for tag, each in told.elements if "pq-words" in str(each.get("class")) or tag == "blockquote"] == [
        "p",
        "blockquote",
    ]
    assert told.all("mark") == ["Founded in <b>2003</b>.", "2003年成立。"]
    assert told.all("p", "pq-label") == ["Reference translation", "Original text"]
    assert told.all("blockquote") == ["2003年成立。此后壮大。"]
    assert told.all("span", "pq-where") == ["The quay (2024) › Quay"]
    assert not any("原文" in text for text in told.texts)


def test_a_chinese_question_shows_no_translation() -> None:
    made = quote("2003年成立。", translation="Founded in 2003.", translated_in=("port.en.md", ""))
    told = turn(answer(quotes=(made,)))
    assert told.all("blockquote") == ["2003年成立。"]
    assert not any("Founded" in text for text in told.texts)


@pytest.mark.parametrize(
    ("text", "spans", "translation", "marked"),
    [
        ("甲。乙。", ((7, 9),), "First. Second.", ["Second."]),
        ("甲。乙。", ((5, 9),), "First. Second.", ["First.", "Second."]),
        ("甲。乙。", ((7, 9),), "One sentence of both.", []),
        ("甲\n乙", ((7, 8),), "First\nSecond", ["Second"]),
        ("甲，乙。丙。", ((7, 8),), "First, second. Third.", ["First, second."]),
        ("甲。", ((5, 7),), None, []),
    ],
)
def test_what_translates_the_marked_words_is_marked(
    text: str, spans: tuple[Span, ...], translation: str | None, marked: list[str]
) -> None:
    made = quote(text, *spans, start=5, translation=translation)
    assert [(translation or "")[a:b] for a, b in cards.aligned(made)] == marked


def test_a_list_is_a_list_in_translation_too() -> None:
    made = quote("甲\n乙", (0, 1), (2, 3), translation="First\nSecond")
    told = turn(answer(quotes=(made,), **ENGLISH))
    assert told.all("li") == ["First", "Second", "甲", "乙"]


def test_a_reader_of_traditional_chinese_gets_our_words_in_it_and_quotations_as_they_are() -> None:
    refusal = answer("refusal", message="园区资料里没有写到这个问题。我不会猜测。", related=(quote("园区。"),))
    told = Drawn(turns.turn(refusal, Park(contact="请拨号"), {}, Links(), page="zh-TW"))
    assert told.all("h2") == ["園區資料裡沒有寫到這個問題"]
    assert told.all("blockquote") == ["园区。"]
    assert told.all("p")[1] == "请拨号"
    assert "园区办公室" not in "".join(told.texts)
    shell = Drawn(render.shell(Park(), reader="zh-TW", suggested=Suggested(("园区在哪里？",), ())))
    assert shell.values("data-ask") == ["園區在哪裡？"]
    assert {each["lang"] for tag, each in shell.elements if each.get("class") == "pq-t"} == {"zh-TW", "en"}


def test_the_offices_particulars_are_a_card_of_its_own_and_no_quotation() -> None:
    office = {"telephone": "0510 12", "email": "a@b.cn", "address": "一号", "map": "map.png"}
    park = Park(contact="电话：0510 12", office={"contact": office})
    seen: list[str] = []
    links = Links("/park", picture=lambda name: not seen.append(name))  # type: ignore[func-returns-value]
    told = Drawn(turns.turn(answer("refusal", message="没有。"), park, {}, links))
    assert told.all("dt") == ["电话", "邮箱", "地址"]
    assert told.all("dd") == ["0510 12", "a@b.cn", "一号"]
    assert told.values("href") == ["tel:051012", "mailto:a@b.cn"]
    assert told.values("src") == ["/park/contact/map?lang=zh-CN"]
    assert seen == ["map.png"]
    assert told.all("blockquote") == []
    without = Drawn(turns.turn(answer("refusal", message="没有。"), park, {}, Links()))
    assert without.values("src") == []


def test_a_refusal_can_be_judged_too() -> None:
    html = turns.turn(answer("refusal", message="没有。"), Park(), {}, Links(), judged=True)
    assert Drawn(html).all("button", "data-judge") == ["有用", "没用"]


def test_without_scripts_there_is_nothing_that_needs_them() -> None:
    made = answer(quotes=(quote("甲。"), quote("乙。")), suggestions=("还有呢？",))
    told = Drawn(turns.turn(made, Park(), {}, Links("/park"), judged=True, look="plain"))
    assert [each.get("type") for tag, each in told.elements if tag == "button"] == [None]
    assert {each["action"] for tag, each in told.elements if tag == "form"} == {"/park/ask"}


@pytest.mark.parametrize(("until", "shown"), [("2020-01-01", True), ("2999-01-01", False), (None, False)])
def test_a_quote_past_its_validity_is_shown_as_such(until: str | None, shown: bool) -> None:
    made = quote("码头长300米。", valid_until=until)
    for given_answer in (answer(quotes=(made,)), answer("refusal", message="没有。", related=(made,))):
        html = turns.turn(given_answer, Park(), {}, Links())
        assert ("有效期至 2020-01-01，已过期" in html) == shown
        assert html.count("有效期至 2020-01-01") == 2 * shown  # once in what is copied
        english = turns.turn(replace(given_answer, **ENGLISH), Park(), {}, Links())
        assert ("Valid until 2020-01-01, now past" in english) == shown


LONG = "第一句说的是别的事情，与问题毫不相干，只是长。" * 2
"""46 code points, more than are spared at least."""


@pytest.mark.parametrize(
    ("text", "span", "kept"),
    [
        (f"{LONG}码头长300米。", (50, 55), "码头长300米。"),
        (f"码头长300米。{LONG}", (0, 5), "码头长300米。"),
        (f"{LONG}码头，长300米。{LONG}", (50, 53), "码头，长300米。"),
        ("码头长300米。短。", (0, 5), "码头长300米。短。"),
    ],
)
def test_what_does_not_answer_is_folded_and_the_quotation_stays_whole(text: str, span: Span, kept: str) -> None:
    told = turn(answer(quotes=(quote(text, span),)))
    assert told.all("blockquote") == [text]
    rest = "".join(told.all("span", "pq-rest"))
    assert text.replace(rest, "", 1) if text.count(rest) == 1 else text.replace(LONG, "") == kept
    folds = "pq-folded" in str([each.get("class") for tag, each in told.elements if tag == "article"])
    assert folds == bool(told.all("button", "data-unfold")) == (kept != text)
    plain = Drawn(turns.turn(answer(quotes=(quote(text, span),)), Park(), {}, Links(), look="plain"))
    assert plain.all("button", "data-unfold") == []
    assert "pq-folded" not in str(plain.elements)


@given(st.text(), st.data())
def test_folding_loses_nothing_and_keeps_every_mark(text: str, data: st.DataObject) -> None:
    spans = data.draw(spans_of(len(text)))
    parts = cards.cut(text, 0, spans)
    folded = cards.folded(parts, text)
    assert "".join(part.text for part in folded) == text
    assert [part.text for part in folded if part.marked] == [part.text for part in parts if part.marked]


def test_quotes_are_numbered_where_there_are_several() -> None:
    several = turn(answer(quotes=(quote("甲。"), quote("乙。"), quote("丙。"))))
    assert several.all("span", "pq-number") == ["[1]", "[2]", "[3]"]
    assert turn(answer(quotes=(quote("甲。"),))).all("span", "pq-number") == []


def test_each_part_of_a_question_has_a_card_under_its_name_and_none_is_folded() -> None:
    parts = quote("甲。", part=1), quote("乙。", part=2)
    told = turn(answer(quotes=parts, parts=("码头多长", "码头多宽")))
    assert told.all("h2", "pq-part") == ["码头多长", "码头多宽"]
    assert len(told.all("article", "pq-first")) == 2
    assert told.all("blockquote") == ["甲。", "乙。"]
    assert told.all("details") == []


def test_another_version_is_shown_beside_the_first_and_what_is_said_of_it_above() -> None:
    note = Note("version", "newer", "乙", "port.md", (0, 1))
    told = turn(answer(quotes=(quote("甲。"), quote("乙。"), quote("丙。")), notes=(note,), message="写得不一样。"))
    assert told.all("div", "pq-differs") == ["写得不一样。"]
    assert told.all("span", "pq-number") == ["[1]", "[2]", "[3]"]
    assert told.all("summary") == ["另有 1 处相关原文"]


def test_what_answers_stands_first_and_large_and_the_sentence_under_it() -> None:
    text = f"码头长300米，宽40米。{LONG}"
    made = quote(text, (0, 13), answer=((0, 7),))
    told = turn(answer(quotes=(made, replace(made, answer=((8, 12),)))))
    assert told.all("p", "pq-answer") == ["码头长300米"]
    assert told.all("blockquote") == [text, text]
    assert told.all("span", "pq-rest") == [LONG, LONG]


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [("码头长300米。", ((0, 8),), ((0, 7),)), ("甲\n乙", ((0, 1), (2, 3)), ((0, 1), (2, 3)))],
)
def test_an_answer_that_is_the_whole_quote_is_not_said_twice(
    text: str, spans: tuple[Span, ...], found: tuple[Span, ...]
) -> None:
    assert turn(answer(quotes=(quote(text, *spans, answer=found),))).all("p", "pq-answer") == []


def test_of_a_sentence_that_is_too_long_the_clauses_around_the_answer_are_shown() -> None:
    before, after = "站在新的起点上，" * 12, "，努力建设美好的园区" * 9
    text = f"{before}建设三大科创载体{after}。"
    at = len(before)
    made = quote(text, answer=((at + 2, at + 8),))
    told = turn(answer(quotes=(made,)))
    assert told.all("p", "pq-answer") == ["三大科创载体"]
    assert told.all("blockquote") == [text]
    shown = text
    for rest in told.all("span", "pq-rest"):
        shown = shown.replace(rest, "", 1)
    assert shown == "建设三大科创载体，"
    assert "".join(told.all("mark")[1:]) == text


def test_an_answer_that_is_all_that_would_be_left_is_not_said_twice() -> None:
    before, after = "站在新的起点上，" * 12, "，努力建设美好的园区" * 9
    text = f"{before}建设三大科创载体{after}。"
    at = len(before)
    whole, part = (quote(text, answer=((at + cut, at + 8),)) for cut in (0, 6))
    assert turn(answer(quotes=(whole,))).all("article", "pq-said") != []
    assert turn(answer(quotes=(part,))).all("article", "pq-said") == []
    # Where nothing stands above it, nothing is left out: behind the first, in a refusal, under a translation.
    refused = answer("refusal", related=(whole,))
    english = answer(understood="platforms", quotes=(replace(whole, translation="It builds. " * 9),))
    for told in map(turn, (refused, english)):
        assert told.all("article", "pq-said") == []


def test_of_a_long_translation_what_is_at_the_answers_place_is_shown() -> None:
    text = "甲" * 40 + "，乙在正中间，" + "丙" * 40
    sentence = "The first is told of at some length, as is usual there; "
    translation = f"{sentence * 3}B is in the middle; {sentence * 3}".strip()
    made = quote(text, answer=((41, 46),), translation=translation)
    told = turn(answer(understood="Where is B?", quotes=(made,)))
    folded = "".join(rest for rest in told.all("span", "pq-rest") if "first" in rest)
    assert told.all("p", "pq-words") == [translation]
    assert folded.count("first") == 6 and "middle" not in folded
    # It is a guess, and marks nothing.
    assert not any("middle" in mark for mark in told.all("mark"))


def test_in_a_refusal_no_translation_is_cut_to_the_place_of_an_answer() -> None:
    sentence = "The first is told of at some length, as is usual there; "
    translation = f"{sentence * 3}B is in the middle; {sentence * 3}".strip()
    made = quote("甲" * 20 + "，乙在正中间，" + "丙" * 20, answer=((21, 26),), translation=translation)
    told = turn(answer("refusal", understood="Where is B?", message="The documents do not say.", related=(made,)))
    assert told.all("p", "pq-words") == [translation]
    assert told.all("span", "pq-rest") == []


def test_a_stand_is_told_how_much_it_sets_large() -> None:
    told = answer(quotes=(quote("园区成立于2003年。规划面积很大，产业很多。", (0, 11), answer=((0, 10),)),))
    drawn = turns.turn(told, Park(), {}, Links(), look="stand")
    assert 'style="--n:16"' in drawn
    # Elsewhere no style may stand in the page.
    assert "style=" not in turns.turn(told, Park(), {}, Links())
