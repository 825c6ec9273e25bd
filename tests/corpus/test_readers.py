"""Word, PDF, PowerPoint, Excel and HTML: structure, pages and order survive; no word is lost, none doubled."""

from __future__ import annotations

import io
from datetime import time
from html import escape
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx.util import Inches

import papers
from papers import Paper, saved
from parkqa.corpus.documents import read_document
from parkqa.corpus.formats import PACKED, READERS
from parkqa.corpus.passages import heading_path
from parkqa.corpus.readers import plain
from parkqa.corpus.readers.draft import BULLET, Draft, Unreadable, joined, needed
from parkqa.corpus.readers.pdf_lines import lines_of
from parkqa.corpus.readers.tables import WIDE, Cell, columns, pieces
from parkqa.corpus.splitting import split
from paths import DATA

Told = list[tuple[str, int, object, str]]


def told(draft: Draft) -> Told:
    """The blocks as (kind, level, page, text), without the breaks."""
    return [(b.kind, b.level, b.page, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"]


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(kind, text) for kind, _, _, text in told(draft)]


def read(suffix: str, raw: bytes) -> Draft:
    return PACKED[suffix](raw)


def letters(text: str) -> list[str]:
    """Letters, hanzi and figures, in no order."""
    return sorted(char for char in text if char.isalnum())


@pytest.fixture(scope="module")
def handbook() -> Draft:
    return read(".pdf", papers.handbook_pdf())


# Word


def test_a_word_file_keeps_its_headings_lists_and_tables() -> None:
    columns_ = ("类别", "项目", "标准")
    draft = read(".docx", papers.guide_docx())
    assert told(draft) == [
        ("heading", 1, None, "企业入园服务指南"),
        ("paragraph", 0, None, "为方便企业办理入园手续，制定本指南。"),
        ("heading", 1, None, "一、申请条件"),
        ("paragraph", 0, None, "企业应当符合园区产业定位。"),
        *[("item", 1, None, text) for text in ("高端装备", "新能源", "节能环保")],
        ("item", 2, None, "含造船配套"),
        ("heading", 2, None, "（一）申请材料"),
        *[("item", 1, None, text) for text in ("营业执照", "项目计划书")],
        ("heading", 1, None, "二、收费标准"),
        ("columns", 0, None, "类别 | 项目 | 标准"),
        ("row", 0, None, "厂房 | 标准厂房 | 每平方米15元"),
        ("row", 0, None, "高层厂房 | 每平方米12元"),
        ("row", 0, None, "办公 | 写字楼 | 每平方米30元"),
        ("paragraph", 0, None, "以上标准自2024年1月1日起执行。另有约定的除外。"),
    ]
    rows = [block.columns for block in draft.blocks if block.kind == "row"]
    assert rows == [columns_, ("类别：厂房", "项目", "标准"), columns_]


def test_a_row_is_a_passage_under_its_column_heads(tmp_path: Path) -> None:
    (tmp_path / "指南.docx").write_bytes(papers.guide_docx())
    document = read_document(tmp_path / "指南.docx", tmp_path)
    passage = next(passage for passage in split(document) if "高层厂房" in passage.text)
    assert document.text[passage.start : passage.end] == passage.text == "高层厂房 | 每平方米12元"
    assert heading_path(passage) == "二、收费标准 › 类别：厂房 | 项目 | 标准"
    assert document.title == "企业入园服务指南"  # by its style; three headings are of the first level


def test_short_bold_lines_are_headings_where_no_style_is() -> None:
    document = docx.Document()
    for text, bold in (
        ("园区管理办法", True),
        ("一、总则", True),
        ("（一）目的", True),
        ("为加强管理，制定本办法。", False),
    ):
        document.add_paragraph().add_run(text).bold = bold
    document.add_paragraph("短句不加粗")
    assert told(read(".docx", saved(document))) == [
        ("heading", 2, None, "园区管理办法"),
        ("heading", 2, None, "一、总则"),
        ("heading", 3, None, "（一）目的"),
        ("paragraph", 0, None, "为加强管理，制定本办法。"),
        ("paragraph", 0, None, "短句不加粗"),
    ]


BOX = (
    "<w:r {0}><mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
    "<mc:Choice Requires='wps'>{1}</mc:Choice><mc:Fallback>{1}</mc:Fallback></mc:AlternateContent></w:r>"
)


def test_text_boxes_hidden_text_links_and_contents() -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("一、总则\t1", "toc 1")
    paragraph = document.add_paragraph("正文。")
    box = "<w:txbxContent><w:p><w:r><w:t>框中字。</w:t></w:r></w:p></w:txbxContent>"
    paragraph._p.append(parse_xml(BOX.format(nsdecls("w"), box)))
    paragraph.add_run("暗文").font.hidden = True
    paragraph._p.append(parse_xml(f"<w:hyperlink {nsdecls('w')}><w:r><w:t>链接字</w:t></w:r></w:hyperlink>"))
    document.element.body.insert(
        2,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>控件里的字。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert kinds(read(".docx", saved(document))) == [
        ("paragraph", "正文。链接字"),
        ("paragraph", "框中字。"),
        ("paragraph", "控件里的字。"),
    ]


def test_a_table_that_only_places_what_it_holds_is_read_through() -> None:
    document = docx.Document()
    outer = document.add_table(rows=1, cols=2)
    outer.cell(0, 0).text = "左边的话。"
    inner = outer.cell(0, 1).add_table(rows=2, cols=2)
    for row, texts in zip(inner.rows, (("甲", "乙"), ("1", "2")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    assert kinds(read(".docx", saved(document))) == [
        ("paragraph", "左边的话。"),
        ("columns", "甲 | 乙"),
        ("row", "1 | 2"),
    ]


# PDF


def test_a_pdf_keeps_headings_lists_tables_and_pages(handbook: Draft) -> None:
    assert [entry for entry in told(handbook) if entry[0] != "paragraph"] == [
        ("heading", 1, 1, "园区投资手册"),
        ("heading", 2, 1, "第一章 区位交通"),
        ("heading", 2, 1, "第二章 主导产业"),
        *[("item", 1, 1, text) for text in ("船舶制造", "特种冶金", "粮油食品")],
        ("columns", 0, 1, "企业 | 主营 | 产值（亿元）"),
        ("row", 0, 1, "扬子江船业 | 造船 | 300"),
        ("row", 0, 1, "中建钢构 | 钢结构 | 50"),
        ("heading", 2, 2, "第三章 联系我们"),
    ]


def test_the_lines_of_a_pdf_are_joined_without_blanks_and_across_pages(handbook: Draft) -> None:
    paragraphs = [(page, text) for kind, _, page, text in told(handbook) if kind == "paragraph"]
    assert paragraphs == [
        (
            1,
            "园区地处长江北岸，与江阴市隔江相望，经江阴长江大桥十分钟可达对岸，距上海虹桥机场约一个半小时车程，水陆交通都十分便利。",
        ),
        (1, "园区拥有长江深水岸线，可停靠十万吨级海轮。"),
        (
            1,
            "园区设立十亿元产业基金，重点支持船舶海工、高端装备和新材料等领域的企业，符合条件的企业可以向管委会提出申请，"
            "经过评审后单个项目最高可以获得三千万元的资金支持。",
        ),
        (2, "招商热线：0523-80000000"),
    ]


def test_running_heads_and_page_numbers_are_left_out(handbook: Draft) -> None:
    assert "靖江园区投资手册" not in handbook.text
    assert "- 1 -" not in handbook.text
    once = Paper(foot="第 {} 页")
    once.line("园区成立于2003年。")
    assert kinds(read(".pdf", once.save())) == [("paragraph", "园区成立于2003年。")]


def test_a_pdf_in_two_columns_is_read_column_by_column() -> None:
    texts = [text for _, text in kinds(read(".pdf", papers.columns_pdf()))]
    assert [text[:5] for text in texts] == ["园区简报", "左栏第一段", "左栏第二段", "右栏第一段", "右栏第二段"]
    assert all(text.endswith("。") for text in texts[1:])


@pytest.mark.parametrize("right", [289, 310])
def test_two_columns_whose_lines_are_not_level_are_read_column_by_column(right: int) -> None:
    """The narrower gutter is one character wide, as a browser's."""
    paper = Paper()
    top = paper.y
    paper.paragraph("左栏讲述园区的由来，从设立到更名经过许多年，其间建成了码头。", 72, 17)
    paper.y = top - 7
    paper.paragraph("右栏讲述园区的规划，未来五年将建设科创载体，完善各种配套。", right, 17)
    assert kinds(read(".pdf", paper.save())) == [
        ("paragraph", "左栏讲述园区的由来，从设立到更名经过许多年，其间建成了码头。"),
        ("paragraph", "右栏讲述园区的规划，未来五年将建设科创载体，完善各种配套。"),
    ]


def test_blanks_within_a_line_part_no_words() -> None:
    paper = Paper()
    for text in ("联系人：张三\u3000 电话：0523-80000000", "园区的地址是靖江市新桥镇江平路，欢迎您来。"):
        paper.line(text)
    assert kinds(read(".pdf", paper.save())) == [
        ("paragraph", "联系人：张三 电话：0523-80000000"),
        ("paragraph", "园区的地址是靖江市新桥镇江平路，欢迎您来。"),
    ]


def test_drawn_bullets_mark_items() -> None:
    paper = Paper()
    paper.line("园区有下面几个产业：")
    for text in ("船舶制造", "特种冶金"):
        paper.canvas.circle(papers.LEFT + 8, paper.y + 4, 2, fill=1)
        paper.line(text, x=papers.LEFT + 24)
    paper.line("没有圆点的一行")
    assert kinds(read(".pdf", paper.save())) == [
        ("paragraph", "园区有下面几个产业："),
        ("item", "船舶制造"),
        ("item", "特种冶金"),
        ("paragraph", "没有圆点的一行"),
    ]


def test_radicals_that_stand_for_hanzi_are_hanzi() -> None:
    chars = [
        {"text": char, "x0": 10.0 * n, "x1": 10.0 * n + 10, "top": 0.0, "bottom": 10.0, "size": 10.0, "fontname": "A"}
        for n, char in enumerate("⻓江⼯业⻝品，2003年8⽉")
    ]
    assert [line.text for line in lines_of(chars)] == ["长江工业食品，2003年8月"]


def test_a_table_overleaf_goes_on_under_the_same_heads() -> None:
    paper = Paper()
    head = ("企业", "主营", "产值（亿元）")
    paper.table([head, ("甲厂", "造船", "1")], (100, 100, 100))
    paper.turn()
    paper.table([("乙厂", "冶金", "2"), ("丙厂", "粮油", "3")], (100, 100, 100))
    paper.turn()
    paper.table([head, ("丁厂", "储能", "4")], (100, 100, 100))
    draft = read(".pdf", paper.save())
    assert [entry for entry in told(draft) if entry[0] == "columns"] == [("columns", 0, 1, " | ".join(head))]
    assert [(b.page, b.columns) for b in draft.blocks if b.kind == "row"] == [(n, head) for n in (1, 2, 2, 3)]


def test_a_cell_over_two_rows_of_a_pdf_is_text_once() -> None:
    paper = Paper()
    paper.table([("行业", "企业", "电话"), ("造船", "甲厂", "1"), ("^", "乙厂", "2")], (100, 100, 100))
    draft = read(".pdf", paper.save())
    assert kinds(draft)[1:] == [("row", "造船 | 甲厂 | 1"), ("row", "乙厂 | 2")]
    assert draft.blocks[2].columns == ("行业：造船", "企业", "电话")


def test_what_is_printed_twice_to_look_bold_is_text_once() -> None:
    paper = Paper()
    paper.line("园区成立于2003年。")
    paper.y += papers.LEADING
    paper.line("园区成立于2003年。", x=papers.LEFT + 0.3)
    assert read(".pdf", paper.save()).text == "园区成立于2003年。"


def test_scanned_pages_are_named() -> None:
    paper = Paper()
    paper.line("第一页有字。")
    for _ in range(2):
        paper.turn()
        paper.picture()
    draft = read(".pdf", paper.save())
    assert draft.text == "第一页有字。"
    assert [note.zh for note in draft.notes] == [
        "第 2、3 页是扫描的图片，没有可读的文字，请装扩展 ocr，或先做文字识别（OCR）。"
    ]


def test_a_table_of_contents_is_no_text() -> None:
    paper = Paper()
    paper.line("第一章 总则 ................ 1")
    paper.line("园区实行统一管理。")
    assert read(".pdf", paper.save()).text == "园区实行统一管理。"


# PowerPoint


def test_slides_keep_titles_levels_tables_and_the_order_of_reading() -> None:
    assert told(read(".pptx", papers.talk_pptx())) == [
        ("heading", 1, 1, "园区推介"),
        ("paragraph", 0, 1, "2024年招商大会"),
        ("heading", 2, 2, "主导产业"),
        ("item", 1, 2, "船舶制造"),
        ("item", 2, 2, "海洋工程"),
        ("item", 1, 2, "特种冶金"),
        ("paragraph", 0, 3, "左边：岸线长八公里。"),
        ("paragraph", 0, 3, "右边：码头长三百米。"),
        ("columns", 0, 3, "年份 | 产值"),
        ("row", 0, 3, "2022年 | 900亿元"),
        ("row", 0, 3, "2023年 | 1000亿元"),
    ]


def test_a_group_of_shapes_is_read_in_its_order() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    for top, text in ((3, "下面的话。"), (1, "上面的话。")):
        group.shapes.add_textbox(Inches(1), Inches(top), Inches(3), Inches(1)).text_frame.text = text
    assert kinds(read(".pptx", saved(deck))) == [("paragraph", "上面的话。"), ("paragraph", "下面的话。")]


# Excel


def test_sheets_keep_titles_heads_and_values_as_shown() -> None:
    name = "企业名录"
    assert told(read(".xlsx", papers.firms_xlsx())) == [
        ("heading", 2, name, "企业名录"),
        ("heading", 5, name, "2023年重点企业名录"),
        ("columns", 0, name, "行业 | 企业 | 成立日期 | 占比"),
        ("row", 0, name, "造船 | 扬子江船业 | 2005年12月1日 | 61.5%"),
        ("row", 0, name, "新时代造船 | 2003年6月18日 | 20.0%"),
        ("row", 0, name, "冶金 | 华菱特钢 | 1996年1月1日 | 18.5%"),
        ("paragraph", 0, name, "注：占比为应税销售占比，数据来自园区统计办。"),
        ("row", 0, "Sheet2", "电话 | 0523-80000000"),
        ("row", 0, "Sheet2", "地址 | 靖江市新桥镇"),
    ]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (1234567.5, "#,##0.00", "1,234,567.50"),
        (0.5, "0%", "50%"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "TRUE"),
        ("两\n行", "General", "两 行"),
        (12000, "#,##0", "12,000"),
        (time(7, 30), "h:mm", "7:30"),
        (time(7, 30), "hh:mm", "07:30"),
        (time(7, 30, 5), "h:mm:ss", "7:30:05"),
        (time(13, 30), "h:mm AM/PM", "1:30 PM"),
        (time(13, 5), '上午/下午h"时"mm"分"', "下午1时05分"),
        (time(0, 5), 'h"时"mm"分"', "0时05分"),
    ],
)
def test_a_value_is_shown_as_in_its_sheet(value: object, form: str, shown: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["名称", "数值"])
    book.active.append(["甲"])
    book.active.cell(2, 2, value).number_format = form
    assert read(".xlsx", saved(book)).text.splitlines()[-1] == f"甲 | {shown}"


def test_two_tables_of_a_sheet_have_heads_of_their_own_and_rows_below_a_gap_go_on() -> None:
    book = openpyxl.Workbook()
    for row in (["企业", "产值"], ["甲", 1], [], ["乙", 2], [], ["园区", "面积"], ["东区", 8]):
        book.active.append(row)
    draft = read(".xlsx", saved(book))
    assert [(draft.text[b.start : b.end], b.columns) for b in draft.blocks if b.kind == "row"] == [
        ("甲 | 1", ("企业", "产值")),
        ("乙 | 2", ("企业", "产值")),
        ("东区 | 8", ("园区", "面积")),
    ]


def test_hidden_rows_and_columns_are_left_out() -> None:
    book = openpyxl.Workbook()
    for row in (["企业", "底价", "电话"], ["甲", 7, "1"], ["乙", 8, "2"]):
        book.active.append(row)
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[3].hidden = True
    assert read(".xlsx", saved(book)).text == "企业 | 电话\n甲 | 1"


# HTML


def test_a_web_page_keeps_what_is_shown() -> None:
    assert told(READERS[".html"](papers.PAGE)) == [
        ("heading", 1, None, "办事指南"),
        ("paragraph", 0, None, "企业开办半天办结，全程免费。\n可网上办理。"),
        ("heading", 2, None, "所需材料"),
        ("item", 1, None, "身份证"),
        ("item", 1, None, "申请表"),
        ("item", 2, None, "一式两份"),
        ("columns", 0, None, "窗口 | 时间"),
        ("row", 0, None, "一号窗口 | 上午九点"),
        ("row", 0, None, "下午一点"),
        ("paragraph", 0, None, "联系电话：0523-80000000"),
    ]


def test_the_title_of_a_web_page_is_its_h1_or_else_its_title(tmp_path: Path) -> None:
    for name, source, title in (
        ("a.html", papers.PAGE, "办事指南"),
        ("b.htm", "<title>园区 介绍</title><p>园区成立于2003年。</p>", "园区 介绍"),
    ):
        (tmp_path / name).write_text(source, encoding="gb18030" if name == "b.htm" else "utf-8")
        assert read_document(tmp_path / name, tmp_path).title == title


@pytest.mark.parametrize("marked", ['class="top nav"', 'id="menu"', 'role="navigation"', 'class="Breadcrumb"'])
def test_the_menus_of_a_web_page_are_no_text(marked: str) -> None:
    page = f"<body class='nav'><div {marked}><ul><li>首页</li></ul></div><p class='navy'>正文。</p>"
    assert READERS[".html"](f"{page}<footer>电话：1</footer>").text.split("\n") == ["正文。", "电话：1"]


def test_a_table_that_places_a_web_page_is_read_through() -> None:
    source = (
        "<table><tr><td><h2>题</h2><p>左。</p></td><td><table><tr><th>甲</th><th>乙</th></tr><tr><td>1<td>2</table>"
    )
    assert kinds(READERS[".html"](source)) == [
        ("heading", "题"),
        ("paragraph", "左。"),
        ("columns", "甲 | 乙"),
        ("row", "1 | 2"),
    ]


def test_a_web_page_that_says_it_is_xml_is_read() -> None:
    assert READERS[".html"]('<?xml version="1.0"?><html><body>http://a.b</body></html>').text == "http://a.b"


# All of them


def test_no_word_is_lost_and_none_doubled() -> None:
    """The characters of the texts that were written are those of the text that was read, each as often."""
    sources = [text for text in TEXTS if text.strip()]
    document, paper, deck, book = docx.Document(), Paper(), pptx.Presentation(), openpyxl.Workbook()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = sources[0]
    frame = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(8), Inches(4)).text_frame
    for number, text in enumerate(sources):
        document.add_heading(text, 2) if number % 5 == 0 else document.add_paragraph(text)
        paper.paragraph(text)
        book.active.append([text])
        if number:
            frame.add_paragraph().text = text
    page = "".join(f"<p>{text}</p>" for text in sources)
    written = letters("".join(sources))
    drafts = {
        suffix: read(suffix, saved(made)) for suffix, made in ((".docx", document), (".pptx", deck), (".xlsx", book))
    }
    for draft in (*drafts.values(), read(".pdf", paper.save()), READERS[".html"](page)):
        assert letters(draft.text) == written


WORDS = st.lists(
    st.text("园区码头企业甲乙丙，。：（）—·ＡaB 1２%“”\u3000", min_size=1, max_size=40).map(str.strip).filter(letters),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=15)
@given(WORDS)
def test_any_words_come_out_as_slices_none_lost_and_none_doubled(texts: list[str]) -> None:
    document, book, deck = docx.Document(), openpyxl.Workbook(), pptx.Presentation()
    frame = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, Inches(8), Inches(4)).text_frame
    for text in texts:
        document.add_paragraph(text)
        book.active.append([text])
        frame.add_paragraph().text = text
    page = "".join(f"<p>{escape(text)}</p>" for text in texts)
    drafts = [read(".docx", saved(document)), read(".xlsx", saved(book)), read(".pptx", saved(deck))]
    for draft in (*drafts, READERS[".html"](page)):
        assert letters(draft.text) == letters("".join(texts))
        ends = [place for block in draft.blocks for place in (block.start, block.end)]
        assert ends == sorted(ends) and all(0 <= place <= len(draft.text) for place in ends)
        assert letters("".join(draft.text[b.start : b.end] for b in draft.blocks)) == letters(draft.text)


