"""PDF as offices lay it out: paragraphs in one piece, marks kept out of the text, pages that cannot be read named."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from papers import FONT, HEIGHT, LEADING, LEFT, SIZE, Paper
from parkqa.corpus.readers import pdf
from parkqa.corpus.readers.draft import Draft, joined
from parkqa.corpus.readers.pdf_text import clean
from parkqa.text.sentences import sentences
from parkqa.types import Block

WIDTH = 36
LONG = (
    "申请入驻的企业应当在中华人民共和国境内依法注册并具有独立承担民事责任的能力，且近三年内在生产经营活动中没有重大违法记录",
    "园区对首次入驻并完成固定资产投资三千万元以上的企业给予一次性奖励，奖励标准为设备投资额的百分之五，单个企业最高五百万元",
    "租金补贴按季度发放，企业应在每季度结束后十五日内向招商服务中心提交租金发票、完税证明和补贴申请表，逾期的不予受理",
)


CELL = ParagraphStyle("cell", fontName=FONT, fontSize=10, leading=14, wordWrap="CJK")


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


@pytest.mark.slow
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


def columned(paper: Paper, *rows: Sequence[str], leading: float = LEADING, wide: float = 150) -> None:
    """Write cells without rules."""
    for row in rows:
        for place, text in enumerate(row):
            paper.canvas.setFont(FONT, SIZE)
            paper.canvas.drawString(LEFT + wide * place, paper.y, text)
        paper.y -= leading


RENTS = (("楼栋", "租金", "押金"), ("1号楼", "每月三十五元", "两个月租金"), ("2号楼", "", "三个月租金"))


def test_cells_without_rules_are_rows_under_their_heads() -> None:
    paper = Paper()
    paper.line("租金如下，自发布之日起执行：")
    columned(paper, *RENTS[:2], ("2号楼", "每月二十八元", "三个月租金"), ("3号楼", "", "面议"))
    paper.line("以上价格不含物业费。")
    draft = read(paper)
    assert kinds(draft) == [
        ("paragraph", "租金如下，自发布之日起执行："),
        ("columns", "楼栋 | 租金 | 押金"),
        ("row", "1号楼 | 每月三十五元 | 两个月租金"),
        ("row", "2号楼 | 每月二十八元 | 三个月租金"),
        ("row", "3号楼 |  | 面议"),
        ("paragraph", "以上价格不含物业费。"),
    ]
    assert all(leaf.lines for leaf in draft.leaves)


def test_a_cell_without_rules_that_goes_on_below_is_one() -> None:
    paper = Paper()
    for name in ("楼栋", "1号楼", "2号楼"):
        columned(paper, (name, "租金每月三十五元，", "押金两个月"), leading=SIZE * 1.3)
        columned(paper, ("", "按季度缴纳"), leading=SIZE * 2.5)
    rows = [text for kind, text in kinds(read(paper)) if kind in ("columns", "row")]
    assert rows == [f"{name} | 租金每月三十五元，按季度缴纳 | 押金两个月" for name in ("楼栋", "1号楼", "2号楼")]


@pytest.mark.parametrize(
    "rows",
    [
        RENTS[:2],
        [("楼栋", "租金"), ("1号楼", "三十五元")],
        [("甲公司", "乙公司"), ("丙公司", "丁公司"), ("戊公司", "己公司")],
        [("1.", "提交申请表一份"), ("2.", "领取门禁卡两张"), ("3.", "缴纳一个月押金")],
        [
            ("园区成立于二零零三年八月，", "位于长江北岸，岸线长十八公里，", "下设三个产业园。")[:place]
            for place in (3, 1, 2, 1)
        ],
    ],
)
def test_few_rows_names_side_by_side_and_uneven_lines_are_no_table(rows: Sequence[Sequence[str]]) -> None:
    paper = Paper()
    columned(paper, *rows, wide=165)
    assert "row" not in [kind for kind, _ in kinds(read(paper))]


def test_two_columns_of_labels_and_their_values_are_rows() -> None:
    paper = Paper()
    columned(paper, ("车型", "收费"), ("小型车", "每小时3元"), ("大型车", "每小时5元"), ("电动车", "免费"))
    paper.line("以上收费自发布之日起执行。")
    columned(paper, ("名称：", "设立登记"), ("地点：", "二楼窗口"), leading=SIZE * 2.5)
    columned(paper, ("", "滨江路一号行政大楼东侧，"), leading=SIZE * 0.7)  # the label stands in the middle of its value
    columned(paper, ("交通：", ""), leading=SIZE * 0.7)
    columned(paper, ("", "从高铁站坐一路公交车到"), leading=SIZE * 2.5)
    columned(paper, ("时限：", "三个工作日"), leading=SIZE * 2.5)
    draft = read(paper)
    assert [(text, b.columns) for b, (_, text) in zip(_told(draft), kinds(draft), strict=True) if b.kind == "row"] == [
        *((f"{kind} | {cost}", ("车型", "收费")) for kind, cost in (("小型车", "每小时3元"), ("大型车", "每小时5元"))),
        ("电动车 | 免费", ("车型", "收费")),
        *((text, ()) for text in ("名称： | 设立登记", "地点： | 二楼窗口")),
        ("交通： | 滨江路一号行政大楼东侧，从高铁站坐一路公交车到", ()),
        ("时限： | 三个工作日", ()),
    ]


def _told(draft: Draft) -> list[Block]:
    return [block for block in draft.blocks if block.kind != "break"]


def test_text_that_runs_down_the_edge_of_a_page_tears_nothing() -> None:
    paper = Paper()
    for place, char in enumerate("注意防火安全"):
        paper.canvas.setFont(FONT, SIZE)
        paper.canvas.drawString(540, paper.y - 16 * place, char)
    flow(paper, f"{LONG[0]}；{LONG[1]}；{LONG[2]}。", 2, 0)
    assert [text for _, text in kinds(read(paper))] == [f"{LONG[0]}；{LONG[1]}；{LONG[2]}。", "注意防火安全"]


def slide(*shown: tuple[float, float, float, str]) -> Draft:
    """A page across, with texts given by their left edge, their place from the bottom, and their size."""
    paper = Paper()
    paper.canvas.setPageSize((842, 595))
    for left, down, size, text in shown:
        paper.canvas.setFont(FONT, size)
        paper.canvas.drawString(left, down, text)
    return read(paper)


def test_cards_of_slides_that_were_saved_as_pdf_and_the_title_above_them() -> None:
    steps = (("提交申请", "在线填写申请表"), ("现场勘察", "专员带看厂房"), ("签订合同", "缴纳押金"))
    shown: list[tuple[float, float, float, str]] = [(60, 500, 32, "入驻流程")]
    for place, (name, text) in enumerate(steps):
        left = 60 + 250 * place
        shown += [(left, 400, 30, f"0{place + 1}"), (left, 360, 20, name), (left, 330, 12, text[:4])]
        shown += [(left, 314, 12, text[4:])] * (len(text) > 4)
        shown += [(left, 230, 30, f"{place + 3}0"), (left + 50, 230, 16, "家"), (left + 30, 190, 14, f"{name}企业")]
    assert kinds(slide(*shown)) == [
        ("heading", "入驻流程"),
        *(("paragraph", f"0{n}\n{name}\n{text}") for n, (name, text) in enumerate(steps, 1)),
        *(("paragraph", f"{n}0家\n{name}企业") for n, (name, _) in enumerate(steps, 3)),
    ]


def test_lists_beside_each_other_on_a_slide_are_read_one_after_the_other() -> None:
    lists = (("一期厂房", "●租金28元", "●物业费2元"), ("二期厂房", "●租金32元", "●物业费3元"))
    shown = [
        (60 + 160 * n, 400 - 40 * row, 16 if row else 24, text)
        for n, lines in enumerate(lists)
        for row, text in enumerate(lines)
    ]
    assert kinds(slide(*shown)) == [("paragraph", "\n".join(lines).replace("●", "")) for lines in lists]


def test_columns_of_running_text_are_no_table() -> None:
    paper = Paper()
    columned(
        paper, *[("园区企业应当在每季度前缴纳租金和物业",) * 2 + ("逾期缴纳的按日加收滞纳金直至缴清",)] * 4, wide=230
    )
    assert "row" not in [kind for kind, _ in kinds(read(paper))]


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


def test_a_title_whose_characters_are_far_apart_is_one_word() -> None:
    paper = Paper()
    for place, char in enumerate("停车管理制度"):
        paper.canvas.setFont(FONT, 22)
        paper.canvas.drawString(140 + place * 55, paper.y, char)
    paper.y -= 50
    flow(paper, f"{LONG[0]}。", 2, 0)
    assert kinds(read(paper)) == [("heading", "停车管理制度"), ("paragraph", f"{LONG[0]}。")]


def test_questions_and_answers_are_blocks_of_their_own() -> None:
    paper = Paper()
    for text in (
        "问：公寓可以提前退租吗？",
        "答：可以，提前三十日书面通知，押金退还。",
        "问：怎样报修？",
        "答：拨打电话报修。",
    ):
        paper.line(text)
    assert [text for _, text in kinds(read(paper))] == [
        *(
            "问：公寓可以提前退租吗？",
            "答：可以，提前三十日书面通知，押金退还。",
            "问：怎样报修？",
            "答：拨打电话报修。",
        )
    ]


# Ornaments


@pytest.mark.parametrize(
    ("size", "down", "blank"), [(54, 10, 20), (30, 0, 60), (80, 30, 40), (60, 30, 30), (36, 2, 10)]
)
def test_the_ornament_beside_a_title_belongs_to_it(size: float, down: float, blank: float) -> None:
    paper = Paper()
    paper.canvas.setPageSize((960, 540))
    for number, title in enumerate(("园区概况", "产业布局", "服务保障"), 1):
        mark = f"0{number}"
        for text, points, x, y in (
            (mark, size, 60, 460 - down),
            (title, 30, 60 + size + blank, 460),
            (f"{LONG[number - 1]}。", 14, 80, 380),
        ):
            paper.canvas.setFont(FONT, points)
            paper.canvas.drawString(x, y, text)
        paper.canvas.showPage()
    paper.canvas.setPageSize((960, 540))
    draft = read(paper)
    assert kinds(draft) == [
        pair
        for number, title in enumerate(("园区概况", "产业布局", "服务保障"), 1)
        for pair in (("heading", f"0{number} {title}"), ("paragraph", f"{LONG[number - 1]}。"))
    ]


def test_a_step_stays_with_the_ornament_before_its_name() -> None:
    paper = Paper()
    paper.canvas.setPageSize((960, 540))
    steps = (("提交申请", "企业在网上提交材料。"), ("审核材料", "服务中心三日内审核。"), ("签订合同", "双方签订合同。"))
    for number, (name, text) in enumerate(steps, 1):
        x = 60 + 300 * (number - 1)
        for words, points, left, y in ((f"0{number}", 40, x, 380), (name, 20, x + 60, 395), (text, 14, x + 60, 360)):
            paper.canvas.setFont(FONT, points)
            paper.canvas.drawString(left, y, words)
    assert kinds(read(paper)) == [
        ("paragraph", f"0{number} {name}\n{text}") for number, (name, text) in enumerate(steps, 1)
    ]


def test_what_a_line_says_of_the_table_below_it_is_no_heading() -> None:
    paper = Paper()
    paper.line("园区收费标准", size=18, x=230)
    paper.line("单位：元", x=480)
    paper.table([["项目", "标准"], ["停车", "3"], ["会议室", "800"]], [120, 120])
    assert kinds(read(paper))[:2] == [("heading", "园区收费标准"), ("paragraph", "单位：元")]


def test_heads_of_two_rows_that_are_repeated_overleaf_are_no_rows() -> None:
    rows = [
        ["楼栋", "租金", ""],
        ["", "含税", "不含税"],
        *([f"{n}号楼", str(20 + n), str(18 + n)] for n in range(1, 51)),
    ]
    table = Table(rows, colWidths=[100, 100, 100], repeatRows=2)
    table.setStyle([("FONT", (0, 0), (-1, -1), FONT, 10), ("GRID", (0, 0), (-1, -1), 0.5, "black")])
    table.setStyle([("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0))])
    raw = io.BytesIO()
    SimpleDocTemplate(raw, pagesize=(595, HEIGHT)).build([table])
    draft = pdf.read(raw.getvalue())
    found = [(draft.text[b.start : b.end], b.columns, b.page) for b in draft.blocks if b.kind == "row"]
    assert [text for text, _, _ in found] == [f"{n}号楼 | {20 + n} | {18 + n}" for n in range(1, 51)]
    assert {columns for _, columns, _ in found} == {("楼栋", "租金 含税", "租金 不含税")} and found[-1][2] == 2


def test_a_small_head_well_above_the_text_and_a_page_number_go_also_from_a_single_page() -> None:
    paper = Paper()
    paper.canvas.setFont(FONT, 9)
    paper.canvas.drawString(LEFT, HEIGHT - 40, "园区管理制度汇编")
    paper.canvas.drawRightString(523, HEIGHT - 40, "2026年版")
    paper.canvas.drawCentredString(297, 30, "第 1 页 共 2 页")
    paper.paragraph("园区实行统一收费，除下列项目外不收取任何费用，收费标准每年公布一次，并接受企业和群众的监督。")
    assert kinds(read(paper)) == [
        ("paragraph", "园区实行统一收费，除下列项目外不收取任何费用，收费标准每年公布一次，并接受企业和群众的监督。")
    ]


def test_what_begins_a_page_in_the_size_of_the_text_is_no_running_head() -> None:
    paper = Paper()
    paper.y = HEIGHT - 40
    paper.line("附件1")
    paper.y -= 40
    paper.paragraph("本表由企业填写，一式两份，企业和管理处各执一份，填写后加盖公章交至服务大厅三号窗口办理。")
    assert kinds(read(paper))[0] == ("paragraph", "附件1")


def test_the_mark_of_a_note_at_the_end_of_a_sentence_opens_no_item() -> None:
    paper = Paper()
    paper.line("办理施工许可的，通过工程建设项目审批管理系统提交申请，五个工作日内办结", x=LEFT + 2 * SIZE)
    paper.line("②。")
    paper.line("本表每年公布一次，企业可以在园区网站下载，也可以到服务大厅领取。", x=LEFT + 2 * SIZE)
    kind, text = kinds(read(paper))[0]
    assert (kind, text[-4:]) == ("paragraph", "办结②。")


def test_lettered_items_are_items() -> None:
    paper = Paper()
    for text in ("申请人应当提交下列材料：", "a) 申请表；", "b) 施工图纸；", "c) 营业执照复印件。"):
        paper.line(text)
    assert kinds(read(paper)) == [
        ("paragraph", "申请人应当提交下列材料："),
        ("item", "a) 申请表；"),
        ("item", "b) 施工图纸；"),
        ("item", "c) 营业执照复印件。"),
    ]


def test_the_upright_letter_at_the_top_of_a_round_stamp_is_no_text() -> None:
    paper = Paper()
    paper.paragraph("服务中心位于综合楼一层大厅，设有企业开办、项目审批、人才服务等窗口，实行周六延时服务。")
    for place, letter in enumerate("园区企业服务中心章"):
        paper.canvas.saveState()
        paper.canvas.setFillColorRGB(1, 0, 0)
        paper.canvas.translate(420, 500)
        paper.canvas.rotate(88 - 22 * place)  # the fifth stands upright
        paper.canvas.setFont(FONT, 10)
        paper.canvas.drawCentredString(0, 42, letter)
        paper.canvas.restoreState()
    assert [text for _, text in kinds(read(paper))] == [
        "服务中心位于综合楼一层大厅，设有企业开办、项目审批、人才服务等窗口，实行周六延时服务。"
    ]


def test_the_date_on_a_cover_stands_by_itself() -> None:
    paper = Paper()
    paper.line("装修施工管理手册", 26, 190)
    paper.y = 200
    paper.line("临港园区物业服务有限公司", 14, 213)
    paper.line("二〇二六年一月", 14, 248)
    assert [text for _, text in kinds(read(paper))][1:] == ["临港园区物业服务有限公司", "二〇二六年一月"]


def test_a_number_with_its_unit_is_no_heading_however_large() -> None:
    paper = Paper()
    paper.line("人才公寓", 14)
    paper.line("2000套", 30)
    paper.paragraph("公寓由园区统一建设，面向在园区企业工作三年以上的员工出租，租金按季度缴纳，水电费另计。")
    assert ("heading", "2000套") not in kinds(read(paper))


def test_a_row_without_rules_whose_label_stands_in_the_middle_of_its_cells_is_one() -> None:
    texts = ("全职引进的博士和硕士以及双一流高校本科毕业生", "博士三十万元硕士十万元本科五万元并分三年发放")
    rows = [["政策", "对象", "标准", "时间"], ["专精特新", "中小企业", "省级30万元", "每年5月"]]
    rows += [
        ["购房补贴", *(Paragraph(text, CELL) for text in texts), "常年受理"],
        ["租房补贴", "职工", "500元", "每月"],
    ]
    table = Table(rows, colWidths=[100, 130, 130, 90])
    table.setStyle([("FONT", (0, 0), (-1, -1), FONT, 10), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    table.setStyle([("LINEABOVE", (0, 0), (-1, 0), 1, "black"), ("LINEBELOW", (0, -1), (-1, -1), 1, "black")])
    raw = io.BytesIO()
    SimpleDocTemplate(raw, pagesize=(595, HEIGHT)).build([table])
    draft = pdf.read(raw.getvalue())
    assert [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "row"] == [
        "专精特新 | 中小企业 | 省级30万元 | 每年5月",
        f"购房补贴 | {texts[0]} | {texts[1]} | 常年受理",
        "租房补贴 | 职工 | 500元 | 每月",
    ]


def test_a_bullet_whose_font_does_not_tell_its_character_makes_an_item() -> None:
    style = ParagraphStyle("item", fontName=FONT, fontSize=11, leading=18, leftIndent=22, bulletIndent=8)
    texts = ("港口：拥有五万吨级码头泊位四个；", "航空：南通新机场规划建设中。")
    raw = io.BytesIO()
    SimpleDocTemplate(raw, pagesize=(595, HEIGHT)).build([Paragraph(text, style, bulletText="•") for text in texts])
    draft = pdf.read(raw.getvalue())
    assert kinds(draft) == [("item", text) for text in texts]


def test_a_character_that_its_font_does_not_tell_is_named_and_no_text() -> None:
    paper = Paper()
    paper.line("停车每小时3")
    paper.canvas.setFont("Helvetica", SIZE)
    paper.canvas.drawString(LEFT + 5.6 * SIZE, paper.y + LEADING, "\u2022")  # reportlab's code for it has no character
    paper.canvas.setFont(FONT, SIZE)
    paper.canvas.drawString(LEFT + 6 * SIZE, paper.y + LEADING, "元，当日封顶二十元。")
    draft = read(paper)
    assert [text for _, text in kinds(draft)] == ["停车每小时3元，当日封顶二十元。"]
    (note,) = draft.notes
    assert note.warns and note.zh.startswith("第 1 页有些字") and "无法读取" in note.zh
