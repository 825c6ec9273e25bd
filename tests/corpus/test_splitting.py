"""A document is cut by its structure into slices that miss nothing and are short enough to read."""

from __future__ import annotations

import hashlib
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parkqa.corpus.formats import READERS
from parkqa.corpus.passages import heading_path
from parkqa.corpus.splitting import ITEMS, LONG, LONG_SENTENCE, split
from parkqa.types import Document, Passage

LINES = [
    *[
        "重点荣誉",
        "主导产业",
        "船舶制造",
        "2003年8月29日,园区成立。",
        "2005年落户。",
        "园区很大。发展很快！",
        "断在这里，",
        "句，" * 90,
    ],
    *["一句话。" * 90, "长" * 350 + "。", "句，" * 300 + "。", "好。” 。”", "“”", "。", "x" * 40 + " y. Z"],
    *[
        "# 一级",
        "## 二级",
        "- 项",
        "- 整句的项。",
        "  - 子项",
        "1. 步骤",
        "> 引文",
        "---",
        "| 甲 | 乙 |",
        "|---|---|",
        "| 1 | |",
    ],
    *[
        "4. 园区提供班车吗？",
        "问：怎样预约",
        "答：提前一天。",
        "应当提交下列材料：",
        "（一）申请书；",
        "（二）执照",
        "押金",
        "两个月租金",
    ],
    *[
        "第五条 企业应当报告。",
        "一、适用范围",
        "（1）提交申请（两天）",
        "0510-86001234（8:30-17:30）",
        "第六条 " + "企业应当报告。" * 60,
    ],
    *["", " ", "\u3000缩进。", "\x1c", "\u2028。", "\r", "```", "    代码", "![](a.png)"],
]
SOURCES = st.one_of(st.lists(st.sampled_from(LINES), max_size=25).map("\n".join), st.text()).filter(
    lambda text: not text.startswith("---")
)
"""Without front matter."""


def document(source: str, suffix: str = ".md", path: str = "a.md") -> Document:
    draft = READERS[suffix](source)
    digest = hashlib.sha256(draft.text.encode()).hexdigest()
    return Document(path, "题", draft.text, digest, draft.blocks)


def told(source: str, suffix: str = ".md") -> list[tuple[str, str]]:
    return [(passage.kind, passage.text) for passage in split(document(source, suffix))]


def marked(passage: Passage) -> list[str]:
    """The texts of its sentences."""
    return [passage.text[start - passage.start : end - passage.start] for start, end in passage.spans]


@pytest.mark.parametrize("suffix", [".md", ".txt"])
@settings(max_examples=60)
@given(source=SOURCES)
@example(source="重点荣誉\n船舶制造\n2003年成立。\n2005年落户。\n站在新起点上。\n- a")
def test_passages_are_slices_that_miss_nothing(suffix: str, source: str) -> None:
    whole = document(source, suffix)
    passages = split(whole)
    held = {place for b in whole.blocks if b.kind == "heading" for place in range(b.start, b.end)}
    end = 0
    for passage in passages:
        assert passage.text == whole.text[passage.start : passage.end]
        assert end <= passage.start < passage.end
        assert (passage.spans[0][0], passage.spans[-1][1]) == (passage.start, passage.end)
        for first, last in passage.spans:
            assert end <= first < last
            end = last
            held.update(range(first, last))
    left = "".join(c if place not in held else "\0" for place, c in enumerate(whole.text))
    shown = {line.strip() for passage in passages for heading in passage.heading for line in heading.split("\n")}
    assert {line.strip() for line in re.split("[\0\n]", left) if line.strip()} <= shown
    assert bool(passages) == bool(whole.text.strip())
    assert len({passage.id for passage in passages}) == len(passages)


@pytest.mark.parametrize("suffix", [".md", ".txt"])
@settings(max_examples=60)
@given(source=SOURCES)
def test_only_one_long_sentence_or_a_list_makes_a_long_passage(suffix: str, source: str) -> None:
    for passage in split(document(source, suffix)):
        assert len(passage.text) <= LONG or len(passage.spans) == 1 or passage.kind == "list"