TEXTS = (DATA / "park_source.txt").read_text(encoding="utf-8").splitlines()[:24]


@pytest.mark.parametrize(
    ("suffix", "raw"),
    [
        (".docx", papers.guide_docx()),
        (".pdf", papers.handbook_pdf()),
        (".pptx", papers.talk_pptx()),
        (".xlsx", papers.firms_xlsx()),
    ],
)
def test_blocks_are_ordered_slices_and_the_text_is_theirs(suffix: str, raw: bytes) -> None:
    draft = read(suffix, raw)
    ends = [0, *(place for block in draft.blocks for place in (block.start, block.end)), len(draft.text)]
    assert ends == sorted(ends)
    assert "\n".join(draft.text[b.start : b.end] for b in draft.blocks if b.kind != "break") == draft.text
    assert read(suffix, raw) == draft


def test_without_the_extra_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for module, suffix in (("docx", ".docx"), ("pptx", ".pptx"), ("openpyxl", ".xlsx"), ("pdfplumber", ".pdf")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(Unreadable, match=r"parkqa\[documents\]"):
            read(suffix, b"")
    monkeypatch.setitem(sys.modules, "bs4", None)
    with pytest.raises(Unreadable, match=r"parkqa\[documents\]"):
        READERS[".html"]("<p>")
    assert needed("io") is io


# Tables


def test_two_rows_of_heads_are_one_for_each_column() -> None:
    rows = [
        [Cell("指标", 0, 1, 2), Cell("2023年", 1, 2)],
        [Cell("产值", 1), Cell("税收", 2)],
        [Cell("造船", 0), Cell("9", 1), Cell("1", 2)],
    ]
    made = list(pieces(rows))
    assert [piece.text for piece in made] == ["指标 | 2023年", "产值 | 税收", "造船 | 9 | 1", ""]
    assert made[2].columns == ("指标", "2023年 产值", "2023年 税收")


@pytest.mark.parametrize(
    ("first", "headed"),
    [(("电话", "0523-1"), False), (("指标", "2023年"), True), (("名称", "地址"), True), (("甲", "1", "2"), False)],
)
def test_a_first_row_of_values_is_no_head(first: tuple[str, ...], headed: bool) -> None:
    row = [Cell(text, place) for place, text in enumerate(first)]
    assert columns([row, row]) == (first if headed else ())


def test_what_spans_a_table_heads_what_is_below_and_nothing_behind_it() -> None:
    rows = [[Cell("甲", 0), Cell("乙", 1)], [Cell("第一类", 0, 2)], [Cell("1", 0), Cell("2", 1)]]
    assert [(p.kind, p.level, p.text) for p in pieces(rows)] == [
        ("columns", 0, "甲 | 乙"),
        ("heading", 6, "第一类"),
        ("row", 0, "1 | 2"),
        ("break", 6, ""),
    ]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (("园区成立", "于2003年"), "园区成立于2003年"),
        (("共有 3", "家企业"), "共有 3家企业"),
        (("the park", "was made"), "the park was made"),
        (("well-", "kept"), "well-kept"),
    ],
)
def test_lines_are_joined_as_they_were(lines: tuple[str, str], text: str) -> None:
    assert joined(lines) == text


