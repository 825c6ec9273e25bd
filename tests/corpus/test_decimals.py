"""Headings with decimal numbers and no style (GB/T 1.1), in Word and PDF; clauses, prices and lists are none."""

from __future__ import annotations

import docx
import pytest

from papers import LEFT, SIZE, Paper, saved
from parkqa.corpus.readers import pdf, word
from parkqa.corpus.readers.decimals import depths
from parkqa.corpus.readers.draft import Draft

TITLE = "园区物业服务规范"
FULL = "本规范规定了园区物业服务的基本要求和服务内容以及服务评价与改进的方法并适用于全园"
RULES = (
    (1, "1 范围"),
    (0, f"{FULL[:34]}{FULL[:35]}。"),
    (1, "2 基本要求"),
    (2, "2.1 人员"),
    (0, f"{FULL[:34]}{FULL[:36]}{FULL[:10]}。"),
    (2, "2.2 收费"),
    (0, "物业费每平方米1.5 元，研发楼2.8元，每年公示。"),
    (1, "3 服务内容"),
    (2, "3.1 保洁"),
    (0, f"3.1.1 {FULL[:32]}{FULL[:30]}。"),
    (0, "3.1.2 外墙每年清洗一次。"),
    (2, "3.2 保安"),
    (0, "门岗24小时值守。"),
    (1, "4 附则"),
    (0, "本规范自2026年3月1日起施行。"),
)
"""Lines with the depth of their number where they are headings; the second is two full lines, as often before one."""
READ = [("heading", depth + 1, text) if depth else ("paragraph", 0, text) for depth, text in RULES]


def told(draft: Draft) -> list[tuple[str, int, str]]:
    return [(b.kind, b.level, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"]


def wrapped(text: str, first: int, rest: int) -> list[str]:
    """Break a text into lines of so many ems, in which ASCII is half as wide as Chinese."""
    lines, width = [""], float(first)
    for char in text:
        width -= 0.5 if char.isascii() else 1
        if width < 0:
            lines.append("")
            width = rest - 1
        lines[-1] += char
    return lines


def of_word(*texts: str) -> Draft:
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    return word.read(saved(document))


@pytest.mark.parametrize(("first", "rest", "head"), [(2, 0, 0), (0, 0, 0), (2, 2, 0), (2, 0, 2)])
def test_decimal_headings_of_a_pdf_stand_apart_and_clauses_stay_whole(first: int, rest: int, head: int) -> None:
    paper = Paper()
    paper.line(TITLE, size=16, x=220)
    for depth, text in RULES:
        indent = head if depth else first
        for line in wrapped(text, 36 - indent, 36 - rest):
            paper.line(line, x=LEFT + indent * SIZE)
            indent = rest
    assert told(pdf.read(paper.save())) == [("heading", 1, TITLE), *READ]


def test_decimal_headings_of_word_need_no_style() -> None:
    assert told(of_word(*(text for _, text in RULES))) == READ


def test_decimal_numbers_stand_below_those_of_chapters_before_them() -> None:
    draft = of_word("一、总则", "1.1 目的", "为规范管理，制定本办法。", "二、收费", "2.1 标准", "每平方米1.5元。")
    assert [(level, text) for kind, level, text in told(draft) if kind == "heading"] == [
        *[(2, "一、总则"), (3, "1.1 目的"), (2, "二、收费"), (3, "2.1 标准")]
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["停车费", "1.5 元", "每半小时一计。"],
        ["租金", "1.1 万元", "每年。", "1.2 万元", "含税。"],
        ["材料如下", "1 身份证复印件", "2 营业执照", "3 授权委托书", "以上一式两份。"],
        ["1.1 企业应当在入驻前报备", "逾期不予受理。", "1.2 企业每年报送一次。", "由园区汇总。"],
        ["1 号楼", "共五层。", "2 号楼", "共六层。"],
        ["1 个工作日", "受理。", "2 个工作日内", "办结。"],
        ["3.5 吨以下货车", "走东门。", "8 平方米", "每间。"],
        ["5.3 附件", "见网站。", "9.1 其他", "另行通知。"],
        ["2026 年度计划", "见附件。", "2027 年度计划", "另行公布。"],
        ["2.5 公共服务", "只此一条。"],
    ],
)
def test_prices_quantities_lists_and_sentences_are_no_headings(lines: list[str]) -> None:
    assert depths(lines) == [0] * len(lines)
    assert all(kind != "heading" for kind, _, _ in told(of_word("以下各行出自一份通知，全文另行印发。", *lines)))


def test_what_stands_above_its_own_clauses_is_a_heading_also_beside_sentences() -> None:
    lines = ["1 租金", "1.1 厂房每月28元。", "1.2 研发楼", "1.2.1 低区45元。", "1.2.2 高区52元。"]
    assert depths(lines) == [1, 0, 2, 0, 0]


def test_an_appendix_is_a_heading_and_a_reference_to_one_is_none() -> None:
    lines = ["1 范围", "见附录。", "1.1 目的", "为规范管理。", "附录A的格式见网站", "附录B 申请表", "一式两份。"]
    assert depths(lines) == [1, 0, 2, 0, 0, 1, 0]
    assert depths(["附录A 申请表", "一式两份。"]) == [0, 0]
