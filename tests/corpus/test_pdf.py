"""PDF as offices lay it out: paragraphs in one piece, marks kept out of the text, pages that cannot be read named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from papers import FONT, HEIGHT, LEADING, LEFT, SIZE, Paper
from parkqa.corpus.readers import pdf
from parkqa.corpus.readers.draft import Draft, joined
from parkqa.corpus.readers.pdf_text import clean
from parkqa.text.sentences import sentences

WIDTH = 36
LONG = (
    "申请入驻的企业应当在中华人民共和国境内依法注册并具有独立承担民事责任的能力，且近三年内在生产经营活动中没有重大违法记录",
    "园区对首次入驻并完成固定资产投资三千万元以上的企业给予一次性奖励，奖励标准为设备投资额的百分之五，单个企业最高五百万元",
    "租金补贴按季度发放，企业应在每季度结束后十五日内向招商服务中心提交租金发票、完税证明和补贴申请表，逾期的不予受理",
)


def read(paper: Paper) -> Draft:
    return pdf.read(paper.save())


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"]


def levels(draft: Draft) -> list[tuple[int, str]]:
    return [(b.level, draft.text[b.start : b.end]) for b in draft.blocks if b.kind == "heading"]


def flow(paper: Paper, text: str, first: float, rest: float) -> None:
    """Write a paragraph whose first line is indented by ``first`` ems and its others by ``rest``."""
    place, indent = 0, first
    while place < len(text):
        width = WIDTH - int(indent)
        paper.line(text[place : place + width], x=LEFT + indent * SIZE)
        place, indent = place + width, rest


# Paragraphs


@pytest.mark.parametrize(
    "numbers",
    ["1. 2. 3.", "（1） （2） （3）", "5.1 5.2 5.3", "第一条　 第二条　 第三条　", "（一） （二） （三）", "★ ★ ★"],
)
@pytest.mark.parametrize(("first", "rest"), [(2, 0), (0, 0), (2, 2), (4, 2), (0, 3), (2, 4)])
def test_each_numbered_clause_is_one_block_however_its_lines_are_indented(numbers: str, first: int, rest: int) -> None:
    paper = Paper()
    texts = [f"{number}{text}。" for number, text in zip(numbers.split(" "), LONG, strict=True)]
    for text in texts:
        flow(paper, text, first, rest)
    assert [text for _, text in kinds(read(paper))] == [clean(text) for text in texts]


def test_text_that_hangs_beside_its_number_is_one_paragraph() -> None:
    paper = Paper()
    for number, text in zip(("5.1", "5.2", "5.3"), LONG, strict=True):
        paper.canvas.setFont(FONT, SIZE)
        paper.canvas.drawString(LEFT, paper.y, number)
        for place in range(0, len(text), WIDTH - 5):
            paper.line(text[place : place + WIDTH - 5], x=LEFT + 5 * SIZE)
    assert kinds(read(paper)) == [("paragraph", f"5.{n} {text}") for n, text in enumerate(LONG, 1)]


def test_paragraphs_that_end_at_the_edge_are_not_glued_together() -> None:
    paper = Paper()
    text = "园" * (WIDTH - 3) + "。"  # with its indent, exactly a line
    for _ in range(3):
        flow(paper, text, 2, 0)
    paper.paragraph(f"{LONG[0]}。")
    assert [text for _, text in kinds(read(paper))] == [text, text, text, f"{LONG[0]}。"]


def test_a_wrapped_reference_to_an_article_opens_nothing() -> None:
    paper = Paper()
    line = "业主逾期三个月未缴纳物业费用的，物业公司应当书面催缴，并且可以依照本规定"
    paper.line(line[:34], x=LEFT + 2 * SIZE)
    paper.line("第三条规定加收滞纳金。")
    assert kinds(read(paper)) == [("paragraph", f"{line[:34]}第三条规定加收滞纳金。")]


def test_a_paragraph_goes_on_overleaf_only_where_its_lines_say_so() -> None:
    paper = Paper(foot="- {} -")
    paper.line(LONG[0][:34], x=LEFT + 2 * SIZE)
    paper.line("园" * (WIDTH - 1) + "。")
    paper.turn()
    paper.line("接着说的话。")
    paper.paragraph("另起一段。")
    assert [text for _, text in kinds(read(paper))] == [
        f"{LONG[0][:34]}{'园' * (WIDTH - 1)}。接着说的话。",
        "另起一段。",
    ]


def test_a_footnote_does_not_tear_the_paragraph_that_goes_on_overleaf() -> None:
    paper = Paper(foot="- {} -")
    paper.paragraph(f"{LONG[0]}。")
    paper.line(LONG[1][:34], x=LEFT + 2 * SIZE)
    paper.line("① 本办法所称企业，是指在园区注册的企业。", 9)
    paper.turn()
    paper.line(f"{LONG[1][34:]}。")
    assert kinds(read(paper)) == [
        ("paragraph", f"{LONG[0]}。"),
        ("paragraph", f"{LONG[1]}。"),
        ("item", "① 本办法所称企业，是指在园区注册的企业。"),
    ]


def test_cells_without_rules_are_not_joined_into_sentences() -> None:
    paper = Paper()
    for row in (
        ("楼栋", "租金", "押金"),
        ("1号楼", "每月三十五元", "两个月租金"),
        ("2号楼", "每月二十八元", "三个月租金"),
    ):
        for place, text in enumerate(row):
            paper.canvas.setFont(FONT, SIZE)
            paper.canvas.drawString(LEFT + 150 * place, paper.y, text)
        paper.y -= LEADING
    assert [text for _, text in kinds(read(paper))] == [
        *("楼栋", "租金", "押金", "1号楼", "每月三十五元", "两个月租金", "2号楼", "每月二十八元", "三个月租金")
    ]


def test_long_blocks_of_a_made_document_end_with_their_sentences() -> None:
    """None is torn: the paragraphs that were written are those that are read."""
    paper = Paper(head="园区管理办法汇编", foot="第 {} 页")
    texts = [f"{text}。" for text in LONG]
    written = []
    for number in range(40):
        text = texts[number % 3]
        first, rest, numbered = ((2, 0, f"{number % 9 + 1}、"), (2, 0, ""), (0, 2, "①"))[number // 3 % 3]
        if paper.y < 100:
            paper.turn()
        flow(paper, numbered + text, first, rest)
        written.append(numbered + text)
    assert [text for _, text in kinds(read(paper))] == written


# Rows


def _cut_row(
    rest: Sequence[str], last: Sequence[str] = ("设立登记", "提交申请书、章程和住所证明，材料不齐的")
) -> Draft:
    paper = Paper()
    head = ("事项", "说明", "时限")
    paper.table([head, (*last, "三日")], (80, 260, 80))
    paper.turn()
    paper.table([rest, ("注销登记", "提交清算报告。", "五日")], (80, 260, 80))
    return read(paper)


def test_a_row_that_the_end_of_the_page_cuts_is_one() -> None:
    draft = _cut_row(("", "一次告知补正。", ""))
    assert [(b.page, draft.text[b.start : b.end]) for b in draft.blocks if b.kind == "row"] == [
        (1, "设立登记 | 提交申请书、章程和住所证明，材料不齐的一次告知补正。 | 三日"),
        (2, "注销登记 | 提交清算报告。 | 五日"),
    ]


def test_a_row_of_its_own_without_a_label_stays_one() -> None:
    rows = [
        text
        for kind, text in kinds(_cut_row(("", "变更后十日内备案。", "十日"), ("设立登记", "三个工作日。")))
        if kind == "row"
    ]
    assert rows[:2] == ["设立登记 | 三个工作日。 | 三日", "| 变更后十日内备案。 | 十日"]


# Headings


def test_chapters_in_the_size_of_the_body_are_headings() -> None:
    paper = Paper()
    paper.line("园区消防管理规定", 18, 220)
    for chapter in ("第一章　总　则", "第二章　罚　则"):
        paper.line(chapter, x=LEFT + 15 * SIZE)
        paper.paragraph(f"第一条　{LONG[0]}。")
    assert levels(read(paper)) == [(1, "园区消防管理规定"), (2, "第一章 总则"), (2, "第二章 罚则")]


def test_numbered_headings_are_nested_and_lists_are_none() -> None:
    paper = Paper()
    paper.line("若干措施", 18, 220)
    for heading, inner in (("一、支持上云", "（一）补贴标准"), ("二、支持引才", "（一）补贴对象")):
        paper.line(heading, x=LEFT + 2 * SIZE)
        paper.line(inner, x=LEFT + 2 * SIZE)
        paper.paragraph(f"{LONG[0]}。")
    paper.line("申请时提交下列材料：", x=LEFT + 2 * SIZE)
    for item in ("（一）营业执照", "（二）申请表", "（三）照片"):
        paper.line(item, x=LEFT + 2 * SIZE)
    paper.paragraph(f"{LONG[1]}。")
    assert levels(read(paper)) == [
        (1, "若干措施"),
        (2, "一、支持上云"),
        (3, "（一）补贴标准"),
        (2, "二、支持引才"),
        (3, "（一）补贴对象"),
    ]


def test_running_text_in_a_large_font_is_no_heading() -> None:
    paper = Paper()
    for place in range(0, len(LONG[0]) + 1, 27):
        paper.line(f"{LONG[0]}。"[place : place + 27], 16)
    paper.y -= 20
    for text in LONG * 2:
        paper.paragraph(f"{text}。")
    draft = read(paper)
    assert levels(draft) == []
    assert kinds(draft)[0] == ("paragraph", f"{LONG[0]}。")


def test_a_long_title_in_two_centred_lines_is_one_heading() -> None:
    paper = Paper()
    paper.line("关于印发园区数字经济发展", 20, 177)
    paper.line("若干措施的通知", 20, 227)
    paper.paragraph(f"{LONG[0]}。")
    assert kinds(read(paper))[0] == ("heading", "关于印发园区数字经济发展若干措施的通知")


# Marks


def _watermarked(slant: float, colour: float, size: float, x: float, y: float) -> Draft:
    paper = Paper(foot="- {} -")
    for _ in range(2):
        for text in LONG:
            paper.paragraph(f"{text}。")
        paper.canvas.saveState()
        paper.canvas.translate(x, y)
        paper.canvas.rotate(slant)
        paper.canvas.setFillGray(colour)
        paper.canvas.setFont(FONT, size)
        paper.canvas.drawString(0, 0, "内部资料")
        paper.canvas.restoreState()
        paper.turn()
    return read(paper)


@pytest.mark.parametrize(
    ("slant", "colour", "size", "x", "y"),
    [
        (45, 0.85, 60, 150, 500),
        (0, 0.85, 40, 150, 690),
        (30, 0.0, 14, 200, 650),
        (0, 0.6, 12, 150, 704),
        (90, 0, 9, 30, 400),
    ],
)
def test_watermarks_and_turned_text_are_named_and_no_text(
    slant: float, colour: float, size: float, x: float, y: float
) -> None:
    draft = _watermarked(slant, colour, size, x, y)
    assert [text for _, text in kinds(draft)] == [f"{text}。" for text in LONG] * 2
    assert any("内部资料" in note.zh for note in draft.notes)


def test_a_page_whose_text_is_turned_is_read() -> None:
    paper = Paper()
    paper.canvas.rotate(90)
    paper.canvas.setFont(FONT, SIZE)
    for number, text in enumerate(("园区厂房每平方米每月租金为十八元。", "押金为三个月租金。")):
        paper.canvas.drawString(100, -100 - 20 * number, text)
    assert joined(text for _, text in kinds(read(paper))) == "园区厂房每平方米每月租金为十八元。押金为三个月租金。"


def test_invisible_and_private_characters_and_spacing_blanks_do_not_reach_the_text() -> None:
    assert clean("联\ue123系电话") == "联系电话"
    assert clean("\uf06c 班车") == "\uf06c 班车"  # a bullet of a symbol font
    assert joined(["infor\u00ad", "mation and devel\u00adopment"]) == "information and development"


def test_the_same_line_at_the_top_of_two_pages_of_text_is_no_running_head() -> None:
    paper = Paper()
    for _ in range(2):
        paper.y = HEIGHT - 80.0
        for text in LONG:
            flow(paper, f"{text}。", 2, 0)
        paper.turn()
    assert [text for _, text in kinds(read(paper))] == [f"{text}。" for text in LONG] * 2


# What cannot be read


def _picture(paper: Paper, x: float, y: float, width: float, height: float) -> None:
    paper.canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), x, y, width, height)


def _faults(paper: Paper) -> list[str]:
    return [note.zh for note in read(paper).notes if note.warns]


def test_a_scan_with_the_stamp_of_its_program_is_a_scan() -> None:
    paper = Paper(foot="{}")
    for turn in (True, False):
        paper.picture()
        paper.line("扫描全能王 创建", 8, 430)
        paper.turn() if turn else None
    draft = read(paper)
    assert draft.text == ""
    assert draft.notes[0].zh.startswith("第 1、2 页是扫描的图片")


def test_letters_drawn_as_shapes_are_named() -> None:
    paper = Paper(foot="{}")
    for place in range(12):
        paper.canvas.bezier(72 + place * 10, 700, 75, 710, 80, 705, 79 + place * 10, 700)
    assert ["第 1 页的字画成了图形，等于图片" in note for note in _faults(paper)] == [True]


def test_a_large_picture_is_named_and_the_text_beside_it_is_read() -> None:
    paper = Paper()
    paper.paragraph(f"{LONG[0]}。")
    _picture(paper, 72, 200, 400, 300)
    draft = read(paper)
    assert draft.text == f"{LONG[0]}。"
    assert [note.zh[:10] for note in draft.notes] == ["第 1 页有大幅图片"]


def test_a_picture_behind_the_text_and_a_blank_page_are_not_named() -> None:
    paper = Paper(foot="- {} -")
    paper.picture()
    paper.paragraph(f"{LONG[0]}。")
    paper.turn()
    assert _faults(paper) == []


def test_what_is_left_out_is_told() -> None:
    paper = Paper(head="靖江园区投资手册", foot="- {} -")
    for _ in range(2):
        paper.line("目　录", 16)
        paper.line("第一章 总则 ................ 1")
        paper.paragraph(f"{LONG[0]}。")
        paper.turn()
    draft = read(paper)
    assert [kind for kind, _ in kinds(draft)] == ["paragraph"] * 2
    told = " ".join(note.zh for note in draft.notes)
    assert "靖江园区投资手册" in told and "第一章 总则" in told


def test_a_sentence_is_found_whole() -> None:
    paper = Paper()
    flow(paper, f"1.{LONG[2]}。", 2, 0)
    text = read(paper).text
    assert [text[start:end] for start, end in sentences(text, 0, len(text))][-1].endswith(f"{LONG[2]}。")


def test_a_file_with_zeros_behind_its_end_is_whole() -> None:
    from parkqa.corpus import file_checks

    paper = Paper()
    paper.line("园区成立于2003年。")
    file_checks.check(paper.save() + b"\0" * 4096, ".pdf")
