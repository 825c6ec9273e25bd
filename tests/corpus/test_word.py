"""Word as offices write it: headings of GB/T 9704, automatic numbers, symbols, equations, contents, forms, chunks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches, Pt
from PIL import Image

from papers import guide_docx, saved
from parkqa.corpus.documents import read_document
from parkqa.corpus.passages import heading_path
from parkqa.corpus.readers import word
from parkqa.corpus.readers.draft import Draft
from parkqa.corpus.splitting import split
from parkqa.errors import DocumentError

TEXT = "对首次购买云服务的企业，按实际支出的百分之三十给予补贴，单个企业每年最高二十万元。"


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"]


def levels(draft: Draft) -> list[tuple[int, str]]:
    return [(b.level, draft.text[b.start : b.end]) for b in draft.blocks if b.kind == "heading"]


def line(document: Any, text: str, font: str = "", size: float = 16, bold: bool = False, centred: bool = False) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if font:
        run.font.name = font
        run._r.rPr.rFonts.set(qn("w:eastAsia"), font)
    if centred:
        paragraph.alignment = ALIGN.CENTER


# Headings


def official(title: Callable[[Any], None], fonts: Sequence[str], bold: bool = False) -> Draft:
    document = docx.Document()
    title(document)
    for one in ("一、支持企业上云", "二、支持人才引进"):
        line(document, one, fonts[0], bold=bold)
        for two in ("（一）补贴标准", "（二）申请时间"):
            line(document, two, fonts[1], bold=bold)
            line(document, TEXT, fonts[2])
    return word.read(saved(document))


HEADINGS = [
    (1, "关于促进园区发展的若干措施"),
    *[
        (level, text)
        for one in ("一、支持企业上云", "二、支持人才引进")
        for level, text in ((2, one), (3, "（一）补贴标准"), (3, "（二）申请时间"))
    ],
]


@pytest.mark.slow
@pytest.mark.parametrize(
    "fonts",
    [
        ("黑体", "楷体_GB2312", "仿宋_GB2312"),
        ("SimHei", "KaiTi", "FangSong"),
        ("方正黑体_GBK", "方正楷体_GBK", "方正仿宋_GBK"),
        ("", "", ""),
    ],
)
@pytest.mark.parametrize("styled", [True, False])
@pytest.mark.parametrize("bold", [True, False])
def test_headings_of_official_papers_are_told_by_number_font_and_place(
    fonts: Sequence[str], styled: bool, bold: bool
) -> None:
    def title(document: Any) -> None:
        if styled:
            document.add_heading(HEADINGS[0][1], 0)
        else:
            line(document, HEADINGS[0][1], "方正小标宋简体", 22, centred=True)

    assert levels(official(title, fonts, bold)) == HEADINGS


def test_a_title_in_two_paragraphs_is_one_heading() -> None:
    def title(document: Any) -> None:
        line(document, "关于印发促进园区发展", "方正小标宋简体", 22, centred=True)
        line(document, "若干措施的通知", "方正小标宋简体", 22, centred=True)

    assert levels(official(title, ("黑体", "楷体", "仿宋")))[0] == (1, "关于印发促进园区发展若干措施的通知")


def test_the_name_of_the_office_above_the_title_is_not_the_title() -> None:
    def title(document: Any) -> None:
        line(document, "某某园区管理委员会文件", "方正小标宋简体", 36, centred=True)
        line(document, "园管发〔2026〕3号", "仿宋", centred=True)
        line(document, HEADINGS[0][1], "方正小标宋简体", 22, centred=True)

    assert levels(official(title, ("黑体", "楷体", "仿宋"))) == HEADINGS


def test_chapters_and_sections_stand_between_the_title_and_the_rest() -> None:
    document = docx.Document()
    line(document, "园区管理办法", "小标宋", 22, centred=True)
    for text in ("第一章 总则", "第一节 目的", "一、适用范围"):
        line(document, text, "黑体", centred=text.startswith("第"))
    line(document, TEXT, "仿宋")
    assert [level for level, _ in levels(word.read(saved(document)))] == [1, 2, 3, 4]


def test_numbered_items_of_a_list_and_signatures_are_no_headings() -> None:
    document = docx.Document()
    line(document, "申请时提交下列材料：", "仿宋")
    for text in ("（一）营业执照", "（二）申请表", "（三）照片"):
        line(document, text, "仿宋")
    line(document, TEXT, "仿宋")
    line(document, "某某园区管理委员会", "仿宋")
    line(document, "2026年3月1日", "仿宋")
    assert levels(word.read(saved(document))) == []


def test_a_document_that_uses_styles_keeps_to_them() -> None:
    draft = word.read(guide_docx())
    assert len(levels(draft)) == 4


# Automatic numbers


def numbered(
    form: str, text: str, texts: Sequence[str], start: int = 1, depths: Sequence[int] = (), inner: str = ""
) -> Draft:
    document = docx.Document()
    document.add_heading("园区物业管理规定", 1)
    root = document.part.numbering_part.element
    second = "<w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.%2'/>"
    second = f"<w:lvl w:ilvl='1'>{inner or second}</w:lvl>"
    root.insert(
        0,
        parse_xml(
            f"<w:abstractNum {nsdecls('w')} w:abstractNumId='77'><w:lvl w:ilvl='0'><w:start w:val='{start}'/>"
            f"<w:numFmt w:val='{form}'/><w:lvlText w:val='{text}'/></w:lvl>{second}</w:abstractNum>"
        ),
    )
    root.append(parse_xml(f"<w:num {nsdecls('w')} w:numId='77'><w:abstractNumId w:val='77'/></w:num>"))
    for place, each in enumerate(texts):
        paragraph = document.add_paragraph(each)
        number = OxmlElement("w:numPr")
        for name, value in (("w:ilvl", str(depths[place] if depths else 0)), ("w:numId", "77")):
            child = OxmlElement(name)
            child.set(qn("w:val"), value)
            number.append(child)
        paragraph._p.get_or_add_pPr().append(number)
    return word.read(saved(document))


ARTICLES = ("为规范物业管理，制定本规定。", "业主应当按时缴纳物业费。", "逾期三个月未缴纳的，可以加收滞纳金。")


@pytest.mark.parametrize(
    ("form", "text", "labels"),
    [
        ("chineseCountingThousand", "第%1条", ["第九条", "第十条", "第十一条"]),
        ("japaneseCounting", "%1、", ["九、", "十、", "十一、"]),
        ("chineseCounting", "（%1）", ["（九）", "（十）", "（十一）"]),
        ("decimal", "%1.", ["9.", "10.", "11."]),
        ("decimalEnclosedCircleChinese", "%1", ["⑨", "⑩", "⑪"]),
        ("upperRoman", "%1.", ["IX.", "X.", "XI."]),
        ("lowerLetter", "%1)", ["i)", "j)", "k)"]),
        ("bullet", "●", ["", "", ""]),
    ],
)
def test_automatic_numbers_are_those_that_word_shows(form: str, text: str, labels: list[str]) -> None:
    draft = numbered(form, text, ARTICLES, start=9)
    assert [block.label for block in draft.blocks[1:]] == labels
    assert draft.text.splitlines()[1:] == list(ARTICLES)  # the number is no text of the file


def test_automatic_numbers_of_two_depths_count_anew() -> None:
    draft = numbered("decimal", "%1", ("甲段。", "乙段。", "丙段。", "丁段。"), depths=(0, 1, 0, 1))
    assert [block.label for block in draft.blocks[1:]] == ["1", "1.1", "2", "2.1"]


def test_articles_that_go_on_over_the_chapters_do_not_begin_anew() -> None:
    article = "<w:numFmt w:val='chineseCounting'/><w:lvlRestart w:val='0'/><w:lvlText w:val='第%2条'/>"
    texts = ("总则", "甲条。", "乙条。", "附则", "丙条。")
    draft = numbered("chineseCounting", "第%1章", texts, depths=(0, 1, 1, 0, 1), inner=article)
    assert [block.label for block in draft.blocks[1:]] == ["第一章", "第一条", "第二条", "第二章", "第三条"]


def test_the_title_by_style_is_that_of_the_document_beside_chapters_of_its_level(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("企业服务手册", 0)
    for name in ("办事流程", "收费标准"):
        document.add_heading(name, 1)
        document.add_paragraph(f"{name}见公告。")
    (tmp_path / "手册（定稿）.docx").write_bytes(saved(document))
    assert read_document(tmp_path / "手册（定稿）.docx", tmp_path).title == "企业服务手册"


def _passages(tmp_path: Path, raw: bytes) -> list[tuple[str, str]]:
    (tmp_path / "规定.docx").write_bytes(raw)
    document = read_document(tmp_path / "规定.docx", tmp_path)
    found = split(document)
    assert all(passage.text == document.text[passage.start : passage.end] for passage in found)
    return [(heading_path(passage), passage.text) for passage in found]


def test_a_number_stands_in_the_heading_of_its_passage(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("总则", 1)
    root = document.part.numbering_part.element
    root.insert(
        0,
        parse_xml(
            f"<w:abstractNum {nsdecls('w')} w:abstractNumId='77'><w:lvl w:ilvl='0'><w:start w:val='1'/>"
            "<w:numFmt w:val='chineseCounting'/><w:lvlText w:val='第%1条'/></w:lvl></w:abstractNum>"
        ),
    )
    root.append(parse_xml(f"<w:num {nsdecls('w')} w:numId='77'><w:abstractNumId w:val='77'/></w:num>"))
    for each in (*ARTICLES, TEXT * 12):
        paragraph = document.add_paragraph(each)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f"<w:numPr {nsdecls('w')}><w:ilvl w:val='0'/><w:numId w:val='77'/></w:numPr>")
        )
    passages = _passages(tmp_path, saved(document))
    assert passages[:3] == [(f"总则 › 第{n}条", text) for n, text in zip("一二三", ARTICLES, strict=True)]
    assert len(passages) > 4 and {path for path, _ in passages[3:]} == {"总则 › 第四条"}


# Text as it is shown


def _shown(xml: str) -> str:
    document = docx.Document()
    document.add_paragraph()._p.append(parse_xml(f"<w:r {nsdecls('w')}>{xml}</w:r>"))
    return word.read(saved(document)).text


@pytest.mark.parametrize(
    ("xml", "shown"),
    [
        (
            "<w:sym w:font='Wingdings' w:char='F0FE'/><w:t>是</w:t><w:sym w:font='Wingdings' w:char='F0A8'/>"
            "<w:t>否</w:t>",
            "☑是□否",
        ),
        ("<w:sym w:font='Wingdings 2' w:char='F052'/><w:t>是</w:t><w:sym w:font='Wingdings 2' w:char='F0A3'/>", "☑是□"),
        ("<w:t>5</w:t><w:sym w:font='Symbol' w:char='F0B1'/><w:t>1</w:t>", "5±1"),
        ("<w:t>甲</w:t><w:sym w:font='Webdings' w:char='F061'/><w:t>乙</w:t>", "甲乙"),
        ("<w:rPr><w:rFonts w:ascii='Wingdings'/></w:rPr><w:t>þ</w:t>", "☑"),
        (
            "<w:ruby><w:rt><w:r><w:t>zhāng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漳</w:t></w:r></w:rubyBase></w:ruby>"
            "<w:t>州</w:t>",
            "漳州",
        ),
    ],
)
def test_symbols_and_ruby_are_text_as_shown(xml: str, shown: str) -> None:
    assert _shown(xml) == shown


@pytest.mark.parametrize(
    ("xml", "shown"),
    [
        ("<m:r><m:t>投资额×5%</m:t></m:r>", "投资额×5%"),
        ("<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>", "(a+b)/2"),
        ("<m:sSup><m:e><m:r><m:t>m</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>", "m^2"),
        ("<m:d><m:e><m:r><m:t>x</m:t></m:r></m:e></m:d>", "(x)"),
        ("<m:rad><m:e><m:r><m:t>3</m:t></m:r></m:e></m:rad>", "√3"),
    ],
)
def test_an_equation_is_text(xml: str, shown: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("金额等于")
    maths = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    paragraph._p.append(parse_xml(f"<m:oMath xmlns:m='{maths}'>{xml}</m:oMath>"))
    paragraph.add_run("。")
    assert word.read(saved(document)).text == f"金额等于{shown}。"


def test_contents_that_were_typed_are_left_out_and_told() -> None:
    document = docx.Document()
    for text in ("目　录", "一、总则\t1", "二、停车收费标准……………………3", "三、附则 ........ 9", TEXT):
        document.add_paragraph(text)
    draft = word.read(saved(document))
    assert draft.text == TEXT
    assert ["停车收费标准" in note.zh for note in draft.notes] == [True]


def test_lines_with_a_tab_and_a_figure_are_no_contents() -> None:
    document = docx.Document()
    for text in ("一号楼\t35", "二号楼\t28", TEXT):
        document.add_paragraph(text)
    assert word.read(saved(document)).text.splitlines() == ["一号楼\t35", "二号楼\t28", TEXT]


@pytest.mark.parametrize(
    "lines",
    [
        ("招商部\t张三\t8601", "物业部\t李四\t8602", "安环部\t王五\t8603"),
        ("停车\t3", "物业\t28", "押金\t100"),
        ("一、停车\t30", "二、物业\t28", "三、食堂\t12"),
    ],
)
def test_lists_of_telephones_and_prices_are_no_contents(lines: Sequence[str]) -> None:
    document = docx.Document()
    for text in (*lines, TEXT):
        document.add_paragraph(text)
    assert word.read(saved(document)).text.splitlines() == [*lines, TEXT]


def test_contents_without_a_head_have_dots_or_numbers_and_pages_that_go_up() -> None:
    for lines in (("总则……1", "停车……3", "附则……9"), ("第一章 总则\t1", "第二章 停车\t3", "第三章 附则\t9")):
        document = docx.Document()
        for text in (*lines, TEXT):
            document.add_paragraph(text)
        assert word.read(saved(document)).text == TEXT


# Tables


def _table(rows: Sequence[Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    document = docx.Document()
    table = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    draft = word.read(saved(document))
    return [(draft.text[b.start : b.end], b.columns) for b in draft.blocks if b.kind == "row"]


def test_a_form_has_no_column_heads() -> None:
    rows = [
        ("单位名称", "企业服务中心", "负责人", "王主任"),
        ("地址", "创业路8号", "电话", "0510-86001234"),
        ("工作时间", "周一至周五", "邮编", "214400"),
    ]
    assert _table(rows) == [(" | ".join(row), ()) for row in rows]
    rows = [("企业名称", "扬子江船业"), ("法定代表人", "张某"), ("经营范围", "船舶制造")]
    assert _table(rows) == [(" | ".join(row), ()) for row in rows]


def test_a_form_whose_values_are_numbers_has_no_column_heads_and_the_line_above_it_is_the_title() -> None:
    rows = [("楼栋", "3号楼", "楼层", "2层"), ("面积", "1200㎡", "租金", "28元"), ("荷载", "500公斤", "货梯", "两台")]
    assert _table(rows) == [(" | ".join(row), ()) for row in rows]
    document = docx.Document()
    line(document, "厂房租赁信息表", centred=True)
    table = document.add_table(4, 4)
    for row, texts in zip(table.rows, [("基本信息",) * 4, rows[0], ("联系信息",) * 4, rows[1]], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for place in (0, 2):
        for cell in table.rows[place].cells[1:]:
            cell.text = ""
        table.cell(place, 0).merge(table.cell(place, 3))
    assert levels(word.read(saved(document))) == [(1, "厂房租赁信息表"), (6, "基本信息"), (6, "联系信息")]


def test_a_table_whose_heads_are_particulars_keeps_them() -> None:
    heads = ("企业名称", "联系人", "联系电话", "地址")
    assert (
        _table([heads, ("甲公司", "张某", "0510-1", "一号楼"), ("乙公司", "李某", "0510-2", "二号楼")])[0][1] == heads
    )
    assert _table([("项目名称", "收费标准"), ("停车", "每小时三元"), ("物业", "每平方米两元")])[0][1] == (
        "项目名称",
        "收费标准",
    )


# Packages


@pytest.mark.parametrize(
    ("name", "kind", "blob"),
    [
        (
            "/word/chunk.html",
            "text/html",
            "<html><meta charset='utf-8'><body><p>食堂午餐每份十五元。</p></body></html>".encode(),
        ),
        ("/word/chunk.txt", "text/plain", "食堂午餐每份十五元。".encode("gb18030")),
    ],
)
def test_a_chunk_of_another_file_is_read(name: str, kind: str, blob: bytes) -> None:
    document = docx.Document()
    document.add_paragraph("下面是并入的通知。")
    part = Part(PackURI(name), kind, blob, document.part.package)
    relation = document.part.relate_to(
        part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
    )
    chunk = parse_xml(f"<w:altChunk {nsdecls('w', 'r')} r:id='{relation}'/>")
    document.element.body.insert(1, chunk)
    assert word.read(saved(document)).text == "下面是并入的通知。\n食堂午餐每份十五元。"


def test_a_chunk_that_cannot_be_read_is_named_with_the_cure() -> None:
    document = docx.Document()
    document.add_paragraph("下面是并入的通知。")
    part = Part(PackURI("/word/chunk.rtf"), "application/rtf", b"{\\rtf1}", document.part.package)
    relation = document.part.relate_to(
        part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
    )
    document.element.body.insert(1, parse_xml(f"<w:altChunk {nsdecls('w', 'r')} r:id='{relation}'/>"))
    assert ["另存为普通的 .docx" in note.zh for note in word.read(saved(document)).notes] == [True]


def test_the_strict_form_of_office_files_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(guide_docx())) as package, zipfile.ZipFile(buffer, "w") as strict:
        for name in package.namelist():
            part = package.read(name)
            for kind in (b"officeDocument", b"wordprocessingml", b"drawingml"):
                part = part.replace(
                    b"http://schemas.openxmlformats.org/" + kind + b"/2006/",
                    b"http://purl.oclc.org/ooxml/" + kind + b"/",
                )
            strict.writestr(name, part)
    assert b"purl.oclc.org" in zipfile.ZipFile(buffer).read("word/document.xml")
    assert word.read(buffer.getvalue()) == word.read(guide_docx())


def _pictured(width: float, *texts: str) -> Any:
    picture = io.BytesIO()
    Image.new("RGB", (40, 60), "grey").save(picture, "PNG")
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    document.add_picture(picture, Inches(width))
    return document


def test_a_large_picture_is_named_and_a_small_one_or_a_text_box_is_not() -> None:
    assert [note.zh[:7] for note in word.read(saved(_pictured(6, TEXT))).notes] == ["第 1 幅图片"]
    assert word.read(saved(_pictured(1, TEXT))).notes == ()
    old = docx.Document()
    old.add_paragraph(TEXT)._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml'><w:pict>"
            "<v:shape style='width:400pt;height:500pt'><v:imagedata/></v:shape></w:pict></w:r>"
        )
    )
    assert [note.zh[:7] for note in word.read(saved(old)).notes] == ["第 1 幅图片"]


@pytest.mark.parametrize("width", [1, 6])
def test_a_document_of_nothing_but_a_scan_is_not_called_empty(tmp_path: Path, width: float) -> None:
    document = _pictured(width)
    (tmp_path / "扫描.docx").write_bytes(saved(document))
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / "扫描.docx", tmp_path)
    assert "图片" in caught.value.reason_zh and "OCR" in caught.value.reason_zh and "空的" not in caught.value.reason_zh


def test_a_numbered_heading_may_end_in_a_full_stop_and_an_item_that_does_is_none() -> None:
    document = docx.Document()
    line(document, "2026年园区工作要点", "小标宋", 22, centred=True)
    line(document, "一、重点任务", "黑体")
    line(document, "（一）抓好项目建设。", "楷体_GB2312")
    line(
        document,
        "全年新开工项目二十个，竣工十五个，完成投资三十亿元以上，引进外资一亿美元，新增上市企业两家。",
        "仿宋_GB2312",
    )
    line(document, "（二）有下列情形的不予受理。", "楷体_GB2312")
    line(document, "（三）逾期三个月未缴纳的。", "楷体_GB2312")
    assert levels(word.read(saved(document))) == [
        (1, "2026年园区工作要点"),
        (2, "一、重点任务"),
        (3, "（一）抓好项目建设。"),
    ]


def test_paragraphs_whose_end_was_deleted_as_a_tracked_change_are_one() -> None:
    document = docx.Document()
    first = document.add_paragraph("绿化养护由")
    first._p.get_or_add_pPr().append(parse_xml(f'<w:rPr {nsdecls("w")}><w:del w:id="1" w:author="a"/></w:rPr>'))
    document.add_paragraph("专业公司承担。")
    document.add_paragraph("每月一次。")
    assert kinds(word.read(saved(document))) == [
        ("paragraph", "绿化养护由专业公司承担。"),
        ("paragraph", "每月一次。"),
    ]


def test_a_large_initial_letter_is_part_of_its_paragraph() -> None:
    document = docx.Document()
    first = document.add_paragraph("访")
    first._p.get_or_add_pPr().append(parse_xml(f'<w:framePr {nsdecls("w")} w:dropCap="drop" w:lines="3"/>'))
    document.add_paragraph("客应当佩戴访客证，不得进入生产区域。")
    assert kinds(word.read(saved(document))) == [("paragraph", "访客应当佩戴访客证，不得进入生产区域。")]


def test_hidden_text_is_told() -> None:
    document = docx.Document()
    document.add_paragraph("物业费每平方米4.2元").add_run("（底价3.9元）").font.hidden = True
    draft = word.read(saved(document))
    assert draft.text == "物业费每平方米4.2元"
    assert [(note.zh, note.warns) for note in draft.notes] == [("隐藏的文字没有收：（底价3.9元）", False)]
