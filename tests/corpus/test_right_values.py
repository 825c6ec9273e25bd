"""Files as offices have them that need no module of their own: each with the text and the structure that is right."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from papers import FONT, HEIGHT, LEFT, Paper, saved
from parkqa.corpus.documents import read_document
from parkqa.types import Document

Blocks = list[tuple[str, str]]


def read(folder: Path, name: str, raw: bytes) -> Document:
    (folder / name).write_bytes(raw)
    return read_document(folder / name, folder)


def kinds(document: Document) -> Blocks:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks if b.kind != "break"]


def rows(document: Document) -> list[tuple[tuple[str, ...], str]]:
    return [(b.columns, document.text[b.start : b.end]) for b in document.blocks if b.kind == "row"]


# Excel


def test_heads_of_three_rows_are_one_for_each_column(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["2026年园区收费标准（单位：元）"],
        ["类别", "标准厂房", None, None, "研发楼", None],
        [None, "一层", None, "二层以上", "低区", "高区"],
        [None, "东区", "西区", "全部", "1-9层", "10层以上"],
        ["月租金", 18, 17, 15, 45, 52],
    ):
        sheet.append(row)
    for merged in ("A1:F1", "A2:A4", "B2:D2", "E2:F2", "B3:C3"):
        sheet.merge_cells(merged)
    heads = ("类别", "标准厂房 一层 东区", "标准厂房 一层 西区", "标准厂房 二层以上 全部")
    heads += ("研发楼 低区 1-9层", "研发楼 高区 10层以上")
    assert rows(read(tmp_path, "a.xlsx", saved(book))) == [(heads, "月租金 | 18 | 17 | 15 | 45 | 52")]


def test_a_branch_merged_down_stands_in_the_heads_of_its_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["产业", "企业", "电话"], ["装备制造", "甲公司", "0510-1"], [None, "乙公司", "0510-2"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    assert rows(read(tmp_path, "a.xlsx", saved(book))) == [
        (("产业", "企业", "电话"), "装备制造 | 甲公司 | 0510-1"),
        (("产业：装备制造", "企业", "电话"), "乙公司 | 0510-2"),
    ]


def test_a_comment_is_no_text_and_errors_links_and_truths_are_as_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["企业", "状态", "网址"], ["甲公司", "#N/A", "官网"], ["乙公司", True, "官网"]):
        book.active.append(row)
    book.active["A2"].comment = Comment("内部：不要外传", "张三")
    book.active["C2"].hyperlink = "http://example.cn"
    assert (
        read(tmp_path, "a.xlsx", saved(book)).text == "企业 | 状态 | 网址\n甲公司 | #N/A | 官网\n乙公司 | TRUE | 官网"
    )


# Word


def test_heads_merged_across_and_down_are_one_for_each_column(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=4)
    texts = (("楼栋", "租金（元）", "", "押金"), ("", "一层", "二层以上", ""), ("1号楼", "35", "28", "两个月"))
    for row, cells in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    for first, last in (((0, 1), (0, 2)), ((0, 0), (1, 0)), ((0, 3), (1, 3))):
        table.cell(*first).merge(table.cell(*last))
    heads = ("楼栋", "租金（元） 一层", "租金（元） 二层以上", "押金")
    assert rows(read(tmp_path, "a.docx", saved(document))) == [(heads, "1号楼 | 35 | 28 | 两个月")]


# Web pages and text


WORD_PAGE = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type
content="text/html; charset=gb2312"></head><body><div class=Section1><p class=MsoNormal style='mso-list:l0'>
<![if !supportLists]><span>1.<span>&nbsp;&nbsp; </span></span><![endif]>园区设<o:p></o:p>食堂两处。</p>
<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--></div></body></html>"""


def test_a_page_saved_by_word_is_what_it_shows(tmp_path: Path) -> None:
    assert read(tmp_path, "a.htm", WORD_PAGE.encode("gbk")).text == "1. 园区设食堂两处。"


def test_a_page_that_names_gbk_is_read(tmp_path: Path) -> None:
    page = (
        "<html><head><meta charset='gb2312'></head><body><h1>班车时刻</h1><p>早班七点半从火车站发车。</p></body></html>"
    )
    assert kinds(read(tmp_path, "a.html", page.encode("gbk"))) == [
        ("heading", "班车时刻"),
        ("paragraph", "早班七点半从火车站发车。"),
    ]


