"""Files such as a park's offices have, made with the libraries that read them: Word, PDF, PowerPoint, Excel."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.util import Inches
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

HEIGHT, LEFT, WIDTH, SIZE, LEADING = 842, 72, 36, 12, 20
"""Of an A4 page in points; of a line in characters."""


def saved(document: Any) -> bytes:
    """The bytes of a document of any of the libraries."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


class Paper:
    """A PDF that is written from the top down."""

    def __init__(self, encrypted: str = "", head: str = "", foot: str = "") -> None:
        self._buffer = io.BytesIO()
        lock = StandardEncryption(encrypted) if encrypted else None
        self.canvas = Canvas(self._buffer, pagesize=(595, HEIGHT), encrypt=lock, pageCompression=1)
        self._head, self._foot, self._number, self.y = head, foot, 1, HEIGHT - 100.0

    def line(self, text: str, size: float = SIZE, x: float = LEFT) -> None:
        """Write one line and go down."""
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, self.y, text)
        self.y -= LEADING if size == SIZE else size * 1.8

    def paragraph(self, text: str, x: float = LEFT, width: int = WIDTH, indent: int = 2) -> None:
        """Write a paragraph as Chinese offices do: its first line indented by two characters, the others full."""
        first = width - indent
        self.line(text[:first], x=x + indent * SIZE)
        for place in range(first, len(text), width):
            self.line(text[place : place + width], x=x)

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float], height: float = 24) -> None:
        """Draw a ruled table; where a cell is "^", the one above goes on."""
        top = self.y
        edges = [LEFT + sum(widths[:place]) for place in range(len(widths) + 1)]
        self.canvas.setFont(FONT, 10)
        for number, row in enumerate(rows):
            y = top - height * number
            for place, text in enumerate(row):
                if text != "^":
                    self.canvas.line(edges[place], y, edges[place + 1], y)
                    self.canvas.drawString(edges[place] + 4, y - 16, text)
        bottom = top - height * len(rows)
        self.canvas.line(edges[0], bottom, edges[-1], bottom)
        for edge in edges:
            self.canvas.line(edge, top, edge, bottom)
        self.y = bottom - 40

    def picture(self) -> None:
        """Draw a picture over the page, as a scan has it."""
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        self.canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), 0, 0, 595, HEIGHT)

    def turn(self) -> None:
        """Begin another page."""
        self.canvas.setFont(FONT, 9)
        if self._head:
            self.canvas.drawString(LEFT, HEIGHT - 40, self._head)
        if self._foot:
            self.canvas.drawString(280, 30, self._foot.format(self._number))
        self.canvas.showPage()
        self._number, self.y = self._number + 1, HEIGHT - 100.0

    def save(self) -> bytes:
        """End the last page; return the bytes."""
        self.turn()
        self.canvas.save()
        return self._buffer.getvalue()


def guide_docx() -> bytes:
    """A guide for firms: styled headings, lists, a table with merged cells, a text box, a note of changes."""
    document = docx.Document()
    document.add_heading("企业入园服务指南", 0)
    document.add_paragraph("为方便企业办理入园手续，制定本指南。")
    document.add_heading("一、申请条件", 1)
    document.add_paragraph("企业应当符合园区产业定位。")
    for text in ("高端装备", "新能源", "节能环保"):
        document.add_paragraph(text, "List Bullet")
    document.add_paragraph("含造船配套", "List Bullet 2")
    document.add_heading("（一）申请材料", 2)
    for text in ("营业执照", "项目计划书"):
        document.add_paragraph(text, "List Number")
    document.add_heading("二、收费标准", 1)
    table = document.add_table(rows=4, cols=3)
    rows = (
        ("类别", "项目", "标准"),
        ("厂房", "标准厂房", "每平方米15元"),
        ("", "高层厂房", "每平方米12元"),
        ("办公", "写字楼", "每平方米30元"),
    )
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    last = document.add_paragraph("以上标准自2024年1月1日起执行。")
    last._p.append(
        parse_xml(
            f"<w:ins {nsdecls('w')}><w:r><w:t>另有约定的除外。</w:t></w:r></w:ins>",
        )
    )
    last._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>已删去。</w:delText></w:r></w:del>"))
    return saved(document)


def handbook_pdf() -> bytes:
    """A handbook of two pages: a paragraph and a table go on overleaf, heads and feet repeat."""
    paper = Paper(head="靖江园区投资手册", foot="- {} -")
    paper.line("园区投资手册", 22, 200)
    paper.line("第一章 区位交通", 16)
    paper.paragraph(
        "园区地处长江北岸，与江阴市隔江相望，经江阴长江大桥十分钟可达对岸，距上海虹桥机场约一个半小时车程，水陆交通都十分便利。"
    )
    paper.paragraph("园区拥有长江深水岸线，可停靠十万吨级海轮。")
    paper.line("第二章 主导产业", 16)
    for text in ("● 船舶制造", "● 特种冶金", "● 粮油食品"):
        paper.line(text)
    paper.table(
        [("企业", "主营", "产值（亿元）"), ("扬子江船业", "造船", "300"), ("中建钢构", "钢结构", "50")], (120, 120, 120)
    )
    paper.y = 130
    paper.paragraph(
        "园区设立十亿元产业基金，重点支持船舶海工、高端装备和新材料等领域的企业，符合条件的企业可以向管委会提出申请，经过评审后单个项目最高可以获得三"
    )
    paper.turn()
    paper.line("千万元的资金支持。")
    paper.line("第三章 联系我们", 16)
    paper.line("招商热线：0523-80000000")
    return paper.save()


