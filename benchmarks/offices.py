"""Fifteen files such as a park's offices have, with what stands in them: the ground truth for ``converters.py``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from pptx.util import Inches

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import papers
from papers import LEFT, Paper, saved


@dataclass(frozen=True, slots=True)
class Unit:
    """A heading (``h``), paragraph (``p``), item of a list (``i``) or row of a table (``r``, its cells) on its page."""

    kind: str
    cells: tuple[str, ...]
    page: int | str | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.cells)


@dataclass(frozen=True, slots=True)
class Office:
    """A file: its ``units`` in the order of reading, and what is in it but not to be read (``hidden``)."""

    name: str
    raw: bytes
    units: tuple[Unit, ...]
    hidden: tuple[str, ...] = ()


def _units(*lines: str, page: int | str | None = None) -> tuple[Unit, ...]:
    """Units of lines such as ``h 大标题`` and ``r 甲|乙``."""
    return tuple(Unit(line[0], tuple(line[2:].split("|")), page) for line in lines)


def notice_docx() -> bytes:
    """A notice as it is typed without styles: bold short lines for headings."""
    document = docx.Document()
    lines = (
        ("关于调整物业收费标准的通知", True),
        ("各入园企业：", False),
        ("一、调整范围", True),
        ("本次调整适用于园区内全部标准厂房和写字楼。", False),
        ("二、执行时间", True),
        ("自2024年7月1日起执行，原标准同时废止。", False),
    )
    for text, bold in lines:
        document.add_paragraph().add_run(text).bold = bold
    return saved(document)


def boxes_docx() -> bytes:
    """A leaflet with a table of contents, a text box (stored twice, as Word does) and hidden text."""
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("服务内容\t1", "toc 1")
    document.add_heading("服务内容", 1)
    paragraph = document.add_paragraph("企业开办全程代办。")
    text = "<w:txbxContent><w:p><w:r><w:t>半天办结，全程免费。</w:t></w:r></w:p></w:txbxContent>"
    markup = "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
    both = f"<mc:Choice Requires='wps'>{text}</mc:Choice><mc:Fallback>{text}</mc:Fallback>"
    box = f"<w:r {nsdecls('w')}><mc:AlternateContent {markup}>{both}</mc:AlternateContent></w:r>"
    paragraph._p.append(parse_xml(box))
    paragraph.add_run("内部批注勿外传").font.hidden = True
    document.add_paragraph("服务时间为工作日上午九点至下午五点。")
    return saved(document)


def prices_pdf() -> bytes:
    """A price list whose table goes on overleaf, and a paragraph in bold made by printing it twice."""
    paper = Paper(head="靖江园区物业收费表", foot="第 {} 页")
    paper.line("物业收费表", 22, 220)
    rows = [("项目", "标准", "单位"), *((f"第{n}类厂房", f"{n}5", "元每平方米") for n in "一二三四五六七八")]
    paper.table(rows[:5], (150, 150, 150))
    paper.turn()
    paper.table([rows[0], *rows[5:]], (150, 150, 150))
    for shift in (0, 0.3):
        paper.line("注：以上均为含税价格。", x=LEFT + shift)
        paper.y += 20
    return paper.save()


def boxes_pptx() -> bytes:
    """A slide whose boxes were made in another order than they are read, and a group of shapes."""
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    for top, text in ((5, "第三步：领取营业执照。"), (2, "第一步：网上提交材料。"), (3.5, "第二步：窗口核验原件。")):
        slide.shapes.add_textbox(Inches(1), Inches(top), Inches(6), Inches(1)).text_frame.text = text
    slide.shapes.title.text = "企业开办三步走"
    other = deck.slides.add_slide(deck.slide_layouts[6])
    group = other.shapes.add_group_shape()
    for left, text in ((5, "右：人才公寓"), (1, "左：科创中心")):
        group.shapes.add_textbox(Inches(left), Inches(2), Inches(3), Inches(1)).text_frame.text = text
    return saved(deck)


def buses_xlsx() -> bytes:
    """A timetable and a list of contacts on two sheets, times and shares as they are shown, a hidden row."""
    from datetime import time

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "班车"
    for row in (["线路", "发车", "准点率"], ["园区至江阴", time(7, 30), 0.985], ["园区至靖江", time(8, 0), 0.97]):
        sheet.append(row)
    sheet.append(["内部车", time(6, 0), 1])
    sheet.row_dimensions[4].hidden = True
    for number in (2, 3, 4):
        sheet.cell(number, 2).number_format, sheet.cell(number, 3).number_format = "h:mm", "0.0%"
    other = book.create_sheet("联系人")
    for row in (["科室", "电话"], ["招商局", "0523-80000001"], ["规划局", "0523-80000002"]):
        other.append(row)
    return saved(book)


NOTICE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知</title><style>p{color:red}</style></head><body>
<div class="nav"><ul><li><a href="/">网站首页</a></li></ul></div><table><tr><td>
<h1>停水通知</h1><p>因管网检修，&nbsp;园区定于<b>5月8日</b>停水。</p>
<h2>停水时间</h2><ol><li>上午九点至十一点</li><li>下午两点至四点</li></ol>
<h2>停水范围</h2><table border="1"><thead><tr><th>道路</th><th>时段</th></tr></thead>
<tbody><tr><td>新港大道</td><td>全天</td></tr><tr><td>德胜路</td><td>上午</td></tr></tbody></table>
</td></tr></table><script>document.write("脚本")</script><footer>版权所有</footer></body></html>"""