def test_marks_of_items_are_no_words() -> None:
    assert [BULLET.sub("", text) for text in ("● 造船", "•造船", "1. 造船", "—造船")] == [
        "造船",
        "造船",
        "1. 造船",
        "—造船",
    ]


def test_numbered_lines_below_a_line_that_leads_in_are_items_of_plain_text() -> None:
    text = "入园指南\n\n一、流程\n申请人应当提交下列材料：\n（一）营业执照\n（二）计划书\n（三）身份证明\n\n二、收费\n"
    text += "押金\n两个月租金\n\n三、其他\n"
    text += "租金按季度支付，逾期按日加收千分之一的滞纳金，直到付清为止，另有约定的从其约定。\n"
    made = plain.read(text)
    kinds = {made.text[block.start : block.end]: block.kind for block in made.blocks}
    assert [kinds[line] for line in ("一、流程", "二、收费", "三、其他")] == ["heading"] * 3
    assert "heading" not in [kinds[line] for line in ("（一）营业执照", "（二）计划书", "（三）身份证明")]


def test_cells_that_span_more_than_the_table_has_make_no_larger_table() -> None:
    wide = "".join(f"<td colspan=1000 rowspan=1000>园区{number}</td>" for number in range(800))
    draft = READERS[".html"](f"<table><tr>{wide}</tr><tr><td>厂房</td><td>面积</td></tr></table>")
    assert len(draft.text) < 20_000
    assert max(len(block.columns) for block in draft.blocks) <= WIDE
    assert all(f"园区{number}" in draft.text for number in range(800)) and "面积" in draft.text