def columns_pdf() -> bytes:
    """A leaflet in two columns under a title across both."""
    paper = Paper()
    paper.line("园区简报", 20, 250)
    top = paper.y
    paper.paragraph(
        "左栏第一段讲述园区的由来，从设立到更名经过了许多年，其间建成了码头和道路，也引来了第一批造船企业，奠定了产业的基础。",
        LEFT,
        17,
    )
    paper.paragraph(
        "左栏第二段讲述园区的规划，未来五年将建设新的科创载体和人才公寓，并完善学校医院等配套设施，方便企业员工生活。",
        LEFT,
        17,
    )
    paper.y = top
    paper.paragraph(
        "右栏第一段讲述园区的荣誉，先后获评省级开发区和国家级产业基地，连续多年在全省综合考核之中名列前茅，受到各界好评。",
        310,
        17,
    )
    paper.paragraph(
        "右栏第二段讲述园区的服务，实行一站式审批，企业开办半天办结，项目落地有专人跟进，难题有专班负责，让企业省心放心。",
        310,
        17,
    )
    return paper.save()


def talk_pptx() -> bytes:
    """A talk: a title slide, bullets, two boxes side by side, a table, notes and a hidden slide."""
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text, first.placeholders[1].text = "园区推介", "2024年招商大会"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "主导产业"
    body = second.placeholders[1].text_frame
    body.text = "船舶制造"
    for text, level in (("海洋工程", 1), ("特种冶金", 0)):
        paragraph = body.add_paragraph()
        paragraph.text, paragraph.level = text, level
    second.notes_slide.notes_text_frame.text = "讲者备注：不要念出。"
    third = deck.slides.add_slide(deck.slide_layouts[6])
    for left, text in ((5, "右边：码头长三百米。"), (1, "左边：岸线长八公里。")):
        third.shapes.add_textbox(Inches(left), Inches(1), Inches(3), Inches(1)).text_frame.text = text
    table = third.shapes.add_table(3, 2, Inches(1), Inches(3), Inches(6), Inches(2)).table
    for row, texts in enumerate((("年份", "产值"), ("2022年", "900亿元"), ("2023年", "1000亿元"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden.shapes.title.text = "内部底价"
    hidden._element.set("show", "0")
    return saved(deck)


def firms_xlsx() -> bytes:
    """A list of firms with a title, a merged branch, dates and numbers as they are shown; a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "企业名录"
    rows: list[list[Any]] = [
        ["2023年重点企业名录", None, None, None],
        ["行业", "企业", "成立日期", "占比"],
        ["造船", "扬子江船业", None, 0.615],
        [None, "新时代造船", None, 0.2],
        ["冶金", "华菱特钢", None, 0.185],
        [None, None, None, None],
        ["注：占比为应税销售占比，数据来自园区统计办。", None, None, None],
    ]
    from datetime import date

    for row in rows:
        sheet.append(row)
    for number, day in ((3, date(2005, 12, 1)), (4, date(2003, 6, 18)), (5, date(1996, 1, 1))):
        sheet.cell(number, 3, day).number_format = 'yyyy"年"m"月"d"日"'
        sheet.cell(number, 4).number_format = "0.0%"
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A3:A4")
    hidden = book.create_sheet("内部")
    hidden.append(["底价", 100])
    hidden.sheet_state = "hidden"
    second = book.create_sheet("Sheet2")
    second.append(["电话", "0523-80000000"])
    second.append(["地址", "靖江市新桥镇"])
    return saved(book)


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>办事指南_园区网</title>
<script>var x = "不要";</script></head>
<body><nav><a href="/">首页</a></nav><div class="main"><h1>办事指南</h1>
<p>企业开办<b>半天</b>办结，
全程免费。<br>可网上办理。</p><h2>所需材料</h2><ul><li>身份证</li><li>申请表<ul><li>一式两份</li></ul></li></ul>
<table><tr><th>窗口</th><th>时间</th></tr>
<tr><td rowspan="2">一号窗口</td><td>上午九点</td></tr><tr><td>下午一点</td></tr></table>
<div style="display: none">看不见</div><!-- 注释 --><p>联系电话：0523-80000000</p></div></body></html>"""


def endless_pdf() -> bytes:
    """A page of forms that draw each other ten times, eleven deep."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] "
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R"
        b" /Resources << /XObject << /F 5 0 R >> >> >>",
        b"<< /Length 5 >>\nstream\n/F Do\nendstream",
    ]
    for number in range(6, 16):
        resources = b"/Resources << /XObject << /F %d 0 R >> >> /Length 60 >>" % number
        objects.append(form + resources + b"\nstream\n" + b"/F Do " * 10 + b"\nendstream")
    objects.append(form + b"/Length 5 >>\nstream\nq Q q\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(out),
    )