@pytest.mark.parametrize("text", ["食堂电话86001234", "东门八点开", "限高2.1米"])
def test_a_short_text_in_gbk_is_read(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.txt", text.encode("gbk")).text == text


@pytest.mark.parametrize("width", [18, 20, 24, 26, 28, 30, 36, 40])
def test_lines_that_were_wrapped_at_a_width_are_one_paragraph(tmp_path: Path, width: int) -> None:
    long = "园区食堂午餐供应时间为十一点至十三点，每份十五元，访客凭接待单位开具的就餐券用餐，"
    long += "无就餐券的可以在服务台以现金或者扫码方式购买。"
    wrapped = "\n".join(long[place : place + width] for place in range(0, len(long), width))
    source = f"园区食堂管理办法\n\n{wrapped}\n\n晚餐供应时间为十七点至十九点，每份十二元。\n"
    assert kinds(read(tmp_path, "a.txt", source.encode())) == [
        ("heading", "园区食堂管理办法"),
        ("paragraph", wrapped),
        ("paragraph", "晚餐供应时间为十七点至十九点，每份十二元。"),
    ]


# PDF


def test_a_pdf_that_only_its_owner_may_change_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    lock = StandardEncryption("", ownerPassword="owner", canPrint=0, canCopy=0)
    canvas = Canvas(buffer, pagesize=(595, HEIGHT), encrypt=lock)
    canvas.drawString(LEFT, 700, "Visitors park at the northern gate.")
    canvas.save()
    assert read(tmp_path, "a.pdf", buffer.getvalue()).text == "Visitors park at the northern gate."


@pytest.mark.parametrize("size", [8, 12, 18])
def test_characters_of_one_baseline_are_one_line_whatever_their_fonts_say(tmp_path: Path, size: int) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, HEIGHT))
    for number, (before, figure, after) in enumerate((("事假提前", "1", "天申请。"), ("全年不超过", "15", "天。"))):
        place = LEFT
        for text, font, points in ((before, FONT, 12), (figure, "Helvetica", size), (after, FONT, 12)):
            canvas.setFont(font, points)
            canvas.drawString(place, 700 - 16 * number, text)
            place += canvas.stringWidth(text, font, points)
    canvas.save()
    text = read(tmp_path, "a.pdf", buffer.getvalue()).text.replace("\n", "")
    assert text == "事假提前1天申请。全年不超过15天。"


# Tables of all formats