def test_the_same_document_gives_the_same_passages_and_another_path_other_ids() -> None:
    source = "# 甲\n\n园区成立。\n\n园区成立。"
    first, second = split(document(source))
    assert split(document(source)) == (first, second)
    assert first.text == second.text
    assert first.id != second.id
    assert not {p.id for p in split(document(source, path="b.md"))} & {first.id, second.id}


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("前文。\n\n## 主导产业\n\n- 船舶制造\n- 高精钢构\n  - 重钢\n- 港口物流\n\n## 后\n\n后文。", ".md"),
        ("前文。\n主导产业\n船舶制造\n高精钢构\n重钢\n港口物流\n新兴产业\n储能\n环保", ".txt"),
    ],
)
def test_a_list_under_its_heading_is_one_passage(source: str, suffix: str) -> None:
    listed = split(document(source, suffix))[1]
    assert (listed.kind, listed.heading) == ("list", ("主导产业",))
    assert listed.text == "船舶制造\n高精钢构\n重钢\n港口物流"
    assert marked(listed) == ["船舶制造", "高精钢构", "重钢", "港口物流"]


@pytest.mark.parametrize("source", ["- 船舶制造\n- 高精钢构", "- 船舶制造\n- 高精钢构\n\n## 联系我们\n"])
def test_a_list_without_prose_is_one_passage(source: str) -> None:
    assert told(source) == [("list", "船舶制造\n高精钢构")]


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("## 大事记\n\n- 2003年8月29日,园区成立。\n- 2005年落户。投产。\n- 2006年更名\n", ".md"),
        ("大事记\n2003年8月29日,园区成立。\n2005年落户。投产。\n2006年更名\n", ".txt"),
        ("## 大事记\n\n- 2003年8月29日,园区成立。\n- 2005年落户。投产。\n\n<!-- -->\n\n- 2006年更名\n", ".md"),
    ],
)
def test_each_dated_entry_is_a_passage(source: str, suffix: str) -> None:
    entries = [passage for passage in split(document(source, suffix)) if passage.text.startswith("20")]
    assert [entry.text for entry in entries] == ["2003年8月29日,园区成立。", "2005年落户。投产。", "2006年更名"]
    assert {(entry.kind, entry.heading) for entry in entries} == {("entry", ("大事记",))}
    assert marked(entries[1]) == ["2005年落户。", "投产。"]


@pytest.mark.parametrize("item", ["带身份证到窗口办理。", "2024-05-01 报名开始", "2024/5/1 报名", "很长的一项" * 9])
def test_items_that_are_dated_sentences_or_long_speak_for_themselves(item: str) -> None:
    assert told(f"## 须知\n\n- {item}\n- {item}\n- 其他\n") == [("entry", item), ("entry", item), ("entry", "其他")]
    assert told(f"## 须知\n\n- {item}\n- 其他\n") == [("list", f"{item}\n其他")]


def test_each_caption_is_a_passage_under_no_heading() -> None:
    passages = split(document("- 联检大楼\n- 江花公园\n\n## 甲\n\n正文。"))
    assert [(p.kind, p.text, p.heading) for p in passages] == [
        ("caption", "联检大楼", ()),
        ("caption", "江花公园", ()),
        ("paragraph", "正文。", ("甲",)),
    ]


def test_each_row_of_a_table_is_a_passage_under_its_columns() -> None:
    passages = split(document("## 大事\n\n| 年份 | 事 |\n|---|---|\n| 2003 | 成立 |\n| 2005 | 落户 |\n"))
    assert [(p.kind, p.text, p.heading) for p in passages] == [
        ("row", "年份 | 事", ("大事",)),
        ("row", "2003 | 成立", ("大事", "年份 | 事")),
        ("row", "2005 | 落户", ("大事", "年份 | 事")),
    ]


def sentence(length: int) -> str:
    return "字" * (length - 1) + "。"


@pytest.mark.parametrize(
    ("lengths", "parts"),
    [
        ([100, 200], [[100, 200]]),
        ([100, 100, 100], [[100, 100, 100]]),
        ([100, 201], [[100], [201]]),
        ([100, 100, 100, 100], [[100, 100], [100, 100]]),
        ([150, 150, 10], [[150], [150, 10]]),
        ([50] * 13, [[50] * 4, [50] * 5, [50] * 4]),
        ([301], [[301]]),
        ([LONG_SENTENCE, 20], [[LONG_SENTENCE], [20]]),
        ([20, LONG_SENTENCE], [[20], [LONG_SENTENCE]]),
    ],
)
def test_a_long_paragraph_is_split_at_sentence_ends_into_even_parts(lengths: list[int], parts: list[list[int]]) -> None:
    passages = split(document("".join(map(sentence, lengths)), ".txt"))
    assert [[len(text) for text in marked(passage)] for passage in passages] == parts
    assert {passage.kind for passage in passages} == {"paragraph"}