GOVERNMENT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>关于道路施工的通知_某某园区</title></head><body>
<div class="header"><ul><li><a href="/">首页</a></li><li><a href="/zw">政务公开</a></li>
<li><a href="/fw">政务服务</a></li></ul></div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/tz">通知公告</a></div>
<div class="content"><h1>关于道路施工的通知</h1><ul class="info"><li>2026-02-10 09:00</li>
<li>来源：管委会办公室</li><li>分享到</li></ul>
<div class="zoom"><p style="text-align:center">第一章 总则</p><p>创业路自三月一日起分段施工，工期两个月。</p>
<p><strong>一、绕行路线</strong></p><p>施工期间车辆请走德胜路。</p><ul><li>货车走北门</li><li>客车走东门</li></ul>
<p><b>二、停车安排</b></p><table><tr><th>车场</th><th>车位</th></tr><tr><td>P3停车场</td><td>120个</td></tr></table></div></div>
<div class="footer"><p>主办：某某园区管理委员会</p><p>备案号：苏ICP备00000000号</p></div></body></html>"""


def official_docx() -> bytes:
    """A paper in the layout of GB/T 9704: headings by font and number, none of them bold or styled."""
    document = docx.Document()
    lines = (
        ("关于支持企业上云的若干措施", "方正小标宋简体", 22, True),
        ("一、补贴标准", "黑体", 16, False),
        ("（一）首次购买", "楷体_GB2312", 16, False),
        ("对首次购买云服务的企业，按实际支出的百分之三十给予补贴。", "仿宋_GB2312", 16, False),
        ("（二）续订", "楷体_GB2312", 16, False),
        ("续订的企业，按实际支出的百分之十给予补贴，最多两年。", "仿宋_GB2312", 16, False),
        ("二、申请时间", "黑体", 16, False),
        ("每年三月和九月集中受理，逾期不再受理。", "仿宋_GB2312", 16, False),
    )
    for text, font, size, centred in lines:
        paragraph = document.add_paragraph()
        paragraph.alignment = 1 if centred else None
        run = paragraph.add_run(text)
        run.font.size, run.font.name = Pt(size), font
        run._r.rPr.rFonts.set(qn("w:eastAsia"), font)
    return saved(document)


def clauses_pdf() -> bytes:
    """Rules whose text hangs beside its number, and a clause whose lines go on further left than its first."""
    paper = Paper()
    paper.line("停车场管理细则", 18, 230)
    paper.line("第一章 停放", x=260)
    for number, text in (("5.1", CLAUSES[0]), ("5.2", CLAUSES[1])):
        paper.canvas.setFont(papers.FONT, papers.SIZE)
        paper.canvas.drawString(LEFT, paper.y, number)
        for place in range(0, len(text), 33):
            paper.line(text[place : place + 33], x=LEFT + 36)
    paper.line("第二章 罚则", x=260)
    paper.paragraph(CLAUSES[2])
    return paper.save()


CLAUSES = (
    "访客车辆一律停放在北门外的三号停车场，停放时间不超过二十四小时，超过的按每小时三元收取费用，当日最高收费不超过三十元。",
    "货运车辆应当提前一个工作日向物业公司报备车牌号码和到达时间，经批准后从东门进出园区，禁止在早晚高峰时段进入。",
    "第三条 堵塞消防通道的，处以五百元以上五千元以下罚款，并责令限期改正，拒不改正的强制清除，费用由违法者承担。",
)

GUIDE = (
    *_units("h 企业入园服务指南", "p 为方便企业办理入园手续，制定本指南。", "h 一、申请条件"),
    *_units("p 企业应当符合园区产业定位。", "i 高端装备", "i 新能源", "i 节能环保", "i 含造船配套", "h （一）申请材料"),
    *_units("i 营业执照", "i 项目计划书", "h 二、收费标准", "r 类别|项目|标准", "r 厂房|标准厂房|每平方米15元"),
    *_units("r 高层厂房|每平方米12元", "r 办公|写字楼|每平方米30元"),
    *_units("p 以上标准自2024年1月1日起执行。另有约定的除外。"),
)
HANDBOOK = (
    *_units(
        "h 园区投资手册",
        "h 第一章 区位交通",
        "p 园区地处长江北岸，与江阴市隔江相望，经江阴长江大桥十分钟可达对岸，"
        "距上海虹桥机场约一个半小时车程，水陆交通都十分便利。",
        "p 园区拥有长江深水岸线，可停靠十万吨级海轮。",
        "h 第二章 主导产业",
        "i 船舶制造",
        "i 特种冶金",
        "i 粮油食品",
        "r 企业|主营|产值（亿元）",
        "r 扬子江船业|造船|300",
        "r 中建钢构|钢结构|50",
        "p 园区设立十亿元产业基金，重点支持船舶海工、高端装备和新材料等领域的企业，符合条件的企业可以向管委会提出申请，"
        "经过评审后单个项目最高可以获得三千万元的资金支持。",
        page=1,
    ),
    *_units("h 第三章 联系我们", "p 招商热线：0523-80000000", page=2),
)
COLUMNS = _units(
    "h 园区简报",
    "p 左栏第一段讲述园区的由来，从设立到更名经过了许多年，其间建成了码头和道路，"
    "也引来了第一批造船企业，奠定了产业的基础。",
    "p 左栏第二段讲述园区的规划，未来五年将建设新的科创载体和人才公寓，并完善学校医院等配套设施，方便企业员工生活。",
    "p 右栏第一段讲述园区的荣誉，先后获评省级开发区和国家级产业基地，"
    "连续多年在全省综合考核之中名列前茅，受到各界好评。",
    "p 右栏第二段讲述园区的服务，实行一站式审批，企业开办半天办结，"
    "项目落地有专人跟进，难题有专班负责，让企业省心放心。",
    page=1,
)
TALK = (
    *_units("h 园区推介", "p 2024年招商大会", page=1),
    *_units("h 主导产业", "i 船舶制造", "i 海洋工程", "i 特种冶金", page=2),
    *_units("p 左边：岸线长八公里。", "p 右边：码头长三百米。", "r 年份|产值", "r 2022年|900亿元", page=3),
    *_units("r 2023年|1000亿元", page=3),
)
FIRMS = (
    *_units("p 2023年重点企业名录", "r 行业|企业|成立日期|占比", page="企业名录"),
    *_units("r 造船|扬子江船业|2005年12月1日|61.5%", "r 新时代造船|2003年6月18日|20.0%", page="企业名录"),
    *_units("r 冶金|华菱特钢|1996年1月1日|18.5%", page="企业名录"),
    *_units("p 注：占比为应税销售占比，数据来自园区统计办。", page="企业名录"),
    *_units("r 电话|0523-80000000", "r 地址|靖江市新桥镇", page="Sheet2"),
)

MADE: tuple[tuple[str, Callable[[], bytes], tuple[Unit, ...], tuple[str, ...]], ...] = (
    ("guide.docx", papers.guide_docx, GUIDE, ("已删去。",)),
    (
        "notice.docx",
        notice_docx,
        _units(
            "h 关于调整物业收费标准的通知",
            "p 各入园企业：",
            "h 一、调整范围",
            "p 本次调整适用于园区内全部标准厂房和写字楼。",
            "h 二、执行时间",
            "p 自2024年7月1日起执行，原标准同时废止。",
        ),
        (),
    ),
    (
        "boxes.docx",
        boxes_docx,
        _units(
            "h 服务内容", "p 企业开办全程代办。", "p 半天办结，全程免费。", "p 服务时间为工作日上午九点至下午五点。"
        ),
        ("内部批注勿外传",),
    ),
    ("handbook.pdf", papers.handbook_pdf, HANDBOOK, ("靖江园区投资手册",)),
    ("columns.pdf", papers.columns_pdf, COLUMNS, ()),
    (
        "prices.pdf",
        prices_pdf,
        (
            *_units("h 物业收费表", "r 项目|标准|单位", page=1),
            *_units(*(f"r 第{n}类厂房|{n}5|元每平方米" for n in "一二三四"), page=1),
            *_units(*(f"r 第{n}类厂房|{n}5|元每平方米" for n in "五六七八"), page=2),
            *_units("p 注：以上均为含税价格。", page=2),
        ),
        ("靖江园区物业收费表",),
    ),
    ("talk.pptx", papers.talk_pptx, TALK, ("不要念出", "内部底价")),
    (
        "boxes.pptx",
        boxes_pptx,
        (
            *_units(
                "h 企业开办三步走",
                "p 第一步：网上提交材料。",
                "p 第二步：窗口核验原件。",
                "p 第三步：领取营业执照。",
                page=1,
            ),
            *_units("p 左：科创中心", "p 右：人才公寓", page=2),
        ),
        (),
    ),
    (
        "official.docx",
        official_docx,
        _units(
            "h 关于支持企业上云的若干措施",
            "h 一、补贴标准",
            "h （一）首次购买",
            "p 对首次购买云服务的企业，按实际支出的百分之三十给予补贴。",
            "h （二）续订",
            "p 续订的企业，按实际支出的百分之十给予补贴，最多两年。",
            "h 二、申请时间",
            "p 每年三月和九月集中受理，逾期不再受理。",
        ),
        (),
    ),
    (
        "clauses.pdf",
        clauses_pdf,
        _units(
            "h 停车场管理细则",
            "h 第一章 停放",
            f"p 5.1 {CLAUSES[0]}",
            f"p 5.2 {CLAUSES[1]}",
            "h 第二章 罚则",
            f"p {CLAUSES[2]}",
            page=1,
        ),
        (),
    ),
    (
        "government.html",
        GOVERNMENT.encode,
        _units(
            "h 关于道路施工的通知",
            "h 第一章 总则",
            "p 创业路自三月一日起分段施工，工期两个月。",
            "h 一、绕行路线",
            "p 施工期间车辆请走德胜路。",
            "i 货车走北门",
            "i 客车走东门",
            "h 二、停车安排",
            "r 车场|车位",
            "r P3停车场|120个",
        ),
        ("政务公开", "当前位置", "来源", "分享到", "主办", "备案号"),
    ),
    ("firms.xlsx", papers.firms_xlsx, FIRMS, ("底价",)),
    (
        "buses.xlsx",
        buses_xlsx,
        (
            *_units("r 线路|发车|准点率", "r 园区至江阴|7:30|98.5%", "r 园区至靖江|8:00|97.0%", page="班车"),
            *_units("r 科室|电话", "r 招商局|0523-80000001", "r 规划局|0523-80000002", page="联系人"),
        ),
        ("内部车",),
    ),
    (
        "page.html",
        papers.PAGE.encode,
        _units(
            "h 办事指南",
            "p 企业开办半天办结，全程免费。可网上办理。",
            "h 所需材料",
            "i 身份证",
            "i 申请表",
            "i 一式两份",
            "r 窗口|时间",
            "r 一号窗口|上午九点",
            "r 下午一点",
            "p 联系电话：0523-80000000",
        ),
        ("不要", "看不见", "注释", "首页"),
    ),
    (
        "notice.html",
        NOTICE.encode,
        _units(
            "h 停水通知",
            "p 因管网检修，园区定于5月8日停水。",
            "h 停水时间",
            "i 上午九点至十一点",
            "i 下午两点至四点",
            "h 停水范围",
            "r 道路|时段",
            "r 新港大道|全天",
            "r 德胜路|上午",
        ),
        ("脚本", "color", "网站首页", "版权所有"),
    ),
)


def offices() -> tuple[Office, ...]:
    """Make the files."""
    return tuple(Office(name, make(), units, hidden) for name, make, units, hidden in MADE)