def test_a_title_that_spans_more_columns_than_there_are_is_a_title_still() -> None:
    rows = "<tr><td colspan=9>收费标准</td></tr><tr><td>项目</td><td>价格</td></tr><tr><td>厂房</td><td>15元</td></tr>"
    draft = READERS[".html"](f"<table>{rows}</table>")
    assert [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"] == [
        ("heading", "收费标准"),
        ("columns", "项目 | 价格"),
        ("row", "厂房 | 15元"),
    ]


@pytest.mark.slow
def test_no_text_of_a_table_with_thousands_of_columns_is_lost() -> None:
    rows = "".join("<tr>" + "".join(f"<td>格{row}-{place}</td>" for place in range(1500)) + "</tr>" for row in range(3))
    text = READERS[".html"](f"<table>{rows}</table>").text
    assert all(f"格{row}-{place}" in text for row in range(3) for place in range(1500))
    assert len(text) < 60_000


def test_cells_below_others_that_span_rows_keep_their_columns() -> None:
    rows = (
        "<tr><th rowspan=2>楼</th><th colspan=2>租金</th></tr><tr><th>一层</th><th>二层</th></tr>"
        "<tr><td rowspan=2>1号楼</td><td>35</td><td>28</td></tr><tr><td>36</td><td>29</td></tr>"
    )
    draft = READERS[".html"](f"<table>{rows}</table>")
    last = [(block.columns, draft.text[block.start : block.end]) for block in draft.blocks if block.kind == "row"][-1]
    assert last == (("楼：1号楼", "租金 一层", "租金 二层"), "36 | 29")


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        (
            "关于停水的通知\n\n因管网检修，定于3月8日停水，请提前储水。\n\n物业服务中心\n2026年3月5日\n",
            ["关于停水的通知"],
        ),
        ("关于停水的通知\n2026年3月5日\n\n因管网检修，定于3月8日停水，请提前储水。\n", ["关于停水的通知"]),
    ],
)
def test_the_signature_above_the_last_date_of_a_text_is_no_heading(text: str, headings: list[str]) -> None:
    draft = plain.read(text)
    assert [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "heading"] == headings


def test_the_signature_and_the_date_under_a_text_are_paragraphs_of_their_own() -> None:
    draft = plain.read("关于停水的通知\n\n因管网检修，定于3月8日停水，请提前储水。\n\n物业服务中心\n2026年3月5日\n")
    assert [block.kind for block in draft.blocks] == ["heading", "paragraph", "paragraph", "paragraph"]