def test_a_cell_merged_down_over_empty_rows_covers_nothing_below_them(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(6, 3)
    for place, texts in enumerate([("姓　名", "", "□男 □女"), ("工作单位", "", ""), ("家庭成员", "父亲", "教师")]):
        for cell, text in zip(table.rows[place].cells, texts, strict=True):
            cell.text = text
    table.cell(2, 0).merge(table.cell(4, 0))  # the last two of its rows are empty
    table.cell(5, 0).text, table.cell(5, 1).text = "承诺", "以上信息真实。"
    found = [text for _, text in rows(read(tmp_path, "a.docx", saved(document)))]
    assert found == ["姓　名 |  | □男 □女", "工作单位 |  |", "家庭成员 | 父亲 | 教师", "承诺 | 以上信息真实。 |"]


def test_a_form_with_spaced_labels_boxes_to_tick_or_empty_values_has_no_column_heads(tmp_path: Path) -> None:
    document = docx.Document()
    for texts in (
        [("姓　　名", "（与身份证一致）", "出生年月", ""), ("身份证号", "", "学　历", "")],
        [("企业类型", "☑内资 □外资"), ("备注", "无")],
    ):
        table = document.add_table(2, len(texts[0]))
        for row, line in zip(table.rows, texts, strict=True):
            for cell, text in zip(row.cells, line, strict=True):
                cell.text = text
        document.add_paragraph("说明：本表一式两份，企业和管理处各执一份。")
    assert {columns for columns, _ in rows(read(tmp_path, "a.docx", saved(document)))} == {()}
    book = openpyxl.Workbook()
    for line in (["企业名称", None, "统一社会信用代码", None], ["法定代表人", "张伟", "联系电话", "0512-1"]):
        book.active.append(line)
    assert {columns for columns, _ in rows(read(tmp_path, "a.xlsx", saved(book)))} == {()}


def test_heads_beside_each_other_are_no_form(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["企业名称", "主营产品", "联系电话"], ["甲公司", "齿轮", "0512-1"], ["乙公司", "轴承", "0512-2"]):
        book.active.append(line)
    heads = ("企业名称", "主营产品", "联系电话")
    assert [columns for columns, _ in rows(read(tmp_path, "a.xlsx", saved(book)))] == [heads, heads]


def test_a_table_below_another_under_its_own_title_has_its_own_heads(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (
        ["名称", "座位", "半天价"],
        ["一号厅", 120, 800],
        ["设备租用"],
        ["名称", "规格", "价格"],
        ["投影仪", "5000流明", 200],
        ["音响", "2只", 150],
    ):
        book.active.append(line)
    book.active.merge_cells("A3:C3")
    hall, device = ("名称", "座位", "半天价"), ("名称", "规格", "价格")
    found = rows(read(tmp_path, "a.xlsx", saved(book)))
    assert found == [
        (hall, "一号厅 | 120 | 800"),
        (device, "投影仪 | 5000流明 | 200"),
        (device, "音响 | 2只 | 150"),
    ]


def test_many_tables_below_each_other_are_read_in_time(tmp_path: Path) -> None:
    table = "<tr><td colspan=2>{0}区</td></tr><tr><td>楼栋</td><td>面积</td></tr><tr><td>甲</td><td>{0}</td></tr>"
    parts = "".join(table.format(number) for number in range(1500))
    source = f"<table><tr><td>楼栋</td><td>租金</td></tr><tr><td>乙</td><td>7</td></tr>{parts}</table>"
    found = rows(read(tmp_path, "a.html", source.encode()))
    assert len(found) == 1501 and found[-1] == (("楼栋", "面积"), "甲 | 1499")


def test_a_part_of_a_table_keeps_the_heads_above_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["企业", "行业", "法人"], ["东区"], ["甲公司", "模具", "张伟"], ["乙公司", "食品", "李明"]):
        book.active.append(line)
    book.active.merge_cells("A2:C2")
    assert {columns for columns, _ in rows(read(tmp_path, "a.xlsx", saved(book)))} == {("企业", "行业", "法人")}


def test_the_last_line_across_a_table_is_a_remark_and_no_heading(tmp_path: Path) -> None:
    source = (
        "<table><tr><th>企业</th><th>行业</th></tr><tr><td>甲公司</td><td>模具</td></tr>"
        "<tr><td colspan=2>数据截至2025年12月</td></tr></table>"
    )
    document = read(tmp_path, "a.html", source.encode())
    assert kinds(document)[-1] == ("paragraph", "数据截至2025年12月")


def test_the_unit_of_a_table_does_not_take_the_place_of_its_title(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["园区主要指标"], ["单位：亿元"], ["指标", "2025年"], ["总产值", 935.2]):
        book.active.append(line)
    assert kinds(read(tmp_path, "a.xlsx", saved(book)))[:2] == [
        ("heading", "园区主要指标"),
        ("paragraph", "单位：亿元"),
    ]


def test_a_cell_merged_down_over_hidden_rows_ends_with_the_last_that_is_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["片区", "楼栋", "租金"], ["东区", "A1", 22], [None, "A2", 21], [None, "A3", 20], ["西区", "B1", 19]):
        book.active.append(line)
    book.active.merge_cells("A2:A4")
    book.active.row_dimensions[4].hidden = True
    found = rows(read(tmp_path, "a.xlsx", saved(book)))
    assert [text for _, text in found] == ["东区 | A1 | 22", "A2 | 21", "西区 | B1 | 19"]


def test_an_official_paper_is_titled_by_its_title_and_not_by_its_red_head(tmp_path: Path) -> None:
    paper = Paper()
    paper.line("江州市人民政府文件", 36, 120)
    paper.line("江政发〔2026〕12号", x=240)
    paper.line("江州市人民政府关于印发绿色园区方案的通知", 20, 90)
    paper.paragraph("《江州市绿色园区方案》已经市政府同意，现印发给你们，请认真组织实施，并按时报送进展情况。")
    paper.line("2026年5月8日", x=400)
    paper.line("（此件公开发布）", x=LEFT + 24)
    paper.turn()
    paper.line("江州市绿色园区方案", 20, 200)
    paper.paragraph("坚持节能优先，推动园区能源结构优化，到2028年屋顶光伏覆盖率达到百分之六十以上，并逐步推广储能。")
    document = read(tmp_path, "a.pdf", paper.save())
    assert document.title == "江州市人民政府关于印发绿色园区方案的通知"
    assert kinds(document)[:2] == [("paragraph", "江州市人民政府文件"), ("paragraph", "江政发〔2026〕12号")]
    assert ("paragraph", "2026年5月8日") in kinds(document)