def test_a_paragraph_is_split_only_when_long() -> None:
    text = "短句。" * (LONG // 3)
    assert told(text) == [("paragraph", text)]
    assert len(told(text + "又。")) == 2


def test_an_endless_sentence_is_split_at_its_clauses() -> None:
    clause = "字" * 99 + "，"
    assert [len(text) for _, text in told(clause * 5)] == [LONG_SENTENCE]
    parts = [text for _, text in told(clause * 6)]
    assert parts == [clause * 3, clause * 3]


@pytest.mark.parametrize(
    "text", ["字" * 2000, "1," * 1000, "“" * 1000, "字" * 400, "a " * 700, "字" + " " * 3000 + "字"]
)
@pytest.mark.parametrize(
    "form", ["{}", "# 甲\n\n{}\n", "- {}\n- 乙\n- 丙\n- 丁\n", "| 甲 | 乙 |\n|---|---|\n| {} | 丙 |\n"]
)
def test_where_nothing_ends_text_is_cut_at_a_hard_length(text: str, form: str) -> None:
    passages = split(document(form.format(text), ".txt" if form == "{}" else ".md"))
    spans = [span for passage in passages for span in passage.spans]
    assert max(end - start for start, end in spans) <= (LONG_SENTENCE if form.startswith("|") else LONG)
    found = "".join(text for passage in passages for text in marked(passage))
    assert found.replace(" ", "").count(text.strip()[0]) >= len(text.replace(" ", "")) // len(set(text.strip()))


def test_latin_text_without_an_end_is_cut_between_words() -> None:
    words = "harbour " * 200
    parts = [text for _, text in told(words)]
    assert all(set(part.split()) == {"harbour"} and len(part) <= LONG for part in parts)


def test_a_very_long_list_becomes_several_passages() -> None:
    passages = split(document("".join(f"- 企业{number}号\n" for number in range(1200)), ".md"))
    assert [(p.kind, len(p.spans)) for p in passages] == [("list", ITEMS), ("list", ITEMS), ("list", 200)]


def test_headings_of_any_length_stay_short_above_their_passages() -> None:
    columns = "|" + "甲|" * 2000 + "\n|" + "-|" * 2000 + "\n" + "|乙|\n"
    rows = [passage for passage in split(document(columns, ".md")) if passage.text.startswith("乙")]
    assert [max(map(len, row.heading)) for row in rows[:1]] == [LONG + 1]


PATTERNS = {
    "lines": "园\n",
    "wrapped": "这是没有句末标点而且一直接着往下写的很长的一行字所以它总是接在上一行的后面不会断开\n",
    "dated": "2003年成立。\n",
    "questions": "1. 班车吗？\n有\n",
    "lead-ins": "• 甲\n甲：\n",
    "numbers": "一、甲\n（一）乙\n",
    "uneven": f"{'长' * 299}。短。短。",
    "blanks": "a          \n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PATTERNS)
def test_reading_and_cutting_take_time_in_proportion_to_the_size(name: str) -> None:
    def seconds(size: int) -> float:
        text = PATTERNS[name] * (size // len(PATTERNS[name]))
        began = time.process_time()
        split(document(text, ".txt"))
        return time.process_time() - began

    # the least of three: a neighbour on the other hyperthread, or a collection of garbage, only ever adds
    assert min(seconds(80_000) for _ in range(3)) < 10 * max(seconds(20_000), 0.05)


def test_a_long_entry_is_split_too() -> None:
    long = "2003年，" + sentence(200)
    assert told(f"- {long}{sentence(200)}\n\n正文。", ".md")[0] == ("entry", long)
    assert told(f"## 大事\n\n- {long}{sentence(200)}") == [("entry", long), ("entry", sentence(200))]


def test_the_heading_path_holds_the_headings_above() -> None:
    source = "# 甲\n\n一。\n\n## 乙\n\n二。\n\n### 丙\n\n三。\n\n## 丁\n\n四。\n\n---\n\n五。\n\n# 戊\n\n六。"
    assert [heading_path(passage) for passage in split(document(source))] == [
        *["甲", "甲 › 乙", "甲 › 乙 › 丙", "甲 › 丁", "", "戊"]
    ]


def test_prose_after_a_list_of_plain_text_is_not_under_its_heading() -> None:
    passages = split(document("大事记\n2003年成立。\n2005年落户。\n站在新起点上。", ".txt"))
    assert [passage.heading for passage in passages] == [("大事记",), ("大事记",), ()]


def test_a_document_of_headings_only_gives_these() -> None:
    assert told("# 园区\n\n## 重点荣誉") == [("paragraph", "园区"), ("paragraph", "重点荣誉")]


def test_an_empty_document_has_no_passages() -> None:
    assert split(document("")) == split(document("---", ".md")) == ()
